//! One pass: start the engine, let it warm up, measure, and hold what the targets saw against the schedule.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::runtime::Handle;

use super::engine::Engine;
use super::identity::{monitor_id, number_of};
use super::load::Load;
use super::outcome::{Alerting, Cpu, Memory, Pass, VerdictCount};
use super::populate::org_of;
use super::sampler::{Snapshot, sample, snapshot};
use super::{Plan, Second, Stack};
use crate::arrivals::{Answer, Arrivals};
use crate::farm::{Behaviour, Delivery};
use crate::lateness::{self, Matched};
use crate::numbers::{self, Quantiles};

/// After the window: the last arrivals and rows.
const SETTLE: Duration = Duration::from_secs(3);
/// How long what follows from failures may take to arrive.
const DELIVERED_WITHIN: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(250);
/// By the number they are stored as.
const VERDICTS: [&str; 4] = ["success", "slow", "failure", "unknown"];

/// What is put on the engine besides its monitors.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside {
    pub(super) sockets: u32,
    pub(super) changes_per_second: u32,
}

/// What was collected, before it is worked out.
#[derive(Debug)]
struct Collected {
    before: Snapshot,
    after: Snapshot,
    started_us: i64,
    arrivals: Arrivals,
    deliveries: Vec<Delivery>,
}

impl Collected {
    fn window(&self) -> (i64, i64) {
        (self.before.at_us, self.after.at_us)
    }
}

/// Runs the engine once over the populated database.
pub(super) fn run(
    handle: &Handle,
    stack: &mut Stack,
    plan: &Plan,
    beside: Beside,
    empty_kib: u64,
    profile: bool,
) -> Result<Pass> {
    arrange_targets(stack, plan, Behaviour::Up)?;
    stack.farm.clear()?;
    let mut pass = Pass {
        monitors: plan.monitors,
        interval_seconds: plan.interval_seconds,
        memory: Memory { empty_kib, ..Memory::default() },
        ..Pass::default()
    };
    let mut engine = Engine::start(stack)?;
    let load = Load::start(handle, stack, plan, beside)?;
    let warm = Instant::now() + Duration::from_secs(plan.warm_up_seconds.into());
    sample(stack, &mut engine, warm, &mut pass.timeline)?;

    let length = Duration::from_secs(plan.window_seconds.into());
    let mut profiler = if profile { Some(engine.profile(&stack.folder, length)?) } else { None };
    arrange_targets(stack, plan, Behaviour::Down)?;
    let before = snapshot(stack, &engine, load.api())?;
    sample(stack, &mut engine, Instant::now() + length, &mut pass.timeline)?;
    let after = snapshot(stack, &engine, load.api())?;
    pass.memory.resident_kib = after.engine.resident_kib;
    pass.memory.peak_kib = engine.peak_kib();
    pass.memory.redis_kib = after.redis.resident_kib;
    (pass.frames, pass.changes) = load.stop(handle);
    std::thread::sleep(SETTLE);
    until_delivered(stack)?;
    let (arrivals, deliveries) = (stack.folder.join("arrivals"), stack.folder.join("deliveries.json"));
    // First, so that every check that reached a target also had the time to become a row.
    pass.stop_seconds = engine.stop()?.as_secs_f64();
    stack.farm.hand_over(&arrivals, &deliveries)?;
    if let Some(profiler) = &mut profiler {
        profiler.wait().context("perf does not end")?;
    }
    let mut arrivals = Arrivals::read(&arrivals)?;
    arrivals.sort();
    let deliveries = serde_json::from_slice(&std::fs::read(&deliveries).context("no deliveries")?)?;
    let collected = Collected { before, after, started_us: engine.started_us, arrivals, deliveries };
    work_out(stack, plan, &collected, &mut pass)?;
    Ok(pass)
}

/// Until every transition is planned and every message was tried, or the patience ends.
fn until_delivered(stack: &mut Stack) -> Result<()> {
    let until = Instant::now() + DELIVERED_WITHIN;
    let open = "SELECT (SELECT count(*) FROM pulse.transitions WHERE planned_at IS NULL)
                     + (SELECT count(*) FROM pulse.notifications WHERE status = 'pending')";
    while stack.psql.number(open)?.is_some_and(|open| open > 0.0) && Instant::now() < until {
        std::thread::sleep(POLL_EVERY);
    }
    Ok(())
}

/// Targets that hang do so from the beginning; those that fail do so from the window's.
fn arrange_targets(stack: &mut Stack, plan: &Plan, failing: Behaviour) -> Result<()> {
    if plan.hanging > 0 {
        stack.farm.set(1, plan.monitors, plan.hanging_step(), Behaviour::Hang)?;
    }
    if plan.failing > 0 {
        stack.farm.set(0, plan.monitors, plan.failing_step(), failing)?;
    }
    Ok(())
}

