//! Which organizations' desks have work: found by looking, whatever doorbell was missed.

use crate::{Engine, StoreError};
use pulse_domain::ids::OrgId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskWork {
    pub org_id: OrgId,
    /// There are transitions that nobody planned, or obligations whose time has come.
    pub unplanned: bool,
    /// There are messages whose time has come.
    pub due: bool,
}

impl Engine {
    /// Of the desks in these shards, those with work.
    pub async fn desks_with_work(&self, shards: &[u16]) -> Result<Vec<DeskWork>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let rows = sqlx::query!(
            r#"SELECT o.id, bool_or(work.unplanned) AS "unplanned!", bool_or(NOT work.unplanned) AS "due!"
               FROM (SELECT DISTINCT org_id, true AS unplanned FROM pulse.transitions WHERE planned_at IS NULL
                     UNION ALL
                     SELECT DISTINCT org_id, true FROM pulse.obligations WHERE standing = 'waiting' AND due_at <= clock_timestamp()
                     UNION ALL
                     SELECT DISTINCT org_id, false FROM pulse.notifications
                     WHERE status IN ('pending', 'failed') AND next_attempt_at <= clock_timestamp()
                       AND (lease_until IS NULL OR lease_until < clock_timestamp())) AS work
               JOIN pulse.organizations o ON o.id = work.org_id AND o.desk = ANY ($1)
               GROUP BY o.id"#,
            &shards
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| DeskWork { org_id: OrgId(row.id), unplanned: row.unplanned, due: row.due })
            .collect())
    }
}
