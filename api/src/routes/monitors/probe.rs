//! Asking the engine for a check at once: the question and the answer are rows, the bell only makes it fast.

use crate::{extract::Caller, problem::Problem, shell::new_id, state::ApiState};
use pulse_cluster::{Doorbell, Heard};
use pulse_domain::{
    ids::{MonitorId, ProbeRequestId},
    monitor::MonitorConfig,
    outcome::Outcome,
};
use std::time::Duration;
use tokio::time::{Instant, interval, timeout_at};

/// For the engine to find the request and to write the answer, beside the check's own timeout.
const ENGINE_GRACE: Duration = Duration::from_secs(3);
/// How often the row is looked at when no bell rings.
const POLL: Duration = Duration::from_millis(250);

/// What to check: a stored monitor, or a configuration that is not stored.
pub(super) enum Subject<'a> {
    Stored { id: MonitorId, timeout_ms: u32 },
    Draft(&'a MonitorConfig),
}

/// 503 when no engine answers in time.
pub(super) async fn probe(state: &ApiState, caller: &Caller, subject: Subject<'_>) -> Result<Outcome, Problem> {
    let id = ProbeRequestId(new_id());
    let (monitor, config, timeout_ms) = match subject {
        Subject::Stored { id, timeout_ms } => (Some(id), None, timeout_ms),
        Subject::Draft(config) => (None, Some(config), config.timeout_ms),
    };
    // Listening starts before the request exists, so its answer can't be missed.
    let mut subscription = state.bus.subscribe_doorbells();
    let mut txn = caller.begin(state).await?;
    txn.insert_probe_request(id, monitor, config, state.now()).await?;
    txn.commit().await?;
    state.bus.ring(Doorbell::ProbeRequested);
    let deadline = Instant::now() + Duration::from_millis(u64::from(timeout_ms)) + ENGINE_GRACE;
    let mut poll = interval(POLL);
    let answer = async {
        loop {
            let look = tokio::select! {
                heard = subscription.next() => match heard {
                    Heard::Doorbell(Doorbell::ProbeAnswered { id: answered }) => answered == id,
                    Heard::Missed => true,
                    Heard::Doorbell(_) | Heard::Live { .. } => false,
                },
                _ = poll.tick() => true,
            };
            if look && let Some(outcome) = take(state, caller, id).await? {
                return Ok(outcome);
            }
        }
    };
    timeout_at(deadline, answer).await.unwrap_or_else(|_| {
        let problem = Problem::unavailable("The engine did not answer in time; nothing is known about the target.");
        Err(problem.kind("urn:pulse:problem:engine-silent"))
    })
}

async fn take(state: &ApiState, caller: &Caller, id: ProbeRequestId) -> Result<Option<Outcome>, Problem> {
    let mut txn = caller.begin(state).await?;
    let outcome = txn.take_probe_answer(id).await?;
    txn.commit().await?;
    Ok(outcome)
}
