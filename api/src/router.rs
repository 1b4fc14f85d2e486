//! The router with its layers: what every answer has in common.

use crate::{docs, headers, openapi, problem, routes, state::ApiState, ui};
use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::{compression::CompressionLayer, trace::TraceLayer};

/// Where the path of a push URL becomes its secret.
const PUSH: &str = "/api/v1/push/";

/// A path as the log may have it.
fn told(path: &str) -> &str {
    if path.starts_with(PUSH) { PUSH } else { path }
}

/// The whole site: the API under `/api`, the web app everywhere else.
pub fn router(state: ApiState) -> Router {
    let (api, document) = routes::router(&state).split_for_parts();
    let document = openapi::finish(document);
    let span = |request: &Request| {
        // Never the query: it may carry what people search for.
        tracing::debug_span!("request", method = %request.method(), path = told(request.uri().path()))
    };
    Router::new()
        .merge(api)
        .merge(docs::router(&document))
        .merge(ui::router())
        .layer(from_fn(problem::render))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(state)
}
