//! Every endpoint, one file each, under its noun.

mod api_keys;
mod auth;
mod channels;
mod health;
mod incidents;
mod maintenance_windows;
mod members;
mod metrics;
mod monitors;
mod notifications;
mod on_call_overrides;
mod on_call_schedules;
mod organization;
mod push;
mod rules;
mod silences;
mod stream;

use crate::{idempotency, state::ApiState};
use axum::middleware::from_fn_with_state;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The endpoints under `/api`, with their documentation.
pub(crate) fn router(state: &ApiState) -> OpenApiRouter<ApiState> {
    let v1 = OpenApiRouter::new()
        .merge(auth::router())
        .merge(api_keys::router())
        .merge(monitors::router())
        .merge(incidents::router())
        .merge(channels::router())
        .merge(rules::router())
        .merge(maintenance_windows::router())
        .merge(silences::router())
        .merge(on_call_schedules::router())
        .merge(on_call_overrides::router())
        .merge(notifications::router())
        .routes(routes!(members::list_members))
        .routes(routes!(organization::read_organization, organization::update_organization))
        .routes(routes!(stream::open_stream))
        .route_layer(from_fn_with_state(state.clone(), idempotency::remember))
        // The same sample twice is one, and a batch is larger than any other body: nothing to be remembered.
        .merge(metrics::router())
        // Their callers are nobody whose answers could be remembered.
        .merge(push::router());
    OpenApiRouter::new().nest("/api/v1", v1).routes(routes!(health::read_health))
}
