//! Windows become rows before they begin, and history once they have begun.

use crate::{
    packing::{midnight, past},
    world,
};
use chrono::{TimeDelta, TimeZone as _, Utc};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId, WindowId},
    maintenance::{Occurrence, Schedule, Span, Window, held},
    plan::EventType,
    rule::Match,
};
use pulse_domain::{
    outcome::{Outcome, Verdict},
    stats::{Kept, Question, range},
    uptime::{LeftOut, reach_us},
};
use pulse_store::{
    Store, StoreError,
    testing::{TestDatabase, fresh_id, seed_org},
};

fn at(hour: u32, minute: u32) -> Timestamp {
    Utc.with_ymd_and_hms(2026, 5, 4, hour, minute, 0).unwrap()
}

fn everything() -> Match {
    Match { all: true, ..Match::default() }
}

fn nightly(matches: Match) -> Window {
    let schedule = Schedule::Recurring {
        rrule: String::from("FREQ=DAILY"),
        time_zone: String::from("Europe/Berlin"),
        start: at(2, 30).naive_utc(),
        duration_minutes: 60,
    };
    window(matches, schedule)
}

fn window(matches: Match, schedule: Schedule) -> Window {
    Window {
        id: WindowId(fresh_id()),
        name: String::from("Backup"),
        enabled: true,
        matches,
        schedule,
        version: 1,
        created_at: at(0, 0),
        updated_at: at(0, 0),
    }
}

async fn insert(store: &Store, org: OrgId, window: &Window, now: Timestamp) {
    let mut txn = store.org(org).await.unwrap();
    txn.insert_maintenance_window(window, now).await.unwrap();
    txn.commit().await.unwrap();
}

async fn turn(store: &Store, org: OrgId, now: Timestamp) -> bool {
    let mut txn = store.org(org).await.unwrap();
    let turned = txn.turn_maintenance(now).await.unwrap();
    txn.commit().await.unwrap();
    turned
}

async fn occurrences(store: &Store, org: OrgId) -> Vec<Occurrence> {
    let mut txn = store.org(org).await.unwrap();
    txn.maintenance_between(Span { from: at(0, 0) - TimeDelta::days(30), to: at(0, 0) + TimeDelta::days(30) })
        .await
        .unwrap()
}

