//! `GET incidents/{id}/explain`

use super::shown;
use crate::{
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    explain::counted,
    ids::{ChannelId, IncidentId, MonitorId, RuleId},
    incident::Incident,
    limits::WINDOW_OUTCOMES_MAX,
    monitor::ConfirmDown,
    notification::{Attempt, Notification},
    outcome::Outcome,
    plan::Obligation,
};
use pulse_store::{Milestones, OrgTxn, PageRequest};
use pulse_wire::explanation::{Explanation, Owed};
use std::collections::HashMap;

/// Checks that are looked at for those that were counted: some may have observed nothing.
const OUTCOMES_READ: u32 = 2 * WINDOW_OUTCOMES_MAX;

/// Why it is an incident, what was told of it to whom and when, and what was not and why.
#[utoipa::path(
    get,
    path = "/incidents/{id}/explain",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses((status = 200, description = "The incident, explained", body = Explanation))
)]
pub(crate) async fn explain_incident(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<IncidentId>,
) -> Result<Json<Explanation>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let view = txn.incident(id).await?.ok_or_else(Problem::not_found)?;
    let incident = &view.incident;
    let (threshold, outcomes) = match incident.monitor_id {
        Some(monitor) => crossed(&mut txn, monitor, incident.opened_at).await?,
        None => (None, Vec::new()),
    };
    let milestones = milestones(&mut txn, incident).await?;
    let owed = ledger(&mut txn, id).await?;
    txn.commit().await?;
    Ok(Json(Explanation {
        threshold,
        outcomes,
        confirmed_at: incident.opened_at,
        committed_at: milestones.map(|milestones| milestones.committed_at),
        planned_at: milestones.and_then(|milestones| milestones.planned_at),
        owed,
        incident: shown(view),
    }))
}

async fn milestones(txn: &mut OrgTxn, incident: &Incident) -> Result<Option<Milestones>, Problem> {
    match incident.monitor_id {
        Some(monitor) => Ok(txn.milestones(monitor, incident.opened_sequence).await?),
        None => Ok(None),
    }
}

/// What the policy asks for, and the outcomes that met it.
async fn crossed(
    txn: &mut OrgTxn,
    monitor: MonitorId,
    at: Timestamp,
) -> Result<(Option<ConfirmDown>, Vec<Outcome>), Problem> {
    let Some(view) = txn.monitor(monitor).await? else { return Ok((None, Vec::new())) };
    let policy = &view.monitor.config.policy;
    let newest = PageRequest { limit: OUTCOMES_READ, cursor: None };
    let mut outcomes = txn.results(monitor, None, Some(at + TimeDelta::microseconds(1)), &newest).await?.items;
    outcomes.reverse();
    Ok((Some(policy.confirm_down), counted(policy, &outcomes).into_iter().cloned().collect()))
}

async fn ledger(txn: &mut OrgTxn, incident: IncidentId) -> Result<Vec<Owed>, Problem> {
    let owed = txn.obligations_of(incident).await?;
    let channels: HashMap<ChannelId, String> =
        txn.channels().await?.into_iter().map(|channel| (channel.id, channel.name)).collect();
    let rules: HashMap<RuleId, String> = txn.rules().await?.into_iter().map(|rule| (rule.id, rule.name)).collect();
    let mut messages: HashMap<String, (Notification, Vec<Attempt>)> = txn
        .messages_of(incident)
        .await?
        .into_iter()
        .map(|(message, attempts)| (message.idempotency_key.clone(), (message, attempts)))
        .collect();
    let line = |obligation: Obligation| {
        let (notification, attempts) = messages.remove(&obligation.key).unzip();
        Owed {
            channel_name: channels.get(&obligation.channel_id).cloned(),
            rule_name: rules.get(&obligation.rule_id).cloned(),
            notification,
            attempts: attempts.unwrap_or_default(),
            obligation,
        }
    };
    Ok(owed.into_iter().map(line).collect())
}
