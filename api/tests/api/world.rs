//! A fresh database, the router on top of it, and clients that call it.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use pulse_api::{ApiState, Clock, Settings, router};
use pulse_cluster::{Bus, Doorbell};
use pulse_domain::{
    address::AddressPolicy,
    ids::{Incarnation, IncidentId, MonitorId, OrgId},
    outcome::{Outcome, Timings, Verdict},
    plan,
    report::NodeReport,
    status::{Status, Transition},
};
use pulse_store::{
    Store,
    testing::{TestDatabase, fresh_id, now},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const HOST: &str = "pulse.example";
pub(crate) const ORIGIN: &str = "http://pulse.example";

/// One deployment.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) database: TestDatabase,
    pub(crate) bus: Bus,
    pub(crate) app: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// `pointer code` of every field error.
    pub(crate) fn faults(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_owned();
        errors.iter().map(|error| format!("{} {}", text(error, "pointer"), text(error, "code"))).collect()
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::new().await;
        let store = database.store.clone();
        let bus = Bus::in_process();
        let settings = Settings {
            public_url: None,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            policy: AddressPolicy { allow: Vec::new() },
            allow_plain_webhooks: false,
        };
        let state = ApiState::new(store.clone(), bus.clone(), settings, Clock::system());
        Self { store, database, bus, app: router(state) }
    }

    pub(crate) fn client(&self) -> Client {
        Client { app: self.app.clone(), headers: vec![("host", HOST.to_owned()), ("origin", ORIGIN.to_owned())] }
    }

    /// A new organization, seen by its owner's browser.
    pub(crate) async fn register(&self, name: &str) -> Client {
        let body = json!({
            "email": format!("owner@{name}.example"), "password": PASSWORD, "name": "Owner", "organization": name,
        });
        let answer = self.client().post("/api/v1/auth/register", body).await.expect(201);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        self.client().with("cookie", cookie)
    }

    /// A program of the owner's organization.
    pub(crate) async fn key(&self, owner: &Client, scopes: &[&str]) -> Client {
        let answer = owner.post("/api/v1/api-keys", json!({"name": "CI", "scopes": scopes})).await.expect(201);
        let key = answer.json()["key"].as_str().unwrap().to_owned();
        Client { app: self.app.clone(), headers: Vec::new() }.with("authorization", format!("Bearer {key}"))
    }

    /// A node that is alive and answers every request for a check with a success.
    pub(crate) async fn start_engine(&self) -> Incarnation {
        let (engine, bus) = (self.store.engine(), self.bus.clone());
        let node = Incarnation(fresh_id());
        engine.register_node(node, "test").await.unwrap();
        engine.heartbeat(node, &NodeReport::default()).await.unwrap();
        let mut bells = bus.subscribe_doorbells();
        let shards: Vec<u16> = (0..1024).collect();
        tokio::spawn(async move {
            loop {
                bells.next().await;
                for request in engine.claim_probe_requests(&shards, 10).await.unwrap() {
                    engine.answer_probe_request(request.org_id, request.id, &success()).await.unwrap();
                    bus.ring(Doorbell::ProbeAnswered { id: request.id });
                }
            }
        });
        node
    }

    /// The monitor goes down, the way the engine's desk plans it. Answers the incident's id.
    pub(crate) async fn outage(&self, owner: &Client, monitor: &str) -> String {
        let org_id: OrgId = owner.get("/api/v1/organization").await.id().parse().unwrap();
        let monitor: MonitorId = monitor.parse().unwrap();
        let mut txn = self.store.org(org_id).await.unwrap();
        let view = txn.monitor_for_update(monitor).await.unwrap().unwrap();
        let transition = Transition {
            monitor_id: monitor,
            sequence: view.sequence + 1,
            at: now(),
            from: view.status,
            to: Status::Down,
            flapping_before: false,
            flapping_after: false,
            reason: Some(pulse_domain::outcome::Reason::ConnectRefused),
            detail: "connection refused".to_owned(),
        };
        txn.apply_transition(&transition, &view.health).await.unwrap();
        let situation = txn.situation(&[monitor], &[], true, now()).await.unwrap();
        let incident = IncidentId(fresh_id());
        let plan = plan::transitions(situation.desk(now()), std::slice::from_ref(&transition), || incident);
        txn.apply_plan(&plan, now()).await.unwrap();
        txn.mark_planned(&[(monitor, transition.sequence)], now()).await.unwrap();
        txn.commit().await.unwrap();
        incident.to_string()
    }
}

/// What the engine of these tests finds.
pub(crate) fn success() -> Outcome {
    Outcome {
        at: now(),
        verdict: Verdict::Success,
        latency_us: Some(1_500),
        timings: Timings { total_us: Some(1_500), ..Timings::default() },
        reason: None,
        detail: "200 OK".to_owned(),
        status_code: Some(200),
        facts: None,
    }
}

/// A browser or a program.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) app: Router,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Client {
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.without(name);
        client.headers.push((name, value.into()));
        client
    }

    pub(crate) fn without(&self, name: &str) -> Self {
        let headers = self.headers.iter().filter(|(header, _)| *header != name).cloned().collect();
        Self { app: self.app.clone(), headers }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A POST without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
        self.send_raw(request.body(body).unwrap()).await
    }

    pub(crate) async fn send_raw(&self, mut request: Request<Body>) -> Answer {
        for (name, value) in &self.headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

pub(crate) fn monitor() -> Value {
    json!({
        "name": "Shop", "tags": ["prod"], "interval_seconds": 30, "timeout_ms": 5000,
        "check": {"type": "http", "url": "https://shop.example/health"},
        "assertions": [{"source": "status_code", "comparison": "equals", "value": 200}],
    })
}

pub(crate) fn channel() -> Value {
    json!({
        "name": "Pager", "type": "webhook",
        "config": {"url": "https://hooks.example/pulse", "headers": {"X-Token": "hunter2"}},
    })
}

pub(crate) fn rule(channel: &str) -> Value {
    json!({"name": "All", "match": {"all": true}, "events": ["monitor.down", "monitor.up"], "channel_ids": [channel]})
}

/// A window on Sundays at two, for everything.
pub(crate) fn window() -> Value {
    json!({
        "name": "Sunday", "match": {"all": true},
        "schedule": {
            "type": "recurring", "rrule": "FREQ=WEEKLY;BYDAY=SU", "time_zone": "Europe/Berlin",
            "start": "2026-01-04T02:00:00", "duration_minutes": 60,
        },
    })
}

/// A rotation of one.
pub(crate) fn schedule(member: &Value) -> Value {
    json!({
        "name": "Primary", "time_zone": "Europe/Berlin",
        "layers": [{"name": "Weeks", "participants": [member], "start": "2026-01-05T09:00:00", "shift_days": 7}],
    })
}
