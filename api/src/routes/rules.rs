//! Alert rules: which transitions go to which channels.

mod create;
mod delete;
mod list;
mod read;
mod update;

use crate::{
    problem::Problem,
    state::ApiState,
    stored::{Stored, Versioned},
};
use pulse_domain::{
    ids::{MonitorId, RuleId},
    rule::{Match, Rule},
};
use pulse_store::{OrgTxn, StoreError};
use pulse_wire::problem::FieldError;
use std::collections::BTreeSet;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list::list_rules, create::create_rule)).routes(routes!(
        read::read_rule,
        update::update_rule,
        delete::delete_rule
    ))
}

impl Stored for Rule {
    type Id = RuleId;

    async fn find(txn: &mut OrgTxn, id: RuleId) -> Result<Option<Self>, StoreError> {
        txn.rule(id).await
    }
}

impl Versioned for Rule {
    fn version(&self) -> i64 {
        self.version
    }
}

/// Refuses monitors that don't exist, each by its place in the list.
pub(super) async fn check_monitors(txn: &mut OrgTxn, matches: &Match) -> Result<(), Problem> {
    if matches.monitor_ids.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<MonitorId> =
        txn.monitor_facts(&matches.monitor_ids).await?.iter().map(|facts| facts.id).collect();
    let unknown = matches.monitor_ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let errors: Vec<FieldError> = unknown
        .map(|(index, _)| FieldError {
            pointer: format!("/match/monitor_ids/{index}"),
            code: "unknown".to_owned(),
            detail: "there is no such monitor".to_owned(),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// What the store says about a rule, as what the client can do about it.
fn refusal(error: StoreError) -> Problem {
    if matches!(error, StoreError::Referenced(_)) {
        return Problem::invalid_field("/channel_ids", "unknown", "names a channel that does not exist");
    }
    error.into()
}
