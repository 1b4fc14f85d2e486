//! Sealing again, with the newest key: while everything runs, a row at a time, never over a newer value.
//!
//! A row is written only as it was read, so whoever changes it meanwhile wins; their value is sealed with the newest key
//! anyway. Nothing that anybody sees changes, so versions stay.

use super::{
    channels::unopenable,
    monitors::{from_json, to_json},
    pushes,
};
use crate::{
    OrgTxn, StoreError,
    seal::{self, Place},
};
use pulse_domain::monitor::Check;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Monitors of one look.
const PAGE_ROWS: i64 = 500;

/// What was looked at, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows with something sealed in them.
    pub seen: u64,
    /// Of these, those that are sealed anew.
    pub resealed: u64,
    /// Of these, those that no key of the ring opens.
    pub unreadable: u64,
}

impl Resealed {
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.resealed += other.resealed;
        self.unreadable += other.unreadable;
    }

    fn count<T>(&mut self, table: &'static str, row: Uuid, again: Result<Option<T>, StoreError>) -> Option<T> {
        self.seen += 1;
        match again {
            Ok(again) => again,
            Err(error) => {
                tracing::warn!(table, %row, %error, "what is sealed there can't be opened");
                self.unreadable += 1;
                None
            }
        }
    }
}

impl OrgTxn {
    pub async fn reseal_channels(&mut self) -> Result<Resealed, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, sealed FROM pulse.notification_channels WHERE org_id = $1 AND sealed <> '{}' ORDER BY id",
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        let mut done = Resealed::default();
        for row in rows {
            let again = self.fields_again(row.id, &row.sealed);
            let Some(again) = done.count("notification_channels", row.id, again) else { continue };
            let written = sqlx::query!(
                "UPDATE pulse.notification_channels SET sealed = $4 WHERE org_id = $1 AND id = $2 AND sealed = $3",
                self.org.0,
                row.id,
                row.sealed,
                again
            )
            .execute(self.connection())
            .await?;
            done.resealed += written.rows_affected();
        }
        Ok(done)
    }

    /// One page of monitors and their push URLs, after the given one. Answers where to go on, until there is nothing left.
    pub async fn reseal_monitors(&mut self, after: Option<Uuid>) -> Result<(Resealed, Option<Uuid>), StoreError> {
        let rows = sqlx::query!(
            r#"SELECT m.id, m.spec, u.token_sealed AS "token_sealed?"
               FROM pulse.monitors m LEFT JOIN pulse.push_urls u ON u.org_id = m.org_id AND u.monitor_id = m.id
               WHERE m.org_id = $1 AND ($2::uuid IS NULL OR m.id > $2) ORDER BY m.id LIMIT $3"#,
            self.org.0,
            after,
            PAGE_ROWS
        )
        .fetch_all(self.connection())
        .await?;
        let (mut done, last) = (Resealed::default(), rows.last().map(|row| row.id));
        for row in rows {
            let again = self.check_again(row.id, &row.spec);
            if let Some(again) = done.count("monitors", row.id, again) {
                let written = sqlx::query!(
                    "UPDATE pulse.monitors SET spec = $4 WHERE org_id = $1 AND id = $2 AND spec = $3",
                    self.org.0,
                    row.id,
                    row.spec,
                    again
                )
                .execute(self.connection())
                .await?;
                done.resealed += written.rows_affected();
            }
            let Some(sealed) = row.token_sealed else { continue };
            let place = Place { org: self.org, row: row.id, field: pushes::FIELD };
            let again = self.inner.keyring.reseal(place, &sealed).map_err(unopenable);
            if let Some(again) = done.count("push_urls", row.id, again) {
                let written = sqlx::query!(
                    "UPDATE pulse.push_urls SET token_sealed = $4 WHERE org_id = $1 AND monitor_id = $2 AND token_sealed = $3",
                    self.org.0,
                    row.id,
                    sealed,
                    again
                )
                .execute(self.connection())
                .await?;
                done.resealed += written.rows_affected();
            }
        }
        Ok((done, last))
    }

    /// Field → sealed text, as channels have it.
    fn fields_again(&self, row: Uuid, sealed: &Value) -> Result<Option<Value>, StoreError> {
        let mut fields: BTreeMap<String, String> = from_json(sealed.clone())?;
        let mut changed = false;
        for (field, text) in &mut fields {
            let place = Place { org: self.org, row, field };
            if let Some(again) = self.inner.keyring.reseal(place, text).map_err(unopenable)? {
                *text = again;
                changed = true;
            }
        }
        if changed { to_json(&fields).map(Some) } else { Ok(None) }
    }

    /// A check with credentials in their own fields.
    fn check_again(&self, row: Uuid, spec: &Value) -> Result<Option<Value>, StoreError> {
        let mut check: Check = from_json(spec.clone())?;
        let changed = seal::check::reseal(&self.inner.keyring, self.org, row, &mut check).map_err(unopenable)?;
        if changed { to_json(&check).map(Some) } else { Ok(None) }
    }
}
