//! A day's sums as bytes. A version leads each form.
//!
//! The buckets of all latencies stand in one column, in order of windows and sorted within each: a bucket number carries some
//! five bits, and the order within a window takes part of them away again.

use super::{After, DAY_US, DaySummary, WINDOWS_PER_DAY, Window};
use crate::{
    columns::{Reader, Unreadable, Writer},
    histogram::Histogram,
    outcome::Reason,
    uptime::Tally,
};
use std::collections::BTreeMap;

const VERSION: u8 = 1;
/// Nothing was said at the end of the day.
const SILENT: u8 = 0;
const UP: u8 = 1;
const FAILED: u8 = 2;

pub fn write_summary(summary: &DaySummary) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.byte(VERSION);
    writer.signed(summary.first_us - summary.day_us);
    match summary.after {
        None => writer.byte(SILENT),
        Some(after) => {
            writer.byte(if after.up { UP } else { FAILED });
            writer.signed(after.until_us - summary.day_us);
        }
    }
    let total = &summary.total;
    for number in [total.success, total.slow, total.failure, total.unknown, total.observed_us, total.up_us] {
        writer.number(number);
    }
    write_reasons(&mut writer, &total.reasons);
    write_histogram(&mut writer, &total.latency);
    writer.finish()
}

pub fn read_summary(day_us: i64, bytes: &[u8]) -> Result<DaySummary, Unreadable> {
    let mut reader = begin(bytes)?;
    let first_us = day_us.saturating_add(reader.signed()?);
    let after = match reader.byte()? {
        SILENT => None,
        says @ (UP | FAILED) => Some(After { until_us: day_us.saturating_add(reader.signed()?), up: says == UP }),
        _ => return Err(Unreadable("an unknown end of a day")),
    };
    let total = Tally {
        success: reader.number()?,
        slow: reader.number()?,
        failure: reader.number()?,
        unknown: reader.number()?,
        observed_us: reader.number()?,
        up_us: reader.number()?,
        reasons: read_reasons(&mut reader)?,
        latency: read_histogram(&mut reader)?,
    };
    reader.finish()?;
    Ok(DaySummary { day_us, first_us, after, total })
}

pub fn write_windows(windows: &[Window]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.byte(VERSION);
    writer.number(windows.len() as u64);
    let numbers: Vec<u16> = windows.iter().map(|window| window.number).collect();
    writer.column(&gaps(&numbers));
    for count in [
        |tally: &Tally| tally.success,
        |tally: &Tally| tally.slow,
        |tally: &Tally| tally.failure,
        |tally: &Tally| tally.unknown,
        |tally: &Tally| tally.observed_us,
        // In most windows all of the observed time was up.
        |tally: &Tally| tally.observed_us - tally.up_us.min(tally.observed_us),
        |tally: &Tally| tally.latency.total(),
    ] {
        writer.column(&windows.iter().map(|window| count(&window.tally)).collect::<Vec<u64>>());
    }
    let with_reasons: Vec<&Window> = windows.iter().filter(|window| !window.tally.reasons.is_empty()).collect();
    writer.number(with_reasons.len() as u64);
    for window in with_reasons {
        writer.number(u64::from(window.number));
        write_reasons(&mut writer, &window.tally.reasons);
    }
    let buckets = windows.iter().flat_map(|window| window.tally.latency.buckets());
    let buckets: Vec<u16> =
        buckets.flat_map(|(bucket, count)| std::iter::repeat_n(bucket, usize::try_from(count).unwrap_or(0))).collect();
    writer.column(&buckets);
    writer.finish()
}

