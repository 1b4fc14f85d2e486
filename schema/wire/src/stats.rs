//! `GET monitors/{id}/stats`: how a monitor did over a range of time, as a whole and step by step.

use pulse_domain::{Timestamp, outcome::Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole range, and its steps in order of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Where the range begins: what was asked for, widened to a whole step or five minutes, whichever is shorter.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    /// Where it ends, widened likewise, and never after the step under way.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
    pub step_seconds: u32,
    #[serde(flatten)]
    pub figures: StatsFigures,
    /// One for every step of the range, also where nothing was observed. Steps begin at whole multiples of their length
    /// since 1970 (days at midnight UTC), so the first and the last may reach beyond the range; they count what lies in it.
    pub points: Vec<StatsPoint>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StatsPoint {
    /// Where the step begins.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    #[serde(flatten)]
    pub figures: StatsFigures,
}

/// What the checks of some span of time say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StatsFigures {
    /// Share of the observed time, 0 to 1, in which the newest check had not failed. Null where nothing was observed.
    pub uptime: Option<f64>,
    /// Share of the time, 0 to 1, that was observed: each check speaks for the time until the next one, for one interval at
    /// most; one with the verdict `unknown` observed nothing.
    pub coverage: f64,
    pub checks: VerdictCounts,
    /// Of checks that did not fail, exact to about 3 %. Null where there were none.
    pub latency_us: Option<LatencyQuantiles>,
    /// How often each reason was given.
    pub reasons: BTreeMap<Reason, u64>,
}

/// How many checks ended with which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct VerdictCounts {
    pub success: u64,
    pub slow: u64,
    pub failure: u64,
    pub unknown: u64,
}

/// Latencies in microseconds below or at which so many of a hundred checks stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LatencyQuantiles {
    pub p50: u32,
    pub p95: u32,
    pub p99: u32,
}
