//! Sealing again with the newest key: once, everywhere, and never over somebody's change.

use crate::world::{World, world};
use pulse_domain::ids::{MonitorId, OrgId};
use pulse_store::{Cipher, Keyring, Resealed, Store, StoreOptions, VersionPolicy, testing::TestDatabase};
use serde_json::json;
use uuid::Uuid;

async fn store(database: &TestDatabase, keys: &[(&str, u8)], cipher: Cipher) -> Store {
    let keys = keys.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32])).collect();
    Store::connect(StoreOptions {
        url: database.url.clone(),
        keyring: Keyring::new(keys).unwrap().sealing_with(cipher),
        app_connections: 2,
        engine_connections: 2,
        version_policy: VersionPolicy::Refuse,
    })
    .await
    .unwrap()
}

async fn reseal(store: &Store, org: OrgId) -> Resealed {
    let mut txn = store.org(org).await.unwrap();
    let mut done = txn.reseal_channels().await.unwrap();
    let (monitors, last) = txn.reseal_monitors(None).await.unwrap();
    done.add(monitors);
    assert_eq!(txn.reseal_monitors(last).await.unwrap(), (Resealed::default(), None));
    txn.commit().await.unwrap();
    done
}

/// A monitor with credentials, and one with a push URL.
async fn more(store: &Store, world: &World) -> (MonitorId, MonitorId) {
    let mut txn = store.org(world.org).await.unwrap();
    let mut ids = Vec::new();
    for check in [
        json!({"type": "http", "url": "https://a.example/", "auth": {"type": "bearer", "token": "canary-token"}}),
        json!({"type": "push"}),
    ] {
        let config = serde_json::from_value(json!({"name": "m", "check": check})).unwrap();
        let monitor = pulse_domain::monitor::Monitor {
            id: MonitorId(pulse_store::testing::fresh_id()),
            config,
            ..world.monitor.clone()
        };
        txn.insert_monitor(&monitor).await.unwrap();
        ids.push(monitor.id);
    }
    txn.rotate_push_url(ids[1]).await.unwrap().unwrap();
    txn.commit().await.unwrap();
    (ids[0], ids[1])
}

#[tokio::test]
async fn every_secret_moves_to_the_newest_key_once_and_opens_without_the_old_one() {
    let world = world().await;
    let (database, org) = (&world.database, world.org);
    let (secret, push) = more(&database.store, &world).await;
    let token = database.store.org(org).await.unwrap().monitor(push).await.unwrap().unwrap().push_token;
    assert!(token.is_some());

    let both = store(database, &[("new", 9), ("test", 7)], Cipher::Aes256Gcm).await;
    let organizations = both.engine().organizations().await.unwrap();
    assert!(organizations.contains(&org) && organizations.contains(&world.stranger));
    let done = reseal(&both, org).await;
    assert_eq!((done.resealed, done.unreadable), (3, 0), "{done:?}: a channel, a credential and a push URL");
    assert_eq!(reseal(&both, org).await.resealed, 0, "twice is once");

    let alone = store(database, &[("new", 9)], Cipher::XChaCha20Poly1305).await;
    let mut txn = alone.org(org).await.unwrap();
    let channel = txn.channel(world.channel.id).await.unwrap().unwrap();
    assert_eq!((channel.settings, channel.version), (world.channel.settings.clone(), world.channel.version));
    let view = txn.monitor(secret).await.unwrap().unwrap();
    assert!(serde_json::to_string(&view.monitor.config).unwrap().contains("canary-token"));
    assert_eq!(txn.monitor(push).await.unwrap().unwrap().push_token, token);
}

#[tokio::test]
async fn what_no_key_opens_stays_and_is_counted() {
    let world = world().await;
    let stranger = store(&world.database, &[("other", 1)], Cipher::default()).await;
    let done = reseal(&stranger, world.org).await;
    assert_eq!((done.resealed, done.unreadable), (0, 1), "{done:?}");
    let mut txn = world.database.store.org(world.org).await.unwrap();
    assert_eq!(txn.channel(world.channel.id).await.unwrap().unwrap().settings, world.channel.settings);
    assert!(txn.monitor(MonitorId(Uuid::nil())).await.unwrap().is_none());
}
