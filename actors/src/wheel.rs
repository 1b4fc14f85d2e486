//! A timing wheel: one timer per monitor at a few dozen bytes, armed and cancelled in constant time.
//!
//! ```text
//!  slots   0   1   2   3  …  8191        a slot is 10 ms; a timer further away than one turn (82 s)
//!              │       │                 stays in its slot and is looked at once per turn
//!              a ⇄ c   b                 doubly linked through the slab of entries
//! ```
//!
//! A task per timer would cost a task's memory per monitor, and a timer wheel per actor a lock per tick. The driver sleeps
//! until the next slot that holds anything, so an idle engine does not wake up a hundred times a second.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::{sync::Notify, time::Instant};

#[cfg(test)]
mod tests;

/// The width of a slot: how late a timer may be.
pub(crate) const SLOT: Duration = Duration::from_millis(10);
const SLOTS: usize = 8_192;
/// The driver looks this many slots ahead for something to do.
const LOOK_AHEAD: u64 = 100;
const NONE: u32 = u32::MAX;

/// Whoever wants to be woken.
pub(crate) trait Wake: Send + 'static {
    /// Called by the driver; `generation` is what the timer was armed with, so a stale wake-up can be told from a new one.
    fn wake(&self, generation: u32);
}

/// The wheel; shared by its timers and its driver.
#[derive(Debug)]
pub(crate) struct Wheel<W> {
    inner: Mutex<Inner<W>>,
    origin: Instant,
    /// Rung when a timer was armed that is due before the driver wants to look again.
    sooner: Notify,
}

#[derive(Debug)]
struct Inner<W> {
    slots: Vec<u32>,
    entries: Vec<Entry<W>>,
    free: u32,
    /// Timers that there are, armed or not.
    len: usize,
    /// The last slot number that was handled.
    current: u64,
    /// The slot number at which the driver will look again.
    planned: u64,
}

#[derive(Debug)]
struct Entry<W> {
    who: Option<W>,
    /// The slot number it is due at; 0 when it is not armed.
    due: u64,
    generation: u32,
    previous: u32,
    next: u32,
}

/// One timer of the wheel. Dropping it takes it out.
#[derive(Debug)]
pub(crate) struct Timer<W: Wake> {
    wheel: Arc<Wheel<W>>,
    key: u32,
}

impl<W: Wake> Timer<W> {
    /// (Re-)arms the timer for the slot at or after `due`; an instant in the past is the next slot.
    pub(crate) fn arm(&self, due: Instant, generation: u32) {
        if self.wheel.lock().arm(self.key, self.wheel.slot_of(due), generation) {
            self.wheel.sooner.notify_one();
        }
    }

    /// Takes back what was armed.
    pub(crate) fn disarm(&self) {
        self.wheel.lock().unlink(self.key);
    }
}

impl<W: Wake> Drop for Timer<W> {
    fn drop(&mut self) {
        self.wheel.lock().remove(self.key);
    }
}

impl<W: Wake> Wheel<W> {
    pub(crate) fn new() -> Arc<Self> {
        let inner =
            Inner { slots: vec![NONE; SLOTS], entries: Vec::new(), free: NONE, len: 0, current: 0, planned: u64::MAX };
        Arc::new(Self { inner: Mutex::new(inner), origin: Instant::now(), sooner: Notify::new() })
    }

    pub(crate) fn register(self: &Arc<Self>, who: W) -> Timer<W> {
        let key = self.lock().insert(who);
        Timer { wheel: Arc::clone(self), key }
    }

    /// Timers that there are, armed or not.
    pub(crate) fn len(&self) -> usize {
        self.lock().len
    }

    /// Wakes timers for ever. All state is in the wheel, so a driver that is started again goes on where the last one was.
    pub(crate) async fn drive(self: Arc<Self>)
    where
        W: Clone,
    {
        let mut due = Vec::new();
        loop {
            let next = self.lock().turn(self.slot_now(), &mut due);
            for (who, generation) in due.drain(..) {
                who.wake(generation);
            }
            tokio::select! {
                () = tokio::time::sleep_until(self.instant_of(next)) => {}
                () = self.sooner.notified() => {}
            }
        }
    }

