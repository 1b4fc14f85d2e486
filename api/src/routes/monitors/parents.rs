//! What a monitor may depend on.

use crate::problem::Problem;
use pulse_domain::{dependency, ids::MonitorId};
use pulse_store::OrgTxn;

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
    let known: Vec<MonitorId> = txn.monitor_facts(parents).await?.iter().map(|facts| facts.id).collect();
    let unknown =
        parents.iter().position(|parent| !known.contains(parent) && !before.contains(parent) && *parent != child);
    if let Some(index) = unknown {
        return Err(Problem::invalid_field(format!("/parent_ids/{index}"), "unknown", "there is no such monitor"));
    }
    match dependency::circle(&txn.parents().await?, child, parents) {
        Some(index) => Err(Problem::invalid_field(
            format!("/parent_ids/{index}"),
            "circle",
            "depends on this monitor itself, so neither could ever hold the other back",
        )),
        None => Ok(()),
    }
}
