//! Passwords: Argon2id, a bounded number at a time, and the same work whether or not there is an account.

use crate::{
    problem::Problem,
    shell::{hex, random_bytes},
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use pulse_domain::secret::Secret;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at one time: 76 MiB and, on a small machine, every core for 50 ms.
const CONCURRENT_MAX: usize = 4;
/// A client waits this long for its turn, then it is told to come back.
const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// What an unknown account's password is compared with: the hash of a password that nobody has.
static NOBODYS_HASH: LazyLock<Secret<String>> = LazyLock::new(|| {
    let password = Secret::new(hex(&random_bytes::<32>()));
    compute(&password).unwrap_or_else(|_| Secret::new(String::new()))
});

/// The place where passwords are hashed.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(CONCURRENT_MAX)) }
    }

    /// The hash to store, as a PHC string.
    pub(crate) async fn hash(&self, password: Secret<String>) -> Result<Secret<String>, Problem> {
        self.run(move || compute(&password)).await?.map_err(Problem::internal)
    }

    /// Whether the password is the account's; without an account the same work says no.
    pub(crate) async fn verify_password(
        &self,
        password: Secret<String>,
        account: Option<Secret<String>>,
    ) -> Result<bool, Problem> {
        self.run(move || {
            let known = account.is_some();
            let stored = account.unwrap_or_else(|| NOBODYS_HASH.clone());
            let same = PasswordHash::new(stored.expose()).is_ok_and(|stored| {
                hasher().is_ok_and(|hasher| hasher.verify_password(&bytes(&password), &stored).is_ok())
            });
            same && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Problem::unavailable("Too many sign-ins at the moment; try again shortly."));
        };
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(Problem::internal)
    }
}

fn hasher() -> Result<Argon2<'static>, argon2::Error> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None)?))
}

fn compute(password: &Secret<String>) -> Result<Secret<String>, String> {
    let hasher = hasher().map_err(|error| error.to_string())?;
    let hash: PasswordHash =
        hasher.hash_password_with_salt(&bytes(password), &random_bytes::<16>()).map_err(|error| error.to_string())?;
    Ok(Secret::new(hash.to_string()))
}

/// NFKC, so that the same characters typed on two keyboards are the same password.
fn bytes(password: &Secret<String>) -> Vec<u8> {
    password.expose().nfkc().collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone_and_none_matches_nobodys() {
        let passwords = Passwords::new();
        let hash = passwords.hash(secret("correct horse battery")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
        assert!(passwords.verify_password(secret("correct horse battery"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify_password(secret("wrong horse battery"), Some(hash)).await.unwrap());
        assert!(!passwords.verify_password(secret("correct horse battery"), None).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_characters_in_another_form_are_the_same_password() {
        let passwords = Passwords::new();
        let hash = passwords.hash(secret("caf\u{e9} au lait, s'il")).await.unwrap();
        assert!(passwords.verify_password(secret("cafe\u{301} au lait, s'il"), Some(hash)).await.unwrap());
    }
}
