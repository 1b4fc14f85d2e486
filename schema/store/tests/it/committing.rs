//! The fence and the guard: a stale owner's transition never lands, and the same one lands once.

use crate::world::{going_down, own_everything, watched};
use pulse_domain::{ids::Incarnation, report::NodeReport, status::Status};
use pulse_store::{
    Committed,
    testing::{TestDatabase, fresh_id},
};

#[tokio::test]
async fn a_transition_lands_once_however_often_it_is_offered() {
    let (database, monitor) = watched().await;
    let (_, leases) = own_everything(&database.store).await;
    let engine = database.store.engine();
    let commit = going_down(&monitor, 1);
    for _ in 0..3 {
        let answers = engine.commit_transitions(&leases, std::slice::from_ref(&commit)).await.unwrap();
        assert_eq!(answers, vec![Committed::Done]);
    }
    let mut txn = database.store.org(monitor.org_id).await.unwrap();
    assert_eq!(txn.unplanned(10).await.unwrap().unwrap().transitions, vec![commit.transition.clone()]);
    let view = txn.monitor(monitor.id).await.unwrap().unwrap();
    assert_eq!((view.status, view.sequence, view.last_outcome), (Status::Down, 1, Some(commit.outcome)));
}

#[tokio::test]
async fn a_transition_that_skips_or_repeats_a_number_is_stale() {
    let (database, monitor) = watched().await;
    let (_, leases) = own_everything(&database.store).await;
    let engine = database.store.engine();
    assert_eq!(engine.commit_transitions(&leases, &[going_down(&monitor, 2)]).await.unwrap(), vec![Committed::Stale]);
    assert_eq!(engine.commit_transitions(&leases, &[going_down(&monitor, 1)]).await.unwrap(), vec![Committed::Done]);
    // Another transition under the same number: someone else was first.
    assert_eq!(engine.commit_transitions(&leases, &[going_down(&monitor, 1)]).await.unwrap(), vec![Committed::Stale]);
}

#[tokio::test]
async fn a_stale_owner_is_fenced() {
    let (database, monitor) = watched().await;
    let engine = database.store.engine();
    let (old, stale) = own_everything(&database.store).await;
    engine.retire_node(old).await.unwrap();
    let (_, fresh) = own_everything(&database.store).await;
    assert_eq!(fresh.len(), stale.len());
    assert_eq!(engine.commit_transitions(&stale, &[going_down(&monitor, 1)]).await.unwrap(), vec![Committed::Fenced]);
    assert_eq!(engine.commit_transitions(&fresh, &[going_down(&monitor, 1)]).await.unwrap(), vec![Committed::Done]);
}

#[tokio::test]
async fn of_many_claimants_each_shard_gets_one_owner() {
    let database = TestDatabase::new().await;
    let engine = database.store.engine();
    let mut claims = Vec::new();
    for _ in 0..4 {
        let node = Incarnation(fresh_id());
        engine.register_node(node, "claimant").await.unwrap();
        let view = engine.heartbeat(node, &NodeReport::default()).await.unwrap();
        let engine = engine.clone();
        claims.push(async move { engine.claim(node, &view.shards).await.unwrap().len() });
    }
    let mut claims = claims.into_iter();
    let (a, b, c, d) =
        tokio::join!(claims.next().unwrap(), claims.next().unwrap(), claims.next().unwrap(), claims.next().unwrap());
    assert_eq!(a + b + c + d, usize::from(pulse_domain::limits::SHARDS));
}

#[tokio::test]
async fn a_live_owners_shard_is_not_claimable_and_a_released_one_is() {
    let database = TestDatabase::new().await;
    let engine = database.store.engine();
    let (owner, _) = own_everything(&database.store).await;
    let (_, second) = own_everything(&database.store).await;
    assert!(second.is_empty());
    engine.release(owner, &[3, 4]).await.unwrap();
    let (_, third) = own_everything(&database.store).await;
    let mut shards: Vec<u16> = third.iter().map(|lease| lease.shard).collect();
    shards.sort_unstable();
    assert_eq!(shards, vec![3, 4]);
}