fn work_out(stack: &mut Stack, plan: &Plan, collected: &Collected, pass: &mut Pass) -> Result<()> {
    let (from_us, to_us) = collected.window();
    pass.window_seconds = numbers::signed(to_us - from_us) / 1e6;
    let matched = lateness::hold_against_schedule(
        &collected.arrivals,
        if plan.blocked { 0 } else { plan.monitors },
        monitor_id,
        plan.interval_seconds,
        (from_us, to_us),
    );
    pass.lateness_ms = matched.quantiles(|_| true);
    pass.lateness_healthy_ms = matched.quantiles(|monitor| !plan.hangs(monitor));
    (pass.slots, pass.doubles) = (matched.slots, matched.doubles);
    pass.missed = matched.missed_due_us.len() as u64;
    pass.start_up_seconds = start_up(plan, collected);
    pass.organizations_p50_ms = organizations(plan, &matched);
    add_lateness(&mut pass.timeline, collected.started_us, &matched);
    pass.verdicts = verdicts(stack, from_us, to_us)?;
    pass.rows.committed = pass.verdicts.iter().map(|one| one.count).sum();
    let all = format!("SELECT count(*) FROM pulse.check_results WHERE at >= '{}'", instant(collected.started_us));
    let rows = stack.psql.number(&all)?.unwrap_or_default();
    pass.rows.lost = numbers::whole(numbers::length(collected.arrivals.len()) - rows);
    let mut behind: Vec<f64> = in_window(&pass.timeline, collected).map(|second| second.behind_ms).collect();
    pass.rows.behind_ms = Quantiles::of(&mut behind);
    pass.checks = if plan.blocked {
        pass.rows.committed
    } else {
        collected.after.arrivals.saturating_sub(collected.before.arrivals)
    };
    pass.checks_per_second = numbers::ratio(numbers::real(pass.checks), pass.window_seconds);
    pass.cpu = cpu(collected, pass);
    let grown = pass.memory.resident_kib.saturating_sub(pass.memory.empty_kib) * 1_024;
    pass.memory.bytes_per_monitor = numbers::ratio(numbers::real(grown), f64::from(plan.monitors));
    pass.alerting = alerting(stack, plan, collected)?;
    Ok(())
}

fn in_window<'a>(timeline: &'a [Second], collected: &'a Collected) -> impl Iterator<Item = &'a Second> {
    let (from_us, to_us) = collected.window();
    let seconds = |us: i64| numbers::signed(us - collected.started_us) / 1e6;
    timeline.iter().filter(move |second| second.at > seconds(from_us) && second.at <= seconds(to_us))
}

fn cpu(collected: &Collected, pass: &mut Pass) -> Cpu {
    let (before, after) = (&collected.before, &collected.after);
    let spent = |before: u64, after: u64| numbers::real(after.saturating_sub(before));
    let check = |us: f64| numbers::ratio(us, numbers::real(pass.checks));
    let engine = spent(before.engine.cpu_us, after.engine.cpu_us);
    let postgres = spent(before.postgres.cpu_us, after.postgres.cpu_us);
    let redis = spent(before.redis.cpu_us, after.redis.cpu_us);
    let api = spent(before.api.cpu_us, after.api.cpu_us);
    let farm = spent(before.farm.cpu_us, after.farm.cpu_us);
    let window_us = pass.window_seconds * 1e6;
    let others = spent(before.machine.busy_us, after.machine.busy_us) - engine - postgres - redis - api - farm;
    pass.others_core_share = numbers::ratio(others.max(0.0), window_us);
    pass.stolen_core_share = numbers::ratio(spent(before.machine.stolen_us, after.machine.stolen_us), window_us);
    Cpu {
        engine_us: check(engine),
        postgres_us: check(postgres),
        redis_us: check(redis),
        api_us: check(api),
        farm_us: check(farm),
        total_us: check(engine + postgres + redis + api),
        engine_core_share: numbers::ratio(engine, window_us),
        postgres_core_share: numbers::ratio(postgres, window_us),
    }
}

/// The engine is at full cadence when every slot that comes due is served. Slots are looked at from the process's start
/// to the window's beginning.
fn start_up(plan: &Plan, collected: &Collected) -> f64 {
    if plan.blocked {
        return 0.0;
    }
    let window = (collected.started_us, collected.before.at_us);
    let early =
        lateness::hold_against_schedule(&collected.arrivals, plan.monitors, monitor_id, plan.interval_seconds, window);
    let last = early.missed_due_us.iter().max().copied().unwrap_or(collected.started_us);
    numbers::signed(last - collected.started_us) / 1e6
}

