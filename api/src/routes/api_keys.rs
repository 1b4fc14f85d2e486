//! Keys for machines. Only owners see and make them.

mod create;
mod delete;
mod list;

use crate::state::ApiState;
use pulse_store::ApiKeyRow;
use pulse_wire::api_key::ApiKey;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_api_keys, create::create_api_key))
        .routes(routes!(delete::delete_api_key))
}

fn shown(row: ApiKeyRow) -> ApiKey {
    ApiKey {
        id: row.id,
        name: row.name,
        scopes: row.scopes,
        key: None,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    }
}
