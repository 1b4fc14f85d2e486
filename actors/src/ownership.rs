//! Which shards this node runs: a heartbeat a second, claims where hashing proposes this node, and what follows for the
//! tree.
//!
//! Postgres decides. A node that can't beat for four seconds stops committing (`Leases::are_fresh`) but goes on probing,
//! whose results wait in the recorder's buffer; after ten minutes, when that buffer's time is over, it stops that too.

mod handover;

use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::Incarnation,
    limits::{HEARTBEAT_MS, SHARDS},
    shard,
};
use pulse_store::{Lease, ShardRow, StoreError, View};
use ractor::ActorRef;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    clock,
    context::{Context, Reload},
    node,
};
use handover::Handover;

/// A heartbeat that takes longer has failed; with the next one it stays well below the self-fence.
const BEAT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// Handing shards over to a node that joined: at most a tenth of all in ten seconds.
const HANDOVER_MAX: usize = SHARDS as usize / 10;
const HANDOVER_EVERY: Duration = Duration::from_secs(10);
/// How long a node without the database goes on probing.
const PROBE_WITHOUT_DATABASE: Duration = Duration::from_mins(10);

/// What ownership remembers between two beats.
#[derive(Debug)]
pub(crate) struct Ownership {
    context: Arc<Context>,
    node: ActorRef<node::Message>,
    me: Incarnation,
    /// Who lived at the last beat, and what hashing then proposed for this node.
    proposed: (Vec<Incarnation>, BTreeSet<u16>),
    handed_over_at: Option<Duration>,
    handover: Option<Handover>,
    beating: bool,
}

impl Ownership {
    pub(crate) fn new(context: Arc<Context>, node: ActorRef<node::Message>, me: Incarnation) -> Self {
        let proposed = (Vec::new(), BTreeSet::new());
        Self { context, node, me, proposed, handed_over_at: None, handover: None, beating: true }
    }

    /// One heartbeat, and what follows from what it sees.
    pub(crate) async fn beat(&mut self) -> Result<(), StoreError> {
        let began = clock::since_boot();
        // Before the look at the board, which then shows what came of it.
        if let Some(over) = self.handover.take_if(|handover| handover.is_over()) {
            self.context.leases.remove(&over.shards);
        }
        let report = self.context.report();
        let view = match timeout(BEAT_TIMEOUT, self.context.engine.heartbeat(self.me, &report)).await {
            Ok(Ok(view)) => view,
            Ok(Err(error)) => {
                self.missed_beat(&error.to_string());
                return Err(error);
            }
            Err(_) => {
                self.missed_beat("no answer in time");
                return Ok(());
            }
        };
        self.context.leases.beaten(began);
        if !std::mem::replace(&mut self.beating, true) {
            tracing::info!("the database answers again");
        }
        self.propose(&view);
        self.drop_lost(&view);
        let gained = self.gain(&view).await?;
        self.hand_over(&view);
        if !gained.is_empty() {
            let shards: Vec<u16> = gained.iter().map(|lease| lease.shard).collect();
            tracing::info!(shards = shards.len(), "took over shards");
            self.tell(node::Message::Own(shards.clone()));
            self.context.leases.insert(&gained);
            // The watcher reads them beside the heartbeats: a million monitors take longer than a lease holds. What this
            // node itself found before it lost them has to be recorded first.
            let context = Arc::clone(&self.context);
            self.context
                .when_flushed(move || shards.into_iter().for_each(|shard| context.reload(Reload::Shard(shard))));
            self.context.bus.ring(Doorbell::Ownership);
        }
        Ok(())
    }

    fn missed_beat(&mut self, why: &str) {
        let age = self.context.leases.age();
        if std::mem::replace(&mut self.beating, false) {
            tracing::warn!(why, "a heartbeat failed; without one for 4 s nothing is committed");
        }
        if age > PROBE_WITHOUT_DATABASE {
            let shards = self.context.leases.shards();
            if !shards.is_empty() {
                tracing::error!("the database is away for too long; checks stop until it is back");
                self.disown(&shards);
            }
        }
    }

