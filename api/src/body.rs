//! JSON bodies: read to the end within bounds, decoded and checked, or refused field by field.

use crate::problem::Problem;
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::LengthLimitError;
use pulse_domain::limits::REQUEST_BYTES_MAX;
use pulse_wire::decode::{Body, decode};
use serde_json::Value;
use std::{error::Error, time::Duration};

/// A body of four megabytes over a poor line; longer is somebody holding a connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A decoded and checked body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Body, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Document::<REQUEST_BYTES_MAX>(value) = Document::from_request(request, state).await?;
        decode(value).map(Self).map_err(Problem::invalid)
    }
}

/// Any JSON of so many bytes at most, not yet decoded: a merge patch, or a list.
#[derive(Debug)]
pub(crate) struct Document<const BYTES_MAX: usize = REQUEST_BYTES_MAX>(pub(crate) Value);

impl<const BYTES_MAX: usize, S: Send + Sync> FromRequest<S> for Document<BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "The body must be JSON (Content-Type: application/json).";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = read(request.into_body(), BYTES_MAX).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Problem::bad_request(format!("The body is not JSON: see line {line}, column {column}."))
        })
    }
}

/// Reads a whole body within its bounds of size and time.
pub(crate) async fn read(body: axum::body::Body, bytes_max: usize) -> Result<axum::body::Bytes, Problem> {
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, bytes_max)).await;
    let Ok(read) = read else {
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."));
    };
    read.map_err(|error| {
        let too_large = error.source().is_some_and(<dyn Error>::is::<LengthLimitError>);
        if too_large {
            let detail = format!("The body is larger than {bytes_max} bytes.");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        } else {
            Problem::bad_request("The body broke off.")
        }
    })
}

/// `application/json` or `application/…+json`, whatever its parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
