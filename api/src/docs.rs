//! `/api/openapi.json`, and `/api/docs`: the same document as a page for people.
//!
//! The page is made here rather than by a viewer from elsewhere, because such viewers need inline styles and scripts that the
//! content security policy forbids.

mod html;

use crate::state::ApiState;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use std::future::ready;

const STYLE: &str = include_str!("docs/style.css");
/// It changes with the version of Pulse only.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

pub(crate) fn router(document: &Value) -> Router<ApiState> {
    let json = Bytes::from(document.to_string());
    let page = Bytes::from(html::page(document));
    let style = Bytes::from_static(STYLE.as_bytes());
    Router::new()
        .route("/api/openapi.json", get(move || ready(serve(json.clone(), "application/json"))))
        .route("/api/docs", get(move || ready(serve(page.clone(), "text/html; charset=utf-8"))))
        .route("/api/docs/style.css", get(move || ready(serve(style.clone(), "text/css; charset=utf-8"))))
}

fn serve(body: Bytes, kind: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, REVALIDATE)];
    (headers, body).into_response()
}