    fn propose(&mut self, view: &View) {
        if self.proposed.0 != view.nodes {
            let mine = (0..SHARDS).filter(|number| shard::owner(*number, &view.nodes) == Some(self.me)).collect();
            self.proposed = (view.nodes.clone(), mine);
        }
    }

    fn drop_lost(&mut self, view: &View) {
        let rows: BTreeMap<u16, &ShardRow> = view.shards.iter().map(|row| (row.shard, row)).collect();
        let ours = |lease: &Lease| {
            rows.get(&lease.shard).is_some_and(|row| row.owner == Some(self.me) && row.epoch == lease.epoch)
        };
        let held = self.context.leases.all();
        let lost: Vec<u16> = held
            .iter()
            .filter(|lease| !ours(lease) && !self.is_leaving(lease.shard))
            .map(|lease| lease.shard)
            .collect();
        if !lost.is_empty() {
            tracing::warn!(shards = lost.len(), "other nodes took shards over");
            self.disown(&lost);
        }
    }

    /// Claims what hashing proposes and nobody runs; takes up what is ours without our knowing (an answer was lost).
    async fn gain(&self, view: &View) -> Result<Vec<Lease>, StoreError> {
        if self.context.draining.is_cancelled() {
            return Ok(Vec::new());
        }
        let unknown = |row: &&ShardRow| self.context.leases.get(row.shard).is_none() && !self.is_leaving(row.shard);
        let mut gained: Vec<Lease> = view
            .shards
            .iter()
            .filter(|row| row.owner == Some(self.me))
            .filter(unknown)
            .map(|row| Lease { shard: row.shard, owner: self.me, epoch: row.epoch })
            .collect();
        let wanted: Vec<ShardRow> = view
            .shards
            .iter()
            .filter(|row| row.claimable && row.owner != Some(self.me) && self.proposed.1.contains(&row.shard))
            .filter(unknown)
            .cloned()
            .collect();
        if !wanted.is_empty() {
            gained.extend(self.context.engine.claim(self.me, &wanted).await?);
        }
        Ok(gained)
    }

    /// Gives up what hashing proposes for another node, a few at a time. A drain gives up everything in its own way, when the
    /// checks under way have ended.
    fn hand_over(&mut self, view: &View) {
        let now = clock::since_boot();
        let is_too_soon = self.handed_over_at.is_some_and(|last| now.saturating_sub(last) < HANDOVER_EVERY);
        let is_draining = self.context.draining.is_cancelled();
        if is_too_soon || is_draining || self.handover.is_some() || view.nodes.is_empty() {
            return;
        }
        let surplus: Vec<u16> = self
            .context
            .leases
            .shards()
            .into_iter()
            .filter(|shard| !self.proposed.1.contains(shard))
            .take(HANDOVER_MAX)
            .collect();
        if surplus.is_empty() {
            return;
        }
        self.handed_over_at = Some(now);
        tracing::info!(shards = surplus.len(), "handing shards over");
        self.handover = Some(Handover::begin(&self.context, &self.node, self.me, surplus));
    }

    /// Whether it is on its way to another node.
    fn is_leaving(&self, shard: u16) -> bool {
        self.leaving().contains(&shard)
    }

    /// Shards on their way to other nodes.
    pub(crate) fn leaving(&self) -> &[u16] {
        self.handover.as_ref().map_or(&[], |handover| handover.shards.as_slice())
    }

    fn disown(&mut self, shards: &[u16]) {
        self.context.leases.remove(shards);
        self.tell(node::Message::Disown(shards.to_vec()));
    }

    fn tell(&self, message: node::Message) {
        if self.node.cast(message).is_err() {
            tracing::error!("the root of the engine's tree is gone");
        }
    }
}

/// Beats for ever: every second, and at once when somebody says that ownership changed.
pub(crate) async fn run(ownership: Arc<Mutex<Ownership>>) {
    let mut ownership = ownership.lock().await;
    let context = Arc::clone(&ownership.context);
    let mut beats = interval(Duration::from_millis(HEARTBEAT_MS));
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beats.tick() => {}
            () = context.ownership_changed.notified() => {}
        }
        if let Err(error) = ownership.beat().await {
            tracing::debug!(%error, "a beat did not do all it wanted; the next one will");
        }
    }
}
