//! Metrics: in by JSON and by OpenTelemetry, out as charts and lists, and never across tenants.

use crate::world::{Answer, Client, World};
use axum::{body::Body, http::Request};
use chrono::{DurationRound as _, SecondsFormat, TimeDelta};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;
use opentelemetry_proto::tonic::{
    collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse},
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{
        Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
        metric::Data, number_data_point::Value as Number,
    },
    resource::v1::Resource,
};
use prost::Message as _;
use pulse_api::Timestamp;
use pulse_domain::limits::{METRIC_BATCH_SAMPLES_MAX, REQUEST_BYTES_MAX};
use pulse_store::testing::now;
use serde_json::{Value, json};
use std::io::Write as _;
use tower::ServiceExt as _;

fn text(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn batch(host: &str, samples: &[(&str, f64, Timestamp)]) -> Value {
    let samples: Vec<Value> =
        samples.iter().map(|(metric, value, at)| json!({"metric": metric, "value": value, "at": text(*at)})).collect();
    json!({"host": host, "samples": samples})
}

async fn points(reader: &Client, query: &str) -> Vec<(f64, f64, f64)> {
    let chart = reader.get(&format!("/api/v1/metrics?{query}")).await.expect(200).json();
    let number = |point: &Value, field: &str| point[field].as_f64().unwrap();
    let all = chart["points"].as_array().unwrap();
    all.iter().map(|point| (number(point, "avg"), number(point, "min"), number(point, "max"))).collect()
}

#[tokio::test]
async fn samples_come_back_as_a_chart_and_in_the_list() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let (pusher, reader) = (world.key(&owner, &["ingest"]).await, world.key(&owner, &["read"]).await);
    // The middle of a minute, so that the steps are known.
    let minute = now().duration_trunc(TimeDelta::minutes(1)).unwrap() - TimeDelta::minutes(5);
    let at = |second| minute + TimeDelta::seconds(second);
    let samples =
        [("cpu.load1", 1.0, at(0)), ("cpu.load1", 3.0, at(30)), ("cpu.load1", 8.0, at(60)), ("mem", 5.0, at(0))];
    let answer = pusher.post("/api/v1/metrics", batch("web-1", &samples)).await.expect(200);
    assert_eq!(answer.json(), json!({"accepted": 4}));
    pusher.post("/api/v1/metrics", batch("web-1", &samples)).await.expect(200);
    let (from, to) = (text(at(0)), text(at(120)));
    let query = format!("host=web-1&metric=cpu.load1&from={from}&to={to}&step=60");
    assert_eq!(points(&reader, &query).await, [(2.0, 1.0, 3.0), (8.0, 8.0, 8.0)], "twice is once");
    let list = reader.get("/api/v1/metrics/series?host=web-1").await.expect(200).json();
    let newest = [("cpu.load1", 8.0, at(60)), ("mem", 5.0, at(0))];
    let shown = newest
        .map(|(metric, value, at)| json!({"host": "web-1", "metric": metric, "last_value": value, "last_at": at}));
    assert_eq!(list["items"], json!(shown));
}

#[tokio::test]
async fn a_chart_over_sums_is_the_chart_over_samples_whenever_they_are_made() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let (pusher, reader) = (world.key(&owner, &["ingest"]).await, world.key(&owner, &["read"]).await);
    let hour = now().duration_trunc(TimeDelta::hours(1)).unwrap() - TimeDelta::hours(3);
    let at = |minute| hour + TimeDelta::minutes(minute);
    let samples: Vec<_> = [(0, 1.0), (4, 3.0), (5, 5.0), (61, 7.0), (62, 9.0), (200, 2.0)]
        .into_iter()
        .filter(|(minute, _)| at(*minute) < now())
        .map(|(minute, value)| ("load", value, at(minute)))
        .collect();
    pusher.post("/api/v1/metrics", batch("web-1", &samples)).await.expect(200);
    let (from, to) = (text(hour), text(now() + TimeDelta::hours(1)));
    let fine = format!("host=web-1&metric=load&from={from}&to={to}&step=300");
    let coarse = format!("host=web-1&metric=load&from={from}&to={to}&step=3600");
    let before = (points(&reader, &fine).await, points(&reader, &coarse).await);
    assert_eq!(before.0[..3], [(2.0, 1.0, 3.0), (5.0, 5.0, 5.0), (8.0, 7.0, 9.0)]);
    assert_eq!(before.1[..2], [(3.0, 1.0, 5.0), (8.0, 7.0, 9.0)]);
    let engine = world.store.engine();
    for _ in 0..2 {
        engine.keep_metrics(now()).await.unwrap();
        assert_eq!((points(&reader, &fine).await, points(&reader, &coarse).await), before);
    }
    // Late for an hour that is summed up already.
    pusher.post("/api/v1/metrics", batch("web-1", &[("load", 6.0, at(1))])).await.expect(200);
    engine.keep_metrics(now()).await.unwrap();
    assert_eq!(points(&reader, &coarse).await[0], (3.75, 1.0, 6.0));
}

