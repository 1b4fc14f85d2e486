//! What the engine may do, for the shards it owns, across organizations: under a role that may touch the tables and
//! columns of probing and committing, and nothing else.

pub(crate) mod committing;
pub(crate) mod desks;
mod maintenance;
mod metrics;
pub(crate) mod ownership;
pub(crate) mod packing;
mod partitions;
pub(crate) mod probing;
pub(crate) mod pushes;
pub(crate) mod recording;
pub(crate) mod retention;
pub(crate) mod watching;

use crate::{StoreError, seal::Keyring, store::Inner};
use sqlx::{Postgres, Transaction, postgres::PgPool};
use std::sync::Arc;

/// The engine's side of the store. Methods are grouped by step in the files beside this one.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl Engine {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    fn pool(&self) -> &PgPool {
        &self.inner.engine
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool().begin().await?)
    }
}
