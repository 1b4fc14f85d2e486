//! One organization's transaction: every query in it says `org_id = $1`, and row-level security says it again.

pub(crate) mod audit;
mod bulk;
pub(crate) mod channels;
pub(crate) mod events;
pub(crate) mod incidents;
pub(crate) mod ledger;
mod maintenance;
pub(crate) mod metrics;
pub(crate) mod monitors;
mod on_call;
pub(crate) mod outbox;
mod parents;
pub(crate) mod people;
pub(crate) mod planning;
mod probe_requests;
pub(crate) mod pushes;
pub(crate) mod remembered;
pub(crate) mod resealing;
pub(crate) mod results;
mod rules;
mod silences;
pub(crate) mod situation;
mod stats;
pub(crate) mod trials;

use crate::{Store, StoreError, store::Inner};
use pulse_domain::ids::OrgId;
use sqlx::{PgConnection, Postgres, Transaction};
use std::sync::Arc;

/// A transaction bound to one organization. Methods are grouped by noun in the files beside this one.
#[derive(Debug)]
pub struct OrgTxn {
    org: OrgId,
    txn: Transaction<'static, Postgres>,
    inner: Arc<Inner>,
}

impl OrgTxn {
    pub(crate) async fn begin(store: &Store, org: OrgId) -> Result<Self, StoreError> {
        let mut txn = store.inner.app.begin().await?;
        sqlx::query!("SELECT set_config('app.org_id', $1, true) AS tenant", org.to_string())
            .fetch_one(&mut *txn)
            .await?;
        Ok(Self { org, txn, inner: Arc::clone(&store.inner) })
    }

    pub fn org_id(&self) -> OrgId {
        self.org
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.txn.commit().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.txn
    }
}
