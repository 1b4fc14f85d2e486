//! Servers that misbehave on purpose.

use pulse_domain::{
    address::AddressPolicy,
    monitor::MonitorConfig,
    outcome::{Reason, Timings},
    verdict::{Observation, Response},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    clock,
    egress::{Egress, EgressOptions},
};

/// For checks that are meant to hang: long enough to get to the hang on a busy machine, short enough to wait for.
pub(super) const HANG_TIMEOUT_MS: u32 = 1_500;

/// What a server does once it has read a request's head.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Sends this and closes.
    Say(String),
    /// Sends this and stays silent.
    SayAndHang(String),
}

pub(super) fn say(text: impl Into<String>) -> Act {
    Act::Say(text.into())
}

/// A server and the request heads it has read.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `script` gets the request's head.
    pub(super) async fn start(script: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heads) = (listener.local_addr().unwrap(), Arc::default());
        let (seen, script) = (Arc::clone(&heads), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                tokio::spawn(async move { act(stream, &seen, &*script).await });
            }
        });
        Self { address, heads }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// Plays one connection.
async fn act(mut stream: TcpStream, heads: &Mutex<Vec<String>>, script: &(dyn Fn(&str) -> Act + Send + Sync)) {
    let mut read = Vec::new();
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut chunk = [0_u8; 1_024];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => read.extend(chunk.iter().take(count)),
        }
    }
    let head = String::from_utf8(read).unwrap();
    let act = script(&head);
    heads.lock().unwrap().push(head);
    match act {
        Act::Say(text) => {
            let _cut_short = stream.write_all(text.as_bytes()).await;
            let _gone = stream.shutdown().await;
        }
        Act::SayAndHang(text) => {
            stream.write_all(text.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            // Until the client gives up.
            let _end = stream.read(&mut [0_u8; 1]).await;
        }
    }
}

/// A server that hands each raw connection to `play`.
pub(super) async fn raw<Playing>(play: impl Fn(TcpStream) -> Playing + Send + 'static) -> SocketAddr
where
    Playing: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(play(stream));
        }
    });
    address
}

/// A way out that allows this machine's loopback and private networks.
pub(super) fn laptop() -> EgressOptions {
    EgressOptions { policy: AddressPolicy::laptop(), allow_plain_webhooks: true, ..EgressOptions::default() }
}

pub(super) async fn observe(options: &EgressOptions, config: &MonitorConfig) -> Observation {
    let egress = Egress::new(options).unwrap();
    let observing = super::super::observe(&egress, config, clock::now());
    tokio::time::timeout(Duration::from_secs(30), observing).await.expect("a probe is total")
}

/// Carries out a check; `more` overrides fields of the monitor.
pub(super) async fn check(options: &EgressOptions, check: Value, more: Value) -> Observation {
    let mut config = json!({"name": "probe", "timeout_ms": 5_000, "check": check});
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    observe(options, &serde_json::from_value(config).unwrap()).await
}

pub(super) async fn get(url: &str) -> Observation {
    check(&laptop(), json!({"type": "http", "url": url}), json!({})).await
}

pub(super) fn reason(observation: &Observation) -> Reason {
    match &observation.result {
        Ok(response) => panic!("it should have failed, but answered {:?}", response.status_code),
        Err(failure) => failure.reason,
    }
}

pub(super) fn response(observation: &Observation) -> &Response {
    observation.result.as_ref().expect("it should have passed")
}

/// Which phases finished: DNS, connect, TLS, first byte.
pub(super) fn phases(timings: Timings) -> [bool; 4] {
    [timings.dns_us, timings.connect_us, timings.tls_us, timings.first_byte_us].map(|phase| phase.is_some())
}
