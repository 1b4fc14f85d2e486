//! Which monitors are listed, and in which order.

use pulse_domain::{ids::MonitorId, status::Status};
use pulse_wire::monitor::Monitor;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Lower case; in the name, the target or a tag.
    pub(super) text: String,
    pub(super) status: Option<Status>,
}

impl Filter {
    fn fits(&self, monitor: &Monitor) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        self.status.is_none_or(|status| status == monitor.status)
            && (has(&monitor.config.name) || has(&monitor.target) || monitor.config.tags.iter().any(|tag| has(tag)))
    }
}

/// The fitting monitors: trouble first, then by name, so that rows don't jump around while nothing changes.
pub(super) fn select<'a>(monitors: impl Iterator<Item = &'a Monitor>, filter: &Filter) -> Vec<MonitorId> {
    let mut fitting: Vec<&Monitor> = monitors.filter(|monitor| filter.fits(monitor)).collect();
    fitting.sort_by_cached_key(|monitor| {
        // Flapping is trouble even in its good moments.
        let rank = if monitor.flapping { monitor.status.min(Status::Degraded) } else { monitor.status };
        (rank, monitor.config.name.to_lowercase(), monitor.id)
    });
    fitting.into_iter().map(|monitor| monitor.id).collect()
}

/// How many monitors have each status, in the order of `Status`.
pub(super) fn counts<'a>(monitors: impl Iterator<Item = &'a Monitor>) -> Vec<(Status, usize)> {
    let mut counts: Vec<(Status, usize)> = Status::ALL.into_iter().map(|status| (status, 0)).collect();
    for monitor in monitors {
        if let Some((_, number)) = counts.iter_mut().find(|(status, _)| *status == monitor.status) {
            *number += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::{monitor, monitor_id};

    fn listed(filter: &Filter) -> Vec<MonitorId> {
        let mut flapping = monitor(4, "flapping", "up");
        flapping.flapping = true;
        let monitors = [
            monitor(1, "b", "up"),
            monitor(2, "Alpha", "up"),
            monitor(3, "zulu", "down"),
            flapping,
            monitor(5, "p", "paused"),
        ];
        select(monitors.iter(), filter)
    }

    #[test]
    fn trouble_comes_first_then_names_without_regard_to_case() {
        assert_eq!(listed(&Filter::default()), [3, 4, 2, 1, 5].map(monitor_id));
    }

    #[test]
    fn text_and_status_both_have_to_fit() {
        let only = |text: &str, status| listed(&Filter { text: text.into(), status });
        assert_eq!(only("alp", None), [monitor_id(2)]);
        assert_eq!(only("prod", Some(Status::Down)), [monitor_id(3)]);
        assert_eq!(only("shop.example", Some(Status::Paused)), [monitor_id(5)]);
        assert!(only("nowhere", None).is_empty());
    }

    #[test]
    fn every_status_is_counted_even_at_none() {
        let monitors = [monitor(1, "a", "up"), monitor(2, "b", "up"), monitor(3, "c", "down")];
        let numbers: Vec<usize> = counts(monitors.iter()).into_iter().map(|(_, number)| number).collect();
        assert_eq!(numbers, [1, 0, 0, 2, 0]);
    }
}
