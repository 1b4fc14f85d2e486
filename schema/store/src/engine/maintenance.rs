//! What the engine knows of maintenance: which organizations have something to turn, and which occurrences cover whom.

use crate::{Engine, StoreError, org::monitors::from_json};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId, WindowId},
    limits::OCCURRENCES_KNOWN_HOURS,
    maintenance::{Occurrence, Span},
};

impl Engine {
    /// The organizations for which `OrgTxn::turn_maintenance` has something to do.
    pub async fn maintenance_due(&self, now: Timestamp) -> Result<Vec<OrgId>, StoreError> {
        let orgs = sqlx::query_scalar!(
            r#"SELECT org_id AS "org_id!" FROM pulse.maintenance_windows WHERE next_unplanned_at < $2
               UNION SELECT org_id FROM pulse.maintenance_occurrences WHERE starts_at <= $1 AND opened_at IS NULL
               UNION SELECT org_id FROM pulse.maintenance_occurrences WHERE ends_at <= $1 AND closed_at IS NULL"#,
            now,
            now + TimeDelta::hours(OCCURRENCES_KNOWN_HOURS / 2)
        )
        .fetch_all(self.pool())
        .await?;
        Ok(orgs.into_iter().map(OrgId).collect())
    }

    /// Every organization's occurrences that end after an instant, as far ahead as there are rows.
    pub async fn maintenance_since(&self, since: Timestamp) -> Result<Vec<(OrgId, Occurrence)>, StoreError> {
        let rows = sqlx::query!(
            "SELECT org_id, window_id, starts_at, ends_at, matches FROM pulse.maintenance_occurrences WHERE ends_at > $1",
            since
        )
        .fetch_all(self.pool())
        .await?;
        let read = rows.into_iter().map(|row| {
            let span = Span { from: row.starts_at, to: row.ends_at };
            let occurrence = Occurrence { window_id: WindowId(row.window_id), matches: from_json(row.matches)?, span };
            Ok((OrgId(row.org_id), occurrence))
        });
        // One that this version can't read must not hide the others.
        Ok(read
            .filter_map(|one: Result<_, StoreError>| {
                one.inspect_err(|error| tracing::error!(%error, "an occurrence of a maintenance window can't be read"))
                    .ok()
            })
            .collect())
    }

    /// The monitors of an organization that carry one of the tags.
    pub async fn tagged(&self, org: OrgId, tags: &[String]) -> Result<Vec<MonitorId>, StoreError> {
        let monitors =
            sqlx::query_scalar!("SELECT id FROM pulse.monitors WHERE org_id = $1 AND tags && $2", org.0, tags)
                .fetch_all(self.pool())
                .await?;
        Ok(monitors.into_iter().map(MonitorId).collect())
    }
}
