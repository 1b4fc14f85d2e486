//! Echo requests. Where the machine allows none, the check says so instead; where it has no way out, the blackhole is
//! unreachable.

use pulse_domain::outcome::{Outcome, Reason};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

use super::table::{Row, Way, row};

fn all_came_back(outcome: &Outcome) -> bool {
    if outcome.reason == Some(Reason::InternalError) {
        return outcome.detail.contains("ping_group_range") && outcome.detail.contains("CAP_NET_RAW");
    }
    outcome
        .facts
        .as_ref()
        .and_then(|facts| facts.packets)
        .is_some_and(|packets| packets.sent == 3 && packets.received == 3 && packets.jitter_us.is_some())
}

pub(super) fn rows() -> Vec<Row> {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ping = |address: IpAddr| json!({"type": "icmp", "host": address.to_string(), "packets": 3});
    // A group of machines: an answer would come from one of them, and never from this address.
    let nowhere = IpAddr::from([239, 192, 0, 1]);
    let lost = json!([{"source": "packet_loss_percent", "comparison": "greater_than", "value": 50}]);
    vec![
        row("icmp", ping(here)).or(Reason::InternalError).learning(all_came_back),
        row("icmp loses too little", ping(here)).asserting(lost).fails(Reason::PacketLoss).or(Reason::InternalError),
        row("icmp into a blackhole", ping(nowhere))
            .hangs(Reason::PacketLoss)
            .or(Reason::Unreachable)
            .or(Reason::InternalError),
        row("icmp blocked", ping(here)).way(Way::Strict).fails(Reason::BlockedTarget),
        row("icmp to an unknown name", json!({"type": "icmp", "host": "absent.pulse.example"}))
            .fails(Reason::DnsNxdomain),
    ]
}
