//! What a monitor may depend on.

use crate::problem::Problem;
use pulse_domain::{dependency, ids::MonitorId, monitor::Monitor};
use pulse_store::OrgTxn;
use pulse_wire::problem::FieldError;
use std::collections::BTreeSet;

/// Refuses parents that don't exist, unless they were there before (one may have been deleted since), and circles; each by
/// its place in the list. The graph stays locked until the end of the transaction.
pub(super) async fn check_parents(
    txn: &mut OrgTxn,
    child: MonitorId,
    parents: &[MonitorId],
    before: &[MonitorId],
) -> Result<(), Problem> {
    if parents == before {
        return Ok(());
    }
    if let Some(index) = dependency::circle(&txn.parents().await?, child, parents) {
        let detail = "depends on this monitor itself, so neither could ever hold the other back";
        return Err(Problem::invalid(vec![fault(index, "circle", detail)]));
    }
    let mut known = existing(txn, parents).await?;
    known.extend(before);
    let unknown: Vec<FieldError> = unknown(&known, parents).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Problem::invalid(unknown)) }
}

/// The same for monitors that are new, so that nothing depends on them yet. `list` is where they are in the body.
pub(super) async fn check_parents_of_new(txn: &mut OrgTxn, list: &str, monitors: &[Monitor]) -> Result<(), Problem> {
    let named: Vec<MonitorId> = monitors.iter().flat_map(|monitor| monitor.config.parent_ids.clone()).collect();
    if named.is_empty() {
        return Ok(());
    }
    let known = existing(txn, &named).await?;
    let faults: Vec<FieldError> = (0..)
        .zip(monitors)
        .flat_map(|(number, monitor)| {
            unknown(&known, &monitor.config.parent_ids).map(move |fault| fault.inside(&format!("/{list}/{number}")))
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

async fn existing(txn: &mut OrgTxn, parents: &[MonitorId]) -> Result<BTreeSet<MonitorId>, Problem> {
    Ok(txn.monitor_facts(parents).await?.iter().map(|facts| facts.id).collect())
}

fn unknown(known: &BTreeSet<MonitorId>, parents: &[MonitorId]) -> impl Iterator<Item = FieldError> {
    let missing = parents.iter().enumerate().filter(|(_, parent)| !known.contains(parent));
    missing.map(|(index, _)| fault(index, "unknown", "there is no such monitor"))
}

fn fault(index: usize, code: &str, detail: &str) -> FieldError {
    FieldError { pointer: format!("/parent_ids/{index}"), code: code.to_owned(), detail: detail.to_owned() }
}