    /// No more wake-ups: whatever is armed is taken back, and nothing can be armed again.
    pub(crate) fn stop(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner<W>> {
        // A panic can't leave the lists half linked: nothing below panics or calls out.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot_of(&self, instant: Instant) -> u64 {
        let micros = instant.saturating_duration_since(self.origin).as_micros();
        u64::try_from(micros.div_ceil(SLOT.as_micros())).unwrap_or(u64::MAX)
    }

    fn slot_now(&self) -> u64 {
        let elapsed = self.origin.elapsed().as_micros() / SLOT.as_micros();
        u64::try_from(elapsed).unwrap_or(u64::MAX)
    }

    fn instant_of(&self, slot: u64) -> Instant {
        let offset = u32::try_from(slot).ok().and_then(|slot| SLOT.checked_mul(slot));
        self.origin + offset.unwrap_or(Duration::from_secs(u64::from(u32::MAX)))
    }
}

impl<W> Inner<W> {
    fn insert(&mut self, who: W) -> u32 {
        let entry = Entry { who: Some(who), due: 0, generation: 0, previous: NONE, next: NONE };
        self.len += 1;
        let key = self.free;
        if let Some(place) = self.entries.get_mut(key as usize) {
            self.free = place.next;
            *place = entry;
            return key;
        }
        self.entries.push(entry);
        // Far more monitors than memory could hold would be needed to reach the end of `u32`.
        u32::try_from(self.entries.len() - 1).unwrap_or(NONE)
    }

    fn remove(&mut self, key: u32) {
        self.unlink(key);
        self.len = self.len.saturating_sub(1);
        let free = self.free;
        if let Some(entry) = self.entries.get_mut(key as usize) {
            entry.who = None;
            entry.next = free;
            self.free = key;
        }
    }

    fn clear(&mut self) {
        for slot in &mut self.slots {
            *slot = NONE;
        }
        for entry in &mut self.entries {
            entry.due = 0;
        }
        self.planned = 0;
        self.current = u64::MAX;
    }

    /// Whether the driver has to look sooner than it planned.
    fn arm(&mut self, key: u32, due: u64, generation: u32) -> bool {
        self.unlink(key);
        if self.current == u64::MAX {
            return false;
        }
        let due = due.max(self.current + 1);
        let Some(head) = self.slots.get_mut(slot_index(due)) else { return false };
        let next = std::mem::replace(head, key);
        if let Some(entry) = self.entries.get_mut(key as usize) {
            *entry = Entry { who: entry.who.take(), due, generation, previous: NONE, next };
        }
        if let Some(neighbour) = self.entries.get_mut(next as usize) {
            neighbour.previous = key;
        }
        due < self.planned
    }

    fn unlink(&mut self, key: u32) {
        let Some(entry) = self.entries.get_mut(key as usize) else { return };
        if entry.due == 0 {
            return;
        }
        let (due, previous, next) = (entry.due, entry.previous, entry.next);
        entry.due = 0;
        match self.entries.get_mut(previous as usize) {
            Some(before) => before.next = next,
            None => {
                if let Some(head) = self.slots.get_mut(slot_index(due)) {
                    *head = next;
                }
            }
        }
        if let Some(after) = self.entries.get_mut(next as usize) {
            after.previous = previous;
        }
    }

    /// Collects what is due up to the slot `now`, and says at which slot to look again.
    fn turn(&mut self, now: u64, due: &mut Vec<(W, u32)>) -> u64
    where
        W: Clone,
    {
        while self.current < now {
            // After a long sleep of the machine one full turn sees every slot; the rest of the way needs no look.
            let behind = now - self.current;
            self.current = if behind > SLOTS as u64 { now - SLOTS as u64 } else { self.current } + 1;
            self.collect(self.current, now, due);
        }
        self.planned = self.next_filled();
        self.planned
    }

    fn collect(&mut self, slot: u64, now: u64, due: &mut Vec<(W, u32)>)
    where
        W: Clone,
    {
        let mut key = self.slots.get(slot_index(slot)).copied().unwrap_or(NONE);
        while let Some(entry) = self.entries.get(key as usize) {
            let next = entry.next;
            if entry.due <= now {
                due.extend(entry.who.clone().map(|who| (who, entry.generation)));
                self.unlink(key);
            }
            key = next;
        }
    }

    fn next_filled(&self) -> u64 {
        if self.current == u64::MAX {
            return u64::MAX;
        }
        let ahead = self.current + 1..self.current + LOOK_AHEAD;
        let filled = |slot: &u64| self.slots.get(slot_index(*slot)).is_some_and(|head| *head != NONE);
        ahead.clone().find(filled).unwrap_or(ahead.end)
    }
}

fn slot_index(slot: u64) -> usize {
    usize::try_from(slot % SLOTS as u64).unwrap_or(0)
}
