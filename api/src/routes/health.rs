//! `GET /api/health`: for load balancers and for people who wonder whose fault it is.

use crate::state::ApiState;
use axum::{Json, extract::State, http::StatusCode};
use pulse_domain::report::NodeReport;
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
    let local: Vec<NodeReport> = state.local_engine().into_iter().collect();
    let (engine, engines) = match &database {
        Ok(()) => match state.store.node_reports().await {
            Ok(reports) => (judged(&reports), reports),
            Err(_) => (failing("the database did not answer"), local),
        },
        // Whoever shares this process can still be asked.
        Err(_) if !local.is_empty() => (judged(&local), local),
        Err(_) => (failing("unknown while the database is away"), local),
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
    (code, Json(Health { status, database, bus, engine, engines }))
}

/// What the nodes' reports amount to. Being busy is no failure, nor is one node's trouble while another does well: taking
/// the API away would help nobody.
fn judged(reports: &[NodeReport]) -> Part {
    if reports.is_empty() {
        return failing("no engine has shown a sign of life lately: nothing is checked");
    }
    let complaints: Vec<String> = reports.iter().filter_map(NodeReport::complaint).collect();
    let status = if reports.iter().all(NodeReport::is_failing) { Condition::Failing } else { Condition::Ok };
    Part { status, detail: complaints.join(" · ") }
}

fn well() -> Part {
    Part { status: Condition::Ok, detail: String::new() }
}

fn failing(detail: &str) -> Part {
    Part { status: Condition::Failing, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::report::Vantage;

    #[test]
    fn trouble_fails_and_work_does_not() {
        let busy = NodeReport { checks_waiting: 5, checks_in_flight_max: 10, ..NodeReport::default() };
        let part = judged(&[NodeReport::default(), busy]);
        assert_eq!(part.status, Condition::Ok);
        assert!(part.detail.contains("5 checks wait"), "{}", part.detail);
        let away = NodeReport { database_away_seconds: Some(30), results_waiting: 1_234, ..NodeReport::default() };
        let lost = NodeReport { vantage: Vantage::Lost, ..NodeReport::default() };
        let part = judged(&[away, lost]);
        assert_eq!(part.status, Condition::Failing);
        assert!(part.detail.contains("1234 results") && part.detail.contains("network"), "{}", part.detail);
        let part = judged(&[NodeReport::default(), NodeReport { vantage: Vantage::Lost, ..NodeReport::default() }]);
        assert!(part.status == Condition::Ok && part.detail.contains("network"), "{}", part.detail);
        assert_eq!(judged(&[]).status, Condition::Failing);
    }
}
