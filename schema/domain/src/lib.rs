//! The rules of Pulse: pure functions over plain types.
//!
//! Nothing here does I/O, reads a clock or draws a random number: time and chance are arguments. Shells elsewhere feed
//! these functions and carry out what they answer. The crate compiles to wasm, so the web app speaks the same words.

pub mod address;
pub mod admission;
pub mod assertion;
pub mod backoff;
pub mod channel;
#[cfg(feature = "packing")]
pub mod columns;
pub mod dependency;
mod digest;
pub mod explain;
pub mod flapping;
pub mod health;
pub mod histogram;
pub mod idempotency;
pub mod ids;
pub mod incident;
pub mod limits;
pub mod local_time;
pub mod maintenance;
pub mod message;
pub mod metric;
pub mod monitor;
pub mod notification;
pub mod on_call;
pub mod outcome;
#[cfg(feature = "packing")]
pub mod packed;
pub mod plan;
pub mod push;
pub mod recurrence;
pub mod refusal;
pub mod report;
pub mod restart;
pub mod role;
pub mod rollup;
pub mod routing;
pub mod rule;
pub mod schedule;
pub mod secret;
pub mod shard;
pub mod silence;
pub mod stats;
pub mod status;
pub mod uptime;
#[cfg(feature = "validate")]
pub mod validate;
pub mod vantage;
pub mod verdict;
pub mod webhook;

/// An instant in UTC, microseconds precise (the precision of PostgreSQL).
///
/// Types with an OpenAPI schema write `DateTime<Utc>` out: the derive knows it by that name only.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