#[tokio::test]
async fn what_is_wrong_with_a_batch_is_said_by_pointer() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let pusher = world.key(&owner, &["ingest"]).await;
    let (old, ahead) = (now() - TimeDelta::hours(25), now() + TimeDelta::minutes(6));
    let untimely = batch("web-1", &[("a", 1.0, now()), ("a", 1.0, old), ("a", 1.0, ahead)]);
    let refused = pusher.post("/api/v1/metrics", untimely).await.expect(422);
    assert_eq!(refused.faults(), ["/samples/1/at range", "/samples/2/at range"]);
    for (body, fault) in [
        (json!({"host": "web-1", "samples": []}), "/samples length"),
        (json!({"host": "", "samples": [{"metric": "a", "value": 1, "at": text(now())}]}), "/host"),
        (
            json!({"host": "h", "samples": [{"metric": "a b", "value": 1, "at": text(now())}]}),
            "/samples/0/metric metric_name",
        ),
        (json!({"host": "h", "samples": [{"metric": "a", "value": "1", "at": text(now())}]}), "/samples/0/value"),
        (json!({"host": "h", "samples": [{"metric": "a", "value": 1, "at": text(now()), "x": 1}]}), "/samples/0/x"),
        (
            json!({"host": "h", "samples": [{"metric": "a", "value": 1.7e308, "at": text(now())}]}),
            "/samples/0/value range",
        ),
    ] {
        let refused = pusher.post("/api/v1/metrics", body).await.expect(422);
        assert!(refused.faults()[0].starts_with(fault), "{:?} is not {fault}", refused.faults());
    }
    let most = usize::try_from(METRIC_BATCH_SAMPLES_MAX).unwrap();
    let many = vec![("a", 1.0, now()); most + 1];
    assert_eq!(pusher.post("/api/v1/metrics", batch("h", &many)).await.expect(422).faults(), ["/samples length"]);
    // Not one of them is looked at.
    let shapeless = json!({"host": "h", "samples": vec![0; most + 1]});
    assert_eq!(pusher.post("/api/v1/metrics", shapeless).await.expect(422).faults(), ["/samples length"]);
    let reader = world.key(&owner, &["read"]).await;
    assert_eq!(reader.get("/api/v1/metrics/series").await.expect(200).json()["items"], json!([]), "nothing was taken");
}

#[tokio::test]
async fn a_key_may_do_what_its_scope_says_and_strangers_see_nothing() {
    let world = World::new().await;
    let (owner, stranger) = (world.register("acme").await, world.register("evil").await);
    let (pusher, reader) = (world.key(&owner, &["ingest"]).await, world.key(&owner, &["read"]).await);
    let sample = batch("web-1", &[("load", 1.0, now())]);
    pusher.post("/api/v1/metrics", sample.clone()).await.expect(200);
    reader.post("/api/v1/metrics", sample.clone()).await.expect(403);
    owner.post("/api/v1/metrics", sample.clone()).await.expect(403);
    for path in ["/api/v1/metrics?host=web-1&metric=load", "/api/v1/metrics/series", "/api/v1/monitors"] {
        pusher.get(path).await.expect(403);
    }
    stranger.get("/api/v1/metrics?host=web-1&metric=load").await.expect(404);
    assert_eq!(stranger.get("/api/v1/metrics/series").await.expect(200).json()["items"], json!([]));
    // The same names in another organization are other series.
    let theirs = world.key(&stranger, &["ingest"]).await;
    theirs.post("/api/v1/metrics", batch("web-1", &[("load", 9.0, now())])).await.expect(200);
    let ours = reader.get("/api/v1/metrics/series").await.expect(200).json();
    assert_eq!(ours["items"][0]["last_value"], json!(1.0));
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::StringValue(value.to_owned())) };
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

