//! The incident actor of one organization: it plans the transitions that nobody has planned yet, and what waited and is due.
//!
//! Supervised by the shard of the organization's desk. It holds no state that matters: whatever it has not finished is found
//! again by the next doorbell, poll or restart, and planning twice writes nothing twice. Two of them at once (during a
//! takeover) wait for each other on the rows.

use pulse_cluster::Doorbell;
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, MonitorId, OrgId},
    notification::Event,
    plan::{self, IncidentChange, Plan},
    status::{Status, Transition},
};
use pulse_store::{OrgTxn, StoreError};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::timeout};

use crate::{clock, context::Context};

/// Transitions, or lines of the ledger, of one transaction.
const BATCH_MAX: u32 = 1_000;
/// Longer than the database's own statement timeouts; a planning that hangs is given up and found again.
const PLANNING_TIMEOUT: Duration = Duration::from_secs(15);
const RETRY_AFTER: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) enum Message {
    /// There may be unplanned transitions, or something that waited is due.
    Look,
}

/// Tells the actor to look. One that has just died is roused by its restart.
pub(crate) fn rouse(actor: &ActorRef<Message>) {
    let _gone = actor.cast(Message::Look);
}

#[derive(Debug)]
pub(crate) struct State {
    context: Arc<Context>,
    org: OrgId,
    /// When an outage was last planned: what breaks out right after it is planned together.
    last_opened: Option<Timestamp>,
    /// Wakes the actor when something that waits is due.
    alarm: Option<JoinHandle<()>>,
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(alarm) = &self.alarm {
            alarm.abort();
        }
    }
}

#[derive(Debug)]
pub(crate) struct IncidentActor;

impl Actor for IncidentActor {
    type Msg = Message;
    type State = State;
    type Arguments = (Arc<Context>, OrgId);

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        (context, org): Self::Arguments,
    ) -> Result<State, ActorProcessingErr> {
        Ok(State { context, org, last_opened: None, alarm: None })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Look => Box::pin(state.on_look(&myself)).await,
        }
        Ok(())
    }
}

/// What one transaction did, and what is left.
#[derive(Debug)]
enum Looked {
    /// Something was planned; there may be more.
    Planned(Plan),
    /// Nothing can be planned before then.
    Until(Option<Timestamp>),
}

impl State {
    async fn on_look(&mut self, myself: &ActorRef<Message>) {
        loop {
            match timeout(PLANNING_TIMEOUT, look(&self.context, self.org, self.last_opened)).await {
                Ok(Ok(Looked::Planned(plan))) => self.announce(&plan),
                Ok(Ok(Looked::Until(next))) => {
                    let wait = next.map(|due| (due - clock::now()).to_std().unwrap_or_default());
                    return self.set_alarm(myself, wait);
                }
                Ok(Err(error)) => {
                    tracing::warn!(org = %self.org, %error, "transitions could not be planned yet");
                    return self.set_alarm(myself, Some(RETRY_AFTER));
                }
                Err(_) => {
                    tracing::warn!(org = %self.org, "planning took too long; it is tried again");
                    return self.set_alarm(myself, Some(RETRY_AFTER));
                }
            }
        }
    }

    fn announce(&mut self, plan: &Plan) {
        let opens = plan.incidents.iter().any(|change| matches!(change, IncidentChange::Open(_)));
        if opens && plan.obligations.iter().any(|owed| owed.event == Event::MonitorDown) {
            self.last_opened = Some(clock::now());
        }
        if !plan.notifications.is_empty() {
            self.context.bus.ring(Doorbell::Outbox { org_id: self.org });
        }
        if !plan.events.is_empty() {
            self.context.bus.ring(Doorbell::Events { org_id: self.org });
        }
    }

    fn set_alarm(&mut self, myself: &ActorRef<Message>, wait: Option<Duration>) {
        let alarm = wait.map(|wait| {
            let myself = myself.clone();
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                rouse(&myself);
            })
        });
        if let Some(old) = std::mem::replace(&mut self.alarm, alarm) {
            old.abort();
        }
    }
}

/// Plans one batch of what there is: transitions first, for what waited may be over with them.
async fn look(context: &Context, org: OrgId, last_opened: Option<Timestamp>) -> Result<Looked, StoreError> {
    let mut txn = context.store.org(org).await?;
    let now = clock::now();
    let mut settles_at = None;
    if let Some(waiting) = txn.unplanned(BATCH_MAX).await? {
        settles_at = Some(plan::settles_at(&waiting.grouping, last_opened, waiting.oldest)).filter(|at| *at > now);
        if settles_at.is_none() {
            return plan_transitions(txn, &waiting.transitions, now).await;
        }
    }
    let due = txn.due_obligations(now, BATCH_MAX).await?;
    if due.is_empty() {
        let next = txn.next_obligation().await?;
        txn.commit().await?;
        return Ok(Looked::Until(settles_at.into_iter().chain(next).min()));
    }
    let monitors = distinct(due.iter().filter_map(|due| due.obligation.monitor_id).collect());
    let groups: Vec<IncidentId> = due
        .iter()
        .filter(|due| due.obligation.monitor_id.is_none())
        .filter_map(|due| due.obligation.incident_id)
        .collect();
    let situation = txn.situation(&monitors, &groups, false, now).await?;
    let plan = plan::due(&situation.desk(now), &due);
    txn.apply_plan(&plan, now).await?;
    txn.commit().await?;
    Ok(Looked::Planned(plan))
}

async fn plan_transitions(mut txn: OrgTxn, transitions: &[Transition], now: Timestamp) -> Result<Looked, StoreError> {
    let monitors = distinct(transitions.iter().map(|transition| transition.monitor_id).collect());
    let breaks_out = transitions.iter().any(|transition| transition.to == Status::Down);
    let situation = txn.situation(&monitors, &[], breaks_out, now).await?;
    let plan = plan::transitions(situation.desk(now), transitions, clock::incident_id);
    txn.apply_plan(&plan, now).await?;
    let keys: Vec<(MonitorId, i64)> = transitions.iter().map(|one| (one.monitor_id, one.sequence)).collect();
    txn.mark_planned(&keys, now).await?;
    txn.commit().await?;
    Ok(Looked::Planned(plan))
}

fn distinct(mut monitors: Vec<MonitorId>) -> Vec<MonitorId> {
    monitors.sort_unstable();
    monitors.dedup();
    monitors
}
