//! The stream: what its frames mean, how they change the state, and the task that listens.
//!
//! ```text
//! socket ──text──> decode ──Update──> Batch (newest result per monitor) ──every 100 ms──> fold ──> pages
//! ```

mod batch;
mod connection;
#[cfg(test)]
pub(crate) mod fixture;
mod fold;
mod update;

pub use batch::Batch;
pub use connection::{Connection, Live, Load, use_live_provider, use_live_updates};
pub use fold::{fold_monitor, fold_results, upsert_incident, upsert_notification};
pub use update::Update;

/// How long frames are gathered before the page changes: below what an eye follows, above the cost of a layout.
pub const FLUSH_MS: u32 = 100;
/// What one page holds of monitors; beyond it the search asks the server.
pub const MONITORS_MAX: usize = 2_000;
/// What a monitor's page holds of outcomes.
pub const RESULTS_MAX: usize = 600;
