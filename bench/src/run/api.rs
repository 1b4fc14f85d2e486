//! The API under measurement: the real program, and a key that may read.

use std::time::Duration;

use anyhow::Result;
use pulse_domain::{ids::ApiKeyId, role::Scope};
use pulse_store::{NewApiKey, Store};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep};

use super::identity::{org_id, user_id};
use super::{Stack, stack};
use crate::clock;
use crate::processes::Process;

/// Whose data is read.
pub(super) const ORG: u32 = 0;
const KEY_ID: &str = "00000000000000be";
const KEY_SECRET: &str = "0123456789012345678901234567890123456789012";
/// The API migrates and connects before it listens.
const START_MAX: Duration = Duration::from_secs(20);
const POLL_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Api {
    process: Process,
    port: u16,
}

impl Api {
    /// Starts it, and lets the key's owner in.
    pub(super) async fn start(stack: &Stack) -> Result<Self> {
        let port = stack::free_port()?;
        let mut command = stack.pulse("api");
        command.env("PULSE_LISTEN", format!("127.0.0.1:{port}"));
        let process = Process::start("api", &mut command, &stack.folder)?;
        let_in(&stack.store).await?;
        until_listening(port).await?;
        Ok(Self { process, port })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What a request says of itself in `Authorization`.
    pub(super) fn bearer() -> String {
        format!("Bearer pulse_{KEY_ID}_{KEY_SECRET}")
    }
}

/// A key that may read, made once.
async fn let_in(store: &Store) -> Result<()> {
    let mut txn = store.org(org_id(ORG)).await?;
    if txn.api_keys().await?.is_empty() {
        let key = NewApiKey {
            id: ApiKeyId(org_id(ORG).0),
            key_id: KEY_ID.to_owned(),
            secret_hash: Sha256::digest(KEY_SECRET.as_bytes()).into(),
            name: "Dashboards".to_owned(),
            scopes: vec![Scope::Read],
            created_by: user_id(ORG),
            now: clock::now(),
        };
        txn.insert_api_key(&key).await?;
    }
    Ok(txn.commit().await?)
}

async fn until_listening(port: u16) -> Result<()> {
    let until = Instant::now() + START_MAX;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        anyhow::ensure!(Instant::now() < until, "the API does not listen");
        sleep(POLL_EVERY).await;
    }
    Ok(())
}
