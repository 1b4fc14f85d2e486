//! The bus over a real Redis: two processes hear each other, and a restart of Redis is noticed.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers may fail the test")]

use pulse_cluster::{Bus, Doorbell, Heard};
use pulse_domain::{ids::OrgId, secret::Secret};
use serde_json::json;
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Long enough for a busy machine; a passing test never waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A private server, ended with the test.
struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(port, folder.path());
        Self { child, port, folder }
    }

    fn url(&self) -> Secret<String> {
        Secret::new(format!("redis://127.0.0.1:{}/", self.port))
    }

    fn restart(&mut self) {
        self.stop();
        self.child = spawn(self.port, self.folder.path());
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn spawn(port: u16, folder: &std::path::Path) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server must be installed: apt-get install redis-server")
}

async fn connect(server: &Server) -> Bus {
    let connecting = async {
        loop {
            if let Ok(bus) = Bus::redis(&server.url()).await {
                return bus;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, connecting).await.expect("Redis answers")
}

async fn hear(subscription: &mut pulse_cluster::Subscription) -> Heard {
    tokio::time::timeout(PATIENCE, subscription.next()).await.expect("something is heard")
}

fn org() -> OrgId {
    OrgId(uuid::Uuid::from_u128(42))
}

#[tokio::test]
async fn processes_hear_each_other_once_and_themselves_once() {
    let server = Server::start();
    let (engine, api) = (connect(&server).await, connect(&server).await);
    let (mut at_engine, mut at_api) = (engine.subscribe(), api.subscribe());
    let _viewer = api.watch(org());
    // Said after the viewer came, so whoever hears this knows of the viewer.
    let entered = Heard::Doorbell(Doorbell::Outbox { org_id: org() });
    api.ring(Doorbell::Outbox { org_id: org() });
    for subscription in [&mut at_engine, &mut at_api] {
        assert_eq!(hear(subscription).await, entered);
    }
    engine.ring(Doorbell::Events { org_id: org() });
    engine.live(org(), || json!({"latency_us": 12}));
    api.ring(Doorbell::ProbeRequested);
    let events = Heard::Doorbell(Doorbell::Events { org_id: org() });
    let live = Heard::Live { org_id: org(), data: json!({"latency_us": 12}) };
    let requested = Heard::Doorbell(Doorbell::ProbeRequested);
    for subscription in [&mut at_engine, &mut at_api] {
        let mut heard = Vec::new();
        for _ in 0..3 {
            heard.push(hear(subscription).await);
        }
        for expected in [&events, &live, &requested] {
            assert_eq!(heard.iter().filter(|one| *one == expected).count(), 1, "{heard:?}");
        }
    }
    // A later message arrives next on both sides, so nothing was heard twice.
    api.ring(Doorbell::Ownership);
    assert_eq!(hear(&mut at_engine).await, Heard::Doorbell(Doorbell::Ownership));
    assert_eq!(hear(&mut at_api).await, Heard::Doorbell(Doorbell::Ownership));
}

#[tokio::test]
async fn a_gap_is_told_as_missed_and_the_bus_works_again() {
    let mut server = Server::start();
    let (engine, api) = (connect(&server).await, connect(&server).await);
    let mut at_api = api.subscribe();
    engine.health().await.expect("reachable");
    server.stop();
    // Local listeners need no Redis.
    let mut at_engine = engine.subscribe();
    engine.ring(Doorbell::Ownership);
    assert_eq!(hear(&mut at_engine).await, Heard::Doorbell(Doorbell::Ownership));
    engine.health().await.expect_err("Redis is away");
    server.restart();
    assert_eq!(hear(&mut at_api).await, Heard::Missed);
    let delivered = async {
        loop {
            // The publisher reconnects at its next message, which may be lost itself.
            engine.ring(Doorbell::ProbeRequested);
            if let Ok(heard) = tokio::time::timeout(Duration::from_millis(50), at_api.next()).await {
                return heard;
            }
        }
    };
    assert_eq!(
        tokio::time::timeout(PATIENCE, delivered).await.expect("heard"),
        Heard::Doorbell(Doorbell::ProbeRequested)
    );
}

#[tokio::test]
async fn an_address_without_redis_is_told_at_the_start() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error =
        Bus::redis(&Secret::new(format!("redis://:hunter2@127.0.0.1:{port}/"))).await.expect_err("nobody is there");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
