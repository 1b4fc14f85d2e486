//! The figures to reach, each held against what was measured.
//!
//! Costs are ratios to the bound of the same run: what a microsecond is worth differs between machines and moments.

use serde::Serialize;

use super::Report;
use crate::numbers;
use crate::run::{Pass, Scenario};

/// A figure to reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    pub figure: &'static str,
    pub wanted: &'static str,
    pub measured: String,
    pub reached: bool,
}

fn at_most(figure: &'static str, wanted: &'static str, measured: f64, most: f64, unit: &str) -> Target {
    Target { figure, wanted, measured: format!("{measured:.2}{unit}"), reached: measured <= most }
}

/// The same for a sample, which must not be empty.
fn of_sample(figure: &'static str, wanted: &'static str, count: f64, measured: f64, most: f64) -> Target {
    if count < 1.0 {
        return Target { figure, wanted, measured: "none came".to_owned(), reached: false };
    }
    at_most(figure, wanted, measured, most, " ms")
}

fn none(figure: &'static str, measured: f64) -> Target {
    Target { figure, wanted: "none", measured: format!("{measured:.0}"), reached: measured < 0.5 }
}

/// Those that the run's scenario speaks about.
pub fn targets(report: &Report) -> Vec<Target> {
    let mut found = Vec::new();
    let missed = |pass: &Pass| numbers::real(pass.missed);
    if !report.plan.blocked {
        found.extend(costs(report));
        found.push(none("Checks that fired twice for one slot", report.of(|pass| numbers::real(pass.doubles))));
        found.push(none("Results without a row", report.of(|pass| numbers::real(pass.rows.lost))));
    }
    match report.plan.scenario {
        Scenario::Smoke | Scenario::Churn => found.push(none("Missed slots", report.of(missed))),
        Scenario::FiftyThousand => {
            found.push(none("Missed slots", report.of(missed)));
            found.extend(lateness(report));
            found.extend(start_up(report, 5.0, "≤ 5 s"));
            found.extend(webhooks(report));
        }
        Scenario::Million => {
            let count = report.of(|pass| numbers::real(pass.lateness_ms.count));
            let p99 = report.of(|pass| pass.lateness_ms.p99);
            found.push(of_sample("Lateness p99", "< 1 s", count, p99, 1_000.0));
            let bytes = report.of(|pass| pass.memory.bytes_per_monitor);
            found.push(at_most("Resident memory per monitor", "≤ 9,000 bytes", bytes, 9_000.0, ""));
            found.extend(start_up(report, 90.0, "≤ 90 s"));
        }
        Scenario::TenThousand => found.push(total(report)),
        Scenario::Peers => found.extend(peers(report)),
        Scenario::Storm => found.extend(storm(report)),
        Scenario::Hang => found.extend(hang(report)),
        Scenario::Dashboards => found.extend(dashboards(report)),
        Scenario::Timers => {
            let share = report.of(|pass| pass.cpu.engine_core_share) * 100.0;
            found.push(at_most("Engine's share of one core", "< 20 %", share, 20.0, " %"));
        }
        Scenario::Overload => found.extend(overload(report)),
    }
    found
}

fn costs(report: &Report) -> [Target; 2] {
    let bound = report.bound_us();
    let engine = numbers::ratio(report.of(|pass| pass.cpu.engine_us), bound);
    let postgres = numbers::ratio(report.of(|pass| pass.cpu.postgres_us), bound);
    [
        at_most("Engine per check, in bounds", "≤ 1.35", engine, 1.35, ""),
        at_most("Postgres per check, in bounds", "≤ 0.3", postgres, 0.3, ""),
    ]
}

fn lateness(report: &Report) -> [Target; 3] {
    let share = report.of(|pass| pass.cpu.engine_core_share) * 100.0;
    let count = report.of(|pass| numbers::real(pass.lateness_ms.count));
    [
        of_sample("Lateness p99", "≤ 20 ms", count, report.of(|pass| pass.lateness_ms.p99), 20.0),
        of_sample("Lateness max", "≤ 100 ms", count, report.of(|pass| pass.lateness_ms.max), 100.0),
        at_most("Engine's share of one core", "< 50 %", share, 50.0, " %"),
    ]
}

fn start_up(report: &Report, most: f64, wanted: &'static str) -> [Target; 1] {
    [at_most("Start to full cadence", wanted, report.of(|pass| pass.start_up_seconds), most, " s")]
}

fn webhooks(report: &Report) -> Vec<Target> {
    let told = report.of(|pass| numbers::real(pass.alerting.failed.saturating_sub(pass.alerting.named)));
    let named = report.of(|pass| numbers::real(pass.alerting.named));
    vec![
        none("Failures without a webhook", told),
        of_sample("Failed check → webhook p50", "≤ 10 ms", named, report.of(|pass| pass.alerting.webhook_ms.p50), 10.0),
        of_sample("Failed check → webhook p99", "≤ 50 ms", named, report.of(|pass| pass.alerting.webhook_ms.p99), 50.0),
        none("False transitions to down", report.of(|pass| numbers::real(pass.alerting.false_down))),
    ]
}

