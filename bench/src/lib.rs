//! The benchmark of Pulse: it measures the real engine with a real Postgres and Redis against targets that it brings.
//!
//! What an engine promises is seen by the targets: when a check arrived, against when the schedule says it was due. So the
//! farm of targets writes down arrivals, and everything else is arithmetic over them and over what the kernel counted.

pub mod farm;
pub mod scripted;
