//! Alert rules with the channels they lead to.

use super::monitors::{expect_one, from_json, to_json};
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{ChannelId, RuleId},
    notification::Event,
    rule::Rule,
};
use serde_json::Value;
use uuid::Uuid;

struct RuleRow {
    id: Uuid,
    name: String,
    enabled: bool,
    matches: Value,
    events: Vec<String>,
    delay_seconds: i32,
    terms: Value,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    channel_ids: Vec<Uuid>,
}

impl RuleRow {
    fn read(self) -> Result<Rule, StoreError> {
        Ok(Rule {
            id: RuleId(self.id),
            name: self.name,
            enabled: self.enabled,
            matches: from_json(self.matches)?,
            events: self.events.iter().filter_map(|event| Event::parse(event)).collect(),
            channel_ids: self.channel_ids.into_iter().map(ChannelId).collect(),
            delay_seconds: self.delay_seconds.unsigned_abs(),
            terms: from_json(self.terms)?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl OrgTxn {
    /// All of them, oldest first.
    pub async fn rules(&mut self) -> Result<Vec<Rule>, StoreError> {
        self.rules_where(None).await
    }

    pub async fn rule(&mut self, id: RuleId) -> Result<Option<Rule>, StoreError> {
        Ok(self.rules_where(Some(id)).await?.pop())
    }

    async fn rules_where(&mut self, id: Option<RuleId>) -> Result<Vec<Rule>, StoreError> {
        let rows = sqlx::query_as!(
            RuleRow,
            r#"SELECT r.id, r.name, r.enabled, r.matches, r.events, r.delay_seconds, r.terms, r.version, r.created_at, r.updated_at,
                      ARRAY(SELECT c.channel_id FROM pulse.alert_rule_channels c
                            WHERE c.org_id = $1 AND c.rule_id = r.id ORDER BY c.position) AS "channel_ids!"
               FROM pulse.alert_rules r WHERE r.org_id = $1 AND ($2::uuid IS NULL OR r.id = $2) ORDER BY r.id"#,
            self.org.0,
            id.map(|id| id.0)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(RuleRow::read).collect()
    }

    /// Errors: `Referenced("channel_ids")` when a channel doesn't exist here.
    pub async fn insert_rule(&mut self, rule: &Rule) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.alert_rules (org_id, id, name, enabled, matches, events, delay_seconds, version, created_at, updated_at, terms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            self.org.0,
            rule.id.0,
            rule.name,
            rule.enabled,
            to_json(&rule.matches)?,
            &event_names(rule),
            rule.delay_seconds.cast_signed(),
            rule.version,
            rule.created_at,
            rule.updated_at,
            to_json(&rule.terms)?
        )
        .execute(self.connection())
        .await?;
        self.write_rule_channels(rule).await
    }

    /// Errors: `Conflict` when the version isn't `expected_version` any more; `Referenced("channel_ids")`.
    pub async fn update_rule(&mut self, rule: &Rule, expected_version: i64) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.alert_rules SET name = $4, enabled = $5, matches = $6, events = $7, delay_seconds = $8,
                    version = version + 1, updated_at = $9, terms = $10
             WHERE org_id = $1 AND id = $2 AND version = $3",
            self.org.0,
            rule.id.0,
            expected_version,
            rule.name,
            rule.enabled,
            to_json(&rule.matches)?,
            &event_names(rule),
            rule.delay_seconds.cast_signed(),
            rule.updated_at,
            to_json(&rule.terms)?
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())?;
        sqlx::query!("DELETE FROM pulse.alert_rule_channels WHERE org_id = $1 AND rule_id = $2", self.org.0, rule.id.0)
            .execute(self.connection())
            .await?;
        self.write_rule_channels(rule).await
    }

    async fn write_rule_channels(&mut self, rule: &Rule) -> Result<(), StoreError> {
        let channels: Vec<Uuid> = rule.channel_ids.iter().map(|id| id.0).collect();
        sqlx::query!(
            "INSERT INTO pulse.alert_rule_channels (org_id, rule_id, channel_id, position)
             SELECT $1, $2, channel, ordinal FROM unnest($3::uuid[]) WITH ORDINALITY AS listed (channel, ordinal)",
            self.org.0,
            rule.id.0,
            &channels
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn delete_rule(&mut self, id: RuleId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.alert_rules WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn event_names(rule: &Rule) -> Vec<String> {
    rule.events.iter().map(|event| event.as_str().to_owned()).collect()
}
