//! The WebSocket over a real port.

use crate::world::{Client, World, channel, monitor};
use futures_util::StreamExt as _;
use pulse_api::{ApiOptions, serve};
use pulse_domain::{address::AddressPolicy, ids::OrgId};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, protocol::CloseFrame},
};
use tokio_util::sync::CancellationToken;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longer than any of it takes; a test that runs into it has failed.
const PATIENCE: Duration = Duration::from_secs(15);

struct Served {
    world: World,
    owner: Client,
    address: String,
    shutdown: CancellationToken,
}

impl Served {
    async fn new() -> Self {
        let mut world = World::new().await;
        let owner = world.register("acme").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shutdown = CancellationToken::new();
        let options = ApiOptions {
            listener,
            store: world.store.clone(),
            bus: world.bus.clone(),
            public_url: Some("http://pulse.example".to_owned()),
            trusted_proxies: Vec::new(),
            policy: AddressPolicy { allow: Vec::new() },
            allow_plain_webhooks: false,
            local_engine: None,
        };
        tokio::spawn(serve(options, shutdown.clone()));
        world.app = axum::Router::new();
        Self { world, owner, address, shutdown }
    }

    /// Opens a stream with the owner's cookie.
    async fn open(&self, query: &str, origin: Option<&str>) -> Result<Socket, u16> {
        let cookie = self.owner.headers.iter().find(|(name, _)| *name == "cookie").unwrap();
        self.open_as(query, origin, ("cookie", &cookie.1)).await
    }

    async fn open_as(
        &self,
        query: &str,
        origin: Option<&str>,
        credential: (&'static str, &str),
    ) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/api/v1/stream{query}", self.address).into_client_request().unwrap();
        request.headers_mut().insert(credential.0, credential.1.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn org(&self) -> OrgId {
        self.owner.get("/api/v1/organization").await.id().parse().unwrap()
    }
}

const OURS: Option<&str> = Some("http://pulse.example");

async fn next(socket: &mut Socket) -> Value {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("a frame comes").unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => panic!("closed: {frame:?}"),
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
        }
    }
}

async fn closed(socket: &mut Socket) -> Option<CloseFrame> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("the end comes") {
            Some(Ok(Message::Close(frame))) => return frame,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

#[tokio::test]
async fn events_arrive_in_order_without_a_reload_and_are_replayed_after_a_break() {
    let served = Served::new().await;
    let mut socket = served.open("", OURS).await.unwrap();
    let id = served.owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let created = next(&mut socket).await;
    assert_eq!(
        (&created["type"], &created["data"]),
        (&json!("monitor.changed"), &json!({"monitor_id": id, "change": "created"}))
    );
    let channel = served.owner.post("/api/v1/channels", channel()).await.expect(201).id();
    served.owner.act(&format!("/api/v1/channels/{channel}/test")).await.expect(202);
    let sent = next(&mut socket).await;
    assert_eq!(
        (&sent["type"], &sent["data"]["notification"]["channel_id"]),
        (&json!("notification.updated"), &json!(channel))
    );
    let (first, second) = (created["seq"].as_i64().unwrap(), sent["seq"].as_i64().unwrap());
    assert_eq!(second, first + 1);
    socket.close(None).await.unwrap();
    served.owner.delete(&format!("/api/v1/monitors/{id}")).await.expect(204);
    let mut again = served.open(&format!("?after={first}"), OURS).await.unwrap();
    let replayed = [next(&mut again).await, next(&mut again).await];
    let seen: Vec<(&Value, i64)> =
        replayed.iter().map(|frame| (&frame["type"], frame["seq"].as_i64().unwrap())).collect();
    assert_eq!(seen, [(&json!("notification.updated"), second), (&json!("monitor.changed"), second + 1)]);
    assert_eq!(replayed[1]["data"]["change"], "deleted");
}

#[tokio::test]
async fn a_number_that_is_not_ours_is_answered_by_one_resync() {
    let served = Served::new().await;
    let mut socket = served.open("?after=999999", OURS).await.unwrap();
    let frame = next(&mut socket).await;
    assert_eq!((&frame["type"], &frame["data"]), (&json!("resync"), &json!({})));
}

#[tokio::test]
async fn of_each_monitor_only_the_newest_result_is_sent() {
    let served = Served::new().await;
    let mut socket = served.open("", OURS).await.unwrap();
    let org = served.org().await;
    let result = |monitor: &str, latency: u32| json!({"monitor_id": monitor, "at": "2026-01-31T12:00:00Z", "latency_us": latency});
    for latency in 1..=20 {
        served.world.bus.live(org, || result("a", latency));
    }
    served.world.bus.live(org, || result("b", 7));
    let mut newest = std::collections::BTreeMap::new();
    let mut frames = 0;
    while newest.get("a") != Some(&20) || newest.get("b") != Some(&7) {
        let frame = next(&mut socket).await;
        assert_eq!(frame["type"], "check.result");
        newest.insert(
            frame["data"]["monitor_id"].as_str().unwrap().to_owned(),
            frame["data"]["latency_us"].as_u64().unwrap(),
        );
        frames += 1;
    }
    assert!(frames <= 4, "{frames} frames for two monitors");
}

#[tokio::test]
async fn a_stranger_hears_nothing_and_other_sites_are_refused() {
    let served = Served::new().await;
    assert_eq!(served.open("", None).await.unwrap_err(), 403);
    assert_eq!(served.open("", Some("https://evil.example")).await.unwrap_err(), 403);
    assert_eq!(served.open_as("", OURS, ("cookie", "pulse_session=guess")).await.unwrap_err(), 401);
    let other = World { app: served.owner.app.clone(), ..served.world.clone() };
    let stranger = other.register("evil").await;
    let key = other.key(&stranger, &["read"]).await;
    let bearer = key.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
    let mut socket = served.open_as("", None, ("authorization", &bearer.1)).await.unwrap();
    served.owner.post("/api/v1/monitors", monitor()).await.expect(201);
    let theirs = stranger.post("/api/v1/monitors", monitor()).await.expect(201).id();
    assert_eq!(next(&mut socket).await["data"]["monitor_id"], json!(theirs), "the first frame is their own");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_server() {
    let served = Served::new().await;
    let mut first = served.open("", OURS).await.unwrap();
    served.owner.act("/api/v1/auth/logout").await.expect(204);
    let end = closed(&mut first).await.unwrap();
    assert_eq!((u16::from(end.code), end.reason.as_str()), (1008, "signed out"));
    let login = json!({"email": "owner@acme.example", "password": crate::world::PASSWORD});
    let cookie =
        served.owner.without("cookie").post("/api/v1/auth/login", login).await.expect(200).header("set-cookie");
    let cookie = cookie.split(';').next().unwrap();
    let mut second = served.open_as("", OURS, ("cookie", cookie)).await.unwrap();
    served.shutdown.cancel();
    let end = closed(&mut second).await.unwrap();
    assert_eq!(u16::from(end.code), 1001);
}
