//! Days that are over: packed, dropped, and read as before; begun anew, late, watched by a stranger, forgotten.

use crate::world::{add, monitor, recorded};
use chrono::{DateTime, Days, NaiveDate};
use pulse_domain::{
    Timestamp,
    ids::OrgId,
    monitor::Monitor,
    outcome::{Outcome, Reason, Timings, Verdict},
    packed::kept,
    schedule::Slots,
    stats::{Question, range},
};
use pulse_store::{
    Organization, PageRequest, Retention, StoreError,
    testing::{TestDatabase, now, seed_org},
};
use sqlx::{Connection as _, PgConnection};

const LIMIT: usize = 1_000_000;

pub(crate) struct Past {
    pub(crate) database: TestDatabase,
    pub(crate) org: OrgId,
    pub(crate) stranger: OrgId,
    pub(crate) monitor: Monitor,
    pub(crate) today: NaiveDate,
}

/// A monitor, and tables for its last week.
pub(crate) async fn past() -> Past {
    let database = TestDatabase::new().await;
    let (org, _) = seed_org(&database.store, "first").await;
    let (stranger, _) = seed_org(&database.store, "second").await;
    let today = now().date_naive();
    database.store.engine().ensure_partitions(today - Days::new(7), 9).await.unwrap();
    let monitor = add_monitor(&database, org).await;
    Past { database, org, stranger, monitor, today }
}

pub(crate) async fn add_monitor(database: &TestDatabase, org: OrgId) -> Monitor {
    add(&database.store, monitor(org)).await
}

pub(crate) fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

impl Past {
    pub(crate) fn day(&self, days_ago: u64) -> NaiveDate {
        self.today - Days::new(days_ago)
    }

    /// Slots from an hour before noon of a day on, with some trouble among them.
    pub(crate) fn checks(&self, days_ago: u64, count: u32) -> Vec<Outcome> {
        let slots = Slots::new(self.monitor.id, self.monitor.config.interval_seconds);
        let mut at = midnight(self.day(days_ago)) + chrono::TimeDelta::hours(11);
        (0..count)
            .map(|number| {
                at = slots.after(at).due;
                outcome(at, number)
            })
            .collect()
    }

    pub(crate) async fn record(&self, monitor: &Monitor, outcomes: &[Outcome]) {
        let engine = self.database.store.engine();
        for some in outcomes.chunks(1_000) {
            let batch: Vec<_> = some.iter().map(|outcome| recorded(monitor, 0, outcome.clone())).collect();
            engine.record(&batch).await.unwrap();
        }
    }

    /// Packs what is older than yesterday; answers how many monitors' days were left.
    pub(crate) async fn pack(&self) -> u64 {
        let mut packing = self.database.store.engine().begin_packing().await.unwrap().unwrap().with_page_rows(97);
        let mut missing = 0;
        for day in packing.days(self.day(1)).await.unwrap() {
            let mut day = packing.day(day);
            while !day.batch().await.unwrap().is_last {}
            missing += day.settle().await.unwrap();
        }
        packing.finish().await.unwrap();
        missing
    }

    async fn days_to_pack(&self) -> Vec<NaiveDate> {
        let mut packing = self.database.store.engine().begin_packing().await.unwrap().unwrap();
        let days = packing.days(self.day(1)).await.unwrap();
        packing.finish().await.unwrap();
        days
    }

    pub(crate) async fn read(&self, org: OrgId, monitor: &Monitor) -> Vec<Outcome> {
        let mut txn = self.database.store.org(org).await.unwrap();
        txn.outcomes(monitor.id, midnight(self.day(9)), now(), LIMIT).await.unwrap()
    }

    async fn rows(&self, query: &'static str) -> i64 {
        let mut admin = PgConnection::connect(self.database.url.expose()).await.unwrap();
        sqlx::query_scalar(query).fetch_one(&mut admin).await.unwrap()
    }
}

