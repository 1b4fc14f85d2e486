//! The rows and how they are played.

use pulse_actors::observe;
use pulse_domain::{
    monitor::MonitorConfig,
    outcome::{Outcome, Reason, Timings, Verdict},
    verdict::judge,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::timeout};

use super::world::World;

/// Long enough to get to the hang on a busy machine, short enough to wait for.
const HANG_TIMEOUT_MS: u32 = 2_000;
/// Nothing waits this long unless something is wrong.
const AMPLE_TIMEOUT_MS: u32 = 30_000;

/// Whose way out the check takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Loopback and multicast networks are allowed, our authority is trusted, our server resolves names.
    Open,
    /// Only the public internet is allowed.
    Strict,
    /// As `Open`, but the node's name server cannot be reached.
    Cut,
}

/// A scenario and its judgement.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    way: Way,
    check: Value,
    assertions: Value,
    degraded: Value,
    timeout_ms: u32,
    verdict: Verdict,
    pub(super) reason: Option<Reason>,
    /// Reasons that are as right, where it depends on the machine.
    or: Vec<Reason>,
    phases: &'static str,
    status: Option<u16>,
    /// What the human line must tell.
    says: &'static str,
    facts: Option<fn(&Outcome) -> bool>,
}

/// A row that succeeds; the methods below make another one of it.
pub(super) fn row(name: &'static str, check: Value) -> Row {
    Row {
        name,
        way: Way::Open,
        check,
        assertions: json!([]),
        degraded: Value::Null,
        timeout_ms: AMPLE_TIMEOUT_MS,
        verdict: Verdict::Success,
        reason: None,
        or: Vec::new(),
        phases: "",
        status: None,
        says: "",
        facts: None,
    }
}

impl Row {
    pub(super) fn fails(mut self, reason: Reason) -> Self {
        self.verdict = if reason.is_ours() { Verdict::Unknown } else { Verdict::Failure };
        self.reason = Some(reason);
        self
    }

    /// Fails because nothing more comes.
    pub(super) fn hangs(mut self, reason: Reason) -> Self {
        self.timeout_ms = HANG_TIMEOUT_MS;
        self.fails(reason)
    }

    pub(super) fn or(mut self, reason: Reason) -> Self {
        self.or.push(reason);
        self
    }

    /// The phases that are kept, in their order.
    pub(super) fn after(mut self, phases: &'static str) -> Self {
        self.phases = phases;
        self
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn says(mut self, part: &'static str) -> Self {
        self.says = part;
        self
    }

    pub(super) fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    pub(super) fn asserting(mut self, assertions: Value) -> Self {
        self.assertions = assertions;
        self
    }

    /// Succeeds, but takes longer than this.
    pub(super) fn slower_than_ms(mut self, latency_ms: u32) -> Self {
        self.degraded = json!({"latency_ms": latency_ms, "consecutive": 1});
        self.verdict = Verdict::Slow;
        self
    }

    /// What else was learned.
    pub(super) fn learning(mut self, facts: fn(&Outcome) -> bool) -> Self {
        self.facts = Some(facts);
        self
    }

    fn config(&self) -> MonitorConfig {
        let mut config = json!({
            "name": self.name, "interval_seconds": 3_600, "timeout_ms": self.timeout_ms,
            "check": self.check, "assertions": self.assertions,
        });
        if !self.degraded.is_null() {
            config["policy"] = json!({
                "confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1},
                "degraded": self.degraded,
            });
        }
        serde_json::from_value(config).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// What is wrong with an outcome, if anything.
    fn judge(&self, outcome: &Outcome) -> Option<String> {
        let reason = outcome.reason == self.reason || outcome.reason.is_some_and(|reason| self.or.contains(&reason));
        let verdict = outcome.verdict == self.verdict || outcome.reason != self.reason;
        let phases = phases(outcome.timings) == self.phases || outcome.reason != self.reason;
        let right = reason
            && verdict
            && phases
            && outcome.status_code == self.status
            && outcome.detail.contains(self.says)
            && outcome.timings.total_us.is_some()
            && self.facts.is_none_or(|facts| facts(outcome));
        (!right).then(|| {
            format!(
                "  {}: expected {:?} {:?} after [{}] with {:?} saying {:?}; found {outcome:?}",
                self.name, self.verdict, self.reason, self.phases, self.status, self.says
            )
        })
    }
}

/// The phases that finished.
fn phases(timings: Timings) -> String {
    let named = [
        (timings.dns_us, "dns"),
        (timings.connect_us, "connect"),
        (timings.tls_us, "tls"),
        (timings.first_byte_us, "first_byte"),
    ];
    let kept: Vec<&str> = named.iter().filter(|(time, _)| time.is_some()).map(|(_, name)| *name).collect();
    kept.join(" ")
}

/// Plays all rows at once; answers those that are judged otherwise.
pub(super) async fn play(world: &World, rows: Vec<Row>) -> Vec<String> {
    let mut playing = JoinSet::new();
    for row in rows {
        let egress = Arc::clone(world.egress(row.way));
        playing.spawn(async move {
            let config = row.config();
            let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("an instant");
            let observing = observe(&egress, &config, at);
            let patience = Duration::from_mins(2);
            let Ok(observation) = timeout(patience, observing).await else {
                return Some(format!("  {}: there was no end", row.name));
            };
            row.judge(&judge(&observation, &config.assertions, config.policy.degraded.as_ref()))
        });
    }
    let mut wrong: Vec<String> = playing.join_all().await.into_iter().flatten().collect();
    wrong.sort();
    wrong
}
