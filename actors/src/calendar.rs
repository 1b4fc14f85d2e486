//! Which monitors are in maintenance when: one calendar for the whole node, read by every monitor's actor.
//!
//! A million monitors can't each remember their windows. They ask here, by organization and id, where an outcome stands; most
//! organizations have no window near, and the answer is one look into a map. A kept loop reads the rows of the occurrences
//! (every two seconds, and when a doorbell rings), and turns what is due to turn: any node may, and doing it twice is nothing.
//! What the loop has read holds for days, so windows open and close also while the database is away.

use chrono::TimeDelta;
use pulse_cluster::Doorbell;
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId, WindowId},
    limits::POLL_MS,
    maintenance::{self, Occurrence, Phase, Span},
};
use pulse_store::StoreError;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval},
};

use crate::{clock, context::Context};

/// As far back as recorded outcomes are folded in again after a restart, and a little more.
const REMEMBERED: TimeDelta = TimeDelta::hours(25);
/// An occurrence that was called off ends in the past; it is read again for this long.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Which monitors carry a window's tags is asked for this long before it opens, so that an absence of the database does no harm.
const ASKED_AHEAD: TimeDelta = TimeDelta::hours(1);
/// And asked again this often, because tags change.
const ASKED_AGAIN: TimeDelta = TimeDelta::seconds(30);

/// What the actors read.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    orgs: RwLock<Arc<HashMap<OrgId, Vec<Entry>>>>,
}

#[derive(Clone, Debug)]
struct Entry {
    span: Span,
    about: About,
}

#[derive(Clone, Debug)]
enum About {
    Everyone,
    These(Arc<HashSet<MonitorId>>),
}

impl About {
    fn covers(&self, monitor: MonitorId) -> bool {
        match self {
            Self::Everyone => true,
            Self::These(monitors) => monitors.contains(&monitor),
        }
    }
}

impl Calendar {
    /// Where an outcome stands, by the instant of the one before it.
    pub(crate) fn phase(&self, org: OrgId, monitor: MonitorId, before: Option<Timestamp>, at: Timestamp) -> Phase {
        let orgs = Arc::clone(&self.orgs.read().unwrap_or_else(PoisonError::into_inner));
        let Some(entries) = orgs.get(&org) else { return Phase::Outside };
        let about = entries.iter().filter(|entry| entry.about.covers(monitor));
        maintenance::phase(about.map(|entry| entry.span), before, at)
    }

    fn replace(&self, orgs: HashMap<OrgId, Vec<Entry>>) {
        *self.orgs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(orgs);
    }

    /// With one window that covers everyone of an organization.
    #[cfg(test)]
    pub(crate) fn with(org: OrgId, span: Span) -> Self {
        let calendar = Self::default();
        calendar.replace(HashMap::from([(org, vec![Entry { span, about: About::Everyone }])]));
        calendar
    }
}

/// What the loop remembers; outlives a panic of it.
#[derive(Debug, Default)]
pub(crate) struct Almanac {
    known: HashMap<(OrgId, WindowId, Timestamp), Known>,
    read_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Known {
    occurrence: Occurrence,
    /// The monitors that carry its tags, and when that was asked.
    tagged: Option<(Arc<HashSet<MonitorId>>, Timestamp)>,
}

impl Almanac {
    /// Reads the rows, and fills the calendar with what they say.
    pub(crate) async fn read(&mut self, context: &Context) -> Result<(), StoreError> {
        let now = clock::now();
        let since = self.read_at.unwrap_or(now - REMEMBERED) - OVERLAP;
        let rows = context.engine.maintenance_since(since).await?;
        let mut before = std::mem::take(&mut self.known);
        for (org, occurrence) in rows {
            let key = (org, occurrence.window_id, occurrence.span.from);
            let tagged = before.remove(&key).filter(|known| known.occurrence.matches == occurrence.matches);
            let mut known = Known { occurrence, tagged: tagged.and_then(|known| known.tagged) };
            if known.is_to_be_asked(now) {
                let tagged = context.engine.tagged(org, &known.occurrence.matches.tags).await?;
                known.tagged = Some((Arc::new(tagged.into_iter().collect()), now));
            }
            self.known.insert(key, known);
        }
        // What had ended when it was read last is not read again.
        let past = before.into_iter().filter(|(_, known)| {
            let end = known.occurrence.span.to;
            end <= since && end > now - REMEMBERED
        });
        self.known.extend(past);
        self.read_at = Some(now);
        context.calendar.replace(self.entries());
        Ok(())
    }

    fn entries(&self) -> HashMap<OrgId, Vec<Entry>> {
        let mut orgs: HashMap<OrgId, Vec<Entry>> = HashMap::new();
        for ((org, ..), known) in &self.known {
            orgs.entry(*org).or_default().push(Entry { span: known.occurrence.span, about: known.about() });
        }
        orgs
    }
}

impl Known {
    fn is_to_be_asked(&self, now: Timestamp) -> bool {
        let open = self.occurrence.span.from <= now + ASKED_AHEAD;
        let matches = &self.occurrence.matches;
        let fresh = self.tagged.as_ref().is_some_and(|(_, at)| *at > now - ASKED_AGAIN);
        let ended = self.tagged.is_some() && self.occurrence.span.to <= now;
        open && !matches.all && !matches.tags.is_empty() && !fresh && !ended
    }

    fn about(&self) -> About {
        let matches = &self.occurrence.matches;
        if matches.all {
            return About::Everyone;
        }
        match &self.tagged {
            Some((tagged, _)) if matches.monitor_ids.is_empty() => About::These(Arc::clone(tagged)),
            Some((tagged, _)) => About::These(Arc::new(tagged.iter().chain(&matches.monitor_ids).copied().collect())),
            None => About::These(Arc::new(matches.monitor_ids.iter().copied().collect())),
        }
    }
}

/// Makes the rows that are due, and lets dashboards know which windows opened and closed.
async fn turn(context: &Context) -> Result<(), StoreError> {
    for org_id in context.engine.maintenance_due(clock::now()).await? {
        let mut txn = context.store.org(org_id).await?;
        let turned = txn.turn_maintenance(clock::now()).await?;
        txn.commit().await?;
        if turned {
            context.bus.ring(Doorbell::Events { org_id });
        }
    }
    Ok(())
}

/// Keeps the calendar for ever.
pub(crate) async fn run(context: Arc<Context>, almanac: Arc<Mutex<Almanac>>) {
    let mut almanac = almanac.lock().await;
    let mut polls = interval(Duration::from_millis(POLL_MS));
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = polls.tick() => {}
            () = context.maintenance_changed.notified() => {}
        }
        let kept = match turn(&context).await {
            Ok(()) => almanac.read(&context).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "maintenance windows could not be read; those that are known hold");
        }
    }
}
