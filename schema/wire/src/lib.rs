//! What travels between Pulse and its clients: REST bodies, problems, pages, stream frames.
//!
//! The API and the web app share these types, so neither can misread the other. Words of the domain (a monitor's
//! configuration, an outcome, an incident) are the domain's own types; here are only their envelopes.

pub mod api_key;
pub mod auth;
#[cfg(feature = "server")]
mod bounds;
pub mod channel;
#[cfg(feature = "server")]
pub mod decode;
pub mod explanation;
pub mod health;
pub mod incident;
pub mod maintenance;
pub mod metric;
pub mod monitor;
pub mod on_call;
pub mod organization;
pub mod page;
pub mod problem;
pub mod push;
pub mod rule;
pub mod silence;
pub mod stats;
pub mod stream;
