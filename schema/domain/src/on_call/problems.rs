//! What is wrong with the layers of a schedule, and where.

use super::Layer;
use crate::{
    limits::{ON_CALL_LAYERS_MAX, ON_CALL_PARTICIPANTS_MAX, SHIFT_DAYS_MAX},
    recurrence::is_plannable,
};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The keys and indices below `layers` that lead to it.
    pub below: Vec<String>,
    pub code: &'static str,
    /// A line for a person.
    pub detail: String,
}

/// Every problem, in the order of the layers.
pub fn problems(layers: &[Layer]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if layers.is_empty() || layers.len() > ON_CALL_LAYERS_MAX {
        let detail = format!("must have 1 to {ON_CALL_LAYERS_MAX} items");
        problems.push(Problem { below: Vec::new(), code: "length", detail });
    }
    for (place, layer) in layers.iter().enumerate().take(ON_CALL_LAYERS_MAX) {
        let mut refuse = |fields: &[&str], code, detail| {
            let fields = fields.iter().map(|field| String::from(*field));
            problems.push(Problem { below: std::iter::once(place.to_string()).chain(fields).collect(), code, detail });
        };
        if layer.participants.is_empty() || layer.participants.len() > ON_CALL_PARTICIPANTS_MAX {
            refuse(&["participants"], "length", format!("must have 1 to {ON_CALL_PARTICIPANTS_MAX} items"));
        }
        if !(1..=SHIFT_DAYS_MAX).contains(&layer.shift_days) {
            refuse(&["shift_days"], "range", format!("must be between 1 and {SHIFT_DAYS_MAX}"));
        }
        if !is_plannable(layer.start.date()) {
            refuse(&["start"], "range", String::from("must be a day between 2000 and 2099"));
        }
        if layer.hours.as_ref().is_some_and(|hours| hours.weekdays.is_empty()) {
            refuse(&["hours", "weekdays"], "length", String::from("must name a day"));
        }
    }
    problems
}
