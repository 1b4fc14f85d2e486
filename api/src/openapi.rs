//! The OpenAPI document: what the endpoints say of themselves, and what holds for all of them.
//!
//! Each endpoint documents its own answers; the refusals that follow from what it is (a path with an id, a body, a caller)
//! are added here by rule, so that none is forgotten.

use pulse_wire::{problem::Problem, stream::Frame};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pulse",
        description = "Multi-tenant uptime monitoring. Ids are UUIDv7, instants RFC 3339 UTC, durations carry their unit in the name. \
                       Errors are RFC 9457 problems. Updates are JSON merge patches (RFC 7396) and honour If-Match. A thing of \
                       another organization is answered like one that does not exist.",
        license(name = "Apache-2.0")
    ),
    components(schemas(Problem, Frame)),
    tags(
        (name = "auth", description = "Accounts and sessions"),
        (name = "organization", description = "The caller's organization"),
        (name = "api-keys", description = "Keys for machines"),
        (name = "monitors", description = "What to watch and how"),
        (name = "metrics", description = "What hosts push, and its charts"),
        (name = "push", description = "Where jobs call"),
        (name = "incidents", description = "Outages and their timelines"),
        (name = "channels", description = "Where notifications go"),
        (name = "rules", description = "Which transitions go to which channels"),
        (name = "maintenance-windows", description = "When work is done on purpose, and nobody is called because of it"),
        (name = "silences", description = "Messages held back for a while, checks going on"),
        (name = "on-call", description = "Who is called when"),
        (name = "notifications", description = "Messages and their attempts"),
        (name = "stream", description = "What happens, as it happens"),
        (name = "health", description = "Whether Pulse itself is well"),
    )
)]
struct Described;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The finished document.
pub(crate) fn finish(collected: utoipa::openapi::OpenApi) -> Value {
    let mut whole = Described::openapi();
    whole.merge(collected);
    // Plain data: this can't fail.
    let mut document = serde_json::to_value(whole).unwrap_or_default();
    put(
        &mut document,
        "/components/securitySchemes",
        json!({
            "session": {"type": "apiKey", "in": "cookie", "name": "__Host-pulse_session", "description": "Of a browser; writes need an Origin of our own"},
            "key": {"type": "http", "scheme": "bearer", "bearerFormat": "pulse_<key id>_<secret>"},
        }),
    );
    put(&mut document, "/security", json!([{"session": []}, {"key": []}]));
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return document };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                complete(path, method, operation);
            }
        }
    }
    document
}

/// Adds what follows from the kind of the operation.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let is_public = operation.get("security").is_some();
    let has_body = operation.get("requestBody").is_some();
    let has_id = path.contains("{id}");
    let has_query = parameters(operation).any(|parameter| parameter.get("in") == Some(&json!("query")));
    let is_write = method != "get";
    let is_push = path.starts_with("/api/v1/push/");
    let is_ingest = path == "/api/v1/metrics";
    let takes_key = is_write && !is_push && !is_ingest && !path.starts_with("/api/v1/auth/");
    let rules = [
        (!is_public, 401, "No or bad credentials"),
        (!is_public, 403, "The role or the key's scope is too weak, or the write comes from another site"),
        (is_public && is_write && !is_push, 403, "The write comes from another site"),
        (!is_public, 429, "Too many requests; Retry-After says how long to wait"),
        (has_id, 404, "There is no such thing, or not for the caller"),
        (has_body, 400, "The body is not JSON"),
        (has_body, 408, "The body did not arrive in time"),
        (has_body, 413, "The body is too large"),
        (has_body, 415, "The body is not declared as JSON"),
        (takes_key, 409, "A request with this Idempotency-Key is being answered right now"),
        (has_body || has_query || takes_key, 422, "Some fields are not as they should be; errors names them"),
        (true, 500, "A defect of Pulse"),
        (true, 503, "The database is not available"),
    ];
    if takes_key {
        let header = json!({
            "name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200},
            "description": "Sent again within 24 hours with the same request, the write is answered again instead of being done again",
        });
        let all: Vec<Value> = parameters(operation).cloned().chain([header]).collect();
        put(operation, "/parameters", Value::Array(all));
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (_, status, description) in rules.into_iter().filter(|(applies, _, _)| *applies) {
        responses.entry(status.to_string()).or_insert_with(|| json!({"description": description}));
    }
    problems(responses);
}

/// Every refusal has the same shape.
fn problems(responses: &mut Map<String, Value>) {
    for (status, response) in responses {
        if status.starts_with(['4', '5']) && response.get("content").is_none() {
            let schema = json!({"$ref": "#/components/schemas/Problem"});
            put(response, "/content", json!({pulse_wire::problem::CONTENT_TYPE: {"schema": schema}}));
        }
    }
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
}

/// Sets a field, whose parent must be there.
fn put(target: &mut Value, pointer: &str, value: Value) {
    let (parent, field) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    if let Some(fields) = target.pointer_mut(parent).and_then(Value::as_object_mut) {
        fields.insert(field.to_owned(), value);
    }
}
