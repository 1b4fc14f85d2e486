//! How an update changes what is shown: pure, so that it can be tested without a socket.

use super::Update;
use pulse_domain::{incident::Incident, notification::Notification, outcome::Outcome, status::Status};
use pulse_wire::{incident, monitor::Monitor};

/// Changes one monitor by an update that is about it; anything else leaves it alone. An update that is older than what is
/// shown changes nothing, so replays after a reconnect do no harm.
pub fn fold_monitor(monitor: &mut Monitor, update: &Update) {
    match update {
        Update::Status(change) if change.monitor_id == monitor.id => {
            if change.status_since < monitor.status_since {
                return;
            }
            monitor.status = change.status;
            monitor.status_since = change.status_since;
            monitor.flapping = change.flapping;
            if change.status == Status::Paused {
                monitor.next_check_at = None;
            }
        }
        Update::Result { monitor_id, outcome } if *monitor_id == monitor.id => {
            if monitor.last_outcome.as_ref().is_some_and(|known| known.at > outcome.at) {
                return;
            }
            monitor.next_check_at = (monitor.status != Status::Paused)
                .then(|| outcome.at + chrono::TimeDelta::seconds(i64::from(monitor.config.interval_seconds)));
            monitor.last_outcome = Some(outcome.clone());
        }
        Update::Status(_)
        | Update::Result { .. }
        | Update::Changed { .. }
        | Update::Incident(_)
        | Update::Notification(_)
        | Update::Resync => {}
    }
}

/// Puts an outcome into a list that is newest first; one that is there already is replaced, and the oldest fall off.
pub fn fold_results(results: &mut Vec<Outcome>, outcome: &Outcome, results_max: usize) {
    let place = results.partition_point(|known| known.at > outcome.at);
    match results.get_mut(place) {
        Some(known) if known.at == outcome.at => *known = outcome.clone(),
        Some(_) | None => results.insert(place, outcome.clone()),
    }
    results.truncate(results_max);
}

/// Replaces an incident in a list that is newest first, or puts it in front. A version older than the shown one is dropped.
pub fn upsert_incident(incidents: &mut Vec<incident::Incident>, changed: &Incident, monitor_name: Option<String>) {
    if let Some(shown) = incidents.iter_mut().find(|shown| shown.incident.id == changed.id) {
        if shown.incident.version <= changed.version {
            shown.incident = changed.clone();
        }
    } else {
        incidents.insert(0, incident::Incident { incident: changed.clone(), monitor_name });
    }
}

/// Replaces a notification in a list that is newest first, or puts it in front.
pub fn upsert_notification(notifications: &mut Vec<Notification>, changed: &Notification) {
    if let Some(shown) = notifications.iter_mut().find(|shown| shown.id == changed.id) {
        *shown = changed.clone();
    } else {
        notifications.insert(0, changed.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{
        fixture::{at, monitor, monitor_id, outcome},
        update::StatusChange,
    };

    fn down(number: u8, second: i64) -> Update {
        Update::Status(StatusChange {
            monitor_id: monitor_id(number),
            status: Status::Down,
            status_since: at(second),
            flapping: false,
            transition: None,
        })
    }

    #[test]
    fn a_status_changes_its_own_monitor_only() {
        let (mut one, mut two) = (monitor(1, "one", "up"), monitor(2, "two", "up"));
        for shown in [&mut one, &mut two] {
            fold_monitor(shown, &down(1, 5));
        }
        assert_eq!((one.status, one.status_since), (Status::Down, at(5)));
        assert_eq!(two, monitor(2, "two", "up"));
    }

    #[test]
    fn what_is_older_than_the_shown_state_changes_nothing() {
        let mut shown = monitor(1, "one", "up");
        shown.status_since = at(9);
        shown.last_outcome = Some(outcome(9));
        let before = shown.clone();
        fold_monitor(&mut shown, &down(1, 5));
        fold_monitor(&mut shown, &Update::Result { monitor_id: monitor_id(1), outcome: outcome(5) });
        assert_eq!(shown, before);
    }

    #[test]
    fn a_result_brings_the_next_check_one_interval_later() {
        let mut shown = monitor(1, "one", "up");
        fold_monitor(&mut shown, &Update::Result { monitor_id: monitor_id(1), outcome: outcome(5) });
        assert_eq!(shown.next_check_at, Some(at(35)));
    }

    #[test]
    fn results_stay_newest_first_without_doubles_in_any_order_of_arrival() {
        let mut results = Vec::new();
        for second in [3, 1, 2, 3, 5, 1] {
            fold_results(&mut results, &outcome(second), 3);
        }
        assert_eq!(results.iter().map(|known| known.at).collect::<Vec<_>>(), [at(5), at(3), at(2)]);
    }
}
