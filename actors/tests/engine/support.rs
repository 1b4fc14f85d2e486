//! A small world for the engine: a database with one organization, targets and sinks on real sockets.

use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_cluster::{Bus, Doorbell, Heard, Subscription};
use pulse_domain::{
    address::AddressPolicy,
    channel::{Channel, ChannelKind},
    ids::{ChannelId, MonitorId, OrgId, ProbeRequestId, RuleId},
    monitor::{Monitor, MonitorConfig},
    outcome::Outcome,
    plan::EventType,
    rule::{Match, Rule, Terms},
    secret::Secret,
    status::Transition,
    webhook,
};
use pulse_store::{
    Keyring, PageRequest, Store, StoreOptions, VersionPolicy,
    testing::{TestDatabase, fresh_id, now, seed_org},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// Between two looks at what can only be looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) bus: Bus,
    pub(crate) org: OrgId,
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::new().await;
        let (org, _) = seed_org(&database.store, "acme").await;
        Self { database, bus: Bus::in_process(), org }
    }

    pub(crate) fn options(&self) -> EngineOptions {
        EngineOptions { store: self.database.store.clone(), bus: self.bus.clone(), egress: egress() }
    }

    /// The same database through connections of its own.
    pub(crate) async fn another_store(&self) -> Store {
        Store::connect(StoreOptions {
            url: self.database.url.clone(),
            keyring: Keyring::new(vec![("test".to_owned(), [7; 32])]).expect("a legal keyring"),
            app_connections: 4,
            engine_connections: 4,
            version_policy: VersionPolicy::Refuse,
        })
        .await
        .expect("the database answers")
    }

    pub(crate) async fn start(&self) -> Engine {
        Engine::start(self.options()).await.expect("the engine starts")
    }

    /// Adds a monitor of `url` that is checked on demand only, as far as a test lasts.
    pub(crate) async fn monitor(&self, url: &str, policy: Value) -> Monitor {
        let config: MonitorConfig = serde_json::from_value(json!({
            "name": "Shop", "interval_seconds": 3_600, "timeout_ms": 2_000, "policy": policy,
            "check": {"type": "http", "url": url},
        }))
        .expect("a legal monitor");
        self.insert(self.org, config).await
    }

    /// Adds a monitor of any organization, written as people write it.
    pub(crate) async fn watch(&self, org: OrgId, config: Value) -> Monitor {
        self.insert(org, serde_json::from_value(config).expect("a legal monitor")).await
    }

    async fn insert(&self, org: OrgId, config: MonitorConfig) -> Monitor {
        let now = now();
        let monitor =
            Monitor { org_id: org, id: MonitorId(fresh_id()), config, version: 1, created_at: now, updated_at: now };
        let mut txn = self.database.store.org(org).await.expect("a transaction");
        txn.insert_monitor(&monitor).await.expect("inserted");
        txn.commit().await.expect("committed");
        monitor
    }

    pub(crate) fn changed(&self, monitor: &Monitor) {
        self.bus.ring(Doorbell::Monitor { org_id: self.org, monitor_id: monitor.id });
    }

    /// A channel that no rule uses yet.
    pub(crate) async fn channel(&self, kind: ChannelKind, config: Value) -> Channel {
        let now = now();
        let channel = Channel {
            org_id: self.org,
            id: ChannelId(fresh_id()),
            name: "Sink".to_owned(),
            kind,
            enabled: true,
            disabled_reason: None,
            settings: serde_json::from_value(config).expect("an object"),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut txn = self.database.store.org(self.org).await.expect("a transaction");
        txn.insert_channel(&channel).await.expect("inserted");
        txn.commit().await.expect("committed");
        channel
    }

    /// A webhook channel to `sink`, and a rule that sends everything to it. Answers the signing secret.
    pub(crate) async fn alert(&self, sink: SocketAddr) -> Secret<String> {
        self.alert_of_what_lasts(sink, 0).await
    }

    /// The same, for trouble that still holds after a while.
    pub(crate) async fn alert_of_what_lasts(&self, sink: SocketAddr, delay_seconds: u32) -> Secret<String> {
        let secret = webhook::format_secret(&[42; 32]);
        let channel = self
            .channel(
                ChannelKind::Webhook,
                json!({
                    "url": format!("http://{sink}/hook"),
                    "headers": {"x-team": "payments"},
                    "signing_secrets": [secret.expose()],
                }),
            )
            .await;
        let now = now();
        let rule = Rule {
            id: RuleId(fresh_id()),
            name: "Everything".to_owned(),
            enabled: true,
            matches: Match { all: true, ..Match::default() },
            events: pulse_domain::notification::Event::ALL.to_vec(),
            channel_ids: vec![channel.id],
            delay_seconds,
            terms: Terms::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut txn = self.database.store.org(self.org).await.expect("a transaction");
        txn.insert_rule(&rule).await.expect("inserted");
        txn.commit().await.expect("committed");
        secret
    }

    /// Has the engine check the monitor, or try a configuration, and waits for the outcome.
    pub(crate) async fn check(&self, monitor: Option<MonitorId>, trial: Option<&MonitorConfig>) -> Outcome {
        self.check_of(self.org, monitor, trial).await
    }

    pub(crate) async fn check_of(
        &self,
        org: OrgId,
        monitor: Option<MonitorId>,
        trial: Option<&MonitorConfig>,
    ) -> Outcome {
        let mut heard = self.bus.subscribe_doorbells();
        let id = ProbeRequestId(fresh_id());
        let mut txn = self.database.store.org(org).await.expect("a transaction");
        txn.insert_probe_request(id, monitor, trial, now()).await.expect("inserted");
        txn.commit().await.expect("committed");
        self.bus.ring(Doorbell::ProbeRequested);
        until(&mut heard, |doorbell| doorbell == Doorbell::ProbeAnswered { id }).await;
        let mut txn = self.database.store.org(org).await.expect("a transaction");
        let outcome = txn.take_probe_answer(id).await.expect("readable").expect("answered");
        txn.commit().await.expect("committed");
        outcome
    }

    /// Every transition that was planned so far, in order.
    pub(crate) async fn transitions(&self, monitor: MonitorId) -> Vec<Transition> {
        self.transitions_of(self.org, monitor).await
    }

    pub(crate) async fn transitions_of(&self, org: OrgId, monitor: MonitorId) -> Vec<Transition> {
        let mut txn = self.database.store.org(org).await.expect("a transaction");
        let events = txn.events_after(0, 1_000).await.expect("readable");
        events
            .into_iter()
            .filter(|event| event.kind == EventType::MonitorStatus)
            .map(|event| serde_json::from_value::<Transition>(event.data["transition"].clone()).expect("a transition"))
            .filter(|transition| transition.monitor_id == monitor)
            .collect()
    }

    /// Waits until the monitor's planned transitions satisfy `enough`.
    pub(crate) async fn transitions_until(
        &self,
        monitor: MonitorId,
        enough: impl Fn(&[Transition]) -> bool,
    ) -> Vec<Transition> {
        let mut heard = self.bus.subscribe_doorbells();
        let waiting = async {
            loop {
                let transitions = self.transitions(monitor).await;
                if enough(&transitions) {
                    return transitions;
                }
                heard.next().await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the transitions come")
    }

    /// The recorded outcomes, oldest first, once there are `count`.
    pub(crate) async fn results(&self, monitor: MonitorId, count: usize) -> Vec<Outcome> {
        self.results_until(self.org, monitor, |outcomes| outcomes.len() >= count).await
    }

    /// The recorded outcomes, oldest first, once they satisfy `enough`.
    pub(crate) async fn results_until(
        &self,
        org: OrgId,
        monitor: MonitorId,
        enough: impl Fn(&[Outcome]) -> bool,
    ) -> Vec<Outcome> {
        let mut heard = self.bus.subscribe();
        // Live frames are made for those who look; without one, nothing tells that a result was recorded.
        let _viewer = self.bus.watch(org);
        let waiting = async {
            loop {
                let mut txn = self.database.store.org(org).await.expect("a transaction");
                let request = PageRequest { limit: 200, cursor: None };
                let mut page = txn.results(monitor, None, None, &request).await.expect("readable").items;
                page.reverse();
                if enough(&page) {
                    return page;
                }
                heard.next().await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the results come")
    }
}

pub(crate) fn egress() -> EgressOptions {
    EgressOptions { policy: AddressPolicy::laptop(), allow_plain_webhooks: true, ..EgressOptions::default() }
}

/// Waits until a running engine's figures say so; they have no doorbell.
pub(crate) async fn eventually(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it comes true");
}

pub(crate) async fn until(heard: &mut Subscription, wanted: impl Fn(Doorbell) -> bool) {
    let waiting = async {
        loop {
            if let Heard::Doorbell(doorbell) = heard.next().await
                && wanted(doorbell)
            {
                return;
            }
        }
    };
    timeout(PATIENCE, waiting).await.expect("the doorbell rings");
}

/// An HTTP server that answers every request with the same status and tells of each.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    status: Arc<AtomicU16>,
    requests: mpsc::Receiver<Received>,
}

#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Server {
    pub(crate) async fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (tell, requests) = mpsc::channel(1_000);
        let status = Arc::new(AtomicU16::new(status));
        let answered = Arc::clone(&status);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answered), tell.clone()));
            }
        });
        Self { address, status, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, SeqCst);
    }

    pub(crate) async fn request(&mut self) -> Received {
        timeout(PATIENCE, self.requests.recv()).await.expect("a request comes").expect("the server lives")
    }

    /// What came since the last look.
    pub(crate) fn drain(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }

    pub(crate) fn arrived(&mut self) -> usize {
        self.drain().len()
    }
}

async fn serve(mut stream: TcpStream, status: Arc<AtomicU16>, tell: mpsc::Sender<Received>) {
    let mut read = Vec::new();
    let (head, received) = loop {
        let mut chunk = [0_u8; 4_096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => read.extend(chunk.iter().take(count)),
        }
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&read[..end]).into_owned(), read.split_off(end + 4));
        }
    };
    let headers: BTreeMap<String, String> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = received;
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().expect("a length"));
    while body.len() < length {
        let mut chunk = [0_u8; 4_096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => body.extend(chunk.iter().take(count)),
        }
    }
    let answer = format!("HTTP/1.1 {} Said\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok", status.load(SeqCst));
    let _told = tell.send(Received { headers, body }).await;
    let _sent = stream.write_all(answer.as_bytes()).await;
}
