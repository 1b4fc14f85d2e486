//! Results: the same outcome twice is one row; the state goes on from the newest; an unfolded tail comes back.

use crate::world::{going_down, outcome, own_everything, recorded, watched};
use pulse_domain::{outcome::Verdict, shard};
use pulse_store::{PageRequest, Recorded, testing::now};

#[tokio::test]
async fn an_outcome_recorded_twice_is_one_row_and_reads_back_whole() {
    let (database, monitor) = watched().await;
    let engine = database.store.engine();
    let (first, second) = (outcome(Verdict::Success), outcome(Verdict::Failure));
    for _ in 0..2 {
        let batch = [recorded(&monitor, 0, first.clone()), recorded(&monitor, 0, second.clone())];
        engine.record(&batch).await.unwrap();
    }
    let mut txn = database.store.org(monitor.org_id).await.unwrap();
    let page = txn.results(monitor.id, None, None, &PageRequest { limit: 1, cursor: None }).await.unwrap();
    assert_eq!(page.items, vec![second.clone().worded()]);
    let page = txn.results(monitor.id, None, None, &PageRequest { limit: 1, cursor: page.next_cursor }).await.unwrap();
    assert_eq!((page.items, page.next_cursor), (vec![first.worded()], None));
    let view = txn.monitor(monitor.id).await.unwrap().unwrap();
    assert_eq!((view.last_at, view.last_outcome), (Some(second.at), Some(second)));
}

#[tokio::test]
async fn an_outcome_whose_state_was_not_written_comes_back_as_the_tail() {
    let (database, monitor) = watched().await;
    let engine = database.store.engine();
    let seen = outcome(Verdict::Success);
    engine.record(&[recorded(&monitor, 0, seen.clone())]).await.unwrap();
    // The outcome of a transition that never committed: its state rests on a number that isn't there.
    let unseen = outcome(Verdict::Failure);
    engine.record(&[recorded(&monitor, 1, unseen.clone())]).await.unwrap();
    let shards = [shard::of_monitor(monitor.id)];
    let watched = engine.watched(&shards, now()).await.unwrap().pop().unwrap();
    assert_eq!((watched.sequence, watched.last_at), (0, Some(seen.at)));
    assert_eq!(watched.tail, vec![unseen]);
    assert_eq!(engine.watched_among(&[(shards[0], monitor.id)], now()).await.unwrap()[0].tail.len(), 1);
}

#[tokio::test]
async fn a_committed_transition_leaves_no_tail() {
    let (database, monitor) = watched().await;
    let (_, leases) = own_everything(&database.store).await;
    let engine = database.store.engine();
    let commit = going_down(&monitor, 1);
    engine.commit_transitions(&leases, std::slice::from_ref(&commit)).await.unwrap();
    engine.record(&[recorded(&monitor, 1, commit.outcome.clone())]).await.unwrap();
    let watched = engine.watched(&[shard::of_monitor(monitor.id)], now()).await.unwrap().pop().unwrap();
    assert_eq!((watched.sequence, watched.health, watched.tail), (1, commit.health, vec![]));
}

#[tokio::test]
async fn a_result_without_its_state_is_shown_and_folded_in_later() {
    let (database, monitor) = watched().await;
    let engine = database.store.engine();
    let seen = outcome(Verdict::Failure);
    engine.record(&[Recorded { state: None, ..recorded(&monitor, 0, seen.clone()) }]).await.unwrap();
    let mut txn = database.store.org(monitor.org_id).await.unwrap();
    let view = txn.monitor(monitor.id).await.unwrap().unwrap();
    assert_eq!((view.last_at, view.last_outcome), (Some(seen.at), Some(seen.clone())));
    let watched = engine.watched(&[shard::of_monitor(monitor.id)], now()).await.unwrap().pop().unwrap();
    assert_eq!((watched.last_at, watched.tail), (None, vec![seen]));
}
