//! What goes on beside the checks: live sockets on the API, and people who change monitors.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use pulse_cluster::{Bus, Doorbell};
use pulse_domain::{ids::ApiKeyId, monitor::Monitor, role::Scope};
use pulse_store::{NewApiKey, Store};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::identity::{org_id, user_id};
use super::pass::Beside;
use super::{Plan, Stack, populate, stack};
use crate::clock;
use crate::farm::Ports;
use crate::processes::Process;

/// The dashboards' organization.
const ORG: u32 = 0;
const KEY_ID: &str = "00000000000000be";
const KEY_SECRET: &str = "0123456789012345678901234567890123456789012";
/// The API migrates and connects before it listens.
const API_START_MAX: Duration = Duration::from_secs(20);
const POLL_EVERY: Duration = Duration::from_millis(50);
/// Writers of changes, each with its own monitors.
const WRITERS: u32 = 4;

/// Runs until it is stopped.
#[derive(Debug)]
pub(super) struct Load {
    api: Option<Process>,
    tasks: JoinSet<()>,
    frames: Arc<AtomicU64>,
    changes: Arc<AtomicU64>,
}

impl Load {
    pub(super) fn start(handle: &Handle, stack: &Stack, plan: &Plan, beside: Beside) -> Result<Self> {
        let mut load = Self { api: None, tasks: JoinSet::new(), frames: Arc::default(), changes: Arc::default() };
        if !plan.sockets.iter().all(|sockets| *sockets == 0) {
            load.open_sockets(handle, stack, beside.sockets)?;
        }
        let each = f64::from(beside.changes_per_second) / f64::from(WRITERS);
        if each > 0.0 {
            for writer in 0..WRITERS {
                let changer = Changer {
                    store: stack.store.clone(),
                    bus: stack.bus.clone(),
                    plan: plan.clone(),
                    ports: stack.ports.clone(),
                    changes: Arc::clone(&load.changes),
                };
                load.tasks.spawn_on(changer.run(writer, Duration::from_secs_f64(1.0 / each)), handle);
            }
        }
        Ok(load)
    }

    /// The process of the API.
    pub(super) fn api(&self) -> Option<u32> {
        self.api.as_ref().map(Process::id)
    }

    /// Ends all of it; frames that were received, and changes that were made.
    pub(super) fn stop(mut self, handle: &Handle) -> (u64, u64) {
        handle.block_on(self.tasks.shutdown());
        (self.frames.load(Relaxed), self.changes.load(Relaxed))
    }

    fn open_sockets(&mut self, handle: &Handle, stack: &Stack, sockets: u32) -> Result<()> {
        let port = stack::free_port()?;
        let mut command: Command = stack.pulse("api");
        command.env("PULSE_LISTEN", format!("127.0.0.1:{port}"));
        self.api = Some(Process::start("api", &mut command, &stack.folder)?);
        handle.block_on(let_in(&stack.store))?;
        handle.block_on(until_listening(port))?;
        for _ in 0..sockets {
            let socket = handle.block_on(connect(port))?;
            let frames = Arc::clone(&self.frames);
            let watching = socket.for_each(move |frame| {
                frames.fetch_add(u64::from(frame.is_ok()), Relaxed);
                std::future::ready(())
            });
            self.tasks.spawn_on(watching, handle);
        }
        Ok(())
    }
}

/// A key that may read, made once.
async fn let_in(store: &Store) -> Result<()> {
    let mut txn = store.org(org_id(ORG)).await?;
    if txn.api_keys().await?.is_empty() {
        let key = NewApiKey {
            id: ApiKeyId(org_id(ORG).0),
            key_id: KEY_ID.to_owned(),
            secret_hash: Sha256::digest(KEY_SECRET.as_bytes()).into(),
            name: "Dashboards".to_owned(),
            scopes: vec![Scope::Read],
            created_by: user_id(ORG),
            now: clock::now(),
        };
        txn.insert_api_key(&key).await?;
    }
    Ok(txn.commit().await?)
}

async fn until_listening(port: u16) -> Result<()> {
    let until = Instant::now() + API_START_MAX;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        anyhow::ensure!(Instant::now() < until, "the API does not listen");
        sleep(POLL_EVERY).await;
    }
    Ok(())
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(port: u16) -> Result<Socket> {
    let mut request = format!("ws://127.0.0.1:{port}/api/v1/stream").into_client_request()?;
    let bearer = format!("Bearer pulse_{KEY_ID}_{KEY_SECRET}");
    request.headers_mut().insert("authorization", bearer.parse().context("a legal header")?);
    let (socket, _) = tokio_tungstenite::connect_async(request).await.context("the stream does not open")?;
    Ok(socket)
}

/// Renames monitors, one after the other: a change that leaves the schedule alone.
struct Changer {
    store: Store,
    bus: Bus,
    plan: Plan,
    ports: Ports,
    changes: Arc<AtomicU64>,
}

impl Changer {
    async fn run(self, writer: u32, every: Duration) {
        let mut ticks = interval(every);
        for number in (writer..self.plan.monitors).step_by(WRITERS as usize).cycle() {
            ticks.tick().await;
            let mut monitor = populate::monitor(&self.plan, &self.ports, number);
            monitor.config.name = format!("Monitor {number}, renamed");
            if self.change(&monitor).await.is_ok() {
                self.changes.fetch_add(1, Relaxed);
            }
        }
    }

    async fn change(&self, monitor: &Monitor) -> Result<()> {
        let mut txn = self.store.org(monitor.org_id).await?;
        let found = txn.monitor(monitor.id).await?.context("a monitor is gone")?;
        txn.update_monitor(monitor.id, found.monitor.version, &monitor.config, clock::now()).await?;
        txn.commit().await?;
        self.bus.ring(Doorbell::Monitor { org_id: monitor.org_id, monitor_id: monitor.id });
        Ok(())
    }
}
