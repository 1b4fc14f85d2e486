//! What the engine relies on in ractor, held fast: a new version that behaves otherwise must not go unnoticed.
//!
//! - A handler's error or panic kills the actor, and its supervisor hears of it; nobody starts it again.
//! - A supervisor that overrides the default outlives its children, and may answer with an error to die itself.
//! - `stop` runs `post_stop`; failing and `kill` don't.
//! - A supervisor's children are gone with it; those stopped in its `post_stop` end in order.
//! - Whatever an actor's state owns is dropped in every one of these cases.
#![expect(clippy::expect_used, clippy::panic, reason = "a test's helpers may fail the test")]

use ractor::{Actor, ActorProcessingErr, ActorRef, ActorStatus, SupervisionEvent};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Failed,
    Ended(Option<String>),
    PostStop,
    Dropped,
}

type Notes = mpsc::Sender<Seen>;

/// Tells when it is dropped.
struct Owned(Notes);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.try_send(Seen::Dropped).expect("room");
    }
}

#[derive(Debug)]
enum ToChild {
    Fail,
    Panic,
    Answer(tokio::sync::oneshot::Sender<()>),
}

struct Child;

impl Actor for Child {
    type Msg = ToChild;
    type State = (Notes, Owned);
    type Arguments = Notes;

    async fn pre_start(&self, _myself: ActorRef<ToChild>, notes: Notes) -> Result<Self::State, ActorProcessingErr> {
        Ok((notes.clone(), Owned(notes)))
    }

    async fn handle(
        &self,
        _myself: ActorRef<ToChild>,
        message: ToChild,
        _state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            ToChild::Fail => Err("on purpose".into()),
            ToChild::Panic => panic!("on purpose"),
            ToChild::Answer(answer) => {
                answer.send(()).expect("somebody waits");
                Ok(())
            }
        }
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<ToChild>,
        (notes, _): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        notes.try_send(Seen::PostStop).expect("room");
        Ok(())
    }
}

/// Notes what it hears of its children; dies of the first failure if it is told to be `frail`.
struct Supervisor {
    frail: bool,
}

impl Actor for Supervisor {
    type Msg = ();
    type State = Notes;
    type Arguments = Notes;

    async fn pre_start(&self, _myself: ActorRef<()>, notes: Notes) -> Result<Notes, ActorProcessingErr> {
        Ok(notes)
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<()>,
        event: SupervisionEvent,
        notes: &mut Notes,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(..) => {
                notes.try_send(Seen::Failed).expect("room");
                if self.frail {
                    return Err("a child failed".into());
                }
            }
            SupervisionEvent::ActorTerminated(_, _, reason) => notes.try_send(Seen::Ended(reason)).expect("room"),
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }

    async fn post_stop(&self, myself: ActorRef<()>, _notes: &mut Notes) -> Result<(), ActorProcessingErr> {
        myself.stop_children_and_wait(None, Some(PATIENCE)).await;
        Ok(())
    }
}

/// Overrides nothing.
struct Plain;
impl Actor for Plain {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _myself: ActorRef<()>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }
}

/// Owns a task, and fails at the first message.
struct Owner;
impl Actor for Owner {
    type Msg = ();
    type State = Arc<tokio_util::task::AbortOnDropHandle<()>>;
    type Arguments = Self::State;

    async fn pre_start(&self, _myself: ActorRef<()>, handle: Self::State) -> Result<Self::State, ActorProcessingErr> {
        Ok(handle)
    }

    async fn handle(&self, _myself: ActorRef<()>, (): (), _state: &mut Self::State) -> Result<(), ActorProcessingErr> {
        Err("on purpose".into())
    }
}

struct Family {
    supervisor: ActorRef<()>,
    supervisor_ended: tokio::task::JoinHandle<()>,
    child: ActorRef<ToChild>,
    notes: mpsc::Receiver<Seen>,
    telling: Notes,
}

impl Family {
    async fn new(frail: bool) -> Self {
        let (telling, notes) = mpsc::channel(64);
        let (supervisor, supervisor_ended) =
            Actor::spawn(None, Supervisor { frail }, telling.clone()).await.expect("spawned");
        let (child, _) =
            Actor::spawn_linked(None, Child, telling.clone(), supervisor.get_cell()).await.expect("spawned");
        Self { supervisor, supervisor_ended, child, notes, telling }
    }

    async fn hear(&mut self, count: usize) -> Vec<Seen> {
        let mut heard = Vec::new();
        for _ in 0..count {
            heard.push(timeout(PATIENCE, self.notes.recv()).await.expect("something is noted").expect("open"));
        }
        heard
    }

