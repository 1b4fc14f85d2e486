//! What people are told, before it is known through which provider: title, lines and facts made from the outbox's payload.
//!
//! The payload is what programs get (CONTRACT "Notifications"); this is its reading for people. It is read leniently: an
//! older row, or one with more in it than is known here, still makes a message.

use crate::{Timestamp, notification::Event};
use serde_json::Value;

mod words;

#[cfg(test)]
mod tests;

/// How bad it is, for colours and priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Down,
    Degraded,
    Info,
    Up,
    Test,
}

impl Severity {
    /// The mark that leads a line where there are no colours.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Down => "🔴",
            Self::Degraded => "🟠",
            Self::Info | Self::Test => "🔵",
            Self::Up => "🟢",
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Info => "info",
            Self::Up => "up",
            Self::Test => "test",
        }
    }
}

/// What it means for an alert of the same thread, where a provider keeps alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// There is something to look at.
    Trigger,
    /// Somebody looks at it.
    Acknowledge,
    /// It is over.
    Resolve,
    /// Worth knowing, and no reason to wake anybody.
    Note,
}

/// A name and a value, for tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub value: String,
    /// Short enough to stand beside another one.
    pub short: bool,
}

/// A message in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub event: Event,
    pub severity: Severity,
    pub act: Act,
    /// `Shop is down`
    pub title: String,
    /// Whole sentences, in the order of their weight.
    pub lines: Vec<String>,
    pub facts: Vec<Fact>,
    /// What it is about: the monitor's name, or how many there are.
    pub subject: String,
    /// Where it was seen: the monitor's target, or its name.
    pub source: String,
    pub organization: String,
    /// The same for all messages of one incident: what providers recognize an alert, and mail programs a thread by.
    pub thread: String,
    pub at: Timestamp,
    /// Only a drill: nothing is broken.
    pub drill: bool,
    /// The incident in the web app.
    pub link: Option<String>,
    /// Acknowledges the incident for whoever follows it.
    pub acknowledge: Option<String>,
}

impl Message {
    /// Reads a payload. `public_url` is the web app's origin, without which there are no links.
    pub fn of(payload: &Value, idempotency_key: &str, public_url: Option<&str>) -> Self {
        words::Reading::new(payload).message(idempotency_key, public_url)
    }

    /// Words and address of every link.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let acknowledge = self.acknowledge.as_deref().map(|url| ("Acknowledge", url));
        let open = self.link.as_deref().map(|url| ("Open in Pulse", url));
        open.into_iter().chain(acknowledge)
    }

    /// Lines, facts and links as plain text, a line each.
    pub fn text(&self) -> String {
        let facts = self.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value));
        let links = self.links().map(|(words, url)| format!("{words}: {url}"));
        self.lines.iter().cloned().chain(facts).chain(links).collect::<Vec<_>>().join("\n")
    }

    /// The title with its mark, for where there are no colours.
    pub fn marked_title(&self) -> String {
        format!("{} {}", self.severity.mark(), self.title)
    }
}
