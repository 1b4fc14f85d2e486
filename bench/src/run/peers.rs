//! The peers' windows: the same number of monitors, the same interval, the same targets.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Handle;

use super::scenarios::say;
use super::{Plan, Stack, stack};
use crate::arrivals::Arrivals;
use crate::clock;
use crate::numbers;
use crate::peers::{Blackbox, Bullmq, PeerPass, bullmq_lateness};
use crate::usage::{self, Usage};

/// After a start, before anything counts.
const WARM_UP: Duration = Duration::from_secs(5);

/// The counters of a peer at an instant.
#[derive(Clone, Copy, Debug)]
struct Counted {
    at_us: i64,
    own: Usage,
    postgres: Usage,
    redis: Usage,
    arrivals: u64,
}

/// Each peer once.
pub(super) fn run(handle: &Handle, stack: &mut Stack, plan: &Plan) -> Result<Vec<PeerPass>> {
    Ok(vec![blackbox(handle, stack, plan)?, bullmq(stack, plan)?])
}

fn count(stack: &mut Stack, own: u32, redis: Option<u32>) -> Result<Counted> {
    Ok(Counted {
        at_us: clock::now_us(),
        own: usage::of_tree(own),
        postgres: stack.postgres_usage(),
        redis: redis.map(usage::of_tree).unwrap_or_default(),
        arrivals: stack.farm.count()?,
    })
}

fn blackbox(handle: &Handle, stack: &mut Stack, plan: &Plan) -> Result<PeerPass> {
    stack.farm.clear()?;
    let exporter = Blackbox::start(&stack.folder)?;
    let window = Duration::from_secs(plan.window_seconds.into());
    let (target, monitors, rate) = (stack.ports.http, plan.monitors, plan.rate());
    let own = exporter.id();
    let driving = handle.spawn(async move {
        let driven = exporter.drive(target, monitors, rate, WARM_UP + window).await;
        (exporter, driven)
    });
    std::thread::sleep(WARM_UP);
    let before = count(stack, own, None)?;
    std::thread::sleep(window);
    let after = count(stack, own, None)?;
    let (exporter, driven) = handle.block_on(driving).context("the driver failed")?;
    driven?;
    drop(exporter);
    // It stores nothing: whatever Postgres does meanwhile is not its work.
    let after = Counted { postgres: before.postgres, ..after };
    Ok(pass("blackbox_exporter", &before, &after))
}

fn bullmq(stack: &mut Stack, plan: &Plan) -> Result<PeerPass> {
    let installed = stack.programs.bullmq.clone().context("peers need --bullmq: run `cargo xtask bench peers`")?;
    stack.farm.clear()?;
    let database = stack.other_database("bullmq")?;
    let (redis, redis_port) = stack::start_redis("bullmq-redis", &stack.folder)?;
    let what = (plan.monitors, plan.interval_seconds, stack.ports.http);
    let baseline = Bullmq::start(&installed, &stack.folder, (redis_port, &database), what)?;
    std::thread::sleep(WARM_UP);
    let before = count(stack, baseline.id(), Some(redis.id()))?;
    std::thread::sleep(Duration::from_secs(plan.window_seconds.into()));
    let after = count(stack, baseline.id(), Some(redis.id()))?;
    let (arrivals, deliveries) = (stack.folder.join("arrivals"), stack.folder.join("deliveries.json"));
    stack.farm.hand_over(&arrivals, &deliveries)?;
    drop(baseline);
    let mut found = pass("bullmq", &before, &after);
    let window = (before.at_us, after.at_us);
    found.lateness_ms = bullmq_lateness(&Arrivals::read(&arrivals)?, window, plan.monitors, plan.interval_seconds);
    Ok(found)
}

fn pass(system: &'static str, before: &Counted, after: &Counted) -> PeerPass {
    let checks = after.arrivals.saturating_sub(before.arrivals);
    let spent = |before: Usage, after: Usage| {
        numbers::ratio(numbers::real(after.cpu_us.saturating_sub(before.cpu_us)), numbers::real(checks))
    };
    let (own_us, postgres_us, redis_us) =
        (spent(before.own, after.own), spent(before.postgres, after.postgres), spent(before.redis, after.redis));
    let found = PeerPass {
        system,
        checks,
        seconds: numbers::signed(after.at_us - before.at_us) / 1e6,
        own_us,
        postgres_us,
        redis_us,
        total_us: own_us + postgres_us + redis_us,
        resident_kib: after.own.resident_kib + after.redis.resident_kib,
        lateness_ms: crate::numbers::Quantiles::default(),
    };
    say(&format!("{system}: {checks} checks, {:.0} us each", found.total_us));
    found
}
