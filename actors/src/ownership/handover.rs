//! Handing shards over to another living node.
//!
//! ```text
//!   actors stop ──► what they found becomes rows ──► released ──► the other node claims, reads, goes on
//! ```
//!
//! In this order, because the new owner folds in what it reads and nothing that is recorded later. It happens beside the
//! heartbeat, which must not wait for it; the leases are kept until it is over, so that transitions can still be committed.

use pulse_cluster::Doorbell;
use pulse_domain::ids::Incarnation;
use ractor::ActorRef;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use crate::{context::Context, node};

/// How long the actors of the shards may take to stop: a little more than a shard gives its children.
const STOP_WITHIN: Duration = Duration::from_secs(6);
/// How long what they found may take to become rows. Nobody watches these monitors meanwhile, so a database that is slower
/// than this costs them more than an outcome that the new owner does not fold in.
const FLUSH_WITHIN: Duration = Duration::from_secs(10);

/// Shards on their way to other nodes.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) shards: Vec<u16>,
    task: JoinHandle<()>,
}

impl Handover {
    pub(super) fn begin(
        context: &Arc<Context>,
        node: &ActorRef<node::Message>,
        me: Incarnation,
        shards: Vec<u16>,
    ) -> Self {
        let task = context.errands.spawn(hand_over(Arc::clone(context), node.clone(), me, shards.clone()));
        Self { shards, task }
    }

    /// Whether they were released, or could not be.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

async fn hand_over(context: Arc<Context>, node: ActorRef<node::Message>, me: Incarnation, shards: Vec<u16>) {
    let (tell, stopped) = oneshot::channel();
    if node.cast(node::Message::Release(shards.clone(), tell)).is_err() {
        tracing::error!("the root of the engine's tree is gone");
    }
    if timeout(STOP_WITHIN, stopped).await.is_err() {
        tracing::warn!("the actors of shards that are handed over did not stop in time");
    }
    // Nobody adds to it any more.
    let flushed = async { tokio::join!(context.recorder.flushed(), context.committer.flushed()) };
    if timeout(FLUSH_WITHIN, flushed).await.is_err() {
        tracing::warn!("shards are handed over before all that was found in them is recorded");
    }
    if let Err(error) = context.engine.release(me, &shards).await {
        tracing::warn!(%error, "shards could not be released; this node takes them up again");
    }
    context.bus.ring(Doorbell::Ownership);
    context.ownership_changed.notify_one();
}
