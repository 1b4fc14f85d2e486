//! Which monitors depend on which.

use crate::{OrgTxn, StoreError};
use pulse_domain::{dependency::Parents, ids::MonitorId};
use uuid::Uuid;

impl OrgTxn {
    /// The whole graph. It can't change until the end of the transaction, so that two changes never close a circle together.
    pub async fn parents(&mut self) -> Result<Parents, StoreError> {
        sqlx::query!("SELECT id FROM pulse.organizations WHERE id = $1 FOR NO KEY UPDATE", self.org.0)
            .fetch_one(self.connection())
            .await?;
        let rows = sqlx::query!(
            "SELECT id, parent_ids FROM pulse.monitors WHERE org_id = $1 AND parent_ids <> '{}'",
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (MonitorId(row.id), row.parent_ids.into_iter().map(MonitorId).collect()))
            .collect())
    }

    /// Whoever calls it has looked for circles in [`OrgTxn::parents`].
    pub(super) async fn write_parents(&mut self, child: MonitorId, parents: &[MonitorId]) -> Result<(), StoreError> {
        let parents: Vec<Uuid> = parents.iter().map(|id| id.0).collect();
        sqlx::query!(
            "UPDATE pulse.monitors SET parent_ids = $3 WHERE org_id = $1 AND id = $2 AND parent_ids <> $3",
            self.org.0,
            child.0,
            &parents
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