/// The least and the greatest median lateness of an organization: whether trouble is shared evenly.
fn organizations(plan: &Plan, matched: &Matched) -> (f64, f64) {
    let mut late: HashMap<u32, Vec<f64>> = HashMap::new();
    for served in &matched.served {
        late.entry(org_of(plan, served.monitor)).or_default().push(numbers::signed(served.late_us) / 1_000.0);
    }
    let medians = late.values_mut().map(|sample| Quantiles::of(sample).p50);
    medians.fold((f64::MAX, 0.0), |(least, most), median| (f64::min(least, median), f64::max(most, median)))
}

fn add_lateness(timeline: &mut [Second], started_us: i64, matched: &Matched) {
    let mut late: HashMap<i64, Vec<f64>> = HashMap::new();
    for served in &matched.served {
        let second = (served.due_us - started_us).div_euclid(1_000_000);
        late.entry(second).or_default().push(numbers::signed(served.late_us) / 1_000.0);
    }
    for second in timeline {
        let at = i64::try_from(numbers::whole(second.at.floor())).unwrap_or_default();
        if let Some(sample) = late.get_mut(&at) {
            let found = Quantiles::of(sample);
            (second.late_p50_ms, second.late_p99_ms, second.late_max_ms) = (found.p50, found.p99, found.max);
        }
    }
}

fn instant(us: i64) -> String {
    crate::clock::timestamp(us).to_rfc3339()
}

fn verdicts(stack: &mut Stack, from_us: i64, to_us: i64) -> Result<Vec<VerdictCount>> {
    let rows = stack.psql.rows(&format!(
        "SELECT verdict, reason, count(*) FROM pulse.check_results WHERE at >= '{}' AND at < '{}' GROUP BY 1, 2 ORDER BY 3 DESC",
        instant(from_us),
        instant(to_us)
    ))?;
    let read = |row: &Vec<String>| {
        let [verdict, reason, count] = row.as_slice() else { return None };
        let verdict = VERDICTS.get(verdict.parse::<usize>().ok()?)?;
        let reason = reason.parse().ok().and_then(pulse_domain::outcome::Reason::from_code);
        Some(VerdictCount {
            verdict: (*verdict).to_owned(),
            reason: reason.map(|reason| reason.as_str().to_owned()),
            count: count.parse().ok()?,
        })
    };
    rows.iter().map(|row| read(row).with_context(|| format!("an odd row: {row:?}"))).collect()
}

/// Holds the first bad answer of each target against the transitions and the messages that followed.
fn alerting(stack: &mut Stack, plan: &Plan, collected: &Collected) -> Result<Alerting> {
    let from_us = collected.before.at_us;
    let mut first_bad: HashMap<u32, i64> = HashMap::new();
    for arrival in collected.arrivals.iter() {
        if arrival.answer == Answer::Failing && arrival.at_us >= from_us {
            first_bad.entry(arrival.monitor).or_insert(arrival.at_us);
        }
    }
    let transitions = stack.psql.rows(&format!(
        "SELECT monitor_id, (extract(epoch FROM committed_at) * 1000000)::bigint FROM pulse.transitions
         WHERE to_status = 'down' AND committed_at >= '{}'",
        instant(from_us)
    ))?;
    let downs: Vec<(u32, i64)> =
        transitions.iter().filter_map(|row| Some((number_of(row.first()?)?, row.get(1)?.parse().ok()?))).collect();
    let named: Vec<(u32, i64)> = collected
        .deliveries
        .iter()
        .filter(|delivery| delivery.event == "monitor.down" && delivery.at_us >= from_us)
        .filter_map(|delivery| Some((number_of(delivery.monitor.as_deref()?)?, delivery.at_us)))
        .collect();
    let after = |known: &[(u32, i64)]| {
        let mut seen = HashSet::new();
        let firsts = known.iter().filter(|(monitor, _)| seen.insert(*monitor));
        let mut waits: Vec<f64> = firsts
            .filter_map(|(monitor, at_us)| Some(numbers::signed(at_us - first_bad.get(monitor)?) / 1_000.0))
            .collect();
        Quantiles::of(&mut waits)
    };
    let (committed_ms, webhook_ms) = (after(&downs), after(&named));
    let bad = |monitor: u32| plan.fails(monitor) || plan.hangs(monitor);
    Ok(Alerting {
        failed: first_bad.len() as u64,
        committed: committed_ms.count,
        committed_ms,
        named: webhook_ms.count,
        webhook_ms,
        messages: collected.deliveries.len() as u64,
        grouped: collected.deliveries.iter().filter(|delivery| delivery.monitor.is_none()).count() as u64,
        false_down: downs.iter().filter(|(monitor, _)| !bad(*monitor)).count() as u64,
    })
}
