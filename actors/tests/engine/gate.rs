//! A target that keeps every request until the test lets it go: how long a check lasts is the test's decision.

use super::support::PATIENCE;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::timeout,
};

pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
    is_open: Arc<watch::Sender<bool>>,
}

/// A request that waits for its answer.
pub(crate) struct Arrival {
    pub(crate) path: String,
    stream: TcpStream,
}

impl Arrival {
    pub(crate) async fn answer(mut self) {
        // The check may have been given up.
        let _sent = self.stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    }
}

impl Gate {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (tell, arrivals) = mpsc::channel(1_000);
        let is_open = Arc::new(watch::Sender::new(false));
        let opened = Arc::clone(&is_open);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(arrive(stream, opened.subscribe(), tell.clone()));
            }
        });
        Self { address, arrivals, is_open }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) async fn next(&mut self) -> Arrival {
        timeout(PATIENCE, self.arrivals.recv()).await.expect("a request comes").expect("the gate stands")
    }

    /// From now on everything is answered at once.
    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }
}

async fn arrive(mut stream: TcpStream, is_open: watch::Receiver<bool>, tell: mpsc::Sender<Arrival>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut chunk = [0_u8; 1_024];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend(chunk.iter().take(count)),
        }
    }
    let text = String::from_utf8_lossy(&head);
    let path = text.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let arrival = Arrival { path, stream };
    if *is_open.borrow() {
        return arrival.answer().await;
    }
    let _told = tell.send(arrival).await;
}
