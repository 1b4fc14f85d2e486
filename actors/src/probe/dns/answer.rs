//! What an answer says: its records as text, or the reason why there are none.

use hickory_resolver::proto::{
    op::{Message, ResponseCode},
    rr::{Name, RData, Record},
};
use pulse_domain::{limits::DNS_ANSWER_RECORDS_MAX, outcome::Reason, verdict::Failure};

use crate::probe::failure;

/// What is kept of one record.
const LINE_CHARS_MAX: usize = 500;

/// The records that were asked for as sorted lines: a stable order, whatever the server's.
pub(super) fn records(question: &Message, answer: &Message) -> Result<Vec<String>, Failure> {
    let Some(query) = question.queries.first() else {
        return Err(failure(Reason::InternalError, "there was no question"));
    };
    let name = written(query.name());
    let alias = alias(query.name(), answer);
    let code = answer.metadata.response_code;
    if code != ResponseCode::NoError {
        return Err(refused(&name, alias.as_deref(), code));
    }
    let kind = query.query_type();
    let wanted = answer.answers.iter().filter(|record| record.record_type() == kind);
    let cut = |line: String| line.chars().take(LINE_CHARS_MAX).collect();
    let mut lines: Vec<String> = wanted.map(|record| cut(line(&record.data))).collect();
    if lines.is_empty() {
        return Err(failure(Reason::DnsNoRecords, nothing(&name, alias.as_deref(), &kind.to_string(), answer)));
    }
    lines.sort_unstable();
    lines.dedup();
    lines.truncate(DNS_ANSWER_RECORDS_MAX);
    Ok(lines)
}

/// Where the chain of aliases that begins at `name` ends, if there is one.
fn alias(name: &Name, answer: &Message) -> Option<String> {
    let mut end = name;
    // A chain is no longer than the answer; one that turns back on itself ends there too.
    for _ in &answer.answers {
        let Some(next) = answer.answers.iter().find_map(|record| target(record, end)) else { break };
        end = next;
    }
    (end != name).then(|| written(end))
}

fn target<'a>(record: &'a Record, name: &Name) -> Option<&'a Name> {
    let RData::CNAME(target) = &record.data else { return None };
    (record.name == *name).then_some(&target.0)
}

fn refused(name: &str, alias: Option<&str>, code: ResponseCode) -> Failure {
    if code == ResponseCode::NXDomain {
        let detail = match alias {
            Some(alias) => format!("{name} is an alias of {alias}, which does not exist"),
            None => format!("{name} does not exist"),
        };
        failure(Reason::DnsNxdomain, detail)
    } else if code == ResponseCode::Refused {
        failure(Reason::DnsRefused, format!("the name server refused to answer for {name}"))
    } else {
        failure(Reason::DnsServfail, format!("the name server answered {code} for {name}"))
    }
}

fn nothing(name: &str, alias: Option<&str>, kind: &str, answer: &Message) -> String {
    let refers = answer.authorities.iter().any(|record| matches!(record.data, RData::NS(_)));
    match alias {
        Some(alias) => format!("{name} is an alias of {alias}, for which there is no {kind} record"),
        None if refers => format!("the name server does not answer for {name}: it only names others"),
        None => format!("{name} has no {kind} record"),
    }
}

/// A name as people write it: without the dot of the root.
fn written(name: &Name) -> String {
    let text = name.to_string();
    text.strip_suffix('.').filter(|text| !text.is_empty()).unwrap_or(&text).to_owned()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other types are never asked for; their usual form will do")]
fn line(data: &RData) -> String {
    match data {
        RData::CNAME(name) => written(&name.0),
        RData::NS(name) => written(&name.0),
        RData::MX(mx) => format!("{} {}", mx.preference, written(&mx.exchange)),
        RData::SRV(srv) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, written(&srv.target)),
        RData::TXT(text) => text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect(),
        RData::SOA(soa) => {
            let (primary, mailbox) = (written(&soa.mname), written(&soa.rname));
            let times = format!("{} {} {} {}", soa.refresh, soa.retry, soa.expire, soa.minimum);
            format!("{primary} {mailbox} {} {times}", soa.serial)
        }
        other => other.to_string(),
    }
}
