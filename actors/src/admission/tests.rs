//! Permits come back whatever becomes of their holders.

use super::*;
use pulse_domain::ids::OrgId;
use std::sync::Arc;
use tokio::task::yield_now;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

fn request(org: u128) -> Request {
    Request { org: OrgId(Uuid::from_u128(org)), host: None }
}

fn permits(node: u32) -> Arc<Permits> {
    Arc::new(Permits::new(Bounds::of_node(node)))
}

#[tokio::test]
async fn a_permit_comes_back_from_a_task_that_panics_or_is_aborted() {
    let permits = permits(2);
    let (panicking, hanging) = (Arc::clone(&permits), Arc::clone(&permits));
    let panicked = tokio::spawn(async move {
        let _permit = panicking.admit(request(1), PATIENCE).await.expect("there is room");
        panic!("on purpose");
    });
    let (holds, held) = oneshot::channel();
    let aborted = tokio::spawn(async move {
        let _permit = hanging.admit(request(1), PATIENCE).await.expect("there is room");
        holds.send(()).expect("somebody listens");
        std::future::pending::<()>().await;
    });
    held.await.expect("it holds one");
    assert!(panicked.await.is_err());
    assert_eq!(permits.load().running, 1);
    aborted.abort();
    assert!(aborted.await.is_err());
    assert_eq!(permits.load(), Load { running: 0, running_max: 2, waiting: 0 });
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_too_long_leaves_the_line_and_nothing_behind() {
    let permits = permits(1);
    let held = permits.admit(request(1), PATIENCE).await.expect("there is room");
    assert!(permits.admit(request(2), PATIENCE).await.is_none());
    assert_eq!(permits.load().waiting, 0);
    assert!(permits.lock().called.is_empty());
    drop(held);
    assert!(permits.admit(request(2), PATIENCE).await.is_some());
}

#[tokio::test]
async fn a_permit_that_was_called_for_somebody_who_left_is_passed_on() {
    let permits = permits(1);
    let held = permits.admit(request(1), PATIENCE).await.expect("there is room");
    let wait = |org| {
        let permits = Arc::clone(&permits);
        tokio::spawn(async move { permits.admit(request(org), PATIENCE).await.map(|_| org) })
    };
    let leaving = wait(2);
    while permits.load().waiting < 1 {
        yield_now().await;
    }
    let staying = wait(3);
    while permits.load().waiting < 2 {
        yield_now().await;
    }
    // The first in the line is called, but its task never runs again.
    drop(held);
    leaving.abort();
    assert_eq!(staying.await.expect("it ends"), Some(3));
    assert_eq!(permits.load().running, 0);
}

#[test]
fn a_process_may_check_as_much_as_it_may_open() {
    let bounds = bounds(None);
    assert!(bounds.node >= 1);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    assert_eq!(current, maximum, "the soft limit is the hard one now");
    assert_eq!(super::bounds(Some(7)).node, 7);
}
