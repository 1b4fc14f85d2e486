//! Stats: the same figures whether the days are rows or packed, and the same as a slow, obvious count gives.

use crate::packing::{Past, midnight, past};
use pulse_domain::{
    Timestamp,
    outcome::{Outcome, Verdict},
    rollup::{roll_up, write_summary, write_windows},
    schedule::Slots,
    stats::{Kept, Question, Range, range},
    uptime::{Sight, Tally, reach_us},
};
use pulse_store::testing::now;
use sqlx::{Connection as _, PgConnection};

/// Looks at every outcome for every step.
fn naive(outcomes: &[Outcome], range: &Range, index: usize, now: Timestamp) -> Tally {
    let start = range.steps.start_us(index).max(range.steps.from_us);
    let end = (range.steps.start_us(index) + range.steps.step_us).min(range.steps.to_us);
    let mut tally = Tally::default();
    for (place, outcome) in outcomes.iter().enumerate() {
        let at = outcome.at.timestamp_micros();
        let next = outcomes.get(place + 1).map_or(i64::MAX, |next| next.at.timestamp_micros());
        let until = next.min(at + reach_us(30)).min(now.timestamp_micros()).min(end);
        let spoken = u64::try_from(until - at.max(start)).unwrap_or(0);
        if outcome.verdict != Verdict::Unknown {
            tally.observed_us += spoken;
            tally.up_us += if outcome.verdict == Verdict::Failure { 0 } else { spoken };
        }
        if (start..end).contains(&at) {
            match outcome.verdict {
                Verdict::Success => tally.success += 1,
                Verdict::Slow => tally.slow += 1,
                Verdict::Failure => tally.failure += 1,
                Verdict::Unknown => tally.unknown += 1,
            }
            if let Some(reason) = outcome.reason {
                *tally.reasons.entry(reason).or_default() += 1;
            }
            if matches!(outcome.verdict, Verdict::Success | Verdict::Slow) {
                tally.latency.add(outcome.latency_us.unwrap());
            }
        }
    }
    tally
}

pub(crate) const KEPT: Kept = Kept { interval_seconds: 30, results_days: 90 };

async fn stats(past: &Past, range: &Range, now: Timestamp) -> Vec<Tally> {
    let mut txn = past.database.store.org(past.org).await.unwrap();
    txn.stats(&past.monitor, range, now).await.unwrap()
}

#[tokio::test]
async fn figures_are_those_of_a_naive_count_whether_days_are_rows_or_packed() {
    let past = past().await;
    let all: Vec<Outcome> = [5, 4, 2, 1].into_iter().flat_map(|days_ago| past.checks(days_ago, 300)).collect();
    past.record(&past.monitor, &all).await;
    let now = now();
    let hour = chrono::TimeDelta::hours(1);
    let ranges = [
        (midnight(past.day(6)), Some(now), Some(86_400)),
        (midnight(past.day(6)), None, Some(3_600)),
        (midnight(past.day(5)) + hour * 12, Some(midnight(past.day(1)) + hour * 12), Some(86_400)),
        (midnight(past.day(5)) + hour * 12, None, Some(7_200)),
        (midnight(past.day(4)) + hour * 11, Some(midnight(past.day(4)) + hour * 13), Some(300)),
        (midnight(past.day(4)) + hour * 11, Some(midnight(past.day(4)) + hour * 13), Some(30)),
        (midnight(past.day(1)) + hour * 11, Some(midnight(past.day(1)) + hour * 12), Some(60)),
    ];
    for is_packed in [false, true] {
        if is_packed {
            assert_eq!(past.pack().await, 0);
        }
        for (from, to, step_seconds) in ranges {
            let range = range(&Question { from: Some(from), to, step_seconds }, KEPT, now).unwrap();
            let found = stats(&past, &range, now).await;
            assert_eq!(found.len(), range.steps.count());
            for (index, tally) in found.iter().enumerate() {
                let wanted = naive(&all, &range, index, now);
                assert_eq!(*tally, wanted, "packed: {is_packed}, {range:?}, step {index}");
            }
            assert!(found.iter().any(|tally| tally.checks() > 0), "{range:?}");
        }
    }
}

#[tokio::test]
async fn a_day_counts_once_while_it_is_packed_and_not_yet_dropped() {
    let past = past().await;
    past.record(&past.monitor, &past.checks(3, 50)).await;
    let mut packing = past.database.store.engine().begin_packing().await.unwrap().unwrap();
    assert!(packing.day(past.day(3)).batch().await.unwrap().is_last);
    let now = now();
    let question = Question { from: Some(midnight(past.day(4))), to: None, step_seconds: Some(3_600) };
    let range = range(&question, KEPT, now).unwrap();
    let checks = stats(&past, &range, now).await.iter().map(Tally::checks).sum::<u64>();
    assert_eq!(checks, 50);
    let seen = past.read(past.org, &past.monitor).await.len();
    assert_eq!(seen, 50);
    packing.finish().await.unwrap();
}

