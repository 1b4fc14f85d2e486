//! What the endpoints of one stored thing share: it is found, or it is 404; it is as the client saw it, or it is 412; and what
//! a write changes commits together with what it answers.

use crate::{etag::IfMatch, extract::Caller, merge::merge, problem::Problem, state::ApiState};
use axum::response::{IntoResponse, Response};
use pulse_store::{OrgTxn, StoreError};
use pulse_wire::decode::{Body, decode};
use serde_json::Value;

/// Something of an organization that has an id (or is the only one of its kind).
pub(crate) trait Stored: Sized {
    type Id;

    async fn find(txn: &mut OrgTxn, id: Self::Id) -> Result<Option<Self>, StoreError>;
}

/// Something that clients change, each change a version.
pub(crate) trait Versioned: Stored {
    fn version(&self) -> i64;

    /// Finds it for a change; whoever else writes it is kept off by a lock or by its version.
    async fn find_to_change(txn: &mut OrgTxn, id: Self::Id) -> Result<Option<Self>, StoreError> {
        Self::find(txn, id).await
    }
}

impl Caller {
    /// Reads one thing.
    pub(crate) async fn read<T: Stored>(&self, state: &ApiState, id: T::Id) -> Result<T, Problem> {
        let mut txn = self.begin(state).await?;
        let found = T::find(&mut txn, id).await?.ok_or_else(Problem::not_found)?;
        txn.commit().await?;
        Ok(found)
    }

    /// Begins a change of one thing, which is as the client saw it.
    pub(crate) async fn begin_change<T: Versioned>(
        &self,
        state: &ApiState,
        id: T::Id,
        if_match: &IfMatch,
    ) -> Result<(OrgTxn, T), Problem> {
        let mut txn = self.begin(state).await?;
        let found = T::find_to_change(&mut txn, id).await?.ok_or_else(Problem::not_found)?;
        if_match.check(found.version())?;
        Ok((txn, found))
    }

    /// Ends a write: what it changed and, where the caller sent a key to repeat it by, what it answers commit together. Bells
    /// ring afterwards.
    pub(crate) async fn conclude(&self, mut txn: OrgTxn, answer: impl IntoResponse) -> Result<Response, Problem> {
        let mut response = answer.into_response();
        if let Some(keyed) = &self.keyed {
            response = keyed.keep(&mut txn, response).await?;
        }
        txn.commit().await?;
        Ok(response)
    }
}

/// What a client may write of a thing, with its merge patch applied.
pub(crate) fn patched<T: Body>(writable: Value, patch: &Value) -> Result<T, Problem> {
    decode(merge(writable, patch, &T::tagged())).map_err(Problem::invalid)
}
