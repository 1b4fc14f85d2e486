//! `Idempotency-Key`: a write that is sent again within 24 hours is answered again instead of being done again.
//!
//! Only successes are remembered, since a refusal changed nothing. Keys are the caller's own: nobody reads another's answer.
//!
//! The answer commits with the write ([`Caller::conclude`]): a process that dies leaves both or neither, and of two that were
//! asked the same at the same time only one commits. What a handler answers without a write of its own (a check on demand, a
//! test of a monitor) is remembered after it.

use crate::{
    Timestamp, body,
    extract::{Caller, identify},
    problem::Problem,
    state::ApiState,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use pulse_domain::{
    ids::OrgId,
    limits::{BULK_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX},
};
use pulse_store::{Actor, OrgTxn, Remembered, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The answer to the largest request: what was sent, with defaults filled in and state beside it.
const ANSWER_BYTES_MAX: usize = 2 * BULK_BYTES_MAX;
/// The headers that belong to an answer.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// In an answer's extensions: a field that is shown once and must not be stored, not even here; neither in the answer's
/// `items`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShownOnce(pub(crate) &'static str);

/// What is stored of an answer.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    headers: BTreeMap<String, String>,
    body: String,
}

/// A request with a key, while it is answered for the first time.
#[derive(Debug)]
pub(crate) struct Keyed {
    key: String,
    request_hash: [u8; 32],
    now: Timestamp,
    /// Whether a transaction took the answer with it.
    is_kept: AtomicBool,
}

impl Keyed {
    /// Puts a success beside what it tells of, for the next one who asks. Hands the answer back.
    pub(crate) async fn keep(&self, txn: &mut OrgTxn, response: Response) -> Result<Response, Problem> {
        if !response.status().is_success() {
            return Ok(response);
        }
        let shown_once = response.extensions().get::<ShownOnce>().copied();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_BYTES_MAX).await.map_err(Problem::internal)?;
        let answer = Answer { headers: kept(&parts.headers), body: without(&bytes, shown_once) };
        let body = serde_json::to_vec(&answer).map_err(Problem::internal)?;
        let remembered = Remembered { request_hash: self.request_hash, status: parts.status.as_u16(), body };
        let kept = txn.remember(&self.key, &remembered, self.now).await;
        let is_second = matches!(kept, Err(StoreError::Taken(_)));
        kept.map_err(|error| if is_second { under_way() } else { error.into() })?;
        self.is_kept.store(true, Ordering::Relaxed);
        Ok(Response::from_parts(parts, Body::from(bytes)))
    }
}

/// Requests with a key that are being answered right now by this process.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashSet<(OrgId, String)>>);

impl InFlight {
    fn enter(&self, org_id: OrgId, key: &str) -> Option<Entered<'_>> {
        let entry = (org_id, key.to_owned());
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(entry.clone()).then(|| Entered { flights: self, entry })
    }
}

/// Leaves when dropped, even when the client went away.
struct Entered<'a> {
    flights: &'a InFlight,
    entry: (OrgId, String),
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

