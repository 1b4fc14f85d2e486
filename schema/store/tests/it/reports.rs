//! What nodes say about themselves, as another process reads it.

use pulse_domain::{
    ids::Incarnation,
    report::{NodeReport, Vantage},
};
use pulse_store::testing::{TestDatabase, fresh_id};

#[tokio::test]
async fn every_live_node_is_heard_and_no_other() {
    let store = TestDatabase::new().await.store;
    assert!(store.node_reports().await.unwrap().is_empty());
    let engine = store.engine();
    let (first, second) = (Incarnation(fresh_id()), Incarnation(fresh_id()));
    engine.register_node(first, "first").await.unwrap();
    assert_eq!(store.node_reports().await.unwrap(), [NodeReport::default()], "it has only just begun");
    let troubled = NodeReport { overloaded: 7, vantage: Vantage::Lost, ..NodeReport::default() };
    engine.heartbeat(first, &troubled).await.unwrap();
    engine.register_node(second, "second").await.unwrap();
    let busy = NodeReport { checks: 9, lateness_p99_ms: Some(12), ..NodeReport::default() };
    engine.heartbeat(second, &busy).await.unwrap();
    assert_eq!(store.node_reports().await.unwrap(), [troubled, busy.clone()]);
    engine.retire_node(first).await.unwrap();
    assert_eq!(store.node_reports().await.unwrap(), [busy]);
}
