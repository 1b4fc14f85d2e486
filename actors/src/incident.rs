//! The incident actor of one organization: it plans the transitions that nobody has planned yet.
//!
//! Supervised by the shard of the organization's desk. It holds no state: whatever it has not finished is found again by the
//! next doorbell, poll or restart, and planning twice writes nothing twice. Two of them at once (during a takeover) wait for
//! each other on the transitions' rows.

use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::{MonitorId, OrgId},
    incident::{Incident, IncidentState},
    plan::{self, IncidentChange, Inputs},
};
use pulse_store::StoreError;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::timeout;

use crate::{clock, context::Context};

/// Transitions of one transaction.
const BATCH_MAX: u32 = 200;
/// Longer than the database's own statement timeouts; a planning that hangs is given up and found again.
const PLANNING_TIMEOUT: Duration = Duration::from_secs(15);
const RETRY_AFTER: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) enum Message {
    /// There may be unplanned transitions.
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
        Ok(State { context, org })
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

impl State {
    async fn on_look(&self, myself: &ActorRef<Message>) {
        loop {
            match timeout(PLANNING_TIMEOUT, plan_batch(&self.context, self.org)).await {
                Ok(Ok(Planned { transitions, messages })) => {
                    if messages > 0 {
                        self.context.bus.ring(Doorbell::Outbox { org_id: self.org });
                    }
                    if transitions > 0 {
                        self.context.bus.ring(Doorbell::Events { org_id: self.org });
                    }
                    if transitions < BATCH_MAX as usize {
                        return;
                    }
                }
                Ok(Err(error)) => {
                    tracing::warn!(org = %self.org, %error, "transitions could not be planned yet");
                    let _task = myself.send_after(RETRY_AFTER, || Message::Look);
                    return;
                }
                Err(_) => {
                    tracing::warn!(org = %self.org, "planning took too long; it is tried again");
                    let _task = myself.send_after(RETRY_AFTER, || Message::Look);
                    return;
                }
            }
        }
    }
}

/// What one transaction planned.
#[derive(Clone, Copy, Debug, Default)]
struct Planned {
    transitions: usize,
    messages: usize,
}

/// Plans a batch, in order, each on top of what the one before it led to.
async fn plan_batch(context: &Context, org: OrgId) -> Result<Planned, StoreError> {
    let mut txn = context.store.org(org).await?;
    let transitions = txn.unplanned(BATCH_MAX).await?;
    if transitions.is_empty() {
        return Ok(Planned::default());
    }
    let mut monitors: Vec<MonitorId> = transitions.iter().map(|transition| transition.monitor_id).collect();
    monitors.sort_unstable();
    monitors.dedup();
    let facts = txn.facts().await?;
    let about: HashMap<MonitorId, _> =
        txn.monitor_facts(&monitors).await?.into_iter().map(|one| (one.id, one)).collect();
    let mut open: HashMap<MonitorId, Incident> =
        txn.open_incidents(&monitors).await?.into_iter().filter_map(|one| one.monitor_id.map(|id| (id, one))).collect();
    let rules = txn.rules().await?;
    let enabled_channels = txn.enabled_channels().await?;
    let now = clock::now();
    let mut planned = Planned { transitions: transitions.len(), messages: 0 };
    for transition in &transitions {
        // Nothing is told about a monitor that was deleted.
        let Some(monitor) = about.get(&transition.monitor_id) else { continue };
        let plan = plan::transition(&Inputs {
            org: &facts,
            monitor,
            transition,
            open_incident: open.get(&transition.monitor_id),
            rules: &rules,
            enabled_channels: &enabled_channels,
            new_incident_id: clock::incident_id(),
            now,
        });
        let continued = open.get(&transition.monitor_id).map(|incident| incident.id);
        txn.apply_plan(&plan, continued, now).await?;
        planned.messages += plan.notifications.len();
        carry_on(&mut open, transition.monitor_id, plan.incident);
    }
    let keys: Vec<(MonitorId, i64)> = transitions.iter().map(|one| (one.monitor_id, one.sequence)).collect();
    txn.mark_planned(&keys, now).await?;
    txn.commit().await?;
    Ok(planned)
}

/// The open incident as the next transition of the batch finds it.
fn carry_on(open: &mut HashMap<MonitorId, Incident>, monitor: MonitorId, change: IncidentChange) {
    match change {
        IncidentChange::None => {}
        IncidentChange::Open(incident) => {
            open.insert(monitor, incident);
        }
        IncidentChange::Update(incident) if incident.state == IncidentState::Resolved => {
            open.remove(&monitor);
        }
        IncidentChange::Update(mut incident) => {
            // The write raised the row's version.
            incident.version += 1;
            open.insert(monitor, incident);
        }
    }
}
