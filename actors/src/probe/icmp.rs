//! The `icmp` check: echo requests one after the other; it fails when none is answered.

use pulse_domain::{
    monitor::IcmpCheck,
    outcome::{Packets, Reason},
    verdict::{Failure, Response},
};
use std::{net::IpAddr, time::Duration};
use tokio::time::Instant;
use url::Host;

use super::{
    PhaseClock, Probe,
    clock::{Phase, micros},
    failure, reach,
};
use crate::egress::{Echo, Egress};

/// Part of the time that stays unused, so that a last request without an answer ends before the check is cut off.
const RESERVE: u32 = 20;

impl Probe for IcmpCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let address = address(&self.host, egress, clock).await?;
        clock.begin(Phase::Echo);
        let now = Instant::now();
        let end = clock.deadline - clock.deadline.saturating_duration_since(now) / RESERVE;
        let mut echoes = Vec::new();
        for left in (1..=self.packets).rev() {
            // An even share of the time that is left: an answer that comes at once leaves more for the others.
            let patience = end.saturating_duration_since(Instant::now()) / left;
            echoes.push(egress.pings.ping(address, patience).await?);
            clock.facts.packets = Some(count(&echoes));
        }
        clock.end();
        let mean = mean(&echoes).ok_or_else(|| silent(address, &echoes))?;
        clock.took(mean);
        let packets = count(&echoes);
        let note = format!("{} of {} echo requests answered", packets.received, packets.sent);
        Ok(Response { note: Some(note), ..Response::default() })
    }
}

async fn address(host: &str, egress: &Egress, clock: &mut PhaseClock) -> Result<IpAddr, Failure> {
    match reach::host(host)? {
        Host::Ipv4(address) => reach::judge(egress, address.into()),
        Host::Ipv6(address) => reach::judge(egress, address.into()),
        Host::Domain(name) => {
            let addresses = reach::resolve(egress, &name, clock).await?;
            addresses.first().copied().ok_or_else(|| failure(Reason::DnsNoRecords, format!("{name} has no address")))
        }
    }
}

fn round_trips(echoes: &[Echo]) -> impl Iterator<Item = Duration> + Clone {
    echoes.iter().filter_map(|echo| match echo {
        Echo::Answered(took) => Some(*took),
        Echo::Lost | Echo::Unreachable => None,
    })
}

fn count(echoes: &[Echo]) -> Packets {
    let received = round_trips(echoes).count();
    let differences = round_trips(echoes).zip(round_trips(echoes).skip(1)).map(|(one, next)| one.abs_diff(next));
    let steps = u32::try_from(received.saturating_sub(1)).unwrap_or(u32::MAX);
    Packets {
        sent: u32::try_from(echoes.len()).unwrap_or(u32::MAX),
        received: u32::try_from(received).unwrap_or(u32::MAX),
        jitter_us: differences.sum::<Duration>().checked_div(steps).map(micros),
    }
}

fn mean(echoes: &[Echo]) -> Option<Duration> {
    let answered = u32::try_from(round_trips(echoes).count()).ok()?;
    round_trips(echoes).sum::<Duration>().checked_div(answered)
}

/// Why there was no answer at all.
fn silent(address: IpAddr, echoes: &[Echo]) -> Failure {
    if echoes.iter().all(|echo| *echo == Echo::Unreachable) {
        return failure(Reason::Unreachable, format!("{address} cannot be reached"));
    }
    failure(Reason::PacketLoss, format!("{address} answered none of {} echo requests", echoes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(millis: u64) -> Echo {
        Echo::Answered(Duration::from_millis(millis))
    }

    #[test]
    fn lost_requests_count_and_do_not_bend_the_mean() {
        let echoes = [answered(10), Echo::Lost, answered(30), answered(20)];
        assert_eq!(count(&echoes), Packets { sent: 4, received: 3, jitter_us: Some(15_000) });
        assert_eq!(mean(&echoes), Some(Duration::from_millis(20)));
    }

    #[test]
    fn jitter_needs_two_answers() {
        assert_eq!(count(&[answered(10), Echo::Lost]), Packets { sent: 2, received: 1, jitter_us: None });
        assert_eq!(mean(&[Echo::Lost, Echo::Unreachable]), None);
    }

    #[test]
    fn no_way_and_no_answer_are_told_apart() {
        let address = IpAddr::from([192, 0, 2, 1]);
        assert_eq!(silent(address, &[Echo::Unreachable; 2]).reason, Reason::Unreachable);
        assert_eq!(silent(address, &[Echo::Unreachable, Echo::Lost]).reason, Reason::PacketLoss);
    }
}
