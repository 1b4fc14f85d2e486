//! Words and figures: how statuses, reasons, durations and latencies read.

mod timeline;

pub use timeline::{because, sentence};

use pulse_domain::{
    Timestamp,
    incident::{Cause, Incident, IncidentKind, IncidentState},
    monitor::{Comparison, Source},
    notification::{DeliveryStatus, Event},
    outcome::{Reason, Verdict},
    status::Status,
};

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Down => "Down",
        Status::Degraded => "Degraded",
        Status::Pending => "Pending",
        Status::Up => "Up",
        Status::Paused => "Paused",
    }
}

pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Success => "Success",
        Verdict::Slow => "Slow",
        Verdict::Failure => "Failure",
        Verdict::Unknown => "Not observed",
    }
}

pub fn incident_state(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Open => "Open",
        IncidentState::Acknowledged => "Acknowledged",
        IncidentState::Resolved => "Resolved",
    }
}

/// What an incident is about: its monitor, or what a group has in common.
pub fn subject(incident: &Incident, monitor: Option<String>) -> String {
    match (monitor, incident.kind) {
        (Some(name), _) => name,
        (None, IncidentKind::Group) => incident.cause.detail.clone(),
        (None, IncidentKind::Down | IncidentKind::Flapping) => String::from("a deleted monitor"),
    }
}

pub fn incident_kind(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Down => "Outage",
        IncidentKind::Flapping => "Flapping",
        IncidentKind::Group => "Group",
    }
}

pub fn delivery(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Pending => "Pending",
        DeliveryStatus::Sent => "Sent",
        DeliveryStatus::Failed => "Retrying",
        DeliveryStatus::Dead => "Dead",
    }
}

pub fn event(event: Event) -> &'static str {
    match event {
        Event::MonitorDown => "Monitor went down",
        Event::MonitorUp => "Monitor came back up",
        Event::MonitorDegraded => "Monitor degraded",
        Event::FlappingStarted => "Flapping started",
        Event::FlappingStopped => "Flapping stopped",
        Event::IncidentAcknowledged => "Incident acknowledged",
        Event::IncidentResolved => "Incident resolved",
        Event::CertificateExpiring => "Certificate expiring",
        Event::ChannelTest => "Channel test",
        Event::ChannelDisabled => "Channel switched off",
    }
}

pub fn source(source: Source) -> &'static str {
    match source {
        Source::StatusCode => "Status code",
        Source::Header => "Header",
        Source::Body => "Body",
        Source::Json => "JSON value",
        Source::LatencyMs => "Latency (ms)",
        Source::CertificateDaysLeft => "Days left of the certificate",
        Source::DnsAnswer => "DNS answer",
        Source::PacketLossPercent => "Packet loss (%)",
    }
}

pub fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equals => "equals",
        Comparison::NotEquals => "does not equal",
        Comparison::LessThan => "is less than",
        Comparison::GreaterThan => "is greater than",
        Comparison::Contains => "contains",
        Comparison::NotContains => "does not contain",
        Comparison::Matches => "matches regex",
        Comparison::NotMatches => "does not match regex",
        Comparison::IsEmpty => "is empty",
        Comparison::NotEmpty => "is not empty",
    }
}

/// A reason's code in words: `connect_refused` reads "connect refused".
pub fn reason(reason: Reason) -> String {
    let words = reason.as_str().replace('_', " ");
    ["dns", "tls"].iter().fold(words, |words, name| match words.strip_prefix(name) {
        Some(rest) => format!("{}{rest}", name.to_uppercase()),
        None => words,
    })
}

/// The reason of a cause in words, unless its detail begins with the same ones.
pub fn cause(cause: &Cause) -> Option<String> {
    cause.reason.map(reason).filter(|words| !cause.detail.starts_with(words.as_str()))
}