async fn events(store: &Store, org: OrgId) -> Vec<EventType> {
    let mut txn = store.org(org).await.unwrap();
    txn.events_after(0, 1_000).await.unwrap().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn occurrences_are_rows_some_days_ahead_however_often_someone_looks() {
    let store = TestDatabase::new().await.store;
    let org = seed_org(&store, "acme").await.0;
    let window = nightly(everything());
    insert(&store, org, &window, at(0, 0)).await;
    assert_eq!(occurrences(&store, org).await.len(), 2, "in two days");
    assert!(!turn(&store, org, at(0, 10)).await, "nothing is due");
    for day in 0..10 {
        let now = at(12, 0) + TimeDelta::days(day);
        turn(&store, org, now).await;
        assert!(!turn(&store, org, now).await, "once is enough");
    }
    let all = occurrences(&store, org).await;
    let expected = window.schedule.within(Span { from: at(0, 0), to: at(0, 0) + TimeDelta::days(30) }, 100);
    let spans: Vec<Span> = all.iter().map(|one| one.span).collect();
    assert!(spans.len() >= 10);
    assert_eq!(spans, expected[..spans.len()]);
    assert!(store.engine().maintenance_due(at(12, 0) + TimeDelta::days(9)).await.unwrap().is_empty());
    assert_eq!(store.engine().maintenance_due(at(12, 0) + TimeDelta::days(11)).await.unwrap(), [org]);
}

#[tokio::test]
async fn planners_and_the_engine_see_what_is_in_force_and_dashboards_hear_of_it() {
    let store = TestDatabase::new().await.store;
    let org = seed_org(&store, "acme").await.0;
    let monitor = world::monitor(org);
    let mut txn = store.org(org).await.unwrap();
    txn.insert_monitor(&monitor).await.unwrap();
    txn.commit().await.unwrap();
    let monitor = monitor.id;
    let window = window(
        Match { tags: vec![String::from("prod")], ..Match::default() },
        Schedule::Once { from: at(10, 0), to: at(11, 0) },
    );
    insert(&store, org, &window, at(9, 0)).await;
    let engine = store.engine();
    assert!(engine.maintenance_due(at(9, 59)).await.unwrap().is_empty());
    assert_eq!(engine.maintenance_due(at(10, 0)).await.unwrap(), [org]);
    assert!(turn(&store, org, at(10, 0)).await);
    assert_eq!(events(&store, org).await, [EventType::MonitorChanged], "it began");

    let mut txn = store.org(org).await.unwrap();
    let in_force = txn.maintenance_windows_in_force(at(10, 30)).await.unwrap();
    drop(txn);
    let tags = [String::from("prod")];
    assert_eq!(held(&in_force, monitor, &tags, at(10, 30)), Some((window.id, at(11, 0))));
    assert_eq!(held(&in_force, monitor, &[], at(10, 30)), None);
    let known = engine.maintenance_since(at(10, 30)).await.unwrap();
    assert_eq!(known, [(org, in_force[0].clone())]);
    assert_eq!(engine.tagged(org, &tags).await.unwrap(), [monitor]);
    assert!(engine.tagged(org, &[String::from("test")]).await.unwrap().is_empty());

    assert!(turn(&store, org, at(11, 0)).await);
    assert_eq!(events(&store, org).await.len(), 2, "it ended");
    assert!(!turn(&store, org, at(11, 1)).await);
}

#[tokio::test]
async fn a_window_of_everything_makes_dashboards_read_again() {
    let store = TestDatabase::new().await.store;
    let org = seed_org(&store, "acme").await.0;
    insert(&store, org, &window(everything(), Schedule::Once { from: at(8, 0), to: at(11, 0) }), at(9, 0)).await;
    turn(&store, org, at(9, 0)).await;
    assert_eq!(events(&store, org).await, [EventType::Resync]);
    let all = occurrences(&store, org).await;
    assert_eq!(
        all[0].span,
        Span { from: at(9, 0), to: at(11, 0) },
        "nothing was in maintenance before someone said so"
    );
}

#[tokio::test]
async fn what_has_begun_stays_in_the_history_and_what_has_not_goes() {
    let store = TestDatabase::new().await.store;
    let org = seed_org(&store, "acme").await.0;
    let mut window = nightly(everything());
    insert(&store, org, &window, at(0, 0)).await;
    let first = occurrences(&store, org).await[0].span;
    let during = first.from + TimeDelta::minutes(20);
    turn(&store, org, during).await;

    // The same window, renamed: nothing moves.
    let mut txn = store.org(org).await.unwrap();
    window.name = String::from("Night");
    txn.update_maintenance_window(&window, 1, during).await.unwrap();
    assert!(matches!(txn.update_maintenance_window(&window, 1, during).await, Err(StoreError::Conflict)));
    drop(txn);
    let mut txn = store.org(org).await.unwrap();
    txn.update_maintenance_window(&window, 1, during).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(occurrences(&store, org).await.len(), 2);

    // Other monitors from now on: the part before is as it was.
    let only = Match { monitor_ids: vec![MonitorId(fresh_id())], ..Match::default() };
    window.matches = only.clone();
    let mut txn = store.org(org).await.unwrap();
    txn.update_maintenance_window(&window, 2, during).await.unwrap();
    txn.commit().await.unwrap();
    let all = occurrences(&store, org).await;
    let parts: Vec<(Span, &Match)> = all.iter().map(|one| (one.span, &one.matches)).collect();
    assert_eq!(parts[0], (Span { from: first.from, to: during }, &everything()));
    assert_eq!(parts[1], (Span { from: during, to: first.to }, &only));
    assert_eq!(parts.len(), 4, "and two nights to come");

    // Gone: what was open ends, what was to come never does.
    let later = during + TimeDelta::minutes(10);
    let mut txn = store.org(org).await.unwrap();
    assert!(txn.delete_maintenance_window(window.id, later).await.unwrap());
    assert!(!txn.delete_maintenance_window(window.id, later).await.unwrap());
    txn.commit().await.unwrap();
    let spans: Vec<Span> = occurrences(&store, org).await.iter().map(|one| one.span).collect();
    assert_eq!(spans, [Span { from: first.from, to: during }, Span { from: during, to: later }]);
    assert!(turn(&store, org, later).await, "its end is told");
}

#[tokio::test]
async fn another_organization_sees_no_window() {
    let store = TestDatabase::new().await.store;
    let (acme, evil) = (seed_org(&store, "acme").await.0, seed_org(&store, "evil").await.0);
    let window = nightly(everything());
    insert(&store, acme, &window, at(0, 0)).await;
    let mut txn = store.org(evil).await.unwrap();
    assert_eq!(txn.maintenance_window(window.id).await.unwrap(), None);
    assert!(txn.maintenance_windows_in_force(at(1, 0)).await.unwrap().is_empty());
    assert!(!txn.delete_maintenance_window(window.id, at(0, 0)).await.unwrap());
    txn.commit().await.unwrap();
    assert_eq!(occurrences(&store, acme).await.len(), 2);
}

/// How finely the oracle of what is left out looks.
const TICK_US: u64 = 10_000;

/// The oracle walks tick by tick through the windows and asks who spoke for it.
#[tokio::test]
async fn what_uptime_leaves_out_is_what_was_seen_in_maintenance_whether_days_are_rows_or_packed() {
    let past = past().await;
    let outcomes: Vec<Outcome> = [4, 3, 1].into_iter().flat_map(|days_ago| past.checks(days_ago, 200)).collect();
    past.record(&past.monitor, &outcomes).await;
    let store = &past.database.store;
    let mut spans = Vec::new();
    for (days_ago, minutes) in [(4, 20), (3, 35), (1, 10)] {
        let from = midnight(past.day(days_ago)) + TimeDelta::minutes(11 * 60 + 7);
        let span = Span { from, to: from + TimeDelta::minutes(minutes) };
        let about = Match { tags: vec![String::from("prod")], ..Match::default() };
        insert(store, past.org, &window(about, Schedule::Once { from, to: span.to }), from - TimeDelta::hours(1)).await;
        let others = Match { tags: vec![String::from("test")], ..Match::default() };
        let elsewhere = Schedule::Once { from: from - TimeDelta::hours(1), to: span.to };
        insert(store, past.org, &window(others, elsewhere), from - TimeDelta::hours(2)).await;
        spans.push(span);
    }
    let now = pulse_store::testing::now();
    let question = Question { from: Some(midnight(past.day(5))), to: Some(now), step_seconds: Some(3_600) };
    let range = range(&question, Kept { interval_seconds: 30, results_days: 90 }, now).unwrap();
    let mut expected = vec![LeftOut::default(); range.steps.count()];
    for span in &spans {
        let mut at_us = span.from.timestamp_micros();
        while at_us < span.to.timestamp_micros() {
            let end_us = at_us + TICK_US.cast_signed();
            let step = &mut expected[usize::try_from((at_us - range.steps.start_us(0)) / range.steps.step_us).unwrap()];
            step.length_us += TICK_US;
            let before = outcomes.partition_point(|outcome| outcome.at.timestamp_micros() <= at_us);
            let newest = before.checked_sub(1).and_then(|last| outcomes.get(last));
            if let Some(newest) = newest.filter(|newest| newest.verdict != Verdict::Unknown)
                && at_us < newest.at.timestamp_micros() + reach_us(30)
            {
                step.observed_us += TICK_US;
                step.up_us += if newest.verdict == Verdict::Failure { 0 } else { TICK_US };
            }
            at_us = end_us;
        }
    }
    for is_packed in [false, true] {
        if is_packed {
            assert_eq!(past.pack().await, 0);
        }
        let mut txn = store.org(past.org).await.unwrap();
        let found = txn.stats_in_maintenance(&past.monitor, &range, now).await.unwrap();
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.length_us, expected.length_us, "step {index}");
            // An outcome lies anywhere in its tick, and an hour has about 120 of them.
            let checks = 140 * TICK_US;
            assert!(found.observed_us.abs_diff(expected.observed_us) <= checks, "step {index}: {found:?} {expected:?}");
            assert!(found.up_us.abs_diff(expected.up_us) <= checks, "step {index}: {found:?} {expected:?}");
        }
        assert!(found.iter().any(|one| one.observed_us > 0 && one.up_us < one.observed_us), "with some failures");
    }
}
