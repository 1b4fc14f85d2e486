//! The lockout: after a few tries in vain, the next one for the same account from the same network has to wait, and longer
//! each time. A success forgets them all, and other networks never wait, so nobody can lock an account's owner out.

use crate::Timestamp;
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Typos are human.
pub(super) const FREE_TRIES: u32 = 5;
/// Then 1 s, 2 s, 4 s, … up to a quarter of an hour.
pub(super) const WAIT_SECONDS_MAX: i64 = 900;
/// Doublings until then.
const DOUBLINGS_MAX: u32 = 10;
/// Tries of longer ago are forgotten.
const MEMORY: TimeDelta = TimeDelta::hours(1);
/// Past this many the old ones are swept out.
const ENTRIES_MAX: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Lockout(Mutex<HashMap<(String, IpAddr), Tries>>);

impl Lockout {
    /// Counts one try, or answers how many seconds it comes too early. A refused try doesn't count.
    pub(super) fn count(&self, email: &str, network: IpAddr, now: Timestamp) -> Result<(), i64> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, tries| now - tries.last < MEMORY);
        }
        let tries = entries.entry((email.to_owned(), network)).or_insert(Tries { count: 0, last: now });
        if now - tries.last >= MEMORY {
            tries.count = 0;
        }
        let early = tries.last + TimeDelta::seconds(wait_seconds(tries.count)) - now;
        if early > TimeDelta::zero() {
            return Err(early.num_seconds() + 1);
        }
        *tries = Tries { count: tries.count.saturating_add(1), last: now };
        Ok(())
    }

    /// The password was right.
    pub(super) fn forgive(&self, email: &str, network: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(email.to_owned(), network));
    }
}

/// What the next try has to wait after this many.
fn wait_seconds(tries: u32) -> i64 {
    match tries.checked_sub(FREE_TRIES) {
        None => 0,
        Some(more) => (1_i64 << more.min(DOUBLINGS_MAX)).min(WAIT_SECONDS_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: i64) -> Timestamp {
        START + TimeDelta::seconds(seconds)
    }

    #[test]
    fn guesses_wait_longer_each_time_and_at_most_a_quarter_of_an_hour() {
        let waits: Vec<i64> = [0, 4, 5, 6, 7, 14, 15, 1_000].map(wait_seconds).to_vec();
        assert_eq!(waits, [0, 0, 1, 2, 4, 512, 900, 900]);
    }

    #[test]
    fn a_sixth_try_at_once_is_refused_here_and_nowhere_else() {
        let (lockout, here, there) = (Lockout::default(), [192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        for _ in 0..FREE_TRIES {
            lockout.count("owner@example.com", here, START).unwrap();
        }
        assert_eq!(lockout.count("owner@example.com", here, START), Err(2));
        lockout.count("owner@example.com", there, START).unwrap();
        lockout.count("other@example.com", here, START).unwrap();
        lockout.count("owner@example.com", here, at(1)).unwrap();
        assert!(lockout.count("owner@example.com", here, at(2)).is_err(), "two seconds after the sixth");
        lockout.forgive("owner@example.com", here);
        lockout.count("owner@example.com", here, at(2)).unwrap();
    }

    #[test]
    fn an_hour_later_all_is_forgotten() {
        let (lockout, here) = (Lockout::default(), [192, 0, 2, 1].into());
        for second in 0..20 {
            let _refused_or_not = lockout.count("owner@example.com", here, at(second * 900));
        }
        for _ in 0..FREE_TRIES {
            lockout.count("owner@example.com", here, at(20 * 900 + 3_600)).unwrap();
        }
    }
}
