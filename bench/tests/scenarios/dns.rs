//! Name servers, asked by the `dns` check.

use pulse_bench::scripted::dns::{BIG_RECORDS, SLOW};
use pulse_domain::{
    limits::DNS_ANSWER_RECORDS_MAX,
    outcome::{Outcome, Reason},
};
use serde_json::{Value, json};

use super::{
    table::{Row, Way, row},
    world::World,
};

const _: () = assert!(BIG_RECORDS as usize > DNS_ANSWER_RECORDS_MAX, "more than is kept");

fn records(outcome: &Outcome) -> Vec<&str> {
    let answer = outcome.facts.as_ref().and_then(|facts| facts.dns_answer.as_ref());
    answer.into_iter().flatten().map(String::as_str).collect()
}

pub(super) fn rows(world: &World) -> Vec<Row> {
    let server = world.names.address;
    let ask = |name: &str, kind: &str| -> Value {
        json!({"type": "dns", "name": format!("{name}.pulse.example"), "record_type": kind, "resolver": server.to_string()})
    };
    let of_node = |name: &str| json!({"type": "dns", "name": format!("{name}.pulse.example")});
    let elsewhere = json!({"type": "dns", "name": "a.example", "resolver": world.nobody.address.to_string()});
    let is = |value: &str| json!([{"source": "dns_answer", "comparison": "contains", "value": value}]);
    let threshold = u32::try_from(SLOW.as_millis()).unwrap() / 2;
    vec![
        row("dns", ask("home", "A")).after("dns").says("127.0.0.1").learning(|found| records(found) == ["127.0.0.1"]),
        row("dns by the node's server", of_node("home")).asserting(is("127.0.0.1")).after("dns"),
        row("dns MX", ask("mail", "MX"))
            .after("dns")
            .learning(|found| records(found) == ["10 a.pulse.example", "20 b.pulse.example"]),
        row("dns SOA", ask("mail", "SOA"))
            .after("dns")
            .learning(|found| records(found) == ["ns.pulse.example admin.pulse.example 7 3600 600 86400 60"]),
        row("dns CNAME", ask("stranded", "CNAME"))
            .after("dns")
            .learning(|found| records(found) == ["empty.pulse.example"]),
        row("dns over TCP", ask("big", "TXT"))
            .after("dns")
            .learning(|found| records(found).len() == DNS_ANSWER_RECORDS_MAX),
        row("dns slow", ask("slow", "A")).slower_than_ms(threshold).after("dns"),
        row("dns another answer", ask("home", "A"))
            .asserting(is("127.0.0.2"))
            .fails(Reason::AssertionFailed)
            .after("dns"),
        row("dns NXDOMAIN", ask("absent", "A")).fails(Reason::DnsNxdomain).after("dns"),
        row("dns SERVFAIL", ask("failing", "A")).fails(Reason::DnsServfail).after("dns"),
        row("dns REFUSED", ask("refusing", "A")).fails(Reason::DnsRefused).after("dns"),
        row("dns no records", ask("empty", "AAAA")).fails(Reason::DnsNoRecords).after("dns").says("no AAAA record"),
        row("dns silent", ask("silent", "A")).hangs(Reason::DnsTimeout),
        row("dns an alias of nothing", ask("dangling", "A"))
            .fails(Reason::DnsNxdomain)
            .after("dns")
            .says("an alias of gone.pulse.example, which does not exist"),
        row("dns an alias without records", ask("stranded", "A"))
            .fails(Reason::DnsNoRecords)
            .after("dns")
            .says("an alias of empty.pulse.example, for which"),
        row("dns lame", ask("lame", "A")).fails(Reason::DnsNoRecords).after("dns").says("only names others"),
        row("dns garbled", ask("garbled", "A")).fails(Reason::DnsServfail),
        row("dns nobody listens", elsewhere).fails(Reason::ConnectRefused),
        row("dns of a node that is cut off", of_node("home")).way(Way::Cut).fails(Reason::VantageLost),
        row("dns by a blocked server", ask("home", "A")).way(Way::Strict).fails(Reason::BlockedTarget),
    ]
}
