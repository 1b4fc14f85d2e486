//! Maintenance windows: when work is done on purpose, and nobody is called because of it.

mod create;
mod delete;
mod list;
mod preview;
mod read;
mod update;

use crate::{
    extract::Caller,
    state::ApiState,
    stored::{Stored, Versioned},
};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::WindowId, maintenance::Window};
use pulse_store::{OrgTxn, StoreError};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_windows, create::create_window))
        .routes(routes!(preview::preview_window))
        .routes(routes!(read::read_window, update::update_window, delete::delete_window))
}

impl Stored for Window {
    type Id = WindowId;

    async fn find(txn: &mut OrgTxn, id: WindowId) -> Result<Option<Self>, StoreError> {
        txn.maintenance_window(id).await
    }
}

impl Versioned for Window {
    fn version(&self) -> i64 {
        self.version
    }
}

/// To be rung after the commit.
fn ring(state: &ApiState, caller: &Caller) {
    state.bus.ring(Doorbell::Maintenance);
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
}
