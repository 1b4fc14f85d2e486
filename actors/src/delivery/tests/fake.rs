//! An HTTP server that answers by a function of what it is sent, and tells of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// Long enough for a busy machine; a passing test never waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Of a form; names and values decoded.
    pub(super) fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// User and password of basic credentials.
    pub(super) fn basic(&self) -> String {
        let encoded = self.header("authorization").strip_prefix("Basic ").unwrap_or_default();
        String::from_utf8(STANDARD.decode(encoded).unwrap_or_default()).unwrap_or_default()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Says {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

impl Says {
    pub(super) fn text(status: u16, body: &str) -> Self {
        Self { status, headers: vec![("content-type", "text/plain")], body: body.to_owned() }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json")], body: body.to_string() }
    }

    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

pub(super) struct Fake {
    address: SocketAddr,
    requests: mpsc::Receiver<Seen>,
}

impl Fake {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (tell, requests) = mpsc::channel(100);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, tell) = (Arc::clone(&answer), tell.clone());
                tokio::spawn(async move {
                    let _gone = serve(stream, &*answer, &tell).await;
                });
            }
        });
        Self { address, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) async fn seen(&mut self) -> Seen {
        timeout(PATIENCE, self.requests.recv()).await.expect("a request comes").expect("the fake lives")
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Seen) -> Says + Send + Sync),
    tell: &mpsc::Sender<Seen>,
) -> std::io::Result<()> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    };
    let mut body = read.split_off(end);
    let head = String::from_utf8_lossy(&read).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().expect("a length"));
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(());
        }
    }
    let seen = Seen { method, path, headers, body };
    let says = answer(&seen);
    let _told = tell.send(seen).await;
    let mut head =
        format!("HTTP/1.1 {} Said\r\ncontent-length: {}\r\nconnection: close\r\n", says.status, says.body.len());
    for (name, value) in &says.headers {
        head = head + name + ": " + value + "\r\n";
    }
    stream.write_all(format!("{head}\r\n{}", says.body).as_bytes()).await
}
