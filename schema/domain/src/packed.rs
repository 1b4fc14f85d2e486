//! A monitor's day of outcomes as one value of a few kilobytes.
//!
//! ```text
//!  version · how many · instants · kinds of outcome, and their runs · latencies · phases
//! ```
//!
//! - **Instants** (`rhythm.rs`): almost all checks are due when the schedule says, and the schedule is a function, so "the next
//!   slot, 2,880 times" is all there is to write. Whatever follows no rhythm is written as it is.
//! - **Kinds**: verdict, reason, status code, detail and which measurements there are. A day has few of them, in long runs. A
//!   detail that tells the check's own milliseconds is kept without that number.
//! - **Latencies**: a column of microseconds. This is the noise of the network, and nearly all of what a day weighs.
//! - **Phases** (name, connect, TLS, first byte): as many columns of noise again, so they are kept for what they are read for:
//!   outcomes other than successes. The phases of successes are given up; everything else comes back as it was ([`kept`]).

mod kinds;
mod rhythm;

#[cfg(test)]
mod tests;

use crate::{
    Timestamp,
    columns::{Reader, Writer},
    ids::MonitorId,
    monitor::Policy,
    outcome::{Outcome, Timings, Verdict},
};
use chrono::DateTime;
use kinds::{Kind, Measured};
use rhythm::Heard;

pub use crate::columns::Unreadable;

/// The first byte. A changed form gets a new number, and the old one stays readable.
const VERSION: u8 = 1;
/// Latency, name, connect, TLS, first byte.
const MEASUREMENTS: usize = 5;

/// Which intervals a monitor's instants may follow; only a hint, found out from the instants where it is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub monitor: MonitorId,
    pub interval_seconds: u32,
    pub retry_interval_seconds: Option<u32>,
}

impl Schedule {
    /// What is known of a monitor as it is configured now.
    pub fn of(monitor: MonitorId, interval_seconds: u32, policy: &Policy) -> Self {
        Self { monitor, interval_seconds, retry_interval_seconds: policy.retry_interval_seconds }
    }
}

/// The interval that each of a day's outcomes was checked at: the one its rhythm shows, else the one before it, else the
/// schedule's. What is heard says it, so an interval that was changed meanwhile counts for as long as it held.
pub fn intervals(schedule: &Schedule, instants: &[i64]) -> Vec<u32> {
    Heard::of(schedule, instants).intervals(schedule, instants.len())
}

/// What packing keeps of an outcome.
pub fn kept(mut outcome: Outcome) -> Outcome {
    if outcome.verdict == Verdict::Success {
        outcome.timings = Timings::default();
    }
    // One number in the table, too.
    outcome.timings.total_us = outcome.latency_us;
    outcome.facts = None;
    outcome
}

/// A packed day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedDay {
    pub form: Vec<u8>,
    /// What [`intervals`] says of its instants.
    pub intervals: Vec<u32>,
}

/// Outcomes in order of time, no two of one instant.
pub fn pack(schedule: &Schedule, outcomes: &[Outcome]) -> PackedDay {
    let mut writer = Writer::default();
    writer.byte(VERSION);
    writer.number(outcomes.len() as u64);
    let instants: Vec<i64> = outcomes.iter().map(|outcome| outcome.at.timestamp_micros()).collect();
    let heard = Heard::of(schedule, &instants);
    heard.write(&mut writer, &instants);
    kinds::write(&mut writer, outcomes);
    let mut columns: Measured<Vec<u32>> = Default::default();
    for outcome in outcomes {
        for (column, value) in columns.iter_mut().zip(measured(outcome)) {
            column.extend(value);
        }
    }
    for column in &columns {
        writer.column(column);
    }
    PackedDay { form: writer.finish(), intervals: heard.intervals(schedule, instants.len()) }
}

/// What `pack` was given for this monitor, as far as it is [`kept`].
pub fn unpack(monitor: MonitorId, bytes: &[u8]) -> Result<Vec<Outcome>, Unreadable> {
    let mut reader = Reader::new(bytes);
    if reader.byte()? != VERSION {
        return Err(Unreadable("an unknown version"));
    }
    let count = reader.count()?;
    let instants = rhythm::read(&mut reader, monitor, count)?;
    let kinds = kinds::read(&mut reader, count)?;
    let mut columns: Measured<std::vec::IntoIter<u32>> = Default::default();
    for (measurement, column) in columns.iter_mut().enumerate() {
        let there = kinds.iter().filter(|kind| kind.has.get(measurement) == Some(&true)).count();
        *column = reader.column(there)?.into_iter();
    }
    reader.finish()?;
    instants.into_iter().zip(kinds).map(|(at_us, kind)| outcome(at_us, &kind, &mut columns)).collect()
}

fn measured(outcome: &Outcome) -> Measured<Option<u32>> {
    let timings = if outcome.verdict == Verdict::Success { Timings::default() } else { outcome.timings };
    [outcome.latency_us, timings.dns_us, timings.connect_us, timings.tls_us, timings.first_byte_us]
}

fn outcome(at_us: i64, kind: &Kind, columns: &mut Measured<std::vec::IntoIter<u32>>) -> Result<Outcome, Unreadable> {
    let mut values: Measured<Option<u32>> = [None; MEASUREMENTS];
    for ((value, has), column) in values.iter_mut().zip(kind.has).zip(columns) {
        *value = if has { column.next() } else { None };
    }
    let [latency_us, dns_us, connect_us, tls_us, first_byte_us] = values;
    Ok(Outcome {
        at: instant(at_us)?,
        verdict: kind.verdict,
        latency_us,
        timings: Timings { dns_us, connect_us, tls_us, first_byte_us, total_us: latency_us },
        reason: kind.reason,
        detail: kind.detail.told(latency_us),
        status_code: kind.status_code,
        facts: None,
    })
}

fn instant(at_us: i64) -> Result<Timestamp, Unreadable> {
    DateTime::from_timestamp_micros(at_us).ok_or(Unreadable("an instant out of range"))
}
