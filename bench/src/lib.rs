//! The benchmark of Pulse: it measures the real engine with a real Postgres and Redis against targets that it brings.
//!
//! What an engine promises is seen by the targets: when a check arrived, against when the schedule says it was due. So the
//! farm of targets writes down arrivals, and everything else is arithmetic over them and over what the kernel counted.
//!
//! ```text
//!  run (driver) ──starts──► farm (targets, webhook sink) ◄── checks ── pulse engine ──► Postgres, Redis
//!       │                      │ arrivals, deliveries                     ▲
//!       ├── creates monitors through the store ───────────────────────────┘
//!       └── reads /proc, the arrivals, the rows ──► report: JSON, Markdown, SVG
//! ```

pub mod arrivals;
pub mod bound;
pub mod clock;
pub mod farm;
pub mod lateness;
pub mod numbers;
pub mod peers;
pub mod processes;
pub mod report;
pub mod run;
pub mod scripted;
pub mod usage;
