//! The sentences: from a payload's fields to what a person reads.

use super::{Act, Fact, Message, Severity};
use crate::{Timestamp, notification::Event};
use chrono::DateTime;
use serde_json::Value;

/// Members of a group that are named; the others are counted.
const MEMBERS_NAMED_MAX: usize = 10;
/// Members named in a title.
const MEMBERS_IN_TITLE_MAX: usize = 3;
/// A text of the payload that nobody bounded before.
const VALUE_CHARS_MAX: usize = 500;

/// A payload that is being read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    event: Event,
    payload: &'a Value,
}

impl<'a> Reading<'a> {
    pub(super) fn new(payload: &'a Value) -> Self {
        let event = payload.pointer("/type").and_then(Value::as_str).and_then(Event::parse);
        Self { event: event.unwrap_or(Event::ChannelTest), payload }
    }

    fn text(&self, pointer: &str) -> Option<&'a str> {
        self.payload.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn instant(&self, pointer: &str) -> Option<Timestamp> {
        self.text(pointer).and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|at| at.to_utc())
    }

    fn members(&self) -> Vec<&'a str> {
        let members = self.payload.pointer("/data/group/members").and_then(Value::as_array);
        members.into_iter().flatten().filter_map(|member| member.get("name")?.as_str()).collect()
    }

    /// How many monitors a group has; nothing where there is no group.
    fn group_size(&self) -> Option<usize> {
        let group = self.payload.pointer("/data/group").filter(|group| group.is_object())?;
        let counted = group.get("member_count").and_then(Value::as_u64);
        Some(counted.map_or(self.members().len(), |count| usize::try_from(count).unwrap_or(usize::MAX)))
    }

    pub(super) fn message(&self, idempotency_key: &str, public_url: Option<&str>) -> Message {
        let drill = self.payload.pointer("/data/drill").is_some_and(|drill| drill == true || drill.is_object());
        let title = self.title();
        let incident = self.text("/data/incident/id");
        let monitor = self.text("/data/monitor/id");
        let channel = self.text("/data/channel/id");
        let page = match (incident, monitor, channel) {
            (Some(id), ..) => Some(format!("incidents/{id}")),
            (None, Some(id), _) => Some(format!("monitors/{id}")),
            (None, None, Some(id)) => Some(format!("channels/{id}/edit")),
            (None, None, None) => None,
        };
        let origin = public_url.map(|url| url.trim_end_matches('/'));
        let mut lines = self.lines();
        if drill {
            lines.insert(0, "This is a drill: nothing is broken.".to_owned());
        }
        Message {
            event: self.event,
            severity: self.severity(),
            act: self.act(),
            title: if drill { format!("[Drill] {title}") } else { title },
            lines,
            facts: self.facts(),
            subject: self.subject(),
            source: shortened(self.text("/data/monitor/target").map_or_else(|| self.subject(), str::to_owned)),
            organization: self.text("/data/organization/name").unwrap_or("Pulse").to_owned(),
            thread: self.thread(incident.or(monitor).or(channel).unwrap_or(idempotency_key)),
            at: self.instant("/timestamp").unwrap_or(Timestamp::UNIX_EPOCH),
            drill,
            link: origin.zip(page).map(|(origin, page)| format!("{origin}/{page}")),
            acknowledge: self.text("/data/acknowledge_url").map(str::to_owned),
        }
    }

    /// A certificate runs out beside whatever else is wrong, so it is a thread of its own.
    fn thread(&self, id: &str) -> String {
        if self.event == Event::CertificateExpiring { format!("certificate-{id}") } else { id.to_owned() }
    }

    fn subject(&self) -> String {
        match self.group_size() {
            Some(1) => "1 monitor".to_owned(),
            Some(count) => format!("{count} monitors"),
            None => shortened(self.text("/data/monitor/name").unwrap_or("Pulse").to_owned()),
        }
    }

    fn title(&self) -> String {
        let subject = self.subject();
        let title = match self.group_size() {
            None | Some(1) => self.sentence(&subject, "is"),
            Some(_) => self.sentence(&subject, "are"),
        };
        let members = self.members();
        if self.group_size().is_none() || members.is_empty() {
            return title;
        }
        format!("{title}: {}", listed(&members, self.group_size().unwrap_or_default(), MEMBERS_IN_TITLE_MAX))
    }

    fn sentence(&self, subject: &str, is: &str) -> String {
        match self.event {
            Event::MonitorDown => format!("{subject} {is} down"),
            Event::MonitorUp => format!("{subject} {is} up again"),
            Event::MonitorDegraded => format!("{subject} {is} degraded"),
            Event::FlappingStarted => format!("{subject} {is} flapping"),
            Event::FlappingStopped => format!("{subject} {is} no longer flapping"),
            Event::IncidentAcknowledged => format!("Acknowledged: {}", self.incident_of(subject, is)),
            Event::IncidentResolved => format!("Resolved: {}", self.incident_of(subject, is)),
            Event::CertificateExpiring => format!("The certificate of {subject} expires soon"),
            Event::ChannelTest => "Test message: this channel works".to_owned(),
            Event::ChannelDisabled => {
                let name = self.text("/data/channel/name").unwrap_or_default();
                format!("The channel “{}” was switched off", shortened(name.to_owned()))
            }
        }
    }

    fn incident_of(&self, subject: &str, is: &str) -> String {
        match self.text("/data/incident/kind") {
            Some("flapping") => format!("{subject} {is} flapping"),
            _ => format!("{subject} {is} down"),
        }
    }

    fn severity(&self) -> Severity {
        match self.event {
            Event::MonitorDown => Severity::Down,
            Event::MonitorDegraded | Event::FlappingStarted | Event::CertificateExpiring | Event::ChannelDisabled => {
                Severity::Degraded
            }
            Event::MonitorUp | Event::IncidentResolved => Severity::Up,
            Event::FlappingStopped | Event::IncidentAcknowledged => Severity::Info,
            Event::ChannelTest => Severity::Test,
        }
    }

    fn act(&self) -> Act {
        let resolved = self.text("/data/incident/state") == Some("resolved");
        match self.event {
            Event::MonitorDown
            | Event::MonitorDegraded
            | Event::FlappingStarted
            | Event::CertificateExpiring
            | Event::ChannelDisabled
            | Event::ChannelTest => Act::Trigger,
            Event::IncidentAcknowledged => Act::Acknowledge,
            Event::MonitorUp | Event::IncidentResolved => Act::Resolve,
            Event::FlappingStopped if resolved => Act::Resolve,
            Event::FlappingStopped => Act::Note,
        }
    }

    fn lines(&self) -> Vec<String> {
        if self.event == Event::ChannelTest {
            return vec!["Pulse sent this on request. Alerts of your rules arrive here the same way.".to_owned()];
        }
        if self.event == Event::ChannelDisabled {
            let reason = self.text("/data/channel/reason").map(|text| shortened(text.to_owned()));
            let what_now = "What it was to get is kept as dead letters. Mend it, enable it again, and replay them.";
            return reason.into_iter().chain([what_now.to_owned()]).collect();
        }
        let found = match self.event {
            Event::IncidentAcknowledged | Event::IncidentResolved => self.text("/data/incident/cause/detail"),
            Event::MonitorDown
            | Event::MonitorUp
            | Event::MonitorDegraded
            | Event::FlappingStarted
            | Event::FlappingStopped
            | Event::CertificateExpiring
            | Event::ChannelDisabled
            | Event::ChannelTest => {
                self.text("/data/transition/detail").or_else(|| self.text("/data/incident/cause/detail"))
            }
        };
        let mut lines: Vec<String> = found.map(|text| shortened(text.to_owned())).into_iter().collect();
        if let Some(count) = self.group_size() {
            lines.push(format!("Monitors: {}", listed(&self.members(), count, MEMBERS_NAMED_MAX)));
        }
        lines
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut fact = |name: &str, value: Option<String>, short| {
            if let Some(value) = value {
                facts.push(Fact { name: name.to_owned(), value: shortened(value), short });
            }
        };
        let owned = |pointer| self.text(pointer).map(str::to_owned);
        fact("Target", owned("/data/monitor/target"), false);
        fact("Reason", owned("/data/transition/reason").or_else(|| owned("/data/incident/cause/reason")), true);
        let opened = self.instant("/data/incident/opened_at");
        fact("Since", opened.map(written), true);
        let over = self.instant("/data/incident/resolved_at");
        fact("Lasted", opened.zip(over).map(|(from, to)| lasting((to - from).num_seconds())), true);
        let tags = self.payload.pointer("/data/monitor/tags").and_then(Value::as_array);
        let tags: Vec<&str> = tags.into_iter().flatten().filter_map(Value::as_str).collect();
        fact("Tags", (!tags.is_empty()).then(|| tags.join(", ")), true);
        fact("Organization", owned("/data/organization/name"), true);
        facts
    }
}

/// `Shop, Search and 35 more`
fn listed(names: &[&str], count: usize, named_max: usize) -> String {
    let told: Vec<&str> = names.iter().take(named_max).copied().collect();
    match (told.split_last(), count.saturating_sub(told.len())) {
        (None, _) => format!("{count}"),
        (Some((last, [])), 0) => (*last).to_owned(),
        (Some((last, others)), 0) => format!("{} and {last}", others.join(", ")),
        (Some(_), more) => format!("{} and {more} more", told.join(", ")),
    }
}

fn written(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `2 h 5 min`: the two largest units that say something.
fn lasting(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

fn shortened(text: String) -> String {
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text;
    }
    text.chars().take(VALUE_CHARS_MAX - 1).chain(['…']).collect()
}
