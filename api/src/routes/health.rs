//! `GET /api/health`: for load balancers and for people who wonder whose fault it is.

use crate::state::ApiState;
use axum::{Json, extract::State, http::StatusCode};
use pulse_wire::health::{Condition, Health, Part};

/// Says whether the database, the bus and the engine are well.
#[utoipa::path(
    get,
    path = "/api/health",
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "Every part is well", body = Health),
        (status = 503, description = "Some part is not; its detail says what", body = Health),
    )
)]
pub(crate) async fn read_health(State(state): State<ApiState>) -> (StatusCode, Json<Health>) {
    let database = state.store.ping().await;
    let engine = match &database {
        Ok(()) => match state.store.engine_alive().await {
            Ok(true) => well(),
            Ok(false) => failing("no engine has shown a sign of life lately: nothing is checked"),
            Err(_) => failing("the database did not answer"),
        },
        Err(_) => failing("unknown while the database is away"),
    };
    let database = if database.is_ok() { well() } else { failing("the database does not answer") };
    let bus = match state.bus.health().await {
        Ok(()) => well(),
        Err(_) => failing("Redis does not answer: changes show up to two seconds later"),
    };
    let parts = [&database, &bus, &engine];
    let all_well = parts.iter().all(|part| part.status == Condition::Ok);
    let (code, status) =
        if all_well { (StatusCode::OK, Condition::Ok) } else { (StatusCode::SERVICE_UNAVAILABLE, Condition::Failing) };
    (code, Json(Health { status, database, bus, engine }))
}

fn well() -> Part {
    Part { status: Condition::Ok, detail: String::new() }
}

fn failing(detail: &str) -> Part {
    Part { status: Condition::Failing, detail: detail.to_owned() }
}
