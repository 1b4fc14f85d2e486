//! Instants as what the schedule would have said.
//!
//! Each instant is compared with what follows from the one before it: the next slot of an interval, or the next retry. What
//! agrees is written as a run of that rhythm; what doesn't (a check on demand, the first slot after a gap) as its distance from
//! the one before. The hash makes a wrong agreement as good as impossible, and even that would come back as it was.

use super::Schedule;
use crate::{
    Timestamp,
    columns::{Reader, Unreadable, Writer},
    ids::MonitorId,
    limits::{INTERVAL_SECONDS_MAX, INTERVAL_SECONDS_MIN},
    schedule::{Slots, retry_after},
};
use chrono::DateTime;

/// Intervals that people choose, tried before all others.
const USUAL_SECONDS: [i64; 14] = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 3_600];
/// How many intervals may be tried on one day that the schedule doesn't explain; each costs a few hashes.
const GUESSES_MAX: usize = 600;
/// More rhythms than this on one day are no rhythms.
const RHYTHMS_MAX: usize = 32;
const MICROS_PER_SECOND: i64 = 1_000_000;
/// In the form: no rhythm. Others count from one.
const NONE: u32 = 0;
const SLOTS: u8 = 0;
const RETRIES: u8 = 1;

/// A rule by which one instant leads to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rhythm {
    kind: u8,
    seconds: u32,
}

/// A rhythm of one monitor, at hand for many questions.
#[derive(Clone, Copy, Debug)]
struct Beat {
    monitor: MonitorId,
    rhythm: Rhythm,
    slots: Slots,
    /// The slot that was given last.
    last: Option<(i64, i64)>,
}

impl Beat {
    fn new(monitor: MonitorId, rhythm: Rhythm) -> Self {
        Self { monitor, rhythm, slots: Slots::new(monitor, rhythm.seconds), last: None }
    }

    /// The instant after `before_us`.
    fn after(&mut self, before_us: i64) -> Option<i64> {
        let before: Timestamp = DateTime::from_timestamp_micros(before_us)?;
        if self.rhythm.kind == RETRIES {
            return Some(retry_after(self.monitor, self.rhythm.seconds, before).timestamp_micros());
        }
        let slot = match self.last {
            Some((number, due_us)) if due_us == before_us => self.slots.slot(number + 1),
            Some(_) | None => self.slots.after(before),
        };
        let due_us = slot.due.timestamp_micros();
        self.last = Some((slot.number, due_us));
        Some(due_us)
    }
}

/// Finds the rhythm of each instant but the first.
struct Listener {
    monitor: MonitorId,
    beats: Vec<Beat>,
    /// The one that agreed last, tried first.
    newest: usize,
    guesses: usize,
}

impl Listener {
    fn new(schedule: &Schedule) -> Self {
        let slots = Rhythm { kind: SLOTS, seconds: schedule.interval_seconds };
        let retries = schedule.retry_interval_seconds.map(|seconds| Rhythm { kind: RETRIES, seconds });
        let beats = std::iter::once(slots).chain(retries).map(|rhythm| Beat::new(schedule.monitor, rhythm)).collect();
        Self { monitor: schedule.monitor, beats, newest: 0, guesses: 0 }
    }

    /// The place of the rhythm that leads from one instant to the other.
    fn hear(&mut self, before_us: i64, at_us: i64) -> Option<usize> {
        let agrees = |beat: &mut Beat| beat.after(before_us) == Some(at_us);
        if self.beats.get_mut(self.newest).is_some_and(agrees) {
            return Some(self.newest);
        }
        let known = self.beats.iter_mut().position(agrees);
        let found = known.or_else(|| self.guess(before_us, at_us))?;
        self.newest = found;
        Some(found)
    }

    fn guess(&mut self, before_us: i64, at_us: i64) -> Option<usize> {
        if self.beats.len() >= RHYTHMS_MAX {
            return None;
        }
        let gap = at_us - before_us;
        // Neighbouring slots lie up to a tenth of the interval nearer or further apart, retries up to a twentieth.
        let (shortest, longest) = (gap * 10 / 11 / MICROS_PER_SECOND, gap * 10 / 9 / MICROS_PER_SECOND + 1);
        let bounds = i64::from(INTERVAL_SECONDS_MIN)..=i64::from(INTERVAL_SECONDS_MAX);
        let fits = |seconds: &i64| (shortest..=longest).contains(seconds) && bounds.contains(seconds);
        let usual = USUAL_SECONDS.into_iter().filter(fits);
        let others = (shortest..=longest).filter(fits).filter(|seconds| !USUAL_SECONDS.contains(seconds));
        let left = GUESSES_MAX - self.guesses.min(GUESSES_MAX);
        for seconds in usual.chain(others).take(left) {
            self.guesses += 1;
            for kind in [SLOTS, RETRIES] {
                let mut beat = Beat::new(self.monitor, Rhythm { kind, seconds: u32::try_from(seconds).unwrap_or(0) });
                if beat.after(before_us) == Some(at_us) {
                    self.beats.push(beat);
                    return Some(self.beats.len() - 1);
                }
            }
        }
        None
    }
}

