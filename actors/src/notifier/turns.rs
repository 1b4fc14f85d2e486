//! Turns at one channel: so many under way at once, and no faster than its provider takes them.

use pulse_domain::channel::pace;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep, timeout_at},
};

#[derive(Debug)]
pub(super) struct Turns {
    places: Semaphore,
    began: Instant,
    /// When what was let through so far will have flowed off, in milliseconds since `began`.
    booked_ms: Mutex<u64>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self { places: Semaphore::new(at_once), began: Instant::now(), booked_ms: Mutex::new(0) }
    }

    /// Waits for a turn; nothing when it doesn't come in time, and then none is used up. The turn lasts as long as its permit.
    pub(super) async fn take(&self, per_minute: Option<u32>, within: Duration) -> Option<SemaphorePermit<'_>> {
        let until = Instant::now() + within;
        let permit = timeout_at(until, self.places.acquire()).await.ok()?.ok()?;
        if let Some(per_minute) = per_minute {
            sleep(self.book(per_minute, until)?).await;
        }
        Some(permit)
    }

    fn book(&self, per_minute: u32, until: Instant) -> Option<Duration> {
        let mut booked_ms = self.booked_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let now_ms = u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX);
        let (wait_ms, next_ms) = pace::wait(per_minute, *booked_ms, now_ms);
        let wait = Duration::from_millis(wait_ms);
        if now + wait > until {
            return None;
        }
        *booked_ms = next_ms;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn messages_flow_as_fast_as_the_provider_takes_them() {
        let turns = Turns::new(4);
        let began = Instant::now();
        for _ in 0..13 {
            assert!(turns.take(Some(60), Duration::from_secs(30)).await.is_some());
        }
        // Ten at once, and then one a second.
        assert_eq!((Instant::now() - began).as_secs(), 3);
        assert!(turns.take(None, Duration::ZERO).await.is_some(), "an unlimited one waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_does_not_come_in_time_is_not_used_up() {
        let turns = Turns::new(1);
        let held = turns.take(None, Duration::ZERO).await;
        assert!(held.is_some() && turns.take(None, Duration::from_secs(5)).await.is_none());
        drop(held);
        for _ in 0..10 {
            assert!(turns.take(Some(60), Duration::ZERO).await.is_some());
        }
        assert!(turns.take(Some(60), Duration::from_millis(10)).await.is_none());
        assert_eq!(*turns.booked_ms.lock().unwrap_or_else(PoisonError::into_inner) / 1_000, 15);
    }
}