fn outcome(at: Timestamp, number: u32) -> Outcome {
    let us = 60_000 + number * 7_919 % 40_000;
    let latency_us = Some(us);
    let timings = Timings {
        dns_us: Some(900),
        connect_us: Some(20_000 + number % 77),
        tls_us: None,
        first_byte_us: Some(30_000),
        total_us: latency_us,
    };
    let (verdict, reason, detail) = match number % 50 {
        7 | 8 => (Verdict::Failure, Some(Reason::ConnectTimeout), "no connection".to_owned()),
        20 => (Verdict::Slow, None, format!("status code 200 in {} ms, slower than 60 ms", us / 1_000)),
        33 => (Verdict::Unknown, Some(Reason::VantageLost), "no network".to_owned()),
        _ => (Verdict::Success, None, format!("status code 200 in {} ms", us / 1_000)),
    };
    let status_code = (verdict != Verdict::Failure).then_some(200);
    Outcome { at, verdict, latency_us, timings, reason, detail, status_code, facts: None }
}

/// Packing gives up what `kept` says, and only of days that it packs.
fn as_packed(outcomes: &[Outcome], before: NaiveDate) -> Vec<Outcome> {
    let packed = |outcome: Outcome| if outcome.at < midnight(before) { kept(outcome) } else { outcome };
    outcomes.iter().cloned().map(packed).collect()
}

#[tokio::test]
async fn packed_days_read_as_their_rows_did() {
    let past = past().await;
    let other = add_monitor(&past.database, past.org).await;
    let all: Vec<Outcome> = [5, 4, 2, 1].into_iter().flat_map(|days_ago| past.checks(days_ago, 230)).collect();
    past.record(&past.monitor, &all).await;
    past.record(&other, &past.checks(4, 310)).await;
    assert_eq!(past.read(past.org, &past.monitor).await, all);
    assert_eq!(past.pack().await, 0);
    let wanted = as_packed(&all, past.day(1));
    assert_eq!(past.read(past.org, &past.monitor).await, wanted);
    assert_eq!(past.read(past.org, &other).await, as_packed(&past.checks(4, 310), past.day(1)));
    assert_eq!(past.days_to_pack().await, Vec::<NaiveDate>::new());
    assert_eq!(past.rows("SELECT count(*) FROM pulse.packed_days").await, 4);
    let rows = past.rows("SELECT count(*) FROM pulse.check_results").await;
    assert_eq!(rows, 230, "only yesterday's are rows still");
}

#[tokio::test]
async fn pages_go_through_rows_and_packed_days_alike() {
    let past = past().await;
    let all: Vec<Outcome> = [6, 5, 3, 2, 1].into_iter().flat_map(|days_ago| past.checks(days_ago, 60)).collect();
    past.record(&past.monitor, &all).await;
    past.pack().await;
    let mut wanted = as_packed(&all, past.day(1));
    wanted.reverse();
    let mut txn = past.database.store.org(past.org).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = txn.results(past.monitor.id, None, None, &PageRequest { limit: 47, cursor }).await.unwrap();
        seen.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, wanted);
    let (from, to) = (all[70].at, all[130].at);
    let page =
        txn.results(past.monitor.id, Some(from), Some(to), &PageRequest { limit: 200, cursor: None }).await.unwrap();
    assert_eq!(page.items, wanted[wanted.len() - 130..wanted.len() - 70]);
    let some = txn.outcomes(past.monitor.id, from, to, 25).await.unwrap();
    assert_eq!(some, as_packed(&all, past.day(1))[70..95]);
}

#[tokio::test]
async fn packing_that_was_interrupted_begins_anew_and_writes_the_same_rows() {
    let past = past().await;
    for _ in 0..3 {
        let other = add_monitor(&past.database, past.org).await;
        past.record(&other, &past.checks(3, 80)).await;
    }
    let engine = past.database.store.engine();
    let forms = "SELECT sum(hashtext(encode(form, 'hex'))::bigint)::bigint FROM pulse.packed_days";
    let mut packing = engine.begin_packing().await.unwrap().unwrap().with_page_rows(90);
    let first = packing.day(past.day(3)).batch().await.unwrap();
    assert_eq!((first.monitors, first.is_last), (1, false), "the second monitor's day goes on in the next page");
    drop(packing);
    assert_eq!(past.rows("SELECT count(*) FROM pulse.packed_days").await, 1);
    // The lock ends with the connection, which the server notices by itself.
    let mut packing = loop {
        match engine.begin_packing().await.unwrap() {
            Some(packing) => break packing,
            None => tokio::task::yield_now().await,
        }
    };
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let mut day = packing.day(past.day(3));
        while !day.batch().await.unwrap().is_last {}
        hashes.push(past.rows(forms).await);
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(packing.day(past.day(3)).settle().await.unwrap(), 0);
    assert_eq!(past.rows("SELECT sum(checks) FROM pulse.packed_days").await, 240);
}

