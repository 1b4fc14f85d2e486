//! What is wrong with a schedule, by JSON pointer.

use super::Layer;
use crate::{
    limits::{ON_CALL_LAYERS_MAX, ON_CALL_PARTICIPANTS_MAX, SHIFT_DAYS_MAX},
    recurrence::is_plannable,
};

/// Every problem of the layers: where, and a line for a person.
pub fn problems(layers: &[Layer]) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    if layers.is_empty() || layers.len() > ON_CALL_LAYERS_MAX {
        problems.push((String::from("/layers"), format!("must have 1 to {ON_CALL_LAYERS_MAX} items")));
    }
    for (place, layer) in layers.iter().enumerate().take(ON_CALL_LAYERS_MAX) {
        let mut refuse = |field: &str, detail: String| problems.push((format!("/layers/{place}/{field}"), detail));
        if layer.participants.is_empty() || layer.participants.len() > ON_CALL_PARTICIPANTS_MAX {
            refuse("participants", format!("must have 1 to {ON_CALL_PARTICIPANTS_MAX} items"));
        }
        if !(1..=SHIFT_DAYS_MAX).contains(&layer.shift_days) {
            refuse("shift_days", format!("must be between 1 and {SHIFT_DAYS_MAX}"));
        }
        if !is_plannable(layer.start.date()) {
            refuse("start", String::from("must be a day between 2000 and 2099"));
        }
        if layer.hours.as_ref().is_some_and(|hours| hours.weekdays.is_empty()) {
            refuse("hours/weekdays", String::from("must name a day"));
        }
    }
    problems
}
