//! Everything that only a browser can do. On the host each call is inert, so that pages render to text in tests.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod host;

#[cfg(target_arch = "wasm32")]
pub use browser::*;
#[cfg(not(target_arch = "wasm32"))]
pub use host::*;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// The entity tag, to be sent back with a change.
    pub etag: Option<String>,
    pub body: String,
}

/// One request of our own origin; the session cookie goes along by itself.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    /// JSON.
    pub body: Option<String>,
    pub content_type: &'static str,
    pub if_match: Option<String>,
}

/// How much of an instant is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Hours, minutes and seconds, with the zone.
    Time,
    /// Day and time, with the zone.
    Full,
    /// Hours, minutes and seconds without the zone, for the ticks of an axis; the line below it names the zone.
    Tick,
    /// Day and time to the minute, without the year and the zone.
    Minute,
    /// The day in UTC, as days are counted.
    Day,
}
