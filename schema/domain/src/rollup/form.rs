//! A day's sums as bytes. A version leads each form.
//!
//! The buckets of all latencies stand in one column, in order of windows and sorted within each: a bucket number carries some
//! five bits, and the order within a window takes part of them away again.

use super::{After, DAY_US, DaySummary, WINDOWS_PER_DAY, Windows};
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

pub fn write_windows(windows: &Windows) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.byte(VERSION);
    writer.number(windows.numbers.len() as u64);
    writer.column(&gaps(&windows.numbers));
    for column in [
        &windows.success,
        &windows.slow,
        &windows.failure,
        &windows.unknown,
        &windows.observed_us,
        &windows.failed_us,
        &windows.latencies,
    ] {
        writer.column(column);
    }
    writer.number(windows.reasons.len() as u64);
    for (number, reasons) in &windows.reasons {
        writer.number(u64::from(*number));
        write_reasons(&mut writer, reasons);
    }
    writer.column(&windows.buckets);
    writer.finish()
}

pub fn read_windows(bytes: &[u8]) -> Result<Windows, Unreadable> {
    let mut reader = begin(bytes)?;
    let count = reader.count()?;
    if count > WINDOWS_PER_DAY {
        return Err(Unreadable("more windows than a day has"));
    }
    let mut windows = Windows { numbers: sums(&reader.column(count)?)?, ..Windows::default() };
    for column in [
        &mut windows.success,
        &mut windows.slow,
        &mut windows.failure,
        &mut windows.unknown,
        &mut windows.observed_us,
        &mut windows.failed_us,
        &mut windows.latencies,
    ] {
        *column = reader.column(count)?;
    }
    for _ in 0..reader.count()? {
        let number = reader.narrow()?;
        windows.reasons.insert(number, read_reasons(&mut reader)?);
    }
    let all = windows.latencies.iter().try_fold(0_u64, |sum, more| sum.checked_add(*more));
    let all = all.filter(|all| *all <= DAY_US.cast_unsigned() / 5_000).and_then(|all| usize::try_from(all).ok());
    windows.buckets = reader.column(all.ok_or(Unreadable("too many latencies"))?)?;
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

/// The numbers that have these gaps.
fn sums(gaps: &[u16]) -> Result<Vec<u16>, Unreadable> {
    let mut number = 0_u16;
    let next = |gap: &u16| {
        number = number.checked_add(*gap).ok_or(Unreadable("a number out of range"))?;
        Ok(number)
    };
    gaps.iter().map(next).collect()
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
    let buckets = sums(&reader.column(used)?)?;
    let counts: Vec<u32> = reader.column(used)?;
    let mut histogram = Histogram::default();
    for (bucket, count) in buckets.into_iter().zip(counts) {
        histogram.add_to(bucket, count);
    }
    Ok(histogram)
}