    /// Whether a new child of the same supervisor answers, so that the supervisor lives.
    async fn goes_on(&self) -> bool {
        let spawned = Actor::spawn_linked(None, Child, self.telling.clone(), self.supervisor.get_cell()).await;
        let Ok((sibling, _)) = spawned else { return false };
        let (answer, answered) = tokio::sync::oneshot::channel();
        sibling.cast(ToChild::Answer(answer)).is_ok() && matches!(timeout(PATIENCE, answered).await, Ok(Ok(())))
    }
}

#[tokio::test]
async fn an_error_or_a_panic_ends_the_child_without_post_stop_and_the_supervisor_goes_on() {
    for message in [ToChild::Fail, ToChild::Panic] {
        let mut family = Family::new(false).await;
        family.child.cast(message).expect("alive");
        let heard = family.hear(2).await;
        assert!(heard.contains(&Seen::Failed) && heard.contains(&Seen::Dropped), "{heard:?}");
        assert!(family.goes_on().await);
        assert!(family.child.cast(ToChild::Fail).is_err(), "nobody starts it again");
    }
}

#[tokio::test]
async fn a_stop_runs_post_stop_and_a_kill_does_not() {
    let mut family = Family::new(false).await;
    family.child.stop(Some("bye".to_owned()));
    let heard = family.hear(3).await;
    assert_eq!(heard[0], Seen::PostStop);
    assert!(heard.contains(&Seen::Ended(Some("bye".to_owned()))) && heard.contains(&Seen::Dropped), "{heard:?}");
    assert!(family.goes_on().await, "also an orderly end is no reason to die");

    let mut family = Family::new(false).await;
    family.child.kill();
    let heard = family.hear(2).await;
    assert!(heard.iter().all(|seen| *seen != Seen::PostStop), "{heard:?}");
    assert!(heard.contains(&Seen::Dropped));
}

#[tokio::test]
async fn a_supervisor_that_gives_up_takes_its_children_with_it() {
    let mut family = Family::new(true).await;
    let (sibling, _) =
        Actor::spawn_linked(None, Child, family.telling.clone(), family.supervisor.get_cell()).await.expect("spawned");
    family.child.cast(ToChild::Fail).expect("alive");
    timeout(PATIENCE, family.supervisor_ended).await.expect("it ends").expect("without a panic");
    let mut dropped = 0;
    while dropped < 2 {
        let seen = timeout(PATIENCE, family.notes.recv()).await.expect("something is noted").expect("open");
        assert_ne!(seen, Seen::PostStop, "children of a failed supervisor are killed");
        dropped += usize::from(seen == Seen::Dropped);
    }
    assert!(sibling.cast(ToChild::Fail).is_err());
}

#[tokio::test]
async fn a_supervisor_that_is_stopped_stops_its_children_in_order() {
    let mut family = Family::new(false).await;
    family.supervisor.stop(None);
    let heard = family.hear(2).await;
    assert_eq!(heard, [Seen::PostStop, Seen::Dropped]);
    timeout(PATIENCE, family.supervisor_ended).await.expect("it ends").expect("without a panic");
    assert_eq!(family.child.get_status(), ActorStatus::Stopped);
}

/// The reason why every supervisor of the engine overrides the default.
#[tokio::test]
async fn a_supervisor_that_overrides_nothing_dies_with_its_first_child() {
    let (notes, _kept) = mpsc::channel(64);
    let (plain, ended) = Actor::spawn(None, Plain, ()).await.expect("spawned");
    let (child, _) = Actor::spawn_linked(None, Child, notes, plain.get_cell()).await.expect("spawned");
    child.stop(None);
    timeout(PATIENCE, ended).await.expect("it dies with its child").expect("without a panic");
}

#[tokio::test]
async fn what_runs_beside_an_actor_ends_with_its_state() {
    // A probe under way is owned by the actor's state through a handle that aborts it.
    let (notes, mut seen) = mpsc::channel(64);
    let held = Owned(notes.clone());
    let task = tokio::spawn(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    let handle = Arc::new(tokio_util::task::AbortOnDropHandle::new(task));
    let (owner, ended) = Actor::spawn(None, Owner, handle).await.expect("spawned");
    owner.cast(()).expect("alive");
    timeout(PATIENCE, ended).await.expect("it fails").expect("without a panic");
    assert_eq!(timeout(PATIENCE, seen.recv()).await.expect("noted"), Some(Seen::Dropped));
}
