//! Who runs which shard: Postgres decides, by its own clock.

use crate::org::monitors::{from_json, to_json};
use crate::{Engine, StoreError};
use pulse_domain::{ids::Incarnation, limits, report::NodeReport};
use uuid::Uuid;

/// The right to run a shard, until someone else's epoch is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    pub shard: u16,
    pub owner: Incarnation,
    pub epoch: i64,
}

/// What a heartbeat sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Active nodes with a fresh heartbeat, the asking one included.
    pub nodes: Vec<Incarnation>,
    pub shards: Vec<ShardRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardRow {
    pub shard: u16,
    pub owner: Option<Incarnation>,
    pub epoch: i64,
    /// Released, or its owner is dead.
    pub claimable: bool,
}

impl Engine {
    /// A new boot. Rows of nodes long gone are cleared away on the way.
    pub async fn register_node(&self, node: Incarnation, name: &str) -> Result<(), StoreError> {
        let mut txn = self.begin().await?;
        sqlx::query!(
            "DELETE FROM pulse.nodes WHERE heartbeat_at < clock_timestamp() - interval '1 hour'
             AND NOT EXISTS (SELECT FROM pulse.shards WHERE owner = incarnation)"
        )
        .execute(&mut *txn)
        .await?;
        sqlx::query!("INSERT INTO pulse.nodes (incarnation, name, state) VALUES ($1, $2, 'active')", node.0, name)
            .execute(&mut *txn)
            .await?;
        Ok(txn.commit().await?)
    }

    /// What the newest node on the machine of this name said last, if that is not longer ago than such rows are kept. One that this
    /// version can't read says nothing.
    pub async fn last_report(&self, name: &str) -> Result<Option<NodeReport>, StoreError> {
        let report = sqlx::query_scalar!(
            r#"SELECT report AS "report!" FROM pulse.nodes WHERE name = $1 AND report IS NOT NULL ORDER BY heartbeat_at DESC LIMIT 1"#,
            name
        )
        .fetch_optional(self.pool())
        .await?;
        Ok(report.and_then(|report| from_json(report).ok()))
    }

    /// One update a second with what the node says about itself, and a look at the whole board.
    pub async fn heartbeat(&self, node: Incarnation, report: &NodeReport) -> Result<View, StoreError> {
        sqlx::query!(
            "UPDATE pulse.nodes SET heartbeat_at = clock_timestamp(), report = $2 WHERE incarnation = $1",
            node.0,
            to_json(report)?
        )
        .execute(self.pool())
        .await?;
        let nodes = sqlx::query_scalar!(
            "SELECT incarnation FROM pulse.nodes
             WHERE state = 'active' AND heartbeat_at > clock_timestamp() - make_interval(secs => $1) ORDER BY incarnation",
            limits::NODE_DEAD_SECONDS
        )
        .fetch_all(self.pool())
        .await?;
        let shards = sqlx::query!(
            r#"SELECT s.shard, s.owner, s.epoch,
                      (s.owner IS NULL OR n.incarnation IS NULL OR n.state = 'gone'
                       OR n.heartbeat_at <= clock_timestamp() - make_interval(secs => $1)) AS "claimable!"
               FROM pulse.shards s LEFT JOIN pulse.nodes n ON n.incarnation = s.owner ORDER BY s.shard"#,
            limits::NODE_DEAD_SECONDS
        )
        .fetch_all(self.pool())
        .await?;
        Ok(View {
            nodes: nodes.into_iter().map(Incarnation).collect(),
            shards: shards
                .into_iter()
                .map(|row| ShardRow {
                    shard: row.shard.cast_unsigned(),
                    owner: row.owner.map(Incarnation),
                    epoch: row.epoch,
                    claimable: row.claimable,
                })
                .collect(),
        })
    }

    /// Claims those of `wanted` that are free, each by compare-and-set on the epoch seen; answers what was won.
    pub async fn claim(&self, node: Incarnation, wanted: &[ShardRow]) -> Result<Vec<Lease>, StoreError> {
        let shards: Vec<i16> = wanted.iter().map(|row| row.shard.cast_signed()).collect();
        let epochs: Vec<i64> = wanted.iter().map(|row| row.epoch).collect();
        let rows = sqlx::query!(
            "UPDATE pulse.shards s SET owner = $1, epoch = s.epoch + 1, changed_at = clock_timestamp()
             FROM unnest($2::smallint[], $3::bigint[]) AS w (shard, epoch)
             WHERE s.shard = w.shard AND s.epoch = w.epoch
               AND (s.owner IS NULL OR NOT EXISTS (
                     SELECT FROM pulse.nodes n WHERE n.incarnation = s.owner AND n.state <> 'gone'
                       AND n.heartbeat_at > clock_timestamp() - make_interval(secs => $4)))
             RETURNING s.shard, s.epoch",
            node.0,
            &shards,
            &epochs,
            limits::NODE_DEAD_SECONDS
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Lease { shard: row.shard.cast_unsigned(), owner: node, epoch: row.epoch })
            .collect())
    }

    /// Gives shards back; whoever wants them may claim them at once.
    pub async fn release(&self, node: Incarnation, shards: &[u16]) -> Result<(), StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        sqlx::query!(
            "UPDATE pulse.shards SET owner = NULL, epoch = epoch + 1, changed_at = clock_timestamp()
             WHERE owner = $1 AND shard = ANY ($2)",
            node.0,
            &shards
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// It wants no more shards, but still runs what it has.
    pub async fn drain_node(&self, node: Incarnation) -> Result<(), StoreError> {
        self.set_state(node.0, "draining").await
    }

    /// It is no more.
    pub async fn retire_node(&self, node: Incarnation) -> Result<(), StoreError> {
        self.set_state(node.0, "gone").await
    }

    async fn set_state(&self, node: Uuid, state: &str) -> Result<(), StoreError> {
        sqlx::query!("UPDATE pulse.nodes SET state = $2 WHERE incarnation = $1", node, state)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}
