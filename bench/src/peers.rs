//! Other systems at the same work, in turn with Pulse and the bound in one run.
//!
//! Only what a system's own processes used is counted, its database and broker included, and divided by the arrivals at
//! the target.

mod blackbox;
mod bullmq;

use serde::Serialize;

use crate::numbers::Quantiles;

pub(crate) use blackbox::Blackbox;
pub use bullmq::Installed;
pub(crate) use bullmq::{Bullmq, lateness as bullmq_lateness};

/// What a system cost in one window.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PeerPass {
    pub system: &'static str,
    pub checks: u64,
    pub seconds: f64,
    /// Of its own processes.
    pub own_us: f64,
    pub postgres_us: f64,
    pub redis_us: f64,
    pub total_us: f64,
    pub resident_kib: u64,
    /// Against its own schedule; empty for a system that is driven from outside.
    pub lateness_ms: Quantiles,
}
