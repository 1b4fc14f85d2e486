//! Outcomes without their instants and measurements: a dictionary of the kinds a day has, and how they follow each other.

use super::MEASUREMENTS;
use crate::{
    columns::{Reader, Unreadable, Writer},
    outcome::{Outcome, Reason, Verdict},
};
use std::{collections::HashMap, rc::Rc};

pub(super) type Measured<T> = [T; MEASUREMENTS];

/// Everything of an outcome that repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    pub(super) status_code: Option<u16>,
    /// Which of the measurements are there.
    pub(super) has: Measured<bool>,
    pub(super) detail: Detail,
}

/// A human line, with the place of the check's own milliseconds, if it tells them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Detail {
    text: Rc<str>,
    milliseconds_at: Option<usize>,
}

impl Detail {
    fn of(detail: &str, latency_us: Option<u32>) -> Self {
        let found = latency_us.and_then(|us| {
            let told = format!(" {} ms", us / 1_000);
            let (before, after) = detail.split_once(&told)?;
            Some(Self { text: format!("{before} {after}").into(), milliseconds_at: Some(before.len() + 1) })
        });
        found.unwrap_or_else(|| Self { text: detail.into(), milliseconds_at: None })
    }

    pub(super) fn told(&self, latency_us: Option<u32>) -> String {
        let split = self.milliseconds_at.and_then(|at| self.text.split_at_checked(at));
        match (split, latency_us) {
            (Some((before, after)), Some(us)) => format!("{before}{} ms{after}", us / 1_000),
            (Some(_) | None, _) => self.text.to_string(),
        }
    }
}

fn kind(outcome: &Outcome) -> Kind {
    Kind {
        verdict: outcome.verdict,
        reason: outcome.reason,
        status_code: outcome.status_code,
        has: super::measured(outcome).map(|value| value.is_some()),
        detail: Detail::of(&outcome.detail, outcome.latency_us),
    }
}

pub(super) fn write(writer: &mut Writer, outcomes: &[Outcome]) {
    let mut dictionary: Vec<Kind> = Vec::new();
    let mut places: HashMap<Kind, u32> = HashMap::new();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for outcome in outcomes {
        let kind = kind(outcome);
        let next = u32::try_from(dictionary.len()).unwrap_or(u32::MAX);
        let place = *places.entry(kind).or_insert_with_key(|kind| {
            dictionary.push(kind.clone());
            next
        });
        match runs.last_mut() {
            Some((last, length)) if *last == place => *length += 1,
            Some(_) | None => runs.push((place, 1)),
        }
    }
    writer.number(dictionary.len() as u64);
    for kind in &dictionary {
        writer.byte(u8::try_from(kind.verdict.code()).unwrap_or(u8::MAX));
        writer.number(kind.reason.map_or(0, |reason| u64::from(reason.code().cast_unsigned())));
        writer.number(kind.status_code.map_or(0, |code| u64::from(code) + 1));
        writer.byte(kind.has.iter().fold(0, |bits, has| bits << 1 | u8::from(*has)));
        writer.number(kind.detail.milliseconds_at.map_or(0, |at| at as u64 + 1));
    }
    writer.texts(dictionary.iter().map(|kind| &*kind.detail.text));
    let (places, lengths): (Vec<u32>, Vec<u32>) = runs.into_iter().unzip();
    writer.number(places.len() as u64);
    writer.column(&places);
    writer.column(&lengths);
}

pub(super) fn read(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Kind>, Unreadable> {
    let size = reader.count()?;
    let mut dictionary = (0..size).map(|_| read_kind(reader)).collect::<Result<Vec<_>, _>>()?;
    for (kind, text) in dictionary.iter_mut().zip(reader.texts(size)?) {
        kind.detail.text = text.into();
    }
    let runs = reader.count()?;
    let places: Vec<u32> = reader.column(runs)?;
    let lengths: Vec<u32> = reader.column(runs)?;
    let mut kinds = Vec::new();
    for (place, length) in places.into_iter().zip(lengths) {
        let kind = usize::try_from(place).ok().and_then(|place| dictionary.get(place));
        let kind = kind.ok_or(Unreadable("a kind that is not in the dictionary"))?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > count - kinds.len() {
            return Err(Unreadable("more kinds than outcomes"));
        }
        kinds.extend(std::iter::repeat_n(kind.clone(), length));
    }
    if kinds.len() == count { Ok(kinds) } else { Err(Unreadable("fewer kinds than outcomes")) }
}

/// Without its text, which follows later.
fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, Unreadable> {
    let verdict = Verdict::from_code(i16::from(reader.byte()?)).ok_or(Unreadable("an unknown verdict"))?;
    let reason = match reader.narrow::<u16>()? {
        0 => None,
        code => Some(Reason::from_code(code.cast_signed()).ok_or(Unreadable("an unknown reason"))?),
    };
    let status_code = match reader.number()? {
        0 => None,
        code => Some(u16::try_from(code - 1).map_err(|_| Unreadable("a status code out of range"))?),
    };
    let bits = reader.byte()?;
    let mut has = [false; MEASUREMENTS];
    for (shift, has) in has.iter_mut().rev().enumerate() {
        *has = bits >> shift & 1 == 1;
    }
    let milliseconds_at = reader.number()?.checked_sub(1).map(usize::try_from).transpose();
    let milliseconds_at = milliseconds_at.map_err(|_| Unreadable("a place out of range"))?;
    Ok(Kind { verdict, reason, status_code, has, detail: Detail { text: "".into(), milliseconds_at } })
}
