//! `POST api-keys`

use crate::{
    auth::token::{self, Key},
    body::Json,
    extract::Owner,
    idempotency::ShownOnce,
    problem::Problem,
    shell::new_id,
    state::ApiState,
};
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use pulse_domain::ids::ApiKeyId;
use pulse_store::{Actor, NewApiKey};
use pulse_wire::api_key::{ApiKey, CreateApiKey};
use serde_json::json;

/// Makes a key. It is in this answer and nowhere else, not even in a repeated one.
#[utoipa::path(
    post,
    path = "/api-keys",
    tag = "api-keys",
    request_body = CreateApiKey,
    responses((status = 201, description = "The key, once", body = ApiKey))
)]
pub(crate) async fn create_api_key(
    State(state): State<ApiState>,
    Owner(caller): Owner,
    Json(request): Json<CreateApiKey>,
) -> Result<Response, Problem> {
    let Actor::User(created_by) = caller.actor else {
        return Err(Problem::forbidden("Only a person makes keys."));
    };
    let key = Key::new();
    let row = NewApiKey {
        id: ApiKeyId(new_id()),
        key_id: key.id.clone(),
        secret_hash: token::hash(key.secret.expose()),
        name: request.name,
        scopes: request.scopes,
        created_by,
        now: state.now(),
    };
    let detail = json!({"name": row.name, "scopes": row.scopes});
    let mut txn = caller.begin(&state).await?;
    txn.insert_api_key(&row).await?;
    txn.audit(&caller.audited(&state, "api_key.create", row.id, detail)).await?;
    let created = ApiKey {
        id: row.id,
        name: row.name,
        scopes: row.scopes,
        key: Some(key.text()),
        created_at: row.now,
        last_used_at: None,
    };
    caller.conclude(txn, (StatusCode::CREATED, Extension(ShownOnce("key")), axum::Json(created))).await
}
