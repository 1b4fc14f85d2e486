//! One path for each way in which a web server can behave.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use serde_json::{Value, json};

/// Slower than the demo's monitors like it, and faster than their timeout.
const SLOW: Duration = Duration::from_millis(650);

/// Longer than any timeout.
const HANGING: Duration = Duration::from_mins(5);

/// The flapping path changes its mind after so many requests.
const FLAPPING_EVERY: u64 = 2;

/// One in so many requests fails on the path that mostly works.
const OCCASIONAL_EVERY: u64 = 17;

/// How often the two moody paths were asked.
#[derive(Debug, Default)]
struct Asked {
    flapping: AtomicU64,
    occasional: AtomicU64,
}

/// Every path.
pub(super) fn router() -> Router {
    Router::new()
        .route("/healthy", get(|| async { Html("<h1>Welcome</h1>") }))
        .route("/health.json", get(health))
        .route("/slow", get(slow))
        .route("/failing", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "out of order") }))
        .route("/flapping", get(flapping))
        .route("/occasional", get(occasional))
        .route("/wrong-body", get(|| async { Html("<h1>Down for maintenance</h1>") }))
        .route("/hanging", get(|| tokio::time::sleep(HANGING)))
        .route("/redirecting", get(|| async { Redirect::permanent("/healthy") }))
        .route("/hook", post(|| async { StatusCode::NO_CONTENT }))
        .with_state(Arc::new(Asked::default()))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "database": "ok", "queue_depth": 3}))
}

async fn slow() -> &'static str {
    tokio::time::sleep(SLOW).await;
    "at last"
}

async fn flapping(State(asked): State<Arc<Asked>>) -> StatusCode {
    let number = asked.flapping.fetch_add(1, Ordering::Relaxed);
    if (number / FLAPPING_EVERY).is_multiple_of(2) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn occasional(State(asked): State<Arc<Asked>>) -> StatusCode {
    let number = asked.occasional.fetch_add(1, Ordering::Relaxed);
    if (number + 1).is_multiple_of(OCCASIONAL_EVERY) { StatusCode::BAD_GATEWAY } else { StatusCode::OK }
}
