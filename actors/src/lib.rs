//! The engine: it watches, concludes and delivers.
//!
//! ```text
//!  node ── supervises ──► one shard supervisor per owned shard that has anything to do
//!                            ├─ a monitor actor per enabled monitor
//!                            └─ per organization whose desk is here: incident actor, notifier actor
//!  beside the tree, each a kept loop:  ownership · watcher · recorder · committer · on demand · maintenance · calendar · wheels
//! ```
//!
//! The way of one check: the wheel wakes a monitor actor; a probe runs beside it; `domain` judges; the outcome goes to the
//! recorder and, if the status changed, a transition goes to the committer. From the committed row on everything is found by
//! looking: doorbells make it fast, polls make it certain. What an actor knows it can read again, so any of them may die at
//! any time.

mod admission;
mod calendar;
mod clock;
mod committer;
mod context;
mod delivery;
mod egress;
mod engine;
mod incident;
mod lateness;
mod leases;
mod maintenance;
mod monitor;
mod node;
mod notifier;
mod on_demand;
mod ownership;
mod probe;
mod recorder;
mod report;
mod service;
mod shard;
mod tally;
mod vantage;
mod watcher;
mod wheel;

pub use context::Figures;
pub use egress::{Egress, EgressError, EgressOptions, trust};
pub use engine::{Engine, EngineError, EngineOptions};
pub use probe::observe;
pub use report::Reporter;
