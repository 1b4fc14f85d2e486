//! The vantage guard of this node: the shell around `domain::vantage`.
//!
//! It hears the end of every check before the monitor does. An answer costs a load and mostly nothing else; only a loss
//! looks at the board. While canaries are being asked, failures of the network's kind wait here, without a permit, for what
//! they amount to: the target's failure, or nothing that could be observed.

pub(crate) mod canary;

use pulse_domain::{
    Timestamp,
    admission::host_of,
    ids::OrgId,
    limits::CANARY_TIMEOUT_MS,
    monitor::Check,
    outcome::Reason,
    report::{Canaries as Known, Vantage as Standing},
    status::Status,
    vantage::{Canaries, Finding, Guard, Hint, PLACES, Part, Site, Weight, answered_lately, hint, news, place},
    verdict::{Failure, Observation},
};
use std::{
    sync::{
        Arc, Mutex as Lock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout},
};

use crate::context::Context;
use canary::Witnesses;

/// A failure waits for the canaries no longer than this; then it counts as not observed.
const DECIDED_WITHIN: Duration = Duration::from_millis(2 * CANARY_TIMEOUT_MS);
/// While the network is lost, the canaries are asked this often.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(3);
/// While all is well they are asked this often, to know which of them can be asked at all.
const ACQUAINT_EVERY: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub(crate) struct Vantage {
    /// The newest finding of each place.
    board: Box<[AtomicU64]>,
    guard: watch::Sender<Guard>,
    /// What has ever vouched for the network, in this life or, as far as it is known, in an earlier one.
    known: Lock<Known>,
    /// The origin of the findings' clock.
    origin: Instant,
    is_on: bool,
}

impl Vantage {
    /// Without canaries nobody could decide, so nothing is suspected.
    pub(crate) fn new(has_canaries: bool) -> Self {
        let board = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self {
            board,
            guard: watch::Sender::new(Guard::default()),
            known: Lock::default(),
            origin: Instant::now(),
            is_on: has_canaries,
        }
    }

    /// What the end of a check amounts to. Waits only for a failure that may be the node's own.
    pub(crate) async fn judge(&self, org: OrgId, check: &Check, observation: Observation) -> Observation {
        let Some(site) = host_of(check).and_then(Site::of).filter(|_| self.is_on) else { return observation };
        match hint(observation.result.as_ref().err().map(|failure| failure.reason)) {
            Hint::Nothing => observation,
            Hint::Answered => {
                self.note(site, org, false);
                observation
            }
            Hint::Lost(part) => {
                if self.note(site, org, true) {
                    self.on_loss();
                }
                if self.is_ours(part).await { lost(observation) } else { observation }
            }
        }
    }

    /// Takes over what is stored of a monitor: that its site answered not long ago, whoever asked it.
    pub(crate) fn remember(
        &self,
        org: OrgId,
        check: &Check,
        (status, last_at): (Status, Option<Timestamp>),
        now: Timestamp,
    ) {
        if self.is_on
            && answered_lately(status, last_at, now)
            && let Some(site) = host_of(check).and_then(Site::of)
        {
            self.note(site, org, false);
        }
    }

    /// Takes over who answered in an earlier life on this machine.
    pub(crate) fn know(&self, earlier: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known { names: known.names || earlier.names, path: known.path || earlier.path };
    }

    pub(crate) fn known(&self) -> Known {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn standing(&self) -> Standing {
        self.guard.borrow().vantage()
    }

    fn note(&self, site: Site, org: OrgId, is_lost: bool) -> bool {
        let Some(cell) = self.board.get(place(site)) else { return false };
        let finding = news(Finding::unpack(cell.load(Relaxed)), site, org, is_lost, self.now_ms());
        if let Some(finding) = finding {
            cell.store(finding.pack(), Relaxed);
        }
        finding.is_some()
    }

    fn on_loss(&self) {
        let (weight, now_ms) = (self.weight(), self.now_ms());
        self.turn(|guard| guard.on_loss(weight, now_ms));
    }

    fn on_canaries(&self, canaries: Canaries) {
        let (weight, now_ms) = (self.weight(), self.now_ms());
        self.turn(|guard| guard.on_canaries(canaries, weight, now_ms));
    }

    /// Changes the guard and tells the operator once of what changed.
    fn turn(&self, next: impl FnOnce(Guard) -> Guard) {
        self.guard.send_if_modified(|guard| {
            let before = std::mem::replace(guard, next(*guard));
            match (before.vantage(), guard.vantage()) {
                (Standing::Clear, Standing::Suspected) => {
                    tracing::warn!("many unrelated targets fail at once: the canaries are asked");
                }
                (Standing::Clear | Standing::Suspected, Standing::Lost) => {
                    tracing::error!(guard = ?*guard, "this node lost its network: outcomes are unknown, nobody is paged");
                }
                (Standing::Suspected, Standing::Clear) => tracing::info!("the network is fine: the targets fail"),
                (Standing::Lost, Standing::Clear) => tracing::info!("this node has its network again"),
                (_, _) => {}
            }
            before != *guard
        });
    }

    async fn is_ours(&self, part: Part) -> bool {
        let decided = self.guard.borrow().is_ours(part);
        if let Some(is_ours) = decided {
            return is_ours;
        }
        let mut guard = self.guard.subscribe();
        let deciding = guard.wait_for(|guard| guard.is_ours(part).is_some());
        // Without a decision it is not known whose failure it is.
        timeout(DECIDED_WITHIN, deciding)
            .await
            .ok()
            .and_then(Result::ok)
            .and_then(|guard| guard.is_ours(part))
            .unwrap_or(true)
    }

    fn weight(&self) -> Weight {
        Weight::of(self.board.iter().filter_map(|cell| Finding::unpack(cell.load(Relaxed))), self.now_ms())
    }

    fn now_ms(&self) -> u64 {
        // From 1, because a finding of 0 is none.
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// What the node could not see. The failure's own words stay for whoever looks into it.
fn lost(mut observation: Observation) -> Observation {
    observation.result = observation.result.map_err(|failure| Failure {
        reason: Reason::VantageLost,
        detail: format!("this node lost its network ({}: {})", failure.reason.as_str(), failure.detail),
        status_code: None,
    });
    observation
}

/// Guards for ever.
pub(crate) async fn run(context: Arc<Context>, witnesses: Arc<Mutex<Witnesses>>) {
    let witnesses = witnesses.lock().await;
    let mut guard = context.vantage.guard.subscribe();
    loop {
        let canaries = witnesses.ask(&context.egress, context.vantage.known()).await;
        context.vantage.know(Known { names: canaries.names == Some(true), path: canaries.path == Some(true) });
        context.vantage.on_canaries(canaries);
        let pause = match context.vantage.standing() {
            Standing::Clear => ACQUAINT_EVERY,
            Standing::Lost => ASK_AGAIN_AFTER,
            // It began while they were being asked; what they said may be older than the trouble.
            Standing::Suspected => continue,
        };
        // A pause that ends is as good as a suspicion.
        let _over = timeout(pause, guard.wait_for(|guard| *guard == Guard::Suspected)).await;
    }
}
