//! Requests to probe at once: taken by whoever runs the monitor, answered in the row.

use crate::{
    Engine, StoreError,
    org::{
        channels::unopenable,
        monitors::{from_json, to_json},
    },
    seal,
};
use pulse_domain::{
    ids::{MonitorId, OrgId, ProbeRequestId},
    monitor::MonitorConfig,
    outcome::Outcome,
};

#[derive(Clone, Debug)]
pub struct ProbeRequest {
    pub org_id: OrgId,
    pub id: ProbeRequestId,
    pub target: ProbeTarget,
}

#[derive(Clone, Debug)]
pub enum ProbeTarget {
    /// Through its own actor, so that the outcome counts.
    Monitor(MonitorId),
    /// A configuration that isn't saved.
    Trial(Box<MonitorConfig>),
}

impl Engine {
    /// Takes open requests: trials, and checks of monitors of these shards. A request is taken once.
    pub async fn claim_probe_requests(&self, shards: &[u16], limit: u32) -> Result<Vec<ProbeRequest>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let rows = sqlx::query!(
            "UPDATE pulse.probe_requests r SET claimed_at = clock_timestamp()
             FROM (SELECT p.org_id, p.id FROM pulse.probe_requests p
                   LEFT JOIN pulse.monitors m ON m.org_id = p.org_id AND m.id = p.monitor_id
                   WHERE p.claimed_at IS NULL AND p.created_at > clock_timestamp() - interval '1 minute'
                     AND (p.monitor_id IS NULL OR m.shard = ANY ($1))
                   ORDER BY p.created_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED) AS open
             WHERE r.org_id = open.org_id AND r.id = open.id
             RETURNING r.org_id, r.id, r.monitor_id, r.config",
            &shards,
            i64::from(limit)
        )
        .fetch_all(self.pool())
        .await?;
        let read = rows.into_iter().map(|row| {
            let id = row.id;
            let read = || {
                let target = match (row.monitor_id, row.config) {
                    (Some(monitor), _) => ProbeTarget::Monitor(MonitorId(monitor)),
                    (None, Some(config)) => {
                        let mut config: MonitorConfig = from_json(config)?;
                        seal::check::open(self.keyring(), OrgId(row.org_id), id, &mut config.check)
                            .map_err(unopenable)?;
                        ProbeTarget::Trial(Box::new(config))
                    }
                    (None, None) => return Err(StoreError::unreadable("probe_requests.config")),
                };
                Ok(ProbeRequest { org_id: OrgId(row.org_id), id: ProbeRequestId(id), target })
            };
            // One that can't be read must not take the others with it.
            read().inspect_err(|error| tracing::error!(request = %id, %error, "a request to probe can't be read")).ok()
        });
        Ok(read.flatten().collect())
    }

    pub async fn answer_probe_request(
        &self,
        org: OrgId,
        id: ProbeRequestId,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE pulse.probe_requests SET outcome = $3 WHERE org_id = $1 AND id = $2",
            org.0,
            id.0,
            to_json(outcome)?
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Requests that nobody waits for any more.
    pub async fn sweep_probe_requests(&self) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM pulse.probe_requests WHERE created_at < clock_timestamp() - interval '5 minutes'")
            .execute(self.pool())
            .await?;
        Ok(())
    }
}
