//! The log: tracing to standard error, readable at a terminal, one JSON object a line elsewhere.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What is logged unless `PULSE_LOG` says otherwise: the libraries' own affairs only when something is wrong.
const FILTER_DEFAULT: &str = "info,ractor=warn,sqlx=warn";

/// Starts the log. `filter` has been parsed by the configuration, so one that does not parse is the default.
pub(crate) fn start(filter: Option<&str>) {
    let filter =
        filter.and_then(|text| EnvFilter::try_new(text).ok()).unwrap_or_else(|| EnvFilter::new(FILTER_DEFAULT));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        builder.with_target(false).compact().finish().try_init()
    } else {
        builder.json().flatten_event(true).finish().try_init()
    };
    if let Err(error) = started {
        tracing::warn!(%error, "a log was running already");
    }
}