pub fn read_windows(bytes: &[u8]) -> Result<Vec<Window>, Unreadable> {
    let mut reader = begin(bytes)?;
    let count = reader.count()?;
    if count > WINDOWS_PER_DAY {
        return Err(Unreadable("more windows than a day has"));
    }
    let gaps: Vec<u16> = reader.column(count)?;
    let mut columns = Vec::with_capacity(7);
    for _ in 0..7 {
        columns.push(reader.column::<u64>(count)?.into_iter());
    }
    let [success, slow, failure, unknown, observed, failed, latencies] = columns.as_mut_slice() else {
        return Err(Unreadable("a column is missing"));
    };
    let mut reasons = BTreeMap::new();
    for _ in 0..reader.count()? {
        reasons.insert(reader.narrow::<u16>()?, read_reasons(&mut reader)?);
    }
    let mut windows = Vec::with_capacity(count);
    let mut totals = Vec::with_capacity(count);
    let mut number = 0_u16;
    for gap in gaps {
        number = number.checked_add(gap).ok_or(Unreadable("a window beyond the day"))?;
        let next = |column: &mut std::vec::IntoIter<u64>| column.next().unwrap_or(0);
        let observed_us = next(observed);
        let tally = Tally {
            success: next(success),
            slow: next(slow),
            failure: next(failure),
            unknown: next(unknown),
            reasons: reasons.remove(&number).unwrap_or_default(),
            latency: Histogram::default(),
            observed_us,
            up_us: observed_us.saturating_sub(next(failed)),
        };
        totals.push(usize::try_from(next(latencies)).map_err(|_| Unreadable("too many latencies"))?);
        windows.push(Window { number, tally });
    }
    let all = totals.iter().try_fold(0_usize, |sum, total| sum.checked_add(*total));
    let all = all.filter(|all| u64::try_from(*all).is_ok_and(|all| all <= DAY_US.cast_unsigned() / 5_000));
    let mut buckets = reader.column::<u16>(all.ok_or(Unreadable("too many latencies"))?)?.into_iter();
    for (window, total) in windows.iter_mut().zip(totals) {
        for bucket in buckets.by_ref().take(total) {
            window.tally.latency.add_to(bucket, 1);
        }
    }
    reader.finish()?;
    Ok(windows)
}

fn begin(bytes: &[u8]) -> Result<Reader<'_>, Unreadable> {
    let mut reader = Reader::new(bytes);
    if reader.byte()? == VERSION { Ok(reader) } else { Err(Unreadable("an unknown version")) }
}

/// Each number less the one before it.
fn gaps(numbers: &[u16]) -> Vec<u16> {
    let before = std::iter::once(&0).chain(numbers);
    numbers.iter().zip(before).map(|(number, before)| number.saturating_sub(*before)).collect()
}

fn write_reasons(writer: &mut Writer, reasons: &BTreeMap<Reason, u64>) {
    writer.number(reasons.len() as u64);
    for (reason, count) in reasons {
        writer.number(u64::from(reason.code().cast_unsigned()));
        writer.number(*count);
    }
}

fn read_reasons(reader: &mut Reader<'_>) -> Result<BTreeMap<Reason, u64>, Unreadable> {
    let count = reader.count()?;
    (0..count)
        .map(|_| {
            let code = reader.narrow::<u16>()?.cast_signed();
            Ok((Reason::from_code(code).ok_or(Unreadable("an unknown reason"))?, reader.number()?))
        })
        .collect()
}

fn write_histogram(writer: &mut Writer, histogram: &Histogram) {
    let (buckets, counts): (Vec<u16>, Vec<u32>) = histogram.buckets().unzip();
    writer.number(buckets.len() as u64);
    writer.column(&gaps(&buckets));
    writer.column(&counts);
}

fn read_histogram(reader: &mut Reader<'_>) -> Result<Histogram, Unreadable> {
    let used = reader.count()?;
    let gaps: Vec<u16> = reader.column(used)?;
    let counts: Vec<u32> = reader.column(used)?;
    let mut histogram = Histogram::default();
    let mut bucket = 0_u16;
    for (gap, count) in gaps.into_iter().zip(counts) {
        bucket = bucket.checked_add(gap).ok_or(Unreadable("a bucket out of range"))?;
        histogram.add_to(bucket, count);
    }
    Ok(histogram)
}
