//! Ten minutes without the database at a thousand checks a second, as the recorder sees them: 600,000 results. Only the
//! waiting is left out; they are offered as fast as they can be.

use super::*;
use proxy::Proxy;
use pulse_domain::outcome::Timings;
use pulse_store::{PageRequest, Recorded};

#[path = "../../../tests/engine/proxy.rs"]
mod proxy;

const CHECKS: usize = 600_000;
const MONITORS: usize = 1_000;
/// Writing them takes a debug build on a busy machine a minute; a passing test doesn't wait for more.
const WRITTEN_WITHIN: Duration = Duration::from_mins(10);

fn recorded(org_id: OrgId, monitors: &[MonitorId], number: usize, begin: pulse_domain::Timestamp) -> Recorded {
    let second = i64::try_from(number / MONITORS).unwrap();
    let outcome = Outcome {
        at: begin + chrono::TimeDelta::seconds(second),
        verdict: Verdict::Success,
        latency_us: Some(u32::try_from(number).unwrap()),
        timings: Timings::default(),
        reason: None,
        detail: String::new(),
        status_code: Some(200),
        facts: None,
    };
    Recorded { org_id, monitor_id: monitors[number % MONITORS], outcome, state: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_of_results_wait_for_the_database_and_all_of_them_become_rows() {
    let database = TestDatabase::new().await;
    let (org, _) = seed_org(&database.store, "acme").await;
    let proxy = Proxy::start(&database.url).await;
    let egress =
        EgressOptions { policy: AddressPolicy::laptop(), canaries: Some(Vec::new()), ..EgressOptions::default() };
    let options = EngineOptions { store: proxy.store().await, bus: Bus::in_process(), egress };
    let engine = Engine::start(options).await.unwrap();
    let monitors: Vec<MonitorId> = (0..MONITORS).map(|_| MonitorId(fresh_id())).collect();
    let begin = now();
    proxy.close();
    for number in 0..CHECKS {
        assert!(engine.context.recorder.offer(recorded(org, &monitors, number, begin)), "number {number} has no room");
    }
    let saying_so = async {
        while engine.report().database_away_seconds.is_none() {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, saying_so).await.expect("the node says that the database is away");
    assert_eq!(engine.report().results_waiting, CHECKS);
    proxy.open();
    timeout(WRITTEN_WITHIN, engine.context.recorder.flushed()).await.expect("all of them are written");
    assert_eq!(engine.report().results_lost, 0);
    let mut rows = 0;
    for monitor in &monitors {
        let mut cursor = None;
        loop {
            let mut txn = database.store.org(org).await.unwrap();
            let page = txn.results(*monitor, None, None, &PageRequest { limit: 200, cursor }).await.unwrap();
            rows += page.items.len();
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    assert_eq!(rows, CHECKS);
    engine.drain().await;
}
