//! The push URLs of monitors: the only endpoints whose path is the credential.
//!
//! What is called often by scripts is answered in two letters. The row is committed before the answer; the doorbell only
//! makes the engine look at once.

mod report;

use crate::{address::Client, auth::token, problem::Problem, state::ApiState};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    handler::Handler,
    http::{HeaderMap, header},
};
use pulse_cluster::Doorbell;
use pulse_domain::push::{Push, PushKind};
use report::{Exit, Report};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(also_by_get(push_success, routes!(push_success)))
        .routes(also_by_get(push_end, routes!(push_end)))
}

/// The same by GET or HEAD, for tools that can't POST; documented with what the POST says of itself.
fn also_by_get<H, T>(handler: H, route: UtoipaMethodRouter<ApiState>) -> UtoipaMethodRouter<ApiState>
where
    H: Handler<T, ApiState>,
    T: 'static,
{
    let (schemas, mut paths, methods) = route;
    for item in paths.paths.values_mut() {
        item.get.clone_from(&item.post);
        if let Some(operation) = &mut item.get {
            operation.operation_id = operation.operation_id.take().map(|name| format!("{name}_by_get"));
            operation.summary = Some("The same by GET or HEAD, for tools that can't POST.".to_owned());
            operation.description = None;
        }
    }
    (schemas, paths, methods.get(handler))
}

const DONE: &str = "OK";

/// A run ended well.
///
/// `exit_code` other than 0 makes it a failure, without a code unless it is from 1 to 255. A body is the message: its first 1,024
/// bytes are shown beside the outcome; a JSON body may have `duration_ms`, `exit_code` and `message` instead. What is said of the
/// run never keeps a call from being written down: a longer message is cut, a duration that is no whole number is left out. Only a
/// parameter that does not exist is refused. No credentials but the token.
#[utoipa::path(
    post,
    path = "/push/{token}",
    tag = "push",
    security(()),
    params(
        ("token" = String, Path, description = "The end of the monitor's push_url"),
        ("duration_ms" = Option<u64>, Query, description = "How long the run took, in whole milliseconds; else the time since its start"),
        ("exit_code" = Option<i64>, Query, description = "Of the process; beyond 0 to 255 it is a failure without a code"),
        ("message" = Option<String>, Query, description = "Shown beside the outcome: its first 1,024 bytes"),
        ("rid" = Option<String>, Query, description = "Accepted from other tools' scripts, and not used"),
    ),
    responses(
        (status = 200, description = "Written down", body = String, content_type = "text/plain"),
        (status = 404, description = "No push monitor has this token"),
        (status = 429, description = "Too many requests; Retry-After says how long to wait"),
    )
)]
async fn push_success(
    State(state): State<ApiState>,
    Path(token): Path<String>,
    request: Request,
) -> Result<&'static str, Problem> {
    accept(&state, &token, PushKind::Success, None, request).await
}

/// A run began (`start`), failed (`fail`), or ended with this exit code.
#[utoipa::path(
    post,
    path = "/push/{token}/{what}",
    tag = "push",
    security(()),
    params(
        ("token" = String, Path, description = "The end of the monitor's push_url"),
        ("what" = String, Path, description = "start, fail, or an exit code from 0 to 255"),
        ("duration_ms" = Option<u64>, Query, description = "How long the run took, in whole milliseconds; else the time since its start"),
        ("message" = Option<String>, Query, description = "Shown beside the outcome: its first 1,024 bytes"),
        ("rid" = Option<String>, Query, description = "Accepted from other tools' scripts, and not used"),
    ),
    responses(
        (status = 200, description = "Written down", body = String, content_type = "text/plain"),
        (status = 404, description = "No push monitor has this token, or there is no such end of a run"),
        (status = 429, description = "Too many requests; Retry-After says how long to wait"),
    )
)]
async fn push_end(
    State(state): State<ApiState>,
    Path((token, what)): Path<(String, String)>,
    request: Request,
) -> Result<&'static str, Problem> {
    let (kind, exit_code) = end(&what)?;
    accept(&state, &token, kind, exit_code, request).await
}

fn end(what: &str) -> Result<(PushKind, Option<u8>), Problem> {
    match what {
        "start" => Ok((PushKind::Start, None)),
        "fail" => Ok((PushKind::Fail, None)),
        code => {
            let code: u8 = code.parse().map_err(|_| Problem::not_found())?;
            Ok((PushKind::of_exit(code), Some(code)))
        }
    }
}

async fn accept(
    state: &ApiState,
    token: &str,
    kind: PushKind,
    exit_code: Option<u8>,
    request: Request,
) -> Result<&'static str, Problem> {
    let at = state.now();
    let (parts, body) = request.into_parts();
    let report = Report::of_query(&parts.uri)?;
    let network = Client::of(&parts, &state.settings).network();
    state.limiter.limit_push_network(network)?;
    let hash = token::hash(token);
    let target = state.store.push_by_hash(&hash).await?.ok_or_else(Problem::not_found)?;
    state.limiter.limit_push_token(hash)?;
    let report = report.or(body_of(&parts.headers, body).await);
    let exit = exit_code.map(Exit::Code).or(report.exit);
    // A bare call with an exit code is what that code says; the path's own word stands.
    let kind = match (kind, exit) {
        (PushKind::Success, Some(exit)) => exit.kind(),
        (kind, _) => kind,
    };
    let exit_code = exit.and_then(Exit::code);
    let push = Push { at, kind, exit_code, duration_ms: report.duration_ms, message: report.message };
    let mut txn = state.store.org(target.org_id).await?;
    txn.insert_push(target.monitor_id, &push).await?;
    txn.commit().await?;
    state.bus.ring(Doorbell::Pushed { org_id: target.org_id, monitor_id: target.monitor_id });
    Ok(DONE)
}

async fn body_of(headers: &HeaderMap, body: Body) -> Report {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    Report::of_body(kind, &report::read(body).await)
}