#[tokio::test]
async fn a_day_with_a_result_that_is_not_packed_stays() {
    let past = past().await;
    let checks = past.checks(2, 40);
    past.record(&past.monitor, &checks[..39]).await;
    let mut packing = past.database.store.engine().begin_packing().await.unwrap().unwrap();
    let mut day = packing.day(past.day(2));
    assert!(day.batch().await.unwrap().is_last);
    past.record(&past.monitor, &checks[39..]).await;
    assert_eq!(day.settle().await.unwrap(), 1);
    assert_eq!(past.read(past.org, &past.monitor).await, checks, "rows know more than the packed day");
    packing.finish().await.unwrap();
    assert_eq!(past.pack().await, 0);
    assert_eq!(past.read(past.org, &past.monitor).await, as_packed(&checks, past.day(1)));
}

#[tokio::test]
async fn a_result_that_comes_after_its_day_was_packed_is_merged_into_it() {
    let past = past().await;
    let checks = past.checks(3, 40);
    let (late, early): (Vec<_>, Vec<_>) =
        checks.iter().cloned().partition(|outcome| outcome.verdict == Verdict::Failure);
    assert_eq!(late.len(), 2);
    past.record(&past.monitor, &early).await;
    assert_eq!(past.pack().await, 0);
    // One of them came before, and is only confirmed again.
    past.record(&past.monitor, &[late.clone(), early[..1].to_vec()].concat()).await;
    assert_eq!(past.rows("SELECT count(*) FROM pulse.check_results_late").await, 3);
    let times = |outcomes: &[Outcome]| outcomes.iter().map(|outcome| outcome.at).collect::<Vec<_>>();
    assert_eq!(times(&past.read(past.org, &past.monitor).await), times(&checks), "seen before they are merged");
    assert_eq!(past.days_to_pack().await, [past.day(3)]);
    assert_eq!(past.pack().await, 0);
    assert_eq!(past.rows("SELECT count(*) FROM pulse.check_results_late").await, 0);
    assert_eq!(past.read(past.org, &past.monitor).await, as_packed(&checks, past.day(1)));
    assert_eq!(past.rows("SELECT sum(checks) FROM pulse.packed_days").await, 40);
}

#[tokio::test]
async fn results_that_came_before_their_partition_move_into_it() {
    let past = past().await;
    let ahead = midnight(past.today + Days::new(30));
    let early = outcome(ahead + chrono::TimeDelta::hours(1), 1);
    past.record(&past.monitor, std::slice::from_ref(&early)).await;
    assert_eq!(past.rows("SELECT count(*) FROM pulse.check_results_late").await, 1);
    past.database.store.engine().ensure_partitions(ahead.date_naive(), 1).await.unwrap();
    assert_eq!(past.rows("SELECT count(*) FROM pulse.check_results_late").await, 0);
    let mut txn = past.database.store.org(past.org).await.unwrap();
    let far = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(40_000);
    assert_eq!(txn.outcomes(past.monitor.id, ahead, far, LIMIT).await.unwrap(), [early]);
}

/// What is packed is the day as it was sorted; nothing that comes afterwards is dropped with it.
#[tokio::test]
async fn a_result_that_comes_while_its_day_is_packed_keeps_the_day_until_the_next_time() {
    let past = past().await;
    let other = add_monitor(&past.database, past.org).await;
    let checks = past.checks(3, 60);
    past.record(&past.monitor, &checks[..50]).await;
    past.record(&other, &checks[..50]).await;
    let mut packing = past.database.store.engine().begin_packing().await.unwrap().unwrap().with_page_rows(70);
    let mut day = packing.day(past.day(3));
    assert_eq!(day.batch().await.unwrap().monitors, 1);
    past.record(&other, &checks[50..]).await;
    assert!(day.batch().await.unwrap().is_last);
    assert_eq!(day.settle().await.unwrap(), 1, "one monitor's day is not whole");
    packing.finish().await.unwrap();
    assert_eq!(past.read(past.org, &other).await.len(), 60);
    assert_eq!(past.pack().await, 0);
    assert_eq!(past.read(past.org, &other).await, as_packed(&checks, past.day(1)));
    assert_eq!(past.read(past.org, &past.monitor).await, as_packed(&checks[..50], past.day(1)));
}

