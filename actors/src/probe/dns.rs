//! The `dns` check: one question to one name server, asked anew each time.
//!
//! Nothing is cached and nothing is asked further: what the server says is what is watched. A server that the owner chose
//! is a target like any other, so its address is judged, and its silence is its own. Name servers of the node that can't be
//! reached are the node's trouble.

mod answer;

use hickory_resolver::proto::{
    op::{Edns, Message, Query},
    rr::{Name, RecordType as Type},
};
use pulse_domain::{
    monitor::{DnsCheck, RecordType},
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::net::{IpAddr, SocketAddr};

use super::{PhaseClock, Probe, clock::Phase, failure, reach};
use crate::egress::{self, Egress};

const DNS_PORT: u16 = 53;
/// What fits into one datagram on nearly every way (DNS flag day 2020).
const PAYLOAD_BYTES: u16 = 1_232;

impl Probe for DnsCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let question = question(&self.name, self.record_type)?;
        clock.begin(Phase::Dns);
        let answer = if let Some(chosen) = &self.resolver {
            let server = server(chosen)?;
            reach::judge(egress, server.ip())?;
            egress::ask(&[server], &question).await.map_err(|lost| lost.of_target())?
        } else {
            reach::judge_name(egress, &self.name)?;
            egress::ask(egress.name_servers(), &question).await.map_err(|lost| lost.of_node())?
        };
        clock.end();
        let records = answer::records(&question, &answer)?;
        if self.resolver.is_none() {
            // The node's name servers may know names of a network that is none of the owner's business.
            for address in records.iter().filter_map(|record| record.parse().ok()) {
                reach::judge(egress, address)?;
            }
        }
        let note = match records.as_slice() {
            [only] => only.clone(),
            several => format!("{} records", several.len()),
        };
        clock.facts.dns_answer = Some(records);
        Ok(Response { note: Some(note), ..Response::default() })
    }
}

fn server(text: &str) -> Result<SocketAddr, Failure> {
    let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, DNS_PORT));
    address
        .or_else(|_| text.parse())
        .map_err(|_| failure(Reason::InternalError, format!("{text:?} is no address of a name server")))
}

fn question(name: &str, kind: RecordType) -> Result<Message, Failure> {
    let name = Name::from_str_relaxed(name)
        .map_err(|_| failure(Reason::DnsNxdomain, format!("{name:?} is no name that DNS can hold")))?;
    let mut question = Message::query();
    question.metadata.id = rand::random();
    question.metadata.recursion_desired = true;
    let mut query = Query::query(name, wire_type(kind));
    query.name.set_fqdn(true);
    question.add_query(query);
    let mut extension = Edns::new();
    extension.set_max_payload(PAYLOAD_BYTES);
    question.set_edns(extension);
    Ok(question)
}

fn wire_type(kind: RecordType) -> Type {
    match kind {
        RecordType::A => Type::A,
        RecordType::Aaaa => Type::AAAA,
        RecordType::Cname => Type::CNAME,
        RecordType::Mx => Type::MX,
        RecordType::Txt => Type::TXT,
        RecordType::Ns => Type::NS,
        RecordType::Soa => Type::SOA,
        RecordType::Srv => Type::SRV,
        RecordType::Caa => Type::CAA,
    }
}
