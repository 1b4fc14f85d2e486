//! The report as a person reads it.

use super::{Report, targets};
use crate::numbers::{self, Quantiles};
use crate::run::Pass;

/// Tables, the figures to reach first.
pub(super) fn write(report: &Report) -> String {
    let plan = &report.plan;
    let machine = &report.machine;
    let mut lines = vec![
        format!("# {}", plan.scenario.name()),
        String::new(),
        format!(
            "{} monitors of {} organizations every {} s ({:.0} checks/s asked for), {} s measured after {} s; {} × {}, {} GiB, Linux {}.",
            plan.monitors,
            plan.organizations,
            plan.interval_seconds,
            plan.rate(),
            plan.window_seconds,
            plan.warm_up_seconds,
            machine.processors,
            machine.processor,
            machine.memory_gib,
            machine.kernel
        ),
        String::new(),
        "| figure | wanted | measured | |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for target in targets(report) {
        let mark = if target.reached { "reached" } else { "missed" };
        lines.push(format!("| {} | {} | {} | {mark} |", target.figure, target.wanted, target.measured));
    }
    lines.extend([String::new(), header(report), rule(report)]);
    for (name, figure) in ROWS {
        let cells: Vec<String> = report.passes.iter().map(figure).collect();
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    if !report.peers.is_empty() {
        lines.extend([String::new(), peers(report)]);
    }
    lines.extend([String::new(), bounds(report), String::new(), verdicts(report)]);
    lines.join("\n") + "\n"
}

fn header(report: &Report) -> String {
    let labels: Vec<&str> = report.passes.iter().map(|pass| pass.label.as_str()).collect();
    format!("| pass | {} |", labels.join(" | "))
}

fn rule(report: &Report) -> String {
    format!("| --- | {} |", vec!["---"; report.passes.len()].join(" | "))
}

type Row = (&'static str, fn(&Pass) -> String);

const ROWS: [Row; 24] = [
    ("checks", |pass| pass.checks.to_string()),
    ("checks/s", |pass| format!("{:.1}", pass.checks_per_second)),
    ("engine, µs/check", |pass| format!("{:.1}", pass.cpu.engine_us)),
    ("Postgres, µs/check", |pass| format!("{:.1}", pass.cpu.postgres_us)),
    ("Redis, µs/check", |pass| format!("{:.1}", pass.cpu.redis_us)),
    ("API, µs/check", |pass| format!("{:.1}", pass.cpu.api_us)),
    ("all of them, µs/check", |pass| format!("{:.1}", pass.cpu.total_us)),
    ("farm, µs/check", |pass| format!("{:.1}", pass.cpu.farm_us)),
    ("engine, share of a core", |pass| percent(pass.cpu.engine_core_share)),
    ("Postgres, share of a core", |pass| percent(pass.cpu.postgres_core_share)),
    ("others on the machine, share of a core", |pass| percent(pass.others_core_share)),
    ("engine resident, MiB (empty, now, peak)", |pass| {
        let mib = |kib: u64| numbers::real(kib) / 1_024.0;
        let memory = &pass.memory;
        format!("{:.0}, {:.0}, {:.0}", mib(memory.empty_kib), mib(memory.resident_kib), mib(memory.peak_kib))
    }),
    ("bytes per monitor", |pass| format!("{:.0}", pass.memory.bytes_per_monitor)),
    ("lateness", |pass| quantiles(&pass.lateness_ms)),
    ("lateness of the healthy", |pass| quantiles(&pass.lateness_healthy_ms)),
    ("slots, missed, double", |pass| format!("{}, {}, {}", pass.slots, pass.missed, pass.doubles)),
    ("start to full cadence, s", |pass| format!("{:.2}", pass.start_up_seconds)),
    ("drain, s", |pass| format!("{:.2}", pass.stop_seconds)),
    ("rows, lost", |pass| format!("{}, {}", pass.rows.committed, pass.rows.lost)),
    ("newest row behind now", |pass| quantiles(&pass.rows.behind_ms)),
    ("failed, committed, named, messages, of groups, false down", |pass| {
        let found = &pass.alerting;
        format!(
            "{}, {}, {}, {}, {}, {}",
            found.failed, found.committed, found.named, found.messages, found.grouped, found.false_down
        )
    }),
    ("failed check → committed", |pass| quantiles(&pass.alerting.committed_ms)),
    ("failed check → webhook", |pass| quantiles(&pass.alerting.webhook_ms)),
    ("frames, changes", |pass| format!("{}, {}", pass.frames, pass.changes)),
];

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// In milliseconds.
fn quantiles(found: &Quantiles) -> String {
    if found.count == 0 {
        return "–".to_owned();
    }
    format!("p50 {:.1}, p99 {:.1}, max {:.1} ms", found.p50, found.p99, found.max)
}

fn bounds(report: &Report) -> String {
    let mut lines = vec![
        "The bound (a bare client, fresh connections), before, between and after the passes:".to_owned(),
        String::new(),
        "| at the same rate | on one thread | as fast as it goes | failed |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for one in &report.bounds {
        let failed = one.same_rate.failed + one.same_rate_one_thread.failed + one.closed_loop.failed;
        lines.push(format!(
            "| {:.1} µs at {:.0}/s | {:.1} µs | {:.1} µs at {:.0}/s | {failed} |",
            one.same_rate.cpu_us_per_request,
            one.same_rate.per_second(),
            one.same_rate_one_thread.cpu_us_per_request,
            one.closed_loop.cpu_us_per_request,
            one.closed_loop.per_second()
        ));
    }
    lines.join("\n")
}

fn peers(report: &Report) -> String {
    let mut lines = vec![
        "| system | checks/s | own, µs | Postgres, µs | Redis, µs | all, µs/check | resident, MiB | lateness |"
            .to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    for peer in &report.peers {
        lines.push(format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {} |",
            peer.system,
            numbers::ratio(numbers::real(peer.checks), peer.seconds),
            peer.own_us,
            peer.postgres_us,
            peer.redis_us,
            peer.total_us,
            numbers::real(peer.resident_kib) / 1_024.0,
            quantiles(&peer.lateness_ms)
        ));
    }
    lines.join("\n")
}

fn verdicts(report: &Report) -> String {
    let mut lines = vec!["Rows by verdict:".to_owned(), String::new()];
    for pass in &report.passes {
        let counts = pass.verdicts.iter().map(|one| {
            let reason = one.reason.as_deref().map(|reason| format!(" {reason}")).unwrap_or_default();
            format!("{}{reason} {}", one.verdict, one.count)
        });
        lines.push(format!("- {}: {}", pass.label, counts.collect::<Vec<_>>().join(", ")));
    }
    lines.join("\n")
}