/// Microseconds with three significant digits: `840 µs`, `12.3 ms`, `1.25 s`.
pub fn latency(us: u32) -> String {
    let us_f = f64::from(us);
    match us {
        0..=999 => format!("{us} µs"),
        1_000..=9_994 => format!("{:.2} ms", us_f / 1e3),
        9_995..=99_949 => format!("{:.1} ms", us_f / 1e3),
        99_950..=999_499 => format!("{:.0} ms", us_f / 1e3),
        _ => format!("{:.2} s", us_f / 1e6),
    }
}

/// A share from 0 to 1 in percent, rounded down: what isn't whole never reads as whole.
pub fn percent(share: f64) -> String {
    let hundredths = (share * 10_000.0 + 1e-7).floor() / 100.0;
    format!("{hundredths} %")
}

/// A figure with three significant digits and the usual letters for thousands: `0.7`, `12.3`, `4.56 k`, `1.2 G`.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    let (unit, letter) = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")]
        .into_iter()
        .find(|(unit, _)| size >= *unit)
        .unwrap_or((1.0, ""));
    let scaled = value / unit;
    let digits = match scaled.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{scaled:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{letter}")
}

/// A span in its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let two = |whole: i64, unit: &str, rest: i64, small: &str| {
        if rest == 0 { format!("{whole} {unit}") } else { format!("{whole} {unit} {rest} {small}") }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// How long ago, or how soon: `now`, `12 s ago`, `in 3 min`. One unit is enough here.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now - at).num_seconds();
    let size = seconds.abs();
    let amount = match size {
        0 => return String::from("now"),
        1..60 => format!("{size} s"),
        60..3_600 => format!("{} min", size / 60),
        3_600..86_400 => format!("{} h", size / 3_600),
        _ => format!("{} d", size / 86_400),
    };
    if seconds > 0 { format!("{amount} ago") } else { format!("in {amount}") }
}

/// A count with its thousands apart: `2,880`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 check`, `2 checks`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_has_three_digits_and_the_fitting_unit() {
        let shown =
            [0, 840, 1_000, 9_994, 9_995, 12_345, 99_949, 99_950, 840_000, 999_499, 999_500, 12_500_000].map(latency);
        assert_eq!(
            shown,
            [
                "0 µs", "840 µs", "1.00 ms", "9.99 ms", "10.0 ms", "12.3 ms", "99.9 ms", "100 ms", "840 ms", "999 ms",
                "1.00 s", "12.50 s"
            ]
        );
    }

    #[test]
    fn what_is_not_whole_never_reads_as_whole() {
        let shown = [1.0, 0.999_99, 0.998_7, 0.5, 0.29, 0.0].map(percent);
        assert_eq!(shown, ["100 %", "99.99 %", "99.87 %", "50 %", "29 %", "0 %"]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 31_536_000].map(grouped), ["0", "999", "1,000", "31,536,000"]);
    }

    #[test]
    fn a_figure_has_three_digits() {
        let shown = [0.0, 0.7, 12.34, 456.7, 4_560.0, 1.2e9, -3_000.0].map(figure);
        assert_eq!(shown, ["0", "0.7", "12.3", "457", "4.56 k", "1.2 G", "-3 k"]);
    }

    #[test]
    fn a_span_shows_its_two_largest_units() {
        let shown = [-5, 0, 59, 60, 200, 7_500, 86_400, 349_200].map(span);
        assert_eq!(shown, ["0 s", "0 s", "59 s", "1 min", "3 min 20 s", "2 h 5 min", "1 d", "4 d 1 h"]);
    }

    #[test]
    fn past_and_future_read_differently() {
        let at = |second| Timestamp::from_timestamp(second, 0).unwrap();
        assert_eq!([ago(at(0), at(0)), ago(at(0), at(12)), ago(at(200), at(0))], ["now", "12 s ago", "in 3 min"]);
    }

    #[test]
    fn a_reason_reads_as_words() {
        assert_eq!([Reason::DnsNxdomain, Reason::ConnectRefused].map(reason), ["DNS nxdomain", "connect refused"]);
    }
}