fn point(value: Number, at: Timestamp, attributes: Vec<KeyValue>) -> NumberDataPoint {
    let time_unix_nano = u64::try_from(at.timestamp_nanos_opt().unwrap()).unwrap();
    NumberDataPoint { attributes, time_unix_nano, value: Some(value), ..NumberDataPoint::default() }
}

fn export(host: Option<&str>, metrics: Vec<(&str, Data)>) -> Vec<u8> {
    let metric = |(name, data): (&str, Data)| Metric { name: name.to_owned(), data: Some(data), ..Metric::default() };
    let scope = ScopeMetrics { metrics: metrics.into_iter().map(metric).collect(), ..ScopeMetrics::default() };
    let attributes = host.map(|host| attribute("host.name", host)).into_iter().collect();
    let resource = Some(Resource { attributes, ..Resource::default() });
    let resource_metrics = vec![ResourceMetrics { resource, scope_metrics: vec![scope], ..ResourceMetrics::default() }];
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

/// As a collector's exporter posts it. Answers the raw bytes.
async fn collect(pusher: &Client, payload: &[u8]) -> (u16, Vec<u8>) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(payload).unwrap();
    let mut request = Request::post("/api/v1/metrics")
        .header("content-type", "application/x-protobuf")
        .header("content-encoding", "gzip")
        .body(Body::from(packed.finish().unwrap()))
        .unwrap();
    for (name, value) in &pusher.headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let response = pusher.app.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn a_collector_may_push_gauges_and_sums_and_is_told_what_was_not_taken() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let (pusher, reader) = (world.key(&owner, &["ingest"]).await, world.key(&owner, &["read"]).await);
    let load = Data::Gauge(Gauge { data_points: vec![point(Number::AsDouble(0.5), now(), Vec::new())] });
    let used = vec![attribute("state", "used"), attribute("device", "/dev/sda1 (root)")];
    let stale = point(Number::AsInt(1), now() - TimeDelta::days(2), Vec::new());
    let disk = Sum { data_points: vec![point(Number::AsInt(4_096), now(), used), stale], ..Sum::default() };
    let times = Histogram { data_points: vec![HistogramDataPoint::default(); 3], ..Histogram::default() };
    let payload = export(
        Some("web-1"),
        vec![
            ("system.cpu.load_average.1m", load),
            ("system.filesystem.usage", Data::Sum(disk)),
            ("times", Data::Histogram(times)),
        ],
    );
    let (status, answer) = collect(&pusher, &payload).await;
    let partial = ExportMetricsServiceResponse::decode(answer.as_slice()).unwrap().partial_success.unwrap();
    assert_eq!((status, partial.rejected_data_points), (200, 4), "{}", partial.error_message);
    assert!(partial.error_message.contains("3: only gauges and sums are taken"), "{}", partial.error_message);
    let list = reader.get("/api/v1/metrics/series").await.expect(200).json();
    let seen: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["metric"].clone(), one["last_value"].clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (json!("system.cpu.load_average.1m"), json!(0.5)),
            (json!("system.filesystem.usage/device:/dev/sda1__root_/state:used"), json!(4_096.0)),
        ]
    );
    let well = Data::Gauge(Gauge { data_points: vec![point(Number::AsDouble(0.7), now(), Vec::new())] });
    let (status, answer) = collect(&pusher, &export(Some("web-1"), vec![("load", well.clone())])).await;
    assert_eq!((status, answer.len()), (200, 0), "nothing to say is an empty message");
    let (_, answer) = collect(&pusher, &export(None, vec![("load", well)])).await;
    let partial = ExportMetricsServiceResponse::decode(answer.as_slice()).unwrap().partial_success.unwrap();
    assert!(partial.error_message.contains("host.name"), "{}", partial.error_message);
    assert_eq!(collect(&pusher, b"no protobuf at all").await.0, 400);
}

