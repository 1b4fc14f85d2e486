//! A private, migrated database for each test, on a server that the test run brings.

use crate::{Keyring, NewAccount, Store, StoreOptions, VersionPolicy};
use chrono::{DateTime, Utc};
use pulse_domain::{
    Timestamp,
    ids::{OrgId, UserId},
    secret::Secret,
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, postgres::PgConnectOptions};
use std::str::FromStr as _;
use uuid::Uuid;

/// Where the server is: an administrator's URL. `cargo xtask test` sets it.
pub const SERVER_VARIABLE: &str = "PULSE_TEST_DATABASE_URL";

/// Dropped at the end of the server's life, not of the test's: the server itself is thrown away.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    pub store: Store,
    /// The administrator's URL of this database, for what the store has no door to.
    pub url: Secret<String>,
}

impl TestDatabase {
    #[expect(clippy::expect_used, reason = "a test without its database can only fail, in one clear line")]
    pub async fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the server is")]
        let server = std::env::var(SERVER_VARIABLE).expect(
            "PULSE_TEST_DATABASE_URL is not set: run `cargo xtask test`, or `pulse database` and set it to that URL",
        );
        let name = format!("test_{}", crate::ids::fresh().simple());
        let options = PgConnectOptions::from_str(&server).expect("PULSE_TEST_DATABASE_URL is a postgres:// URL");
        let mut connection = options.connect().await.expect("the server of PULSE_TEST_DATABASE_URL answers");
        connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await
            .expect("the user of PULSE_TEST_DATABASE_URL may create databases");
        connection.close().await.expect("the connection closes");
        let url = Secret::new(options.database(&name).to_url_lossy().to_string());
        let store = Store::connect(StoreOptions {
            url: url.clone(),
            keyring: Keyring::new(vec![("test".to_owned(), [7; 32])]).expect("a legal keyring"),
            app_connections: 4,
            engine_connections: 4,
            version_policy: VersionPolicy::Refuse,
        })
        .await
        .expect("the test database connects");
        store.migrate().await.expect("the test database migrates");
        let today = now().date_naive();
        store.engine().ensure_partitions(today - chrono::Days::new(1), 3).await.expect("partitions are made");
        store.engine().ensure_metric_partitions(today - chrono::Days::new(1), 3).await.expect("partitions are made");
        Self { store, url }
    }

    /// Does what the store has no door to, as the administrator.
    #[expect(clippy::expect_used, reason = "a test whose statement is refused can only fail")]
    pub async fn execute(&self, sql: &str) {
        let options = PgConnectOptions::from_str(self.url.expose()).expect("the URL was made here");
        let mut connection = options.connect().await.expect("the server answers");
        connection.execute(AssertSqlSafe(sql.to_owned())).await.expect("the statement is taken");
        connection.close().await.expect("the connection closes");
    }
}

impl TestDatabase {
    /// Something that only an administrator may do: taking a right away, so that a write breaks where a test wants it to.
    #[expect(clippy::expect_used, reason = "a test that can't set its stage can only fail")]
    pub async fn administer(&self, statement: &'static str) {
        let options = PgConnectOptions::from_str(self.url.expose()).expect("the test database has a URL");
        let mut connection = options.connect().await.expect("the test database answers");
        connection.execute(statement).await.expect("the statement is legal");
        connection.close().await.expect("the connection closes");
    }
}

/// An organization with an owner, `owner@<slug>.example`.
#[expect(clippy::expect_used, reason = "a test without its organization can only fail")]
pub async fn seed_org(store: &Store, slug: &str) -> (OrgId, UserId) {
    let (org_id, user_id) = (OrgId(fresh_id()), UserId(fresh_id()));
    let account = NewAccount {
        org_id,
        org_name: format!("The {slug} company"),
        org_slug: slug.to_owned(),
        user_id,
        email: format!("owner@{slug}.example"),
        name: "Owner".to_owned(),
        password_hash: Secret::new("no password opens this".to_owned()),
        now: now(),
    };
    store.register(&account).await.expect("the organization registers");
    (org_id, user_id)
}

/// A new id, for tests.
pub fn fresh_id() -> Uuid {
    crate::ids::fresh()
}

/// The clock, cut to what the database keeps.
#[expect(clippy::disallowed_methods, clippy::expect_used, reason = "the clock of tests")]
pub fn now() -> Timestamp {
    let micros = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_micros();
    DateTime::<Utc>::from_timestamp_micros(i64::try_from(micros).expect("before the year 294441")).expect("in range")
}
