//! What processes cost, as the kernel counts it: processor time of whole process trees, and resident memory.
//!
//! A process's own counters outlive its threads, and a parent's hold its waited-for children, so a tree loses nothing when a
//! backend of Postgres ends. The unit is the clock tick (10 ms), but the kernel scales it by the exact runtime, so an
//! error does not add up over a window.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

/// Of a process tree at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub cpu_us: u64,
    /// Of all processes; pages that several share count for each.
    pub resident_kib: u64,
}

/// One line of /proc/<pid>/stat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
    resident_pages: u64,
}

/// Of `root` and everything below it. Zero when it is gone.
pub fn of_tree(root: u32) -> Usage {
    let all = read_all();
    let mut usage = Usage::default();
    for pid in tree(root, &all) {
        if let Some(stat) = all.get(&pid) {
            usage.cpu_us += stat.ticks * tick_us();
            usage.resident_kib += stat.resident_pages * page_kib();
        }
    }
    usage
}

/// The direct children of a process.
pub fn children(parent: u32) -> Vec<u32> {
    read_all().into_iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| pid).collect()
}

/// The peak resident memory of a process.
pub fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// The whole machine since it started: what ran, and what a hypervisor took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    pub busy_us: u64,
    pub stolen_us: u64,
}

pub fn machine() -> Machine {
    parse_machine(&std::fs::read_to_string("/proc/stat").unwrap_or_default())
}

/// `cpu user nice system idle iowait irq softirq steal …`
fn parse_machine(text: &str) -> Machine {
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    let at = |index: usize| ticks.get(index).copied().unwrap_or_default() * tick_us();
    Machine { busy_us: at(0) + at(1) + at(2) + at(5) + at(6), stolen_us: at(7) }
}

fn read_all() -> HashMap<u32, Stat> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, parse(&text)?))
    })
    .collect()
}

/// proc(5): the name is in parentheses and may hold anything, so reading begins after the last one.
fn parse(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<u64>().ok());
    let ticks = (11..=14).map(number).sum::<Option<u64>>()?;
    Some(Stat { parent: u32::try_from(number(1)?).ok()?, ticks, resident_pages: number(21)? })
}

fn tree(root: u32, all: &HashMap<u32, Stat>) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(all.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found
}

fn tick_us() -> u64 {
    1_000_000 / rustix::param::clock_ticks_per_second().max(1)
}

fn page_kib() -> u64 {
    rustix::param::page_size() as u64 / 1_024
}

/// A duration as whole microseconds.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_past_a_name_with_parentheses() {
        let line = "42 (a) b) S 7 42 42 0 -1 4194560 1 0 0 0 11 12 13 14 20 0 1 0 5 1000 321 18446744073709551615";
        assert_eq!(parse(line), Some(Stat { parent: 7, ticks: 50, resident_pages: 321 }));
        assert_eq!(parse("42 (short) S 7"), None);
    }

    #[test]
    fn a_tree_holds_all_generations_and_nobody_else() {
        let stat = |parent| Stat { parent, ticks: 0, resident_pages: 0 };
        let all = HashMap::from([(2, stat(1)), (3, stat(2)), (4, stat(3)), (5, stat(1))]);
        let mut found = tree(2, &all);
        found.sort_unstable();
        assert_eq!(found, [2, 3, 4]);
    }

    #[test]
    fn the_machines_line_separates_work_from_what_was_stolen() {
        let found = parse_machine("cpu  10 20 30 1000 5 1 2 7 0 0\ncpu0 1 2 3");
        assert_eq!(found, Machine { busy_us: 63 * tick_us(), stolen_us: 7 * tick_us() });
    }

    #[test]
    fn this_process_costs_something() {
        let usage = of_tree(std::process::id());
        assert!(usage.resident_kib > 0 && peak_kib(std::process::id()) > 0);
    }
}
