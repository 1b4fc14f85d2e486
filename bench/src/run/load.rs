//! What goes on beside the checks: live sockets on the API, and people who change monitors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use pulse_cluster::{Bus, Doorbell};
use pulse_domain::monitor::Monitor;
use pulse_store::Store;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::interval;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::api::Api;
use super::pass::Beside;
use super::{Plan, Stack, populate};
use crate::clock;
use crate::farm::Ports;

/// Writers of changes, each with its own monitors.
const WRITERS: u32 = 4;

/// Runs until it is stopped.
#[derive(Debug)]
pub(super) struct Load {
    api: Option<Api>,
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
        self.api.as_ref().map(Api::id)
    }

    /// Ends all of it; frames that were received, and changes that were made.
    pub(super) fn stop(mut self, handle: &Handle) -> (u64, u64) {
        handle.block_on(self.tasks.shutdown());
        (self.frames.load(Relaxed), self.changes.load(Relaxed))
    }

    fn open_sockets(&mut self, handle: &Handle, stack: &Stack, sockets: u32) -> Result<()> {
        let api = self.api.insert(handle.block_on(Api::start(stack))?);
        for _ in 0..sockets {
            let socket = handle.block_on(connect(api))?;
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

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(api: &Api) -> Result<Socket> {
    let mut request = format!("ws://{}/api/v1/stream", api.address()).into_client_request()?;
    request.headers_mut().insert("authorization", Api::bearer().parse().context("a legal header")?);
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
