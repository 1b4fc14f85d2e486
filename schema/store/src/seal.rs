//! Sealing: credentials are encrypted before they are written and opened after they are read.
//!
//! XChaCha20-Poly1305 with a random 192-bit nonce. The associated data names organization, row, field and key, so a
//! sealed text that is moved to another row or field does not open. The sealed form names its cipher and key:
//! `xc20p.<key id>.<base64 of nonce and ciphertext>`.

pub(crate) mod check;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use pulse_domain::{ids::OrgId, secret::Secret};
use rand::Rng as _;
use std::sync::Arc;
use uuid::Uuid;

const CIPHER: &str = "xc20p";
const NONCE_BYTES: usize = 24;

/// The sealing keys, newest first: the first one seals, all of them open.
#[derive(Clone, Debug)]
pub struct Keyring(Arc<[SealingKey]>);

#[derive(Debug)]
struct SealingKey {
    id: String,
    key: Secret<[u8; 32]>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyringError {
    #[error("there is no sealing key")]
    Empty,
    #[error("the sealing key id {0:?} is not made of letters, digits, - and _, or stands twice")]
    BadId(String),
}

/// Where a sealed text belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) org: OrgId,
    /// The id of whatever has the secret: a channel, a monitor, a request to probe.
    pub(crate) row: Uuid,
    pub(crate) field: &'a str,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum OpenError {
    #[error("sealed with key {0:?}, which is not in PULSE_SEALING_KEYS")]
    UnknownKey(String),
    #[error("the sealed text is damaged or stands in the wrong place")]
    Refused,
}

impl Keyring {
    /// `keys`: (id, 256-bit key), newest first. Ids are letters, digits, `-` and `_`, each once.
    pub fn new(keys: Vec<(String, [u8; 32])>) -> Result<Self, KeyringError> {
        if keys.is_empty() {
            return Err(KeyringError::Empty);
        }
        for (position, (id, _)) in keys.iter().enumerate() {
            let legal = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            if !legal || keys.iter().take(position).any(|(other, _)| other == id) {
                return Err(KeyringError::BadId(id.clone()));
            }
        }
        Ok(Self(keys.into_iter().map(|(id, key)| SealingKey { id, key: Secret::new(key) }).collect()))
    }

    pub(crate) fn seal(&self, place: Place<'_>, secret: &Secret<String>) -> Result<String, OpenError> {
        let newest = self.0.first().ok_or(OpenError::Refused)?;
        let mut nonce = [0u8; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let associated = associated_data(place, &newest.id);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &associated };
        let ciphertext = XChaCha20Poly1305::new(newest.key.expose().into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| OpenError::Refused)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&ciphertext);
        Ok(format!("{CIPHER}.{}.{}", newest.id, STANDARD_NO_PAD.encode(bytes)))
    }

    pub(crate) fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret<String>, OpenError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(CIPHER), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(OpenError::Refused);
        };
        let key = self.0.iter().find(|key| key.id == id).ok_or_else(|| OpenError::UnknownKey(id.to_owned()))?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| OpenError::Refused)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Refused)?;
        let associated = associated_data(place, id);
        let opened = XChaCha20Poly1305::new(key.key.expose().into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &associated })
            .map_err(|_| OpenError::Refused)?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| OpenError::Refused)
    }
}

fn associated_data(place: Place<'_>, key_id: &str) -> Vec<u8> {
    format!("{}|{}|{}|{key_id}", place.org, place.row, place.field).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(field: &str) -> Place<'_> {
        Place { org: OrgId(Uuid::from_u128(1)), row: Uuid::from_u128(2), field }
    }

    fn ring(ids: &[(&str, u8)]) -> Keyring {
        Keyring::new(ids.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32])).collect()).unwrap()
    }

    #[test]
    fn a_sealed_secret_opens_in_its_own_place_only() {
        let ring = ring(&[("a", 1)]);
        let sealed = ring.seal(place("secret"), &Secret::new("whsec_x".to_owned())).unwrap();
        assert!(!sealed.contains("whsec"));
        assert_eq!(ring.open(place("secret"), &sealed).unwrap().expose(), "whsec_x");
        assert_eq!(ring.open(place("headers"), &sealed), Err(OpenError::Refused));
        let elsewhere = Place { row: Uuid::from_u128(3), ..place("secret") };
        assert_eq!(ring.open(elsewhere, &sealed), Err(OpenError::Refused));
        let other_tenant = Place { org: OrgId(Uuid::from_u128(9)), ..place("secret") };
        assert_eq!(ring.open(other_tenant, &sealed), Err(OpenError::Refused));
    }

    #[test]
    fn an_old_key_still_opens_and_the_newest_seals() {
        let old = ring(&[("a", 1)]).seal(place("secret"), &Secret::new("s".to_owned())).unwrap();
        let both = ring(&[("b", 2), ("a", 1)]);
        assert_eq!(both.open(place("secret"), &old).unwrap().expose(), "s");
        assert!(both.seal(place("secret"), &Secret::new("s".to_owned())).unwrap().starts_with("xc20p.b."));
        assert_eq!(ring(&[("c", 3)]).open(place("secret"), &old), Err(OpenError::UnknownKey("a".to_owned())));
    }

    #[test]
    fn a_flipped_bit_is_refused() {
        let ring = ring(&[("a", 1)]);
        let sealed = ring.seal(place("secret"), &Secret::new("whsec_x".to_owned())).unwrap();
        let mut bytes = sealed.into_bytes();
        let last = bytes.len() - 2;
        bytes[last] = if bytes[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(ring.open(place("secret"), std::str::from_utf8(&bytes).unwrap()), Err(OpenError::Refused));
    }

    #[test]
    fn a_ring_without_keys_or_with_unclear_ids_is_refused() {
        assert_eq!(Keyring::new(vec![]).unwrap_err(), KeyringError::Empty);
        for ids in [vec![("a.b".to_owned(), [0; 32])], vec![("a".to_owned(), [0; 32]), ("a".to_owned(), [1; 32])]] {
            assert!(matches!(Keyring::new(ids), Err(KeyringError::BadId(_))));
        }
    }
}
