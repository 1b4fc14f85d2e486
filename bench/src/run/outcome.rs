//! What a pass found, as it goes into the JSON report.

use serde::Serialize;

use crate::numbers::Quantiles;

/// One run of the engine with its monitors.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pass {
    /// What distinguishes it from the other passes of the run.
    pub label: String,
    pub monitors: u32,
    pub interval_seconds: u32,
    pub window_seconds: f64,
    /// Arrivals at the target within the window; for checks without a target, result rows.
    pub checks: u64,
    pub checks_per_second: f64,
    pub cpu: Cpu,
    pub memory: Memory,
    pub lateness_ms: Quantiles,
    /// Of monitors whose target answers, where some hang.
    pub lateness_healthy_ms: Quantiles,
    pub slots: u64,
    pub missed: u64,
    pub doubles: u64,
    /// From the start of the process to the due instant of the last slot that was not served.
    pub start_up_seconds: f64,
    /// How long the engine took to drain.
    pub stop_seconds: f64,
    pub rows: Rows,
    pub verdicts: Vec<VerdictCount>,
    pub alerting: Alerting,
    /// Lateness at the median and the 99th percentile of the organizations whose median is least and greatest.
    pub organizations_p50_ms: (f64, f64),
    /// Frames that all sockets together received.
    pub frames: u64,
    pub changes: u64,
    /// Of one core: what everything else on this machine took during the window.
    pub others_core_share: f64,
    pub stolen_core_share: f64,
    pub timeline: Vec<Second>,
}

/// Microseconds of processor time per check, and the engine's share of one core.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cpu {
    pub engine_us: f64,
    pub postgres_us: f64,
    pub redis_us: f64,
    pub api_us: f64,
    pub farm_us: f64,
    /// Engine, Postgres, Redis, API.
    pub total_us: f64,
    pub engine_core_share: f64,
    pub postgres_core_share: f64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Memory {
    pub empty_kib: u64,
    pub resident_kib: u64,
    pub peak_kib: u64,
    pub bytes_per_monitor: f64,
    pub redis_kib: u64,
}

/// The way of results into the table.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Rows {
    /// Rows whose check was due within the window.
    pub committed: u64,
    /// Checks that arrived at a target since the engine's start, less the rows that there are when it has stopped.
    pub lost: u64,
    /// How far the newest row's due instant is behind now, sampled.
    pub behind_ms: Quantiles,
}

#[derive(Clone, Debug, Serialize)]
pub struct VerdictCount {
    pub verdict: String,
    pub reason: Option<String>,
    pub count: u64,
}

/// From a target's first bad answer to whoever must know.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Alerting {
    /// Monitors whose target answered badly for the first time within the window.
    pub failed: u64,
    /// Those of them with a transition to down.
    pub committed: u64,
    pub committed_ms: Quantiles,
    /// Those of them that a webhook named.
    pub named: u64,
    /// Messages about several at once.
    pub grouped: u64,
    pub webhook_ms: Quantiles,
    /// All messages at the sink.
    pub messages: u64,
    /// Transitions to down of monitors whose target was well.
    pub false_down: u64,
}

/// One second of the timeline.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Second {
    /// Since the start of the engine.
    pub at: f64,
    pub arrivals: u64,
    pub engine_core_share: f64,
    pub postgres_core_share: f64,
    pub resident_mib: f64,
    pub behind_ms: f64,
    pub late_p50_ms: f64,
    pub late_p99_ms: f64,
    pub late_max_ms: f64,
}
