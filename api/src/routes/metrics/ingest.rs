//! `POST metrics`: as JSON of Pulse's own, or as an OpenTelemetry collector exports them.

use super::{body, otlp};
use crate::{
    Timestamp,
    extract::{Caller, Credential, Ingestor},
    problem::Problem,
    state::ApiState,
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{SubsecRound as _, TimeDelta};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use prost::Message as _;
use pulse_domain::limits::{METRIC_AGE_SECONDS_MAX, METRIC_AHEAD_SECONDS_MAX, METRIC_BATCH_SAMPLES_MAX};
use pulse_store::{NewSample, SamplesTaken};
use pulse_wire::{
    decode::{Body as _, decode},
    metric::{Accepted, WriteMetrics},
    problem::FieldError,
};
use serde_json::Value;

const PROTOBUF: &str = "application/x-protobuf";

/// Takes samples. A key with the scope `ingest` is enough, and no more than that.
///
/// JSON is taken as a whole or refused field by field. OpenTelemetry's protobuf (the `metrics_endpoint` of a collector's `otlphttp`
/// exporter; gauges and sums; the host is the resource's `host.name`, attributes of a point become part of the metric's name) is
/// taken point by point, and its answer counts the rejected ones. Samples are at most a day old and five minutes ahead. The same
/// sample twice is one, so that a batch may be sent again as it is: an `Idempotency-Key` is not looked at. Bodies may be packed with
/// gzip. More than 10,000 samples of a request are refused, as is a value beyond ±1e290.
#[utoipa::path(
    post,
    path = "/metrics",
    tag = "metrics",
    request_body(content((WriteMetrics = "application/json"), (Vec<u8> = "application/x-protobuf"))),
    responses(
        (status = 200, description = "How much was taken; to protobuf an ExportMetricsServiceResponse", body = Accepted),
        (status = 415, description = "Neither JSON nor protobuf, or packed otherwise than with gzip"),
    )
)]
pub(crate) async fn push_metrics(
    State(state): State<ApiState>,
    Ingestor(caller): Ingestor,
    request: Request,
) -> Result<Response, Problem> {
    if let Credential::Session { .. } = caller.credential {
        return Err(Problem::forbidden("Metrics are pushed by machines: take a key with the scope ingest."));
    }
    let (parts, body) = request.into_parts();
    match content_type(&parts.headers) {
        "application/json" => of_json(&state, &caller, &body::read(&parts.headers, body).await?).await,
        PROTOBUF => of_otlp(&state, &caller, &body::read(&parts.headers, body).await?).await,
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be JSON (application/json) or OpenTelemetry's protobuf (application/x-protobuf).",
        )),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}

async fn of_json(state: &ApiState, caller: &Caller, bytes: &[u8]) -> Result<Response, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        Problem::bad_request(format!("The body is not JSON: see line {}, column {}.", error.line(), error.column()))
    })?;
    // Before each of them is looked at.
    if value.get("samples").and_then(Value::as_array).is_some_and(|samples| samples.len() > most()) {
        let detail = format!("must have 1 to {METRIC_BATCH_SAMPLES_MAX} items");
        return Err(Problem::invalid_field("/samples", "length", detail));
    }
    let WriteMetrics { host, samples } = decode(value).map_err(Problem::invalid)?;
    let now = state.now();
    let mut errors = Vec::new();
    let mut taken = Vec::with_capacity(samples.len());
    for (index, sample) in samples.into_iter().enumerate() {
        let at = sample.at.trunc_subsecs(6);
        if let Err(detail) = timely(at, now) {
            errors.push(FieldError { pointer: format!("/samples/{index}/at"), code: "range".to_owned(), detail });
        }
        taken.push(NewSample { host: host.clone(), metric: sample.metric, at, value: sample.value });
    }
    if !errors.is_empty() {
        errors.truncate(WriteMetrics::FAULTS_MAX);
        return Err(Problem::invalid(errors));
    }
    let mut txn = caller.begin(state).await?;
    let SamplesTaken { accepted, over_limit } = txn.insert_samples(&taken, now).await?;
    if over_limit > 0 {
        // Dropped with its transaction: all of the batch or nothing.
        return Err(Problem::invalid_field(
            "/host",
            "limit",
            "is one host or metric more than an organization may have",
        ));
    }
    txn.commit().await?;
    Ok(Json(Accepted { accepted }).into_response())
}

async fn of_otlp(state: &ApiState, caller: &Caller, bytes: &[u8]) -> Result<Response, Problem> {
    let request = ExportMetricsServiceRequest::decode(bytes)
        .map_err(|_| Problem::bad_request("The body is no ExportMetricsServiceRequest."))?;
    if otlp::points(&request) > most() {
        let detail = format!("More than {METRIC_BATCH_SAMPLES_MAX} data points; send smaller batches.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let now = state.now();
    let mut export = otlp::samples(request);
    export.keep(|sample| timely(sample.at, now));
    let mut txn = caller.begin(state).await?;
    let taken = txn.insert_samples(&export.samples, now).await?;
    txn.commit().await?;
    if taken.over_limit > 0 {
        export.reject(taken.over_limit, "past the organization's number of hosts or metrics");
    }
    let partial_success = (export.rejected > 0).then(|| ExportMetricsPartialSuccess {
        rejected_data_points: i64::try_from(export.rejected).unwrap_or(i64::MAX),
        error_message: export.why(),
    });
    let answer = ExportMetricsServiceResponse { partial_success };
    Ok(([(header::CONTENT_TYPE, PROTOBUF)], answer.encode_to_vec()).into_response())
}

/// Samples of one request.
fn most() -> usize {
    usize::try_from(METRIC_BATCH_SAMPLES_MAX).unwrap_or(usize::MAX)
}

fn timely(at: Timestamp, now: Timestamp) -> Result<(), String> {
    if at < now - TimeDelta::seconds(METRIC_AGE_SECONDS_MAX) {
        Err("is more than a day ago".to_owned())
    } else if at > now + TimeDelta::seconds(METRIC_AHEAD_SECONDS_MAX) {
        Err("is more than five minutes ahead; see the host's clock".to_owned())
    } else {
        Ok(())
    }
}
