//! Notifications: the outbox as people see it.

mod attempts;
mod list;
mod read;
mod replay;
mod replay_many;
mod summary;

use crate::{state::ApiState, stored::Stored};
use pulse_domain::{ids::NotificationId, notification::Notification};
use pulse_store::{OrgTxn, StoreError};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_notifications))
        .routes(routes!(summary::summarize_notifications))
        .routes(routes!(replay_many::replay_notifications))
        .routes(routes!(read::read_notification))
        .routes(routes!(attempts::list_attempts))
        .routes(routes!(replay::replay_notification))
}

impl Stored for Notification {
    type Id = NotificationId;

    async fn find(txn: &mut OrgTxn, id: NotificationId) -> Result<Option<Self>, StoreError> {
        txn.notification(id).await
    }
}
