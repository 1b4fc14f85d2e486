//! Checks on demand: requests are rows, answers are written into them.
//!
//! A saved monitor is checked through its own actor, so that the outcome counts like any other; a configuration that is
//! not saved yet is tried here.

use pulse_cluster::Doorbell;
use pulse_domain::{
    monitor::{Check, MonitorConfig},
    outcome::Outcome,
    shard, verdict,
};
use pulse_store::{ProbeRequest, ProbeTarget};
use ractor::ActorRef;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

use crate::{
    clock,
    context::{Ask, Context},
    monitor, node, probe,
    shard::Message as ToShard,
};

/// Requests taken at once.
const CLAIM_MAX: u32 = 32;
/// Tries to write an answer; whoever asked gives up after some seconds.
const ANSWER_TRIES: u32 = 3;

/// Takes requests for ever, whenever it is told that there may be some.
pub(crate) async fn take(context: Arc<Context>, node: ActorRef<node::Message>) {
    loop {
        context.asked.notified().await;
        loop {
            let shards = context.leases.shards();
            if shards.is_empty() || context.draining.is_cancelled() {
                break;
            }
            match context.engine.claim_probe_requests(&shards, CLAIM_MAX).await {
                Ok(requests) => {
                    let more = requests.len() >= CLAIM_MAX as usize;
                    for request in requests {
                        begin(&context, &node, request);
                    }
                    if !more {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "requests to check could not be read");
                    break;
                }
            }
        }
    }
}

fn begin(context: &Arc<Context>, node: &ActorRef<node::Message>, request: ProbeRequest) {
    let ask = Ask { org_id: request.org_id, id: request.id, asked_at: clock::now() };
    match request.target {
        ProbeTarget::Monitor(monitor) => {
            let message = node::Message::Pass(shard::of_monitor(monitor), ToShard::CheckNow(monitor, ask));
            if node.cast(message).is_err() {
                tracing::debug!("the tree has stopped");
            }
        }
        ProbeTarget::Trial(config) => {
            let context = Arc::clone(context);
            let tracker = context.probes.clone();
            tracker.spawn(async move {
                let outcome = attempt(&context, &config, ask).await;
                context.answer(ask, outcome);
            });
        }
    }
}

async fn attempt(context: &Context, config: &MonitorConfig, ask: Ask) -> Outcome {
    if let Check::Push(_) = config.check {
        return probe::push::untried(config, ask.asked_at);
    }
    let observation = monitor::observe(context, ask.org_id, config, ask.asked_at).await;
    verdict::judge(&observation, &config.assertions, config.policy.degraded.as_ref())
}

/// Writes answers for ever.
pub(crate) async fn answer(context: Arc<Context>, answers: Arc<Mutex<mpsc::Receiver<(Ask, Outcome)>>>) {
    let mut answers = answers.lock().await;
    while let Some((ask, outcome)) = answers.recv().await {
        for _ in 0..ANSWER_TRIES {
            match context.engine.answer_probe_request(ask.org_id, ask.id, &outcome).await {
                Ok(()) => {
                    context.bus.ring(Doorbell::ProbeAnswered { id: ask.id });
                    break;
                }
                Err(error) => tracing::warn!(request = %ask.id, %error, "an answer could not be written"),
            }
        }
    }
}
