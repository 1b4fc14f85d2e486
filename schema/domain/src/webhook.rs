//! Signatures of webhooks, outbound and inbound (Standard Webhooks 1.0, <https://www.standardwebhooks.com>).
//!
//! Signed is `id.timestamp.body` over the exact bytes, so neither an id nor a timestamp may contain a dot: two different
//! messages would share a signature.

use crate::{
    limits::{WEBHOOK_KEY_BYTES_MAX, WEBHOOK_KEY_BYTES_MIN, WEBHOOK_TOLERANCE_SECONDS},
    secret::Secret,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

const SECRET_PREFIX: &str = "whsec_";
const SIGNATURE_PREFIX: &str = "v1,";

/// Why nothing can be signed: both are mistakes of the sender, and no retry mends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("a signing secret is whsec_ followed by the base64 of 24 to 64 bytes")]
    BadSecret,
    #[error("a webhook id is not empty and contains no dot")]
    BadId,
}

/// Why a message is not believed. The sender learns only that it isn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("no signing secret is fit to verify with")]
    BadSecret,
    #[error("the webhook headers are malformed")]
    Malformed,
    #[error("the webhook's timestamp is too far from now")]
    Stale,
    #[error("no signature matches")]
    Mismatch,
}

/// The `webhook-id` of a notification: the same on every attempt, so that the receiver can drop duplicates.
pub fn message_id(idempotency_key: &str) -> String {
    format!("msg_{idempotency_key}")
}

/// A signing secret as people copy it: `whsec_` and base64.
pub fn format_secret(key: &[u8; 32]) -> Secret<String> {
    Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(key)))
}

/// One signature, `v1,<base64>`, of the exact bytes sent. During a rotation there is one per live secret, newest first,
/// separated by spaces: `sign_all`.
pub fn sign(secret: &Secret<String>, id: &str, timestamp_seconds: i64, body: &[u8]) -> Result<String, SignError> {
    if id.is_empty() || id.contains('.') {
        return Err(SignError::BadId);
    }
    let mac = mac(secret, id, timestamp_seconds, body).ok_or(SignError::BadSecret)?;
    Ok(format!("{SIGNATURE_PREFIX}{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The value of `webhook-signature`: one signature per secret in the given order.
pub fn sign_all(
    secrets: &[Secret<String>],
    id: &str,
    timestamp_seconds: i64,
    body: &[u8],
) -> Result<String, SignError> {
    if secrets.is_empty() {
        return Err(SignError::BadSecret);
    }
    let signatures: Result<Vec<String>, SignError> =
        secrets.iter().map(|secret| sign(secret, id, timestamp_seconds, body)).collect();
    Ok(signatures?.join(" "))
}

/// The three headers of a webhook as they arrived.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// `webhook-id`
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970, decimal.
    pub timestamp: &'a str,
    /// `webhook-signature`: one or more, separated by spaces; versions other than `v1` are passed over.
    pub signatures: &'a str,
}

/// Believes a message whose timestamp is at most five minutes from `now_seconds` and which one of the secrets signed.
/// Comparison takes the same time wherever the first difference lies.
pub fn verify(
    secrets: &[Secret<String>],
    headers: Headers<'_>,
    body: &[u8],
    now_seconds: i64,
) -> Result<(), VerifyError> {
    let timestamp: i64 = headers.timestamp.parse().map_err(|_| VerifyError::Malformed)?;
    // `+5` and `05` parse too, but nobody signed them.
    if headers.id.is_empty() || headers.id.contains('.') || timestamp.to_string() != headers.timestamp {
        return Err(VerifyError::Malformed);
    }
    if now_seconds.abs_diff(timestamp) > WEBHOOK_TOLERANCE_SECONDS.unsigned_abs() {
        return Err(VerifyError::Stale);
    }
    let macs: Vec<HmacSha256> = secrets.iter().filter_map(|secret| mac(secret, headers.id, timestamp, body)).collect();
    if macs.is_empty() {
        return Err(VerifyError::BadSecret);
    }
    let candidates = headers.signatures.split(' ').filter_map(|one| one.strip_prefix(SIGNATURE_PREFIX));
    let believed = candidates
        .filter_map(|base64| STANDARD.decode(base64).ok())
        .any(|candidate| macs.iter().any(|mac| mac.clone().verify_slice(&candidate).is_ok()));
    if believed { Ok(()) } else { Err(VerifyError::Mismatch) }
}

type HmacSha256 = Hmac<Sha256>;

/// `None` when the secret is not one.
fn mac(secret: &Secret<String>, id: &str, timestamp_seconds: i64, body: &[u8]) -> Option<HmacSha256> {
    let encoded = secret.expose().strip_prefix(SECRET_PREFIX)?;
    let key = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    if !(WEBHOOK_KEY_BYTES_MIN..=WEBHOOK_KEY_BYTES_MAX).contains(&key.len()) {
        return None;
    }
    let mut mac = HmacSha256::new_from_slice(&key).ok()?;
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(timestamp_seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}
