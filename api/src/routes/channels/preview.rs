//! `POST channels/preview`

use crate::{body::Json, extract::Admin, problem::Problem, state::ApiState};
use axum::extract::State;
use pulse_domain::{
    channel::{Parcel, template},
    idempotency,
    ids::{ChannelId, IncidentId, MonitorId, OrgId},
    message::Message,
    notification::Event,
};
use pulse_wire::channel::{Preview, WritePreview};
use serde_json::{Value, json};
use uuid::Uuid;

/// Shows what a template makes of an example, and the fields that it may name.
#[utoipa::path(
    post,
    path = "/channels/preview",
    tag = "channels",
    request_body = WritePreview,
    responses((status = 200, description = "The body as it would be sent, and the fields", body = Preview))
)]
pub(crate) async fn preview_template(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(request): Json<WritePreview>,
) -> Result<axum::Json<Preview>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let organization = txn.facts().await?;
    txn.commit().await?;
    let now = state.now();
    let payload = example(
        request.event.unwrap_or(Event::MonitorDown),
        &json!({"id": organization.id, "name": organization.name}),
        &json!(now),
    );
    let key = example_key(organization.id);
    let message = Message::of(&payload, &key, state.settings.public_url.as_deref());
    let parcel = Parcel { message: &message, payload: &payload, idempotency_key: &key, now };
    let body = template::render(&request.template, &parcel)
        .map_err(|fault| Problem::invalid_field("/template", "format", fault))?;
    let is_json = serde_json::from_str::<Value>(&body).is_ok();
    Ok(axum::Json(Preview { body, is_json, fields: template::fields(&parcel) }))
}

/// A message as it might be: an outage of a shop.
fn example(event: Event, organization: &Value, now: &Value) -> Value {
    let monitor = MonitorId(Uuid::nil());
    json!({
        "type": event,
        "timestamp": now,
        "data": {
            "organization": organization,
            "monitor": {"id": monitor, "name": "Shop", "target": "https://shop.example/health", "tags": ["prod"]},
            "incident": {
                "id": IncidentId(Uuid::nil()), "monitor_id": monitor, "kind": "down", "state": "open", "opened_at": now,
                "acknowledged_at": null, "resolved_at": null,
                "cause": {"reason": "status_code", "detail": "status 503 instead of 200–399"},
            },
            "transition": {
                "monitor_id": monitor, "sequence": 1, "at": now, "from": "up", "to": "down", "reason": "status_code",
                "detail": "status 503 instead of 200–399",
            },
        },
    })
}

fn example_key(org: OrgId) -> String {
    idempotency::key(org, Some(MonitorId(Uuid::nil())), 1, ChannelId(Uuid::nil()), Event::MonitorDown, 0)
}
