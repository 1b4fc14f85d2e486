//! Whose dashboards are open: live frames of an organization that nobody looks at are never made.
//!
//! A process counts its own viewers and tells the others every two seconds, and at once when one comes. What another
//! process told holds for three such periods, so a lost message or a process that died costs a few needless frames, or
//! seconds of a dashboard that moves by its numbered events alone.

use pulse_domain::{ids::OrgId, limits::POLL_MS};
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;

/// How long what another process told holds.
const TOLD_HOLDS: Duration = Duration::from_millis(3 * POLL_MS);

#[derive(Debug, Default)]
pub(crate) struct Audience {
    /// Whether anybody looks at all: the one thing that is asked for every check.
    any: AtomicBool,
    seats: Mutex<Seats>,
}

#[derive(Debug, Default)]
struct Seats {
    /// Viewers in this process.
    here: HashMap<OrgId, usize>,
    /// Viewers elsewhere, and until when that holds.
    elsewhere: HashMap<OrgId, Instant>,
}

impl Audience {
    pub(crate) fn enter(&self, org: OrgId) {
        *self.seats().here.entry(org).or_default() += 1;
        self.any.store(true, Relaxed);
    }

    pub(crate) fn leave(&self, org: OrgId) {
        let mut seats = self.seats();
        if let Some(count) = seats.here.get_mut(&org) {
            *count -= 1;
            if *count == 0 {
                seats.here.remove(&org);
            }
        }
        self.any.store(!seats.here.is_empty() || !seats.elsewhere.is_empty(), Relaxed);
    }

    /// Another process has viewers of these organizations.
    pub(crate) fn told(&self, orgs: Vec<OrgId>, now: Instant) {
        let mut seats = self.seats();
        seats.elsewhere.retain(|_, until| *until > now);
        seats.elsewhere.extend(orgs.into_iter().map(|org| (org, now + TOLD_HOLDS)));
        self.any.store(!seats.here.is_empty() || !seats.elsewhere.is_empty(), Relaxed);
    }

    /// The organizations with viewers in this process.
    pub(crate) fn here(&self) -> Vec<OrgId> {
        self.seats().here.keys().copied().collect()
    }

    /// Whether somebody, here or elsewhere, looks at the organization now.
    pub(crate) fn has(&self, org: OrgId) -> bool {
        if !self.any.load(Relaxed) {
            return false;
        }
        let seats = self.seats();
        seats.here.contains_key(&org) || seats.elsewhere.get(&org).is_some_and(|until| *until > Instant::now())
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        // Counts and instants: a panic elsewhere can't leave them half changed.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(number: u128) -> OrgId {
        OrgId(uuid::Uuid::from_u128(number))
    }

    #[tokio::test(start_paused = true)]
    async fn viewers_count_here_until_the_last_leaves_and_elsewhere_for_a_while() {
        let audience = Audience::default();
        assert!(!audience.has(org(1)));
        audience.enter(org(1));
        audience.enter(org(1));
        audience.leave(org(1));
        assert!(audience.has(org(1)) && !audience.has(org(2)));
        audience.leave(org(1));
        assert!(!audience.has(org(1)) && audience.here().is_empty());
        audience.told(vec![org(2)], Instant::now());
        assert!(audience.has(org(2)));
        tokio::time::advance(TOLD_HOLDS).await;
        assert!(!audience.has(org(2)), "nobody has said so for too long");
    }
}
