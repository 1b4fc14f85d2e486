//! `pulse rotate-keys`: every stored secret sealed with the newest key and the chosen cipher, while everything runs.
//!
//! Twice is once: what is sealed so already stays. The order for an operator: add the new key at the end of
//! `PULSE_SEALING_KEYS` everywhere, so that all open with it; move it to the front everywhere; run this; take the old one away.

use pulse_store::{Resealed, Store, StoreError, VersionPolicy};

use crate::config::{Config, Key};
use crate::error::StartError;
use crate::parts;
use crate::terminal;

pub(crate) fn run(config: &Config) -> Result<(), StartError> {
    let database_url = parts::required(config.database_url.as_ref(), Key::DatabaseUrl, "rotate-keys")?;
    let keys = parts::required(config.sealing_keys.as_ref(), Key::SealingKeys, "rotate-keys")?;
    let newest = keys.first().map(|(id, _)| id.clone()).unwrap_or_default();
    let runtime = parts::runtime()?;
    let done = runtime.block_on(async {
        let keys = (keys, config.sealing_cipher);
        let store = Box::pin(parts::store(&database_url, keys, VersionPolicy::Refuse)).await?;
        all(&store).await.map_err(StartError::from)
    });
    parts::end(runtime);
    let Resealed { seen, resealed, unreadable } = done?;
    terminal::say(&format!(
        "{seen} rows looked at, {resealed} of them sealed anew with the key {newest}, {unreadable} not opened."
    ));
    if unreadable == 0 { Ok(()) } else { Err(StartError::Unopened(unreadable)) }
}

/// One short transaction an organization's channels, and one a page of its monitors.
async fn all(store: &Store) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    for org in store.engine().organizations().await? {
        let mut txn = store.org(org).await?;
        done.add(txn.reseal_channels().await?);
        txn.commit().await?;
        let mut after = None;
        loop {
            let mut txn = store.org(org).await?;
            let (page, last) = txn.reseal_monitors(after).await?;
            txn.commit().await?;
            done.add(page);
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
    }
    Ok(done)
}
