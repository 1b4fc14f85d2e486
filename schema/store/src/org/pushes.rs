//! Push URLs and the calls of them.

use super::channels::unopenable;
use crate::{
    OrgTxn, StoreError,
    seal::{Keyring, Place},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    monitor::{Check, Monitor},
    push::Push,
    secret::Secret,
};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

pub(super) const FIELD: &str = "push_token";
/// Calls at the very same microsecond that still find a place of their own.
const SAME_INSTANT_MAX: i64 = 16;

impl OrgTxn {
    /// Makes the secret URL of a push monitor that has none yet.
    pub(crate) async fn ensure_push_url(&mut self, monitor: MonitorId, check: &Check) -> Result<(), StoreError> {
        if !matches!(check, Check::Push(_)) {
            return Ok(());
        }
        let (_, hash, sealed) = self.new_token(monitor)?;
        sqlx::query!(
            "INSERT INTO pulse.push_urls (org_id, monitor_id, token_hash, token_sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (org_id, monitor_id) DO NOTHING",
            self.org.0,
            monitor.0,
            hash.as_slice(),
            sealed
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes the secret URLs of push monitors that were just made.
    pub(crate) async fn insert_push_urls(
        &mut self,
        monitors: &[MonitorId],
    ) -> Result<HashMap<MonitorId, Secret<String>>, StoreError> {
        let mut tokens = HashMap::new();
        let (mut ids, mut hashes, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        for monitor in monitors {
            let (token, hash, sealed_token) = self.new_token(*monitor)?;
            ids.push(monitor.0);
            hashes.push(hash.to_vec());
            sealed.push(sealed_token);
            tokens.insert(*monitor, token);
        }
        if ids.is_empty() {
            return Ok(tokens);
        }
        sqlx::query!(
            "INSERT INTO pulse.push_urls (org_id, monitor_id, token_hash, token_sealed)
             SELECT $1, monitor_id, token_hash, token_sealed
             FROM unnest($2::uuid[], $3::bytea[], $4::text[]) AS n (monitor_id, token_hash, token_sealed)",
            self.org.0,
            &ids,
            &hashes,
            &sealed
        )
        .execute(self.connection())
        .await?;
        Ok(tokens)
    }

    /// A new URL in the place of the old one, which answers no more. `None` for a monitor that has none.
    pub async fn rotate_push_url(&mut self, monitor: MonitorId) -> Result<Option<Secret<String>>, StoreError> {
        let (token, hash, sealed) = self.new_token(monitor)?;
        let done = sqlx::query!(
            "UPDATE pulse.push_urls SET token_hash = $3, token_sealed = $4 WHERE org_id = $1 AND monitor_id = $2",
            self.org.0,
            monitor.0,
            hash.as_slice(),
            sealed
        )
        .execute(self.connection())
        .await?;
        Ok((done.rows_affected() == 1).then_some(token))
    }

    /// Writes a call down; at the instant it came, or just beside another one of that instant. Errors: `Conflict` when the
    /// monitor is gone, or too many came at once.
    pub async fn insert_push(&mut self, monitor: MonitorId, push: &Push) -> Result<Timestamp, StoreError> {
        for beside in 0..SAME_INSTANT_MAX {
            let at = push.at + TimeDelta::microseconds(beside);
            let done = sqlx::query!(
                "INSERT INTO pulse.pushes (org_id, monitor_id, at, kind, exit_code, duration_ms, message)
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                self.org.0,
                monitor.0,
                at,
                push.kind.code(),
                push.exit_code.map(i16::from),
                push.duration_ms.map(u64::cast_signed),
                push.message
            )
            .execute(self.connection())
            .await?;
            if done.rows_affected() == 1 {
                return Ok(at);
            }
        }
        Err(StoreError::Conflict)
    }

    /// 256 bits of chance: the token, its hash for the look-up, and its sealed form for showing.
    fn new_token(&self, monitor: MonitorId) -> Result<(Secret<String>, [u8; 32], String), StoreError> {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let token = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
        let hash = Sha256::digest(token.expose().as_bytes()).into();
        let place = Place { org: self.org, row: monitor.0, field: FIELD };
        let sealed = self.inner.keyring.seal(place, &token).map_err(unopenable)?;
        Ok((token, hash, sealed))
    }
}

/// The token of a monitor that is called; one that has become something else shows none.
pub(crate) fn open(
    keyring: &Keyring,
    monitor: &Monitor,
    sealed: Option<&str>,
) -> Result<Option<Secret<String>>, StoreError> {
    let Some(sealed) = sealed.filter(|_| matches!(monitor.config.check, Check::Push(_))) else { return Ok(None) };
    let place = Place { org: monitor.org_id, row: monitor.id.0, field: FIELD };
    keyring.open(place, sealed).map(Some).map_err(unopenable)
}