fn storm(report: &Report) -> Vec<Target> {
    let open = report.of(|pass| numbers::real(pass.alerting.failed.saturating_sub(pass.alerting.committed)));
    let per_channel = |count: u64| numbers::ratio(numbers::real(count), f64::from(report.plan.organizations));
    let grouped = report.of(|pass| per_channel(pass.alerting.grouped));
    let alone = report.of(|pass| per_channel(pass.alerting.messages - pass.alerting.grouped));
    let p99 = report.of(|pass| pass.alerting.committed_ms.p99);
    let committed = report.of(|pass| numbers::real(pass.alerting.committed));
    vec![
        none("Failures without a transition", open),
        of_sample("Failed check → committed p99", "≤ 500 ms", committed, p99, 500.0),
        at_most("Messages about the group, per channel", "1", grouped, 1.0, ""),
        at_most("Messages about the outage that was first, per channel", "≤ 1", alone, 1.0, ""),
    ]
}

fn hang(report: &Report) -> Vec<Target> {
    let healthy = report.of(|pass| pass.lateness_healthy_ms.p99);
    vec![
        none("Missed slots", report.of(|pass| numbers::real(pass.missed))),
        at_most("Lateness p99 of the healthy", "≤ 40 ms (twice the normal)", healthy, 40.0, " ms"),
        none("False transitions to down", report.of(|pass| numbers::real(pass.alerting.false_down))),
    ]
}

fn total(report: &Report) -> Target {
    let total = report.of(|pass| pass.cpu.total_us) / 1_000.0;
    at_most("All processor time per check", "≤ 0.10 ms", total, 0.10, " ms")
}

fn peers(report: &Report) -> Vec<Target> {
    let total_us = report.of(|pass| pass.cpu.total_us);
    let bullmq = numbers::ratio(report.of_peer("bullmq", |peer| peer.total_us), total_us);
    let blackbox = numbers::ratio(total_us, report.of_peer("blackbox_exporter", |peer| peer.total_us));
    vec![
        total(report),
        Target {
            figure: "BullMQ baseline per check, in ours",
            wanted: "≥ 15",
            measured: format!("{bullmq:.1}"),
            reached: bullmq >= 15.0,
        },
        at_most("Ours per check, in blackbox_exporter's", "≤ 1", blackbox, 1.0, ""),
    ]
}

/// The passes come in the order of the plan's sockets, from none to most.
fn dashboards(report: &Report) -> Vec<Target> {
    let with = |sockets: u32| {
        let label = format!("{sockets} sockets");
        let of_those: Vec<f64> =
            report.passes.iter().filter(|pass| pass.label == label).map(|pass| pass.cpu.total_us).collect();
        numbers::median(&of_those)
    };
    let most = report.plan.sockets.iter().max().copied().unwrap_or_default();
    let more = (numbers::ratio(with(most), with(0)) - 1.0) * 100.0;
    vec![
        none("Missed slots", report.of(|pass| numbers::real(pass.missed))),
        at_most("More processor time with all sockets", "≤ 10 %", more, 10.0, " %"),
    ]
}

/// The last pass is the overload; the best is the fastest of all.
fn overload(report: &Report) -> Vec<Target> {
    let best = report.passes.iter().map(|pass| pass.checks_per_second).fold(0.0, f64::max);
    let overloaded = report.passes.last();
    let kept = numbers::ratio(overloaded.map_or(0.0, |pass| pass.checks_per_second), best) * 100.0;
    let (least, greatest) = overloaded.map_or((0.0, 0.0), |pass| pass.organizations_p50_ms);
    vec![
        Target {
            figure: "Throughput under overload, of the best",
            wanted: "≥ 90 %",
            measured: format!("{kept:.1} %"),
            reached: kept >= 90.0,
        },
        at_most(
            "Latest organization's median, of the least late one's",
            "≤ 2",
            numbers::ratio(greatest, least),
            2.0,
            "",
        ),
        none("False transitions to down", report.of(|pass| numbers::real(pass.alerting.false_down))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Cost;
    use crate::report::Bounds;
    use crate::run::{Overrides, Plan};

    fn report(scenario: Scenario) -> Report {
        let mut report = Report::new(Plan::of(scenario, &Overrides::default()));
        let same_rate = Cost { cpu_us_per_request: 50.0, ..Cost::default() };
        report.bounds = vec![Bounds { same_rate, ..Bounds::default() }];
        report
    }

    #[test]
    fn costs_are_held_against_the_bound_of_the_same_run() {
        let mut report = report(Scenario::FiftyThousand);
        let mut pass = Pass::default();
        (pass.cpu.engine_us, pass.cpu.postgres_us) = (67.0, 16.0);
        report.passes = vec![pass];
        let found = targets(&report);
        let reached = |figure: &str| found.iter().find(|target| target.figure.starts_with(figure)).unwrap().reached;
        assert!(reached("Engine per check") && !reached("Postgres per check"));
    }

    #[test]
    fn what_never_came_is_not_reached() {
        let mut report = report(Scenario::FiftyThousand);
        report.passes = vec![Pass::default()];
        let found = targets(&report);
        let webhooks: Vec<_> = found.iter().filter(|target| target.figure.contains("webhook p")).collect();
        assert!(webhooks.len() == 2 && webhooks.iter().all(|target| !target.reached));
    }

    #[test]
    fn every_scenario_has_something_to_reach() {
        for scenario in <Scenario as clap::ValueEnum>::value_variants() {
            let mut report = report(*scenario);
            report.passes = vec![Pass::default()];
            assert!(!targets(&report).is_empty(), "{scenario:?}");
        }
    }
}