/// The rhythm of each instant but the first.
pub(super) struct Heard {
    places: Vec<Option<usize>>,
    beats: Vec<Beat>,
}

impl Heard {
    pub(super) fn of(schedule: &Schedule, instants: &[i64]) -> Self {
        let mut listener = Listener::new(schedule);
        let rest = instants.get(1..).unwrap_or_default();
        let places = instants.iter().zip(rest).map(|(before, at)| listener.hear(*before, *at)).collect();
        Self { places, beats: listener.beats }
    }

    pub(super) fn write(&self, writer: &mut Writer, instants: &[i64]) {
        let Some(first) = instants.first() else { return };
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for place in &self.places {
            let token = place.map_or(NONE, |place| u32::try_from(place + 1).unwrap_or(u32::MAX));
            match runs.last_mut() {
                Some((last, length)) if *last == token => *length += 1,
                Some(_) | None => runs.push((token, 1)),
            }
        }
        let rest = instants.get(1..).unwrap_or_default();
        let gaps = instants.iter().zip(rest).zip(&self.places).filter(|(_, place)| place.is_none());
        let gaps: Vec<u64> = gaps.map(|((before, at), _)| (at - before).cast_unsigned()).collect();
        writer.signed(*first);
        writer.number(self.beats.len() as u64);
        for beat in &self.beats {
            writer.byte(beat.rhythm.kind);
            writer.number(u64::from(beat.rhythm.seconds));
        }
        let (tokens, lengths): (Vec<u32>, Vec<u32>) = runs.into_iter().unzip();
        writer.number(tokens.len() as u64);
        writer.column(&tokens);
        writer.column(&lengths);
        writer.number(gaps.len() as u64);
        writer.column(&gaps);
    }

    /// The interval of each instant's rhythm, for as long as no other one is heard.
    pub(super) fn intervals(&self, schedule: &Schedule, count: usize) -> Vec<u32> {
        let rhythms =
            self.places.iter().map(|place| place.and_then(|place| self.beats.get(place)).map(|beat| beat.rhythm));
        let heard: Vec<Option<u32>> =
            rhythms.map(|rhythm| rhythm.filter(|rhythm| rhythm.kind == SLOTS).map(|rhythm| rhythm.seconds)).collect();
        // What leads from one instant to the next tells about the first of them; the last one goes on as before.
        let mut current = heard.iter().flatten().next().copied().unwrap_or(schedule.interval_seconds);
        let mut intervals: Vec<u32> = Vec::with_capacity(count);
        for interval in heard.into_iter().chain([None]).take(count) {
            current = interval.unwrap_or(current);
            intervals.push(current);
        }
        intervals
    }
}

pub(super) fn read(reader: &mut Reader<'_>, monitor: MonitorId, count: usize) -> Result<Vec<i64>, Unreadable> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut at_us = reader.signed()?;
    let rhythms = reader.count()?;
    let mut beats = (0..rhythms)
        .map(|_| Ok(Beat::new(monitor, Rhythm { kind: reader.byte()?, seconds: reader.narrow()? })))
        .collect::<Result<Vec<_>, Unreadable>>()?;
    let runs = reader.count()?;
    let tokens: Vec<u32> = reader.column(runs)?;
    let lengths: Vec<u32> = reader.column(runs)?;
    let gaps = reader.count()?;
    let mut gaps = reader.column::<u64>(gaps)?.into_iter();
    let mut instants = vec![at_us];
    for (token, length) in tokens.into_iter().zip(lengths) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > count - instants.len() {
            return Err(Unreadable("more instants than outcomes"));
        }
        for _ in 0..length {
            let next = match token {
                NONE => gaps.next().and_then(|gap| at_us.checked_add_unsigned(gap)),
                token => usize::try_from(token - 1)
                    .ok()
                    .and_then(|place| beats.get_mut(place))
                    .and_then(|beat| beat.after(at_us)),
            };
            at_us = next.ok_or(Unreadable("an instant that follows from nothing"))?;
            instants.push(at_us);
        }
    }
    if instants.len() == count { Ok(instants) } else { Err(Unreadable("fewer instants than outcomes")) }
}
