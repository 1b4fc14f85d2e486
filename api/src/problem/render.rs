//! The layer that writes problems down.

use super::{Problem, Refusal};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use pulse_wire::problem;

/// Turns what a handler returned, and every bare refusal, into `application/problem+json`.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.extensions_mut().remove::<Problem>();
    if problem.is_none() && is_json(&response) {
        return response;
    }
    write(response, problem.unwrap_or_else(|| bare(status)), path)
}

/// An endpoint's own words (`/api/health` answers 503 with its findings).
fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn write(mut response: Response, problem: Problem, instance: String) -> Response {
    let Refusal { status, kind, detail, errors, headers: _ } = *problem.0;
    let body = problem::Problem {
        kind: kind.unwrap_or("about:blank").to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail,
        instance,
        errors,
    };
    // Plain strings and numbers: this can't fail, and an empty body would still carry the status.
    let json = serde_json::to_vec(&body).unwrap_or_default();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::CONTENT_TYPE));
    *response.body_mut() = Body::from(json);
    response
}

/// The refusals of the router and of the layers below.
fn bare(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(status, "This path knows other methods; see the Allow header."),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "The body is larger than any legal request."),
        _ => Problem::new(status, status.canonical_reason().unwrap_or("The request was refused.")),
    }
}
