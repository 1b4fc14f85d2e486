//! The session cookie (CONTRACT "Conventions").

use crate::address::Client;
use axum::http::{HeaderMap, HeaderValue, header};
use pulse_domain::{limits::SESSION_DAYS_MAX, secret::Secret};

/// The prefix makes browsers insist on Secure, on `Path=/` and on no Domain, so no sibling site can plant one.
const NAME: &str = "__Host-pulse_session";
/// For development over plain HTTP on one machine, where a Secure cookie isn't stored everywhere.
const NAME_ON_LOOPBACK: &str = "pulse_session";

const SECONDS_PER_DAY: i64 = 86_400;

/// The session token that a request carries, if any.
pub(crate) fn read(headers: &HeaderMap, client: &Client) -> Option<Secret<String>> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let legal = |name: &str| name == NAME || (name == NAME_ON_LOOPBACK && client.is_plain_loopback());
    pairs.find(|(name, _)| legal(name)).map(|(_, value)| Secret::new(value.to_owned()))
}

/// `Set-Cookie` for a new session.
pub(crate) fn set(token: &Secret<String>, client: &Client) -> HeaderValue {
    let seconds = SESSION_DAYS_MAX * SECONDS_PER_DAY;
    let mut value = cookie(client, token.expose(), seconds);
    value.set_sensitive(true);
    value
}

/// `Set-Cookie` that makes a browser forget it.
pub(crate) fn clear(client: &Client) -> HeaderValue {
    cookie(client, "", 0)
}

fn cookie(client: &Client, token: &str, seconds: i64) -> HeaderValue {
    let (name, secure) = if client.is_plain_loopback() { (NAME_ON_LOOPBACK, "") } else { (NAME, "; Secure") };
    let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // A token is Base64: always a legal header value.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
