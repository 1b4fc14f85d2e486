//! Connecting: one server, two pools, each bound to a role for its whole life.

use crate::{Engine, Keyring, OrgTxn, StoreError};
use pulse_domain::{ids::OrgId, secret::Secret};
use sqlx::{
    ConnectOptions as _, Connection as _,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use std::{str::FromStr as _, sync::Arc, time::Duration};

/// What a store needs to know.
#[derive(Debug)]
pub struct StoreOptions {
    /// `postgres://user:password@host:port/database`; the user may take on the three roles.
    pub url: Secret<String>,
    pub keyring: Keyring,
    pub app_connections: u32,
    pub engine_connections: u32,
    pub version_policy: VersionPolicy,
}

/// What to do with a server on which row-level security can be bypassed (CVE-2026-120154).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionPolicy {
    /// A shared deployment: don't start.
    Refuse,
    /// A laptop: say so in the log.
    Warn,
}

/// The repository. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    owner: PgConnectOptions,
    pub(crate) app: PgPool,
    pub(crate) engine: PgPool,
    pub(crate) keyring: Keyring,
}

/// A connection that can't be had for this long counts as "the database is away".
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// (major, first minor release that closes CVE-2026-120154)
const FIXED_MINORS: [(u32, u32); 4] = [(15, 20), (16, 16), (17, 12), (18, 7)];

impl Store {
    /// Connects once to see that the server is there and new enough; the pools fill when they are used.
    pub async fn connect(options: StoreOptions) -> Result<Self, StoreError> {
        let owner = PgConnectOptions::from_str(options.url.expose())?.application_name("pulse");
        check_version(&owner, options.version_policy).await?;
        let app = pool(&owner, "pulse_app", options.app_connections, "10s");
        let engine = pool(&owner, "pulse_engine", options.engine_connections, "5s");
        Ok(Self { inner: Arc::new(Inner { owner, app, engine, keyring: options.keyring }) })
    }

    /// Brings the schema up to date: forward only, each file once, under a lock.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.inner.owner.connect().await?;
        sqlx::migrate!("../migrations").run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// One round trip.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query!("SELECT 1 AS one").fetch_one(&self.inner.app).await?;
        Ok(())
    }

    /// Opens a transaction of one organization. Dropped without `commit`, it never happened.
    pub async fn org(&self, org_id: OrgId) -> Result<OrgTxn, StoreError> {
        OrgTxn::begin(self, org_id).await
    }

    /// What the engine may do.
    pub fn engine(&self) -> Engine {
        Engine::new(Arc::clone(&self.inner))
    }
}

/// The role is a start-up setting of the connection, so that even RESET ROLE leads back to it.
fn pool(owner: &PgConnectOptions, role: &str, connections: u32, statement_timeout: &str) -> PgPool {
    let options = owner.clone().options([
        ("role", role),
        ("statement_timeout", statement_timeout),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "3s"),
    ]);
    PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(options)
}

async fn check_version(owner: &PgConnectOptions, policy: VersionPolicy) -> Result<(), StoreError> {
    let mut connection = owner.connect().await?;
    let number = sqlx::query_scalar!(r#"SELECT current_setting('server_version_num')::int AS "number!""#)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    let (major, minor) = (number.unsigned_abs() / 10_000, number.unsigned_abs() % 10_000);
    let Some(needed) = needed_minor(major, minor) else { return Ok(()) };
    let message =
        format!("PostgreSQL {major}.{minor} can leak rows between tenants (CVE-2026-120154); it needs {needed}");
    match policy {
        VersionPolicy::Refuse => Err(StoreError::Version(message)),
        VersionPolicy::Warn => {
            tracing::warn!("{message}");
            Ok(())
        }
    }
}

/// What the version would have to be, or nothing when it is fit.
fn needed_minor(major: u32, minor: u32) -> Option<String> {
    let (oldest, _) = FIXED_MINORS[0];
    match FIXED_MINORS.iter().find(|(fixed, _)| *fixed == major) {
        Some((_, fixed_minor)) if minor < *fixed_minor => Some(format!("{major}.{fixed_minor} or later")),
        None if major < oldest => Some("15.20 or later".to_owned()),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_releases_that_keep_tenants_apart_are_fit() {
        for (major, minor, fit) in [
            (14, 99, false),
            (15, 18, false),
            (15, 20, true),
            (16, 15, false),
            (16, 16, true),
            (18, 7, true),
            (19, 0, true),
        ] {
            assert_eq!(needed_minor(major, minor).is_none(), fit, "{major}.{minor}");
        }
    }
}