#[tokio::test]
async fn one_node_packs_at_a_time() {
    let past = past().await;
    let engine = past.database.store.engine();
    let first = engine.begin_packing().await.unwrap().unwrap();
    assert!(engine.begin_packing().await.unwrap().is_none());
    first.finish().await.unwrap();
    assert!(engine.begin_packing().await.unwrap().is_some());
}

#[tokio::test]
async fn a_deleted_monitors_results_hold_nothing_up_and_its_packed_days_go_with_it() {
    let past = past().await;
    let other = add_monitor(&past.database, past.org).await;
    past.record(&past.monitor, &past.checks(3, 20)).await;
    past.record(&past.monitor, &past.checks(2, 20)).await;
    past.record(&other, &past.checks(2, 20)).await;
    let mut packing = past.database.store.engine().begin_packing().await.unwrap().unwrap();
    assert_eq!(packing.day(past.day(3)).batch().await.unwrap().results, 20);
    packing.finish().await.unwrap();
    let mut txn = past.database.store.org(past.org).await.unwrap();
    assert!(txn.delete_monitor(past.monitor.id).await.unwrap());
    txn.commit().await.unwrap();
    assert_eq!(past.pack().await, 0);
    assert_eq!(past.days_to_pack().await, Vec::<NaiveDate>::new());
    for table in ["SELECT count(*) FROM pulse.packed_days", "SELECT count(*) FROM pulse.rollup_days"] {
        assert_eq!(past.rows(table).await, 1, "{table}");
    }
}

#[tokio::test]
async fn a_stranger_sees_nothing_of_a_packed_day() {
    let past = past().await;
    past.record(&past.monitor, &past.checks(3, 20)).await;
    past.pack().await;
    assert_eq!(past.read(past.stranger, &past.monitor).await, []);
    let question = Question { from: Some(midnight(past.day(5))), to: None, step_seconds: Some(86_400) };
    let range = range(&question, crate::stats::KEPT, now()).unwrap();
    let mut txn = past.database.store.org(past.stranger).await.unwrap();
    let tallies = txn.stats(&past.monitor, &range, now()).await.unwrap();
    assert!(tallies.iter().all(|tally| tally.checks() == 0 && tally.observed_us == 0));
    let page = txn.results(past.monitor.id, None, None, &PageRequest { limit: 50, cursor: None }).await.unwrap();
    assert_eq!(page.items, []);
}

#[tokio::test]
async fn history_goes_when_its_organization_keeps_it_no_longer() {
    let past = past().await;
    for days_ago in [6, 5, 4, 3, 2] {
        past.record(&past.monitor, &past.checks(days_ago, 10)).await;
    }
    let other = add_monitor(&past.database, past.stranger).await;
    past.record(&other, &past.checks(6, 10)).await;
    past.pack().await;
    let mut txn = past.database.store.org(past.org).await.unwrap();
    let before = txn.organization().await.unwrap();
    txn.update_organization(&Organization { results_days: 3, rollup_days: 5, ..before.clone() }).await.unwrap();
    let late = Organization { results_days: 4, ..before };
    assert!(matches!(txn.update_organization(&late).await, Err(StoreError::Conflict)), "changed meanwhile");
    assert_eq!(txn.organization().await.unwrap().results_days, 3);
    txn.commit().await.unwrap();
    let engine = past.database.store.engine();
    let settings = engine.retentions().await.unwrap();
    let of = |org_id, results_days, rollup_days| Retention { org_id, results_days, rollup_days };
    assert!(settings.contains(&of(past.org, 3, 5)) && settings.contains(&of(past.stranger, 90, 800)));
    for retention in &settings {
        while engine.forget(retention, past.today).await.unwrap() > 0 {}
    }
    let kept: Vec<Outcome> = past.read(past.org, &past.monitor).await;
    assert_eq!(kept.first().unwrap().at.date_naive(), past.day(3));
    assert_eq!(past.rows("SELECT count(*) FROM pulse.rollup_days").await, 4 + 1);
    assert_eq!(past.read(past.stranger, &other).await.len(), 10);
}
