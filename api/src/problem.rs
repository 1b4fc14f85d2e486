//! Every error as RFC 9457 `application/problem+json`.
//!
//! A handler returns a [`Problem`]; the layer in `problem/render.rs` writes it down, because only there the path that was
//! asked for is known. The same layer turns the bare refusals of the router (404, 405, 413, …) into problems.

mod render;

pub(crate) use render::render;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pulse_store::StoreError;
use pulse_wire::problem::FieldError;

/// Why a request was refused. Boxed, because it travels through every result.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Refusal>);

#[derive(Clone, Debug)]
struct Refusal {
    status: StatusCode,
    /// Names the kind where the status alone doesn't say it.
    kind: Option<&'static str>,
    detail: String,
    errors: Vec<FieldError>,
    headers: HeaderMap,
}

/// How long a client should wait when something of ours is away or busy.
const RETRY_AFTER_SECONDS: u64 = 2;

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let (errors, headers) = (Vec::new(), HeaderMap::new());
        Self(Box::new(Refusal { status, kind: None, detail: detail.into(), errors, headers }))
    }

    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.0.kind = Some(kind);
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// No or bad credentials. Always the same words, whatever was wrong with them.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Sign in, or send an API key as a bearer token.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"pulse\""))
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// It does not exist, or not for the caller: the two look alike.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such thing here.")
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.pointer.is_empty() => format!("The body {}.", one.detail),
            [one] => format!("{} {}.", one.pointer, one.detail),
            many => format!("{} fields are not as they should be.", many.len()),
        };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail).kind("urn:pulse:problem:validation");
        problem.0.errors = errors;
        problem
    }

    pub(crate) fn invalid_field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), code: code.to_owned(), detail: detail.into() }])
    }

    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(RETRY_AFTER_SECONDS)
    }

    /// A defect of ours: told to the log, not to the client.
    pub(crate) fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(error = %what, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side; it has been logged.")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::conflict("It was changed by someone else meanwhile; read it again."),
            StoreError::Taken(field) => Self::invalid_field(format!("/{field}"), "taken", "is taken"),
            StoreError::Referenced(field) => Self::conflict(format!("Something else depends on it ({field}).")),
            StoreError::BadCursor => Self::invalid_field("/cursor", "cursor", "is no cursor of this list"),
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "the database is away");
                Self::unavailable("The database is not available at the moment.")
            }
            StoreError::Version(_) | StoreError::Unreadable(_) | StoreError::Database(_) | StoreError::Migrate(_) => {
                Self::internal(error)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.headers_mut().extend(self.0.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}
