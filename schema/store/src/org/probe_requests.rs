//! "Probe this now": the API asks by a row, the engine answers in it.

use super::monitors::{from_json, to_json};
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, ProbeRequestId},
    monitor::MonitorConfig,
    outcome::Outcome,
};

impl OrgTxn {
    /// Exactly one of `monitor` (check it now) and `config` (try it before it is saved) is given.
    pub async fn insert_probe_request(
        &mut self,
        id: ProbeRequestId,
        monitor: Option<MonitorId>,
        config: Option<&MonitorConfig>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let config = config
            .map(|config| {
                let check = self.sealed_check(id.0, &config.check)?;
                to_json(&MonitorConfig { check, ..config.clone() })
            })
            .transpose()?;
        sqlx::query!(
            "INSERT INTO pulse.probe_requests (org_id, id, monitor_id, config, created_at) VALUES ($1, $2, $3, $4, $5)",
            self.org.0,
            id.0,
            monitor.map(|id| id.0),
            config,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The answer, if there is one; it can be taken once.
    pub async fn take_probe_answer(&mut self, id: ProbeRequestId) -> Result<Option<Outcome>, StoreError> {
        let row = sqlx::query_scalar!(
            r#"DELETE FROM pulse.probe_requests WHERE org_id = $1 AND id = $2 AND outcome IS NOT NULL RETURNING outcome AS "outcome!""#,
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(from_json::<Outcome>).transpose()?.map(Outcome::worded))
    }
}
