//! Sealing: credentials are encrypted before they are written and opened after they are read.
//!
//! XChaCha20-Poly1305 with a random 192-bit nonce, or AES-256-GCM with a random 96-bit one for those who have to use it (NIST
//! SP 800-38D: at most 2³² texts a key). The associated data names organization, row, field and key, so a sealed text that
//! is moved to another row or field does not open. The sealed form names its cipher and key, so both may change while
//! everything runs: `xc20p.<key id>.<base64 of nonce and ciphertext>`, or `a256gcm.…`.

pub(crate) mod check;

use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use pulse_domain::{ids::OrgId, secret::Secret};
use rand::Rng as _;
use std::sync::Arc;
use uuid::Uuid;

/// With what is sealed from now on; either opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    #[default]
    XChaCha20Poly1305,
    Aes256Gcm,
}

impl Cipher {
    const ALL: [Self; 2] = [Self::XChaCha20Poly1305, Self::Aes256Gcm];

    /// How a sealed text begins.
    fn mark(self) -> &'static str {
        match self {
            Self::XChaCha20Poly1305 => "xc20p",
            Self::Aes256Gcm => "a256gcm",
        }
    }

    fn nonce_bytes(self) -> usize {
        match self {
            Self::XChaCha20Poly1305 => 24,
            Self::Aes256Gcm => 12,
        }
    }

    fn encrypt(self, key: &[u8; 32], nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        match self {
            Self::XChaCha20Poly1305 => {
                let nonce: [u8; 24] = nonce.try_into().ok()?;
                XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload).ok()
            }
            Self::Aes256Gcm => {
                let nonce: [u8; 12] = nonce.try_into().ok()?;
                Aes256Gcm::new(key.into()).encrypt(&Nonce::from(nonce), payload).ok()
            }
        }
    }

    fn decrypt(self, key: &[u8; 32], nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        match self {
            Self::XChaCha20Poly1305 => {
                let nonce: [u8; 24] = nonce.try_into().ok()?;
                XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(nonce), payload).ok()
            }
            Self::Aes256Gcm => {
                let nonce: [u8; 12] = nonce.try_into().ok()?;
                Aes256Gcm::new(key.into()).decrypt(&Nonce::from(nonce), payload).ok()
            }
        }
    }
}

/// The sealing keys, newest first: the first one seals, all of them open.
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Arc<[SealingKey]>,
    cipher: Cipher,
}

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
        let keys = keys.into_iter().map(|(id, key)| SealingKey { id, key: Secret::new(key) }).collect();
        Ok(Self { keys, cipher: Cipher::default() })
    }

    /// Another cipher for what is sealed from now on.
    #[must_use]
    pub fn sealing_with(self, cipher: Cipher) -> Self {
        Self { cipher, ..self }
    }

    pub(crate) fn seal(&self, place: Place<'_>, secret: &Secret<String>) -> Result<String, OpenError> {
        let newest = self.keys.first().ok_or(OpenError::Refused)?;
        let mut bytes = vec![0_u8; self.cipher.nonce_bytes()];
        rand::rng().fill_bytes(&mut bytes);
        let associated = associated_data(place, &newest.id);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &associated };
        let ciphertext = self.cipher.encrypt(newest.key.expose(), &bytes, payload).ok_or(OpenError::Refused)?;
        bytes.extend_from_slice(&ciphertext);
        Ok(format!("{}.{}.{}", self.cipher.mark(), newest.id, STANDARD_NO_PAD.encode(bytes)))
    }

    pub(crate) fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret<String>, OpenError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(mark), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(OpenError::Refused);
        };
        let cipher = Cipher::ALL.into_iter().find(|cipher| cipher.mark() == mark).ok_or(OpenError::Refused)?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or_else(|| OpenError::UnknownKey(id.to_owned()))?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| OpenError::Refused)?;
        let (nonce, ciphertext) = bytes.split_at_checked(cipher.nonce_bytes()).ok_or(OpenError::Refused)?;
        let associated = associated_data(place, id);
        let payload = Payload { msg: ciphertext, aad: &associated };
        let opened = cipher.decrypt(key.key.expose(), nonce, payload).ok_or(OpenError::Refused)?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| OpenError::Refused)
    }

    /// The same secret sealed with the newest key and the chosen cipher; nothing where it is already.
    pub(crate) fn reseal(&self, place: Place<'_>, sealed: &str) -> Result<Option<String>, OpenError> {
        let newest = self.keys.first().ok_or(OpenError::Refused)?;
        if sealed.starts_with(&format!("{}.{}.", self.cipher.mark(), newest.id)) {
            return Ok(None);
        }
        self.seal(place, &self.open(place, sealed)?).map(Some)
    }
}

/// Whether a text is one that was sealed, as far as its beginning tells.
fn is_sealed(text: &str) -> bool {
    Cipher::ALL.into_iter().any(|cipher| text.strip_prefix(cipher.mark()).is_some_and(|rest| rest.starts_with('.')))
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

    #[test]
    fn either_cipher_seals_and_opens_what_the_other_sealed() {
        let (old, secret) = (ring(&[("a", 1)]), Secret::new("whsec_x".to_owned()));
        let new = ring(&[("a", 1)]).sealing_with(Cipher::Aes256Gcm);
        let (by_old, by_new) = (old.seal(place("s"), &secret).unwrap(), new.seal(place("s"), &secret).unwrap());
        assert!(by_old.starts_with("xc20p.a.") && by_new.starts_with("a256gcm.a."), "{by_new}");
        for ring in [&old, &new] {
            assert_eq!(ring.open(place("s"), &by_old).unwrap().expose(), "whsec_x");
            assert_eq!(ring.open(place("s"), &by_new).unwrap().expose(), "whsec_x");
        }
        assert_eq!(new.open(place("t"), &by_new), Err(OpenError::Refused));
        let forged = by_new.replace("a256gcm", "xc20p");
        assert_eq!(new.open(place("s"), &forged), Err(OpenError::Refused));
    }

    #[test]
    fn resealing_changes_the_key_once_and_the_secret_never() {
        let sealed = ring(&[("a", 1)]).seal(place("s"), &Secret::new("whsec_x".to_owned())).unwrap();
        let both = ring(&[("b", 2), ("a", 1)]);
        let again = both.reseal(place("s"), &sealed).unwrap().unwrap();
        assert!(again.starts_with("xc20p.b."));
        assert_eq!(both.reseal(place("s"), &again), Ok(None));
        assert_eq!(ring(&[("b", 2)]).open(place("s"), &again).unwrap().expose(), "whsec_x");
        let changed = both.clone().sealing_with(Cipher::Aes256Gcm).reseal(place("s"), &again).unwrap().unwrap();
        assert!(changed.starts_with("a256gcm.b."));
        assert_eq!(ring(&[("c", 3)]).reseal(place("s"), &sealed), Err(OpenError::UnknownKey("a".to_owned())));
    }
}