pub(crate) async fn remember(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let read_only = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let has_caller = !request.uri().path().starts_with("/api/v1/auth/");
    match request.headers().get(KEY) {
        Some(key) if !read_only && has_caller => {
            let key = key.to_str().unwrap_or_default().to_owned();
            Box::pin(once(&state, key, request, next)).await.unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

async fn once(state: &ApiState, key: String, request: Request, next: Next) -> Result<Response, Problem> {
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_CHARS_MAX {
        let detail =
            format!("Idempotency-Key must have between 1 and {IDEMPOTENCY_KEY_CHARS_MAX} printable characters.");
        return Err(Problem::bad_request(detail));
    }
    let (mut parts, body) = request.into_parts();
    let caller = identify(&mut parts, state).await?;
    let key = owned(&caller, &key);
    let _entered = state.in_flight.enter(caller.org_id, &key).ok_or_else(under_way)?;
    let bytes = body::read(body, BULK_BYTES_MAX).await?;
    let request_hash = fingerprint(&parts.method, &parts.uri.to_string(), &parts.headers, &bytes);
    if let Some(remembered) = look_up(state, &caller, &key).await? {
        if remembered.request_hash != request_hash {
            let detail = "This Idempotency-Key was used for another request.";
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
            return Err(problem.kind("urn:pulse:problem:idempotency-key-reused"));
        }
        return replay(&remembered);
    }
    let keyed = Arc::new(Keyed { key, request_hash, now: state.now(), is_kept: AtomicBool::new(false) });
    parts.extensions.insert(caller.clone().keyed(Arc::clone(&keyed)));
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if keyed.is_kept.load(Ordering::Relaxed) || !response.status().is_success() {
        return Ok(response);
    }
    let mut txn = caller.begin(state).await?;
    let response = keyed.keep(&mut txn, response).await?;
    txn.commit().await?;
    Ok(response)
}

fn under_way() -> Problem {
    Problem::conflict("A request with this Idempotency-Key is being answered right now.").retry_after(1)
}

/// The client's key, in a space of its own for each person and machine.
fn owned(caller: &Caller, key: &str) -> String {
    match &caller.actor {
        Actor::User(id) => format!("user {id} {key}"),
        Actor::ApiKey(id) => format!("key {id} {key}"),
        Actor::System => format!("system {key}"),
    }
}

/// Everything that makes it the same request.
fn fingerprint(method: &Method, uri: &str, headers: &HeaderMap, body: &[u8]) -> [u8; 32] {
    let expectation = headers.get(header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [method.as_str().as_bytes(), uri.as_bytes(), expectation, body] {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

async fn look_up(state: &ApiState, caller: &Caller, key: &str) -> Result<Option<Remembered>, Problem> {
    let mut txn = caller.begin(state).await?;
    let remembered = txn.remembered(key, state.now()).await?;
    txn.commit().await?;
    Ok(remembered)
}

fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let value = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    KEPT.iter().filter_map(|name| value(name).map(|value| (name.to_string(), value.to_owned()))).collect()
}

/// The body as it may be stored: without the field that is shown once.
fn without(bytes: &Bytes, shown_once: Option<ShownOnce>) -> String {
    let whole = || String::from_utf8_lossy(bytes).into_owned();
    let Some(ShownOnce(field)) = shown_once else { return whole() };
    let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(bytes) else { return String::new() };
    let mut is_shown = fields.remove(field).is_some();
    let items = fields.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut) {
        is_shown |= item.remove(field).is_some();
    }
    if is_shown { Value::Object(fields).to_string() } else { whole() }
}

fn replay(remembered: &Remembered) -> Result<Response, Problem> {
    let answer: Answer = serde_json::from_slice(&remembered.body).map_err(Problem::internal)?;
    let status = StatusCode::from_u16(remembered.status).map_err(Problem::internal)?;
    let mut response = (status, [(REPLAYED, HeaderValue::from_static("true"))], answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::new_id;

    #[test]
    fn only_one_of_two_requests_with_a_key_goes_on_until_it_is_done() {
        let (flights, org) = (InFlight::default(), OrgId(new_id()));
        let first = flights.enter(org, "k");
        assert!(first.is_some());
        assert!(flights.enter(org, "k").is_none());
        assert!(flights.enter(org, "k").is_none(), "a refused one frees nothing");
        assert!(flights.enter(org, "other").is_some());
        drop(first);
        assert!(flights.enter(org, "k").is_some());
    }

    #[test]
    fn another_body_path_or_expectation_is_another_request() {
        let (none, mut some) = (HeaderMap::new(), HeaderMap::new());
        some.insert(header::IF_MATCH, HeaderValue::from_static("\"1\""));
        let of = |method, uri, headers, body: &[u8]| fingerprint(&method, uri, headers, body);
        let first = of(Method::POST, "/a", &none, b"{}");
        assert_eq!(first, of(Method::POST, "/a", &none, b"{}"));
        for other in [
            of(Method::PATCH, "/a", &none, b"{}"),
            of(Method::POST, "/b", &none, b"{}"),
            of(Method::POST, "/a", &some, b"{}"),
            of(Method::POST, "/a", &none, b"[]"),
        ] {
            assert_ne!(first, other);
        }
    }
}
