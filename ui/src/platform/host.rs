//! The host side: nothing happens, nothing is stored, and the network is away.

use super::{Ask, Precision, Reply};
use pulse_domain::Timestamp;

/// Always the epoch, so that rendered text is the same on every run.
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

pub fn local(at: &Timestamp, precision: Precision) -> String {
    let shape = match precision {
        Precision::Time => "%H:%M:%S UTC",
        Precision::Full => "%Y-%m-%d %H:%M:%S UTC",
        Precision::Tick => "%H:%M:%S",
        Precision::Minute => "%-d %b %H:%M",
        Precision::Day => "%-d %b %Y",
    };
    at.format(shape).to_string()
}

/// The zone that readings of the wall clock are typed in.
pub fn zone() -> String {
    String::from("UTC")
}

/// `2026-05-01T10:00` as the browser's clock shows it, as an instant.
pub fn instant(local: &str) -> Option<Timestamp> {
    chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").ok().map(|local| local.and_utc())
}

/// An instant as a field of day and time takes it, in the browser's zone.
pub fn typed(at: &Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M").to_string()
}

pub fn chance() -> f64 {
    0.5
}

pub fn stored(_key: &str) -> Option<String> {
    None
}

pub fn store(_key: &str, _value: &str) {}

pub fn set_title(_title: &str) {}

pub fn set_theme(_choice: &str) {}

pub fn focus(_id: &str) {}

pub fn show_dialog(_id: &str) {}

pub fn close_dialog(_id: &str) {}

pub fn copy(_text: &str) {}

pub fn guard_leaving(_unsaved: bool) {}

pub fn origin() -> String {
    String::from("https://pulse.example")
}

pub fn location() -> String {
    String::from("/")
}

/// Never wakes: no task on the host waits for anything.
pub async fn sleep(_ms: u32) {
    std::future::pending::<()>().await;
}

#[expect(clippy::unused_async, reason = "the browser's side waits")]
pub async fn request(_ask: Ask) -> Result<Reply, String> {
    Err(String::from("there is no network here"))
}

/// A WebSocket that never opens.
#[derive(Debug)]
pub struct Socket;

impl Socket {
    pub fn open(_path: &str) -> Option<Self> {
        None
    }

    #[expect(clippy::unused_async, reason = "the browser's side waits")]
    pub async fn opened(&self) -> bool {
        false
    }

    #[expect(clippy::unused_async, reason = "the browser's side waits")]
    pub async fn next(&mut self) -> Option<String> {
        None
    }
}
