//! The driver: it starts everything, lets it run, and writes down what it saw.

mod api;
mod engine;
pub mod identity;
mod load;
mod outcome;
mod pass;
mod past;
mod peers;
mod plan;
mod populate;
mod psql;
mod sampler;
mod scenarios;
mod stack;
mod stats;

pub use outcome::{Alerting, Cpu, Memory, Pass, Rows, Second, VerdictCount};
pub use plan::{Overrides, Plan, Scenario};
pub use scenarios::run;
pub(crate) use stack::free_port;
pub use stack::{Programs, Stack};
pub use stats::{StatsAnswer, StatsReport, measure_stats};