#[tokio::test]
async fn what_of_an_export_cannot_be_kept_is_rejected_and_the_rest_is_taken() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let (pusher, reader) = (world.key(&owner, &["ingest"]).await, world.key(&owner, &["read"]).await);
    let gauge = |data_points| Data::Gauge(Gauge { data_points });
    let of = |value| point(Number::AsDouble(value), now(), Vec::new());
    let (longest, too_long) = ("x".repeat(200), "x".repeat(201));
    let labelled = point(Number::AsInt(1), now(), vec![attribute("a", &longest)]);
    let payload = export(
        Some("web-1"),
        vec![
            (too_long.as_str(), gauge(vec![of(1.0), of(2.0)])),
            ("labelled", gauge(vec![labelled])),
            ("huge", gauge(vec![of(1.7e308), of(f64::NAN)])),
            (longest.as_str(), gauge(vec![of(3.0)])),
            ("tiny", gauge(vec![of(5e-324)])),
        ],
    );
    let (status, answer) = collect(&pusher, &payload).await;
    let partial = ExportMetricsServiceResponse::decode(answer.as_slice()).unwrap().partial_success.unwrap();
    assert_eq!((status, partial.rejected_data_points), (200, 5), "{}", partial.error_message);
    for told in ["2: a metric's name", "1: the name with its attributes", "2: a value is not finite"] {
        assert!(partial.error_message.contains(told), "{}", partial.error_message);
    }
    let list = reader.get("/api/v1/metrics/series").await.expect(200).json();
    let values: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["last_value"].clone()).collect();
    assert_eq!(values, [json!(0.0), json!(3.0)]);
}

#[tokio::test]
async fn points_that_are_too_many_are_refused_whatever_they_are() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let pusher = world.key(&owner, &["ingest"]).await;
    let most = usize::try_from(METRIC_BATCH_SAMPLES_MAX).unwrap();
    let times = |points| {
        let histogram = Histogram { data_points: vec![HistogramDataPoint::default(); points], ..Histogram::default() };
        export(Some("web-1"), vec![("times", Data::Histogram(histogram))])
    };
    assert_eq!(collect(&pusher, &times(most)).await.0, 200);
    assert_eq!(collect(&pusher, &times(most + 1)).await.0, 413);
}

#[tokio::test]
async fn a_batch_larger_than_other_bodies_needs_no_key_to_be_sent_again() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let pusher = world.key(&owner, &["ingest"]).await.with("idempotency-key", "k");
    let start = now() - TimeDelta::hours(2);
    let samples: Vec<_> = (0..5_000).map(|second| ("load", 1.0, start + TimeDelta::seconds(second))).collect();
    let large = batch("web-1", &samples);
    assert!(large.to_string().len() > REQUEST_BYTES_MAX);
    for _ in 0..2 {
        let answer = pusher.post("/api/v1/metrics", large.clone()).await.expect(200);
        assert_eq!((answer.json(), answer.headers.get("idempotency-replayed")), (json!({"accepted": 5_000}), None));
    }
    // Nothing was remembered that another batch could collide with.
    pusher.post("/api/v1/metrics", batch("web-1", &samples[..1])).await.expect(200);
    let document = world.client().get("/api/openapi.json").await.json();
    assert!(!document["paths"]["/api/v1/metrics"]["post"].to_string().contains("Idempotency-Key\""));
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let pusher = world.key(&owner, &["ingest"]).await;
    let send = async |kind: &'static str, encoding: &'static str| -> Answer {
        let request =
            Request::post("/api/v1/metrics").header("content-type", kind).header("content-encoding", encoding);
        pusher.send_raw(request.body(Body::from("a 1")).unwrap()).await
    };
    send("text/plain", "identity").await.expect(415);
    send("application/json", "br").await.expect(415);
    send("application/json", "gzip").await.expect(400);
    send("application/json", "identity").await.expect(400);
}
