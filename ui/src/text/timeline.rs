//! A line of a timeline as a sentence.

use super::{event, incident_kind, status};
use pulse_domain::{
    incident::{Cause, IncidentKind, TimelineEvent, TimelineKind},
    notification::Event,
    plan::Because,
    status::Transition,
};
use serde_json::Value;

/// What happened, for people. Data that lacks what its kind promises still gives a true, shorter sentence.
pub fn sentence(line: &TimelineEvent) -> String {
    let text = |key: &str| line.data.get(key).and_then(Value::as_str);
    let by = text("by").unwrap_or("somebody");
    match line.kind {
        TimelineKind::Opened => opened(&line.data),
        TimelineKind::Transition => transition(&line.data),
        TimelineKind::KindChanged => match kind_of(&line.data, "to") {
            Some(kind) => format!("The incident turned into: {}.", incident_kind(kind).to_lowercase()),
            None => String::from("The incident changed its kind."),
        },
        TimelineKind::NotificationsQueued => queued(&line.data),
        TimelineKind::NotificationsHeld => {
            let by = cause_words(text("by").unwrap_or_default());
            format!("Notifications were held back ({by}): {}.", events(&line.data, "events"))
        }
        TimelineKind::NotificationsDropped => {
            format!(
                "{} will not be told: {}.",
                events(&line.data, "events"),
                cause_words(text("by").unwrap_or_default())
            )
        }
        TimelineKind::MembersJoined => {
            format!("{} monitors joined: {}.", count(&line.data, "count"), members(&line.data))
        }
        TimelineKind::MembersRecovered => format!(
            "{} monitors are well again, {} are not.",
            count(&line.data, "count"),
            count(&line.data, "remaining")
        ),
        TimelineKind::Acknowledged => format!("{by} acknowledged the incident."),
        TimelineKind::Comment => format!("{by} commented: {}", text("text").unwrap_or_default()),
        TimelineKind::Resolved => match text("because") {
            Some("monitor_recovered") => String::from("Resolved: the monitor recovered."),
            Some("monitor_paused") => String::from("Resolved: the monitor was paused."),
            Some("members_recovered") => String::from("Resolved: all its monitors recovered."),
            Some(other) => format!("Resolved: {}.", other.replace('_', " ")),
            None => format!("{by} resolved the incident."),
        },
    }
}

/// The same, of a line of the ledger.
pub fn because(because: &Because) -> String {
    let words = serde_json::to_value(because).unwrap_or_default();
    cause_words(words.get("by").and_then(Value::as_str).unwrap_or_default())
}

/// What holds a message back, or ends the need for it.
fn cause_words(by: &str) -> String {
    match by {
        "repeat" => String::from("it is said again then"),
        "delay" => String::from("the rule tells only of what lasts"),
        "flapping" => String::from("the monitor changes too often"),
        "maintenance" => String::from("maintenance"),
        "silence" => String::from("silenced"),
        "parent" => String::from("a monitor that this one depends on is down"),
        "group" => String::from("a group of outages tells of it"),
        "recovered" => String::from("it was over first"),
        "acknowledged" => String::from("somebody takes care of it"),
        "resolved" => String::from("somebody declared it over"),
        "paused" => String::from("the monitor was paused"),
        "rule_changed" => String::from("the rule was changed"),
        "channel_off" => String::from("the channel is switched off"),
        "monitor_deleted" => String::from("the monitor was deleted"),
        other => other.replace('_', " "),
    }
}

fn count(data: &Value, key: &str) -> u64 {
    data.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// Some names, and how many more there are.
fn members(data: &Value) -> String {
    let listed = data.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let names: Vec<&str> =
        listed.iter().filter_map(|member| member.get("name").and_then(Value::as_str)).take(NAMES_SHOWN_MAX).collect();
    let more = count(data, "count").saturating_sub(names.len() as u64);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// Names that a sentence of a timeline takes.
const NAMES_SHOWN_MAX: usize = 5;

fn kind_of(data: &Value, key: &str) -> Option<IncidentKind> {
    IncidentKind::parse(data.get(key)?.as_str()?)
}

fn opened(data: &Value) -> String {
    let cause = data.get("cause").and_then(|cause| serde_json::from_str::<Cause>(&cause.to_string()).ok());
    let kind = kind_of(data, "kind").map_or("Incident", incident_kind);
    match cause {
        Some(found) => match super::cause(&found) {
            Some(words) => format!("{kind} opened: {words} ({}).", found.detail),
            None if !found.detail.is_empty() => format!("{kind} opened: {}.", found.detail),
            None => format!("{kind} opened."),
        },
        None => format!("{kind} opened."),
    }
}

fn transition(data: &Value) -> String {
    let inner = data.get("transition").unwrap_or(data);
    let Ok(change) = serde_json::from_str::<Transition>(&inner.to_string()) else {
        return String::from("The status changed.");
    };
    let because = if change.detail.is_empty() { String::new() } else { format!(": {}", change.detail) };
    match (change.from == change.to, change.flapping_after) {
        (true, true) => format!("Flapping started{because}."),
        (true, false) => format!("Flapping stopped{because}."),
        (false, _) => format!("{} → {}{because}.", status(change.from), status(change.to)),
    }
}

fn queued(data: &Value) -> String {
    let Some(messages) = data.get("messages").and_then(Value::as_array) else {
        return String::from("Notifications were queued.");
    };
    let named: Vec<&str> = messages.iter().filter_map(|message| named_event(message.get("event")?)).collect();
    let noun = if messages.len() == 1 {
        "1 notification was".into()
    } else {
        format!("{} notifications were", messages.len())
    };
    if named.is_empty() { format!("{noun} queued.") } else { format!("{noun} queued: {}.", unique(&named)) }
}

fn events(data: &Value, key: &str) -> String {
    let listed = data.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let named: Vec<&str> = listed.iter().filter_map(named_event).collect();
    if named.is_empty() { String::from("none") } else { unique(&named) }
}

fn named_event(value: &Value) -> Option<&'static str> {
    Event::parse(value.as_str()?).map(event)
}

fn unique(named: &[&str]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for name in named {
        if !seen.contains(name) {
            seen.push(name);
        }
    }
    seen.join(", ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::Timestamp;
    use serde_json::json;

    fn line(kind: TimelineKind, data: Value) -> String {
        sentence(&TimelineEvent { seq: 1, at: Timestamp::UNIX_EPOCH, kind, data })
    }

    #[test]
    fn every_kind_reads_as_a_sentence_even_without_its_data() {
        for kind in TimelineKind::ALL {
            assert!(line(*kind, json!({})).len() > 10, "{kind:?}");
        }
    }

    #[test]
    fn sentences_name_people_and_causes() {
        assert_eq!(line(TimelineKind::Acknowledged, json!({"by": "Owner"})), "Owner acknowledged the incident.");
        let cause = json!({"kind": "down", "cause": {"reason": "connect_refused", "detail": "port 80"}});
        assert_eq!(line(TimelineKind::Opened, cause), "Outage opened: connect refused (port 80).");
        let twice = json!({"kind": "down", "cause": {"reason": "status_code", "detail": "status code: found 503"}});
        assert_eq!(line(TimelineKind::Opened, twice), "Outage opened: status code: found 503.");
        let messages = json!({"messages": [{"event": "monitor.down"}, {"event": "monitor.down"}]});
        let queued = line(TimelineKind::NotificationsQueued, messages);
        assert_eq!(queued, "2 notifications were queued: monitor went down.");
    }
}
