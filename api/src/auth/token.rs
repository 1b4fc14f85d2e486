//! Session tokens and API keys: 256 bits of chance each, of which only the SHA-256 is stored.
//!
//! A plain hash is enough for a secret that nobody can guess (ASVS 6.5.2); slow hashes are for passwords.

use crate::shell::{hex, random_bytes};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use pulse_domain::secret::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a session's cookie carries.
pub(crate) fn new_session_token() -> Secret<String> {
    Secret::new(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}

pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A machine's key, `pulse_<key id>_<secret>`. The id is no secret: it finds the row, in logs too.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: Secret<String>,
}

const PREFIX: &str = "pulse_";
/// Hexadecimal, so that the underscore after it is the first one.
const ID_CHARS: usize = 16;
/// 32 bytes as Base64 without padding.
const SECRET_CHARS: usize = 43;

impl Key {
    pub(crate) fn new() -> Self {
        let id = hex(&random_bytes::<8>());
        Self { id, secret: new_session_token() }
    }

    /// The text that its owner keeps.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret.expose())
    }

    /// `None` for what can't be a key; no look-up is needed then.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let hex = id.len() == ID_CHARS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        (hex && secret.len() == SECRET_CHARS)
            .then(|| Self { id: id.to_owned(), secret: Secret::new(secret.to_owned()) })
    }

    /// Compares in the same time wherever the first difference is.
    pub(crate) fn matches(&self, secret_hash: &[u8; 32]) -> bool {
        hash(self.secret.expose()).ct_eq(secret_hash).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_matches_only_its_own_hash() {
        let key = Key::new();
        let read = Key::parse(&key.text()).unwrap();
        assert_eq!(read.id, key.id);
        assert!(read.matches(&hash(key.secret.expose())));
        assert!(!read.matches(&hash("something else")));
    }

    #[test]
    fn what_is_no_key_is_not_looked_up() {
        for text in
            ["", "pulse_", "pulse_0123456789abcdef_short", "plus_0123456789abcdef_x", "pulse_0123456789abcdeg_x"]
        {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }
}
