//! The shifts of a range: who is on call from when to when, without a gap that isn't one.

use super::{Because, Layer, Schedule, who};
use crate::{Timestamp, ids::UserId, local_time::Zone};
use chrono::{DateTime, Days, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A time without a handover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shift {
    pub user_id: UserId,
    #[serde(flatten)]
    pub because: Because,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub to: DateTime<Utc>,
}

/// The shifts that have an instant in common with a range, cut at its ends, in order. Times when nobody is on call have none.
pub fn shifts(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Vec<Shift> {
    let mut edges = BTreeSet::from([from]);
    edges.extend(schedule.overrides.iter().flat_map(|other| [other.from, other.to]));
    for layer in &schedule.layers {
        layer.edges(schedule.time_zone, from, to, &mut edges);
    }
    let edges: Vec<Timestamp> = edges.range(from..to).copied().chain([to]).collect();
    let mut shifts: Vec<Shift> = Vec::new();
    for (begin, end) in edges.iter().zip(edges.iter().skip(1)).filter(|(begin, end)| begin < end) {
        let Some(on_call) = who(schedule, *begin) else { continue };
        let shift = Shift { user_id: on_call.user_id, because: on_call.because, from: *begin, to: *end };
        match shifts.last_mut() {
            Some(last) if last.to == shift.from && (last.user_id, last.because) == (shift.user_id, shift.because) => {
                last.to = shift.to;
            }
            Some(_) | None => shifts.push(shift),
        }
    }
    shifts
}

impl Layer {
    /// The instants in a range at which the layer's answer may change, and some more.
    fn edges(&self, zone: Zone, from: Timestamp, to: Timestamp, edges: &mut BTreeSet<Timestamp>) {
        let first = self.turn(zone, from).unwrap_or(0);
        let handovers = (first..).map_while(|number| self.handover(zone, number));
        edges.extend(handovers.take_while(|handover| *handover < to));
        let Some(hours) = &self.hours else { return };
        let begin = zone.local(from - TimeDelta::days(3)).date();
        let days = (0..).map_while(|ahead| begin.checked_add_days(Days::new(ahead)));
        let last = zone.local(to).date();
        let of_days = days.take_while(|day| *day <= last).filter_map(|day| hours.of_day(zone, day));
        edges.extend(of_days.flat_map(|(from, to)| [from, to]));
    }
}
