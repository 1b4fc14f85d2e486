//! What the host tells of itself: processor, load, memory, swap, disks, network.

use std::collections::BTreeSet;

use pulse_domain::Timestamp;
use pulse_wire::metric::WriteSample;
use sysinfo::{Disks, Networks, System};

/// Metrics are named by letters, digits and these.
const NAME_MARKS: &str = "._-/:@";

/// Keeps what the next measurement is compared with.
pub(super) struct Collector {
    system: Option<System>,
    disks: Option<Disks>,
    networks: Option<Networks>,
    last: Option<Timestamp>,
}

impl Collector {
    /// What the machine does not offer is left out.
    pub(super) fn new() -> Self {
        Self {
            system: System::new().ok(),
            disks: Disks::new_with_refreshed_list().ok(),
            networks: Networks::new_with_refreshed_list().ok(),
            last: None,
        }
    }

    /// Measures now. Rates need a measurement before this one.
    pub(super) fn collect(&mut self, now: Timestamp) -> Vec<WriteSample> {
        let elapsed = self.last.and_then(|last| (now - last).to_std().ok()).map(|elapsed| elapsed.as_secs_f64());
        self.last = Some(now);
        let mut found: Vec<(String, f64)> = Vec::new();
        let mut tell = |metric: &str, value: f64| {
            if value.is_finite() {
                found.push((metric.to_owned(), value));
            }
        };
        if let Ok(load) = System::load_average() {
            tell("cpu.load1", load.one);
            tell("cpu.load5", load.five);
            tell("cpu.load15", load.fifteen);
        }
        if let Ok(seconds) = System::uptime() {
            tell("system.uptime_seconds", number(seconds));
        }
        if let Some(system) = &mut self.system {
            system.refresh_cpu_usage();
            system.refresh_memory();
            if elapsed.is_some() {
                tell("cpu.usage_percent", f64::from(system.global_cpu_usage()));
            }
            let (total, available) = (number(system.total_memory()), number(system.available_memory()));
            tell("memory.total_bytes", total);
            tell("memory.available_bytes", available);
            tell("memory.used_percent", percent(total - available, total));
            let (total, used) = (number(system.total_swap()), number(system.used_swap()));
            tell("swap.total_bytes", total);
            tell("swap.used_percent", percent(used, total));
        }
        if let Some(disks) = &mut self.disks {
            disks.refresh(true);
            let mut seen = BTreeSet::new();
            for disk in disks.iter().filter(|disk| disk.total_space() > 0) {
                let place = name(&disk.mount_point().to_string_lossy());
                if seen.insert(place.clone()) {
                    let (total, available) = (number(disk.total_space()), number(disk.available_space()));
                    tell(&format!("disk.available_bytes:{place}"), available);
                    tell(&format!("disk.used_percent:{place}"), percent(total - available, total));
                }
            }
        }
        if let Some(networks) = &mut self.networks {
            networks.refresh(true);
            for (interface, data) in networks.iter() {
                let Some(elapsed) = elapsed.filter(|elapsed| *elapsed > 0.0) else { continue };
                let interface = name(&interface.to_string_lossy());
                tell(&format!("network.received_bytes_per_second:{interface}"), number(data.received()) / elapsed);
                tell(
                    &format!("network.transmitted_bytes_per_second:{interface}"),
                    number(data.transmitted()) / elapsed,
                );
            }
        }
        found.into_iter().map(|(metric, value)| WriteSample { metric, value, at: now }).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "charts have the precision of a double")]
fn number(value: u64) -> f64 {
    value as f64
}

/// Nothing of nothing is nothing used.
fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * part / whole } else { 0.0 }
}

fn name(text: &str) -> String {
    let legal = |char: char| char.is_ascii_alphanumeric() || NAME_MARKS.contains(char);
    text.chars().map(|char| if legal(char) { char } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_tells_of_its_parts_and_of_each_once() {
        let at = |second: i64| Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let mut collector = Collector::new();
        collector.collect(at(0));
        let samples = collector.collect(at(10));
        let names: BTreeSet<&str> = samples.iter().map(|sample| sample.metric.as_str()).collect();
        assert_eq!(names.len(), samples.len(), "{names:?}");
        for name in ["cpu.load1", "cpu.usage_percent", "memory.used_percent", "swap.used_percent"] {
            assert!(names.contains(name), "{name} is not in {names:?}");
        }
        assert!(samples.iter().all(|sample| sample.at == at(10) && sample.value.is_finite()));
    }

    #[test]
    fn names_of_places_become_names_of_metrics() {
        assert_eq!(name("/mnt/my disk (é)"), "/mnt/my_disk____");
        assert!(percent(1.0, 0.0).abs() < f64::EPSILON);
    }
}