/// A check that is made once a day speaks beyond midnight, also when its own day is packed and the next one is not.
#[tokio::test]
async fn what_the_last_check_of_a_packed_day_says_holds_on_the_next_morning() {
    let past = past().await;
    let mut last = past.checks(2, 1);
    last[0].at = midnight(past.day(1)) - chrono::TimeDelta::seconds(10);
    past.record(&past.monitor, &last).await;
    past.pack().await;
    let now = now();
    let question =
        Question { from: Some(midnight(past.day(1))), to: Some(midnight(past.today)), step_seconds: Some(86_400) };
    let range = range(&question, KEPT, now).unwrap();
    let day = &stats(&past, &range, now).await[0];
    assert_eq!((day.observed_us, day.up_us, day.checks()), (23_000_000, 23_000_000, 0));
}

/// A morning at five minutes and an afternoon at half a minute, of which the monitor knows only the latter now.
#[tokio::test]
async fn a_day_with_a_changed_interval_counts_the_same_as_rows_and_packed() {
    let past = past().await;
    let (slow, fast) = (Slots::new(past.monitor.id, 300), Slots::new(past.monitor.id, 30));
    let (mut at, noon, night) = (
        midnight(past.day(2)) - chrono::TimeDelta::microseconds(1),
        midnight(past.day(2)) + chrono::TimeDelta::hours(12),
        midnight(past.day(1)),
    );
    let mut outcomes = Vec::new();
    loop {
        at = if at < noon { slow.after(at).due } else { fast.after(at).due };
        if at >= night {
            break;
        }
        outcomes.push(Outcome { at, ..crate::world::outcome(Verdict::Success) });
    }
    past.record(&past.monitor, &outcomes).await;
    let now = now();
    let steps = [
        (midnight(past.day(2)), night, 3_600),
        (midnight(past.day(2)), night, 86_400),
        (noon - chrono::TimeDelta::hours(1), noon, 60),
    ];
    let ask = async || {
        let mut found = Vec::new();
        for (from, to, step) in steps {
            let question = Question { from: Some(from), to: Some(to), step_seconds: Some(step) };
            found.push(stats(&past, &range(&question, KEPT, now).unwrap(), now).await);
        }
        found
    };
    let hot = ask().await;
    let morning: u64 = hot[0][1..12].iter().map(|tally| tally.observed_us).sum();
    assert_eq!(morning, 11 * 3_600_000_000, "every check of the morning speaks until the next one");
    assert_eq!(past.pack().await, 0);
    assert_eq!(ask().await, hot);
}

/// Two years of a monitor that is checked every five seconds: packed days, and two days of rows.
#[tokio::test]
async fn two_years_are_answered_from_the_sums_of_days_and_the_rows_of_two() {
    let past = past().await;
    let day = past.day(2);
    let slots = Slots::new(past.monitor.id, 5);
    let mut at = midnight(day) - chrono::TimeDelta::microseconds(1);
    let mut sights = Vec::new();
    loop {
        at = slots.after(at).due;
        if at >= midnight(past.day(1)) {
            break;
        }
        let latency_us = Some(80_000 + u32::try_from(sights.len()).unwrap() * 7_919 % 20_000);
        let (at_us, reach_us) = (at.timestamp_micros(), reach_us(5));
        sights.push(Sight { at_us, verdict: Verdict::Success, reason: None, latency_us, reach_us });
    }
    let (summary, windows) = roll_up(midnight(day).timestamp_micros(), &sights).unwrap();
    let mut admin = PgConnection::connect(past.database.url.expose()).await.unwrap();
    sqlx::query(
        "INSERT INTO pulse.rollup_days (org_id, monitor_id, day, summary, windows)
         SELECT $1, $2, $3 - n, $4, $5 FROM generate_series(0, 727) AS n",
    )
    .bind(past.org.0)
    .bind(past.monitor.id.0)
    .bind(day)
    .bind(write_summary(&summary))
    .bind(write_windows(&windows))
    .execute(&mut admin)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO pulse.check_results (org_id, monitor_id, at, verdict, latency_us)
         SELECT $1, $2, $3::date::timestamp AT TIME ZONE 'UTC' + n * interval '5 seconds', 0, 80000 + n % 20000
         FROM generate_series(0, 2 * 17280 - 1) AS n",
    )
    .bind(past.org.0)
    .bind(past.monitor.id.0)
    .bind(past.day(1))
    .execute(&mut admin)
    .await
    .unwrap();
    let end = midnight(past.today + chrono::Days::new(1));
    let mut txn = past.database.store.org(past.org).await.unwrap();
    let mut monitor = past.monitor.clone();
    monitor.config.interval_seconds = 5;
    let of_a_day = u64::try_from(sights.len()).unwrap();
    for (days, step_seconds) in [(730, 86_400), (730, 43_200), (730, 7 * 86_400), (20, 43_200), (7, 3_600), (1, 300)] {
        let question =
            Question { from: Some(end - chrono::Days::new(days)), to: Some(end), step_seconds: Some(step_seconds) };
        let range = range(&question, Kept { interval_seconds: 5, ..KEPT }, end).unwrap();
        let tallies = txn.stats(&monitor, &range, end).await.unwrap();
        let mut whole = Tally::default();
        for tally in &tallies {
            whole.merge(tally);
        }
        let packed = days.saturating_sub(2) * of_a_day;
        assert_eq!(whole.checks(), packed + days.min(2) * 17_280, "{days} days in steps of {step_seconds} s");
        assert_eq!(whole.latency.total(), whole.checks());
        assert!(whole.uptime() == Some(1.0) && whole.coverage(days * 86_400_000_000) > 0.999);
    }
}
