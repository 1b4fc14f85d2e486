//! Notification channels: secrets are sealed on the way in and opened on the way out.

use super::monitors::{expect_one, from_json, to_json};
use crate::{
    OrgTxn, StoreError,
    seal::{OpenError, Place},
};
use pulse_domain::{
    Timestamp,
    channel::{Channel, ChannelKind, Webhook},
    ids::ChannelId,
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What anyone of the organization may see of a webhook.
#[derive(Serialize, Deserialize)]
struct PublicConfig {
    url: String,
}

/// What is sealed of it: each field a text of its own, bound to its place.
#[derive(Serialize, Deserialize)]
struct SealedConfig {
    /// A JSON object of header names and values.
    headers: String,
    /// A JSON array, newest first.
    signing_secrets: String,
}

const HEADERS: &str = "headers";
const SIGNING_SECRETS: &str = "signing_secrets";

pub(crate) struct ChannelRow {
    id: Uuid,
    name: String,
    r#type: String,
    enabled: bool,
    disabled_reason: Option<String>,
    config: Value,
    sealed: Value,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl OrgTxn {
    /// All of them, oldest first.
    pub async fn channels(&mut self) -> Result<Vec<Channel>, StoreError> {
        let rows = sqlx::query_as!(
            ChannelRow,
            "SELECT id, name, type, enabled, disabled_reason, config, sealed, version, created_at, updated_at
             FROM pulse.notification_channels WHERE org_id = $1 ORDER BY id",
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| self.open_channel(row)).collect()
    }

    pub async fn channel(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        let row = sqlx::query_as!(
            ChannelRow,
            "SELECT id, name, type, enabled, disabled_reason, config, sealed, version, created_at, updated_at
             FROM pulse.notification_channels WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| self.open_channel(row)).transpose()
    }

    /// Those that messages may be planned for.
    pub async fn enabled_channels(&mut self) -> Result<BTreeSet<ChannelId>, StoreError> {
        let ids =
            sqlx::query_scalar!("SELECT id FROM pulse.notification_channels WHERE org_id = $1 AND enabled", self.org.0)
                .fetch_all(self.connection())
                .await?;
        Ok(ids.into_iter().map(ChannelId).collect())
    }

    pub async fn insert_channel(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let (config, sealed) = self.seal_channel(channel)?;
        sqlx::query!(
            "INSERT INTO pulse.notification_channels
                 (org_id, id, name, type, enabled, disabled_reason, config, sealed, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            self.org.0,
            channel.id.0,
            channel.name,
            channel.kind.as_str(),
            channel.enabled,
            channel.disabled_reason,
            config,
            sealed,
            channel.version,
            channel.created_at,
            channel.updated_at
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Errors: `Conflict` when the version isn't `expected_version` any more.
    pub async fn update_channel(&mut self, channel: &Channel, expected_version: i64) -> Result<(), StoreError> {
        let (config, sealed) = self.seal_channel(channel)?;
        let done = sqlx::query!(
            "UPDATE pulse.notification_channels
             SET name = $4, enabled = $5, disabled_reason = $6, config = $7, sealed = $8, version = version + 1, updated_at = $9
             WHERE org_id = $1 AND id = $2 AND version = $3",
            self.org.0,
            channel.id.0,
            expected_version,
            channel.name,
            channel.enabled,
            channel.disabled_reason,
            config,
            sealed,
            channel.updated_at
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())
    }

    /// Switches it off by Pulse's own decision, with the reason that people are shown.
    pub async fn disable_channel(&mut self, id: ChannelId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE pulse.notification_channels SET enabled = false, disabled_reason = $3, version = version + 1, updated_at = $4
             WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0,
            reason,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether there was one. Errors: `Referenced` while a rule relies on it.
    pub async fn delete_channel(&mut self, id: ChannelId) -> Result<bool, StoreError> {
        let done =
            sqlx::query!("DELETE FROM pulse.notification_channels WHERE org_id = $1 AND id = $2", self.org.0, id.0)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    fn seal_channel(&self, channel: &Channel) -> Result<(Value, Value), StoreError> {
        let headers: BTreeMap<&str, &str> =
            channel.webhook.headers.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        let secrets: Vec<&str> =
            channel.webhook.signing_secrets.iter().map(|secret| secret.expose().as_str()).collect();
        let seal = |field, text: String| {
            let place = Place { org: self.org, row: channel.id.0, field };
            self.inner.keyring.seal(place, &Secret::new(text)).map_err(unopenable)
        };
        let sealed = SealedConfig {
            headers: seal(HEADERS, serde_json::to_string(&headers).map_err(StoreError::unreadable)?)?,
            signing_secrets: seal(SIGNING_SECRETS, serde_json::to_string(&secrets).map_err(StoreError::unreadable)?)?,
        };
        Ok((to_json(&PublicConfig { url: channel.webhook.url.clone() })?, to_json(&sealed)?))
    }

    fn open_channel(&self, row: ChannelRow) -> Result<Channel, StoreError> {
        let id = ChannelId(row.id);
        let public: PublicConfig = from_json(row.config)?;
        let sealed: SealedConfig = from_json(row.sealed)?;
        let open = |field, text: &str| {
            self.inner.keyring.open(Place { org: self.org, row: id.0, field }, text).map_err(unopenable)
        };
        let headers: BTreeMap<String, Secret<String>> =
            serde_json::from_str(open(HEADERS, &sealed.headers)?.expose()).map_err(|_| damaged())?;
        let signing_secrets: Vec<Secret<String>> =
            serde_json::from_str(open(SIGNING_SECRETS, &sealed.signing_secrets)?.expose()).map_err(|_| damaged())?;
        Ok(Channel {
            org_id: self.org,
            id,
            name: row.name,
            kind: ChannelKind::parse(&row.r#type)
                .ok_or_else(|| StoreError::unreadable("notification_channels.type"))?,
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            webhook: Webhook { url: public.url, headers, signing_secrets },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(crate) fn unopenable(error: OpenError) -> StoreError {
    StoreError::unreadable(error)
}

/// Without the parser's own words, which might quote the secret.
fn damaged() -> StoreError {
    StoreError::unreadable("notification_channels.sealed")
}
