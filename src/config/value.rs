//! From the text of a setting to its value. Each error continues the sentence that begins with its
//! variable, and repeats no secret.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulse_domain::address::Network;
use pulse_store::Cipher;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::SealingKey;

/// The longest id of a sealing key: it is stored beside every sealed value.
const KEY_ID_BYTES_MAX: usize = 32;

/// The parts of a comma-separated list.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("must be ip:port, and `{text}` is not"))
}

/// Addresses, or `none`: an empty list.
pub(super) fn canaries(text: &str) -> Result<Vec<SocketAddr>, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    list(text).map(|part| socket_address(part).map_err(|why| format!("{why}; or `none`"))).collect()
}

pub(super) fn url(text: &str, schemes: &[&str]) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("is no URL ({error})"))?;
    if !schemes.contains(&url.scheme()) {
        return Err(format!("must start with {}://", schemes.join(":// or ")));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host".to_owned());
    }
    Ok(url)
}

/// A scheme and a host, and nothing behind them.
pub(super) fn origin(url: &Url) -> Result<String, String> {
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if is_bare { Ok(url.origin().ascii_serialization()) } else { Err("must be an origin, without a path".to_owned()) }
}

pub(super) fn networks(text: &str) -> Result<Vec<Network>, String> {
    list(text)
        .map(|part| part.parse().map_err(|_| format!("must list networks as address/prefix, and `{part}` is none")))
        .collect()
}

pub(crate) fn sealing_keys(text: &str) -> Result<Vec<SealingKey>, String> {
    let mut keys: Vec<SealingKey> = Vec::new();
    for (position, part) in list(text).enumerate() {
        let number = position + 1;
        let Some((id, encoded)) = part.split_once(':') else {
            return Err(format!("must list keys as id:base64, and key {number} has no colon"));
        };
        if id.is_empty() || id.len() > KEY_ID_BYTES_MAX || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("key {number} must have an id of 1 to {KEY_ID_BYTES_MAX} letters and digits"));
        }
        if keys.iter().any(|(other, _)| other == id) {
            return Err(format!("has two keys with the id `{id}`"));
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| format!("key `{id}` is not base64"))?;
        let length = bytes.len();
        let key = bytes.try_into().map_err(|_| format!("key `{id}` has {length} bytes instead of 32"))?;
        keys.push((id.to_owned(), key));
    }
    if keys.is_empty() { Err("lists no key".to_owned()) } else { Ok(keys) }
}

/// With what secrets are sealed from now on.
pub(super) fn sealing_cipher(text: &str) -> Result<Cipher, String> {
    match text {
        "xchacha20-poly1305" => Ok(Cipher::XChaCha20Poly1305),
        "aes-256-gcm" => Ok(Cipher::Aes256Gcm),
        _ => Err("must be xchacha20-poly1305 or aes-256-gcm".to_owned()),
    }
}

/// The filter itself is made by the log's shell; here it is only found to be one.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| format!("is no log filter ({error})"))
}
