//! Instants: `time` elements with the exact instant in UTC, read in the browser's zone.

use crate::{
    platform::{self, Precision},
    text,
};
use dioxus::prelude::*;
use pulse_domain::Timestamp;

/// How often "12 s ago" is written anew.
const TICK_MS: u32 = 1_000;

/// The second hand, shared by everything that says how long ago something was.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Signal<Timestamp>);

pub fn use_clock_provider() {
    let mut now = use_context_provider(|| Clock(Signal::new(platform::now()))).0;
    use_future(move || async move {
        loop {
            platform::sleep(TICK_MS).await;
            now.set(platform::now());
        }
    });
}

/// The end of the minute that runs: what is asked up to it is asked again once a minute.
pub fn use_minute() -> Memo<Timestamp> {
    let clock: Clock = use_context();
    use_memo(move || {
        let seconds = clock.0().timestamp();
        Timestamp::from_timestamp(seconds - seconds.rem_euclid(60) + 60, 0).unwrap_or(Timestamp::UNIX_EPOCH)
    })
}

fn iso(at: &Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// How long ago, or how soon.
#[component]
pub fn Ago(at: Timestamp) -> Element {
    let clock: Clock = use_context();
    let said = text::ago(at, clock.0());
    rsx! {
        time { datetime: iso(&at), title: iso(&at), "{said}" }
    }
}

/// How long something has lasted until now.
#[component]
pub fn Lasting(since: Timestamp) -> Element {
    let clock: Clock = use_context();
    let said = text::span((clock.0() - since).num_seconds());
    rsx! {
        time { datetime: iso(&since), title: iso(&since), "{said}" }
    }
}

/// The instant itself, with its zone.
#[component]
pub fn Instant(at: Timestamp, #[props(default = Precision::Full)] precision: Precision) -> Element {
    let said = platform::local(&at, precision);
    rsx! {
        time { datetime: iso(&at), title: iso(&at), "{said}" }
    }
}
