//! Notification channels: secrets are sealed on the way in and opened on the way out.

use super::monitors::{expect_one, from_json};
use crate::{
    OrgTxn, StoreError,
    seal::{OpenError, Place},
};
use pulse_domain::{
    Timestamp,
    channel::{Channel, ChannelKind, Settings},
    ids::ChannelId,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

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
        let (config, sealed) = self.seal_settings(channel.id.0, channel.kind, &channel.settings)?;
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
        let (config, sealed) = self.seal_settings(channel.id.0, channel.kind, &channel.settings)?;
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

    /// What anyone of the organization may see, and the rest: field → sealed text, each bound to its place.
    pub(super) fn seal_settings(
        &self,
        row: Uuid,
        kind: ChannelKind,
        settings: &Settings,
    ) -> Result<(Value, Value), StoreError> {
        let (open, secrets) = settings.split(kind);
        let mut sealed = Map::new();
        for (field, secret) in secrets {
            let place = Place { org: self.org, row, field };
            let text = self.inner.keyring.seal(place, &secret).map_err(unopenable)?;
            sealed.insert(field.to_owned(), Value::String(text));
        }
        Ok((Value::Object(open), Value::Object(sealed)))
    }

    pub(super) fn open_settings(&self, row: Uuid, open: Value, sealed: Value) -> Result<Settings, StoreError> {
        let sealed: BTreeMap<String, String> = from_json(sealed)?;
        let mut secrets = BTreeMap::new();
        for (field, text) in sealed {
            let place = Place { org: self.org, row, field: &field };
            let secret = self.inner.keyring.open(place, &text).map_err(unopenable)?;
            secrets.insert(field, secret);
        }
        // Without the parser's own words, which might quote the secret.
        Settings::join(from_json(open)?, &secrets).ok_or_else(|| StoreError::unreadable("notification_channels.sealed"))
    }

    fn open_channel(&self, row: ChannelRow) -> Result<Channel, StoreError> {
        Ok(Channel {
            org_id: self.org,
            id: ChannelId(row.id),
            name: row.name,
            kind: ChannelKind::parse(&row.r#type).ok_or_else(unopenable_kind)?,
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            settings: self.open_settings(row.id, row.config, row.sealed)?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn unopenable_kind() -> StoreError {
    StoreError::unreadable("the type of a channel")
}

pub(crate) fn unopenable(error: OpenError) -> StoreError {
    StoreError::unreadable(error)
}
