//! Every way to fail that a probe can meet, and what becomes of it: one table, played against scripted targets.
//!
//! A row names a target's misbehaviour, the check, and the whole judgement: verdict, reason, the phases that are kept, and
//! the status if one arrived. Rows that end by a timeout have a short one; all others have time enough for a busy machine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation shall stop the test; clippy spares tests, not their helpers"
)]

mod dns;
mod http;
mod icmp;
mod table;
mod tcp;
mod tls;
mod world;

use pulse_domain::outcome::Reason;
use std::collections::BTreeSet;
use table::{Row, play};
use world::World;

/// Reasons that no probe which goes out can have: signals that come in, and the engine around the probes. They are
/// proved where they arise; this list may only get shorter.
const ELSEWHERE: [Reason; 3] = [Reason::MissedPush, Reason::MetricThreshold, Reason::Overloaded];
/// The table never gets shorter than what it was asked to be.
const FAILURES_MIN: usize = 60;

#[tokio::test]
async fn each_failure_has_its_reason_its_phases_and_its_verdict() {
    let world = World::new().await;
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(http::rows(&world).await);
    rows.extend(tls::rows(&world).await);
    rows.extend(tcp::rows(&world).await);
    rows.extend(dns::rows(&world));
    rows.extend(icmp::rows());

    let names: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len(), "each row has a name of its own");
    let failures = rows.iter().filter(|row| row.reason.is_some()).count();
    assert!(failures >= FAILURES_MIN, "only {failures} ways to fail");
    let text = |reason: &Reason| reason.as_str();
    let covered: BTreeSet<&str> = rows.iter().filter_map(|row| row.reason.as_ref()).map(text).collect();
    let missing: Vec<&str> = Reason::ALL.iter().map(text).filter(|reason| !covered.contains(reason)).collect();
    let elsewhere: Vec<&str> = Reason::ALL.iter().filter(|reason| ELSEWHERE.contains(reason)).map(text).collect();
    assert_eq!(missing, elsewhere, "every other reason of the contract is produced");

    let wrong = play(&world, rows).await;
    assert!(wrong.is_empty(), "{} rows are judged otherwise:\n{}", wrong.len(), wrong.join("\n"));
}
