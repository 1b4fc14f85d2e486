//! `POST monitors/bulk`

use super::{
    PUSH_URL, Quiet, create::first, keep_secrets, note_all, parents::check_parents_of_new, redacted, ring, shown,
};
use crate::{body::Document, extract::Admin, problem::Problem, state::ApiState};
use axum::{Extension, Json, extract::State, http::StatusCode, response::Response};
use pulse_domain::{
    limits::{BULK_BYTES_MAX, BULK_MONITORS_MAX},
    monitor::{Monitor, MonitorConfig},
};
use pulse_wire::{
    decode::decode_list,
    monitor::{CreateMonitors, CreatedMonitors},
    stream::Change,
};
use serde_json::{Value, json};

/// Where the list is in the body.
const LIST: &str = "monitors";

/// Starts watching up to 1,000 things at once: all of them, or none when one is not as it should be.
///
/// The faults of all are told at once, each where it is (`/monitors/17/interval_seconds`).
#[utoipa::path(
    post,
    path = "/monitors/bulk",
    tag = "monitors",
    request_body = CreateMonitors,
    responses(
        (status = 201, description = "The monitors in the order in which they were sent, their first checks due soon", body = CreatedMonitors),
        (status = 413, description = "More than 4 MiB; send fewer at once"),
    )
)]
pub(crate) async fn create_monitors(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Document(body): Document<BULK_BYTES_MAX>,
) -> Result<Response, Problem> {
    let now = state.now();
    let monitors: Vec<Monitor> = read(body)?.into_iter().map(|config| first(caller.org_id, config, now)).collect();
    let ids: Vec<_> = monitors.iter().map(|monitor| monitor.id).collect();
    let detail = |monitor: &Monitor| (monitor.id, json!({"config": redacted(monitor.config.clone())}));
    let mut txn = caller.begin(&state).await?;
    check_parents_of_new(&mut txn, LIST, &monitors).await?;
    let views = txn.insert_monitors(&monitors).await?;
    note_all(&mut txn, &state, &caller, Change::Created, monitors.iter().map(detail).collect()).await?;
    let quiet = Quiet::read(&mut txn, now).await?;
    let items = views.into_iter().map(|view| shown(view, &caller, &quiet, now)).collect();
    let answer = (StatusCode::CREATED, Extension(PUSH_URL), Json(CreatedMonitors { items }));
    let answer = caller.conclude(txn, answer).await?;
    ring(&state, &caller, &ids);
    Ok(answer)
}

fn read(body: Value) -> Result<Vec<MonitorConfig>, Problem> {
    let mut configs = decode_list::<MonitorConfig>(body, LIST, BULK_MONITORS_MAX).map_err(Problem::invalid)?;
    let mut errors = Vec::new();
    for (number, config) in configs.iter_mut().enumerate() {
        let faults = keep_secrets(config, None).err().into_iter().flatten();
        errors.extend(faults.map(|fault| fault.inside(&format!("/{LIST}/{number}"))));
    }
    if errors.is_empty() { Ok(configs) } else { Err(Problem::invalid(errors)) }
}
