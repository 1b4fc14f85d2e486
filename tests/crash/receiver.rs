//! A webhook receiver on loopback that remembers the ids it was sent.

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 204 at once.
    Accept,
    /// Nothing, for longer than any sender waits.
    Hang,
}

#[derive(Clone)]
struct Seen {
    ids: Arc<Mutex<Vec<String>>>,
    count: watch::Sender<usize>,
    answer: watch::Sender<Answer>,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    seen: Seen,
}

const HANG: Duration = Duration::from_mins(10);

impl Receiver {
    pub(crate) async fn start(answer: Answer) -> Self {
        let seen = Seen { ids: Arc::default(), count: watch::Sender::new(0), answer: watch::Sender::new(answer) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/hook", post(receive)).with_state(seen.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn answer(&self, answer: Answer) {
        self.seen.answer.send_replace(answer);
    }

    /// In the order of arrival.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.seen.ids.lock().unwrap().clone()
    }

    /// The first id, once it has arrived.
    pub(crate) async fn next_id(&self) -> String {
        let mut count = self.seen.count.subscribe();
        let arrived = count.wait_for(|count| *count > 0);
        tokio::time::timeout(Duration::from_mins(1), arrived).await.expect("a webhook arrives").unwrap();
        self.ids().first().unwrap().clone()
    }
}

async fn receive(State(seen): State<Seen>, headers: HeaderMap) -> StatusCode {
    let id = headers.get("webhook-id").unwrap().to_str().unwrap().to_owned();
    seen.ids.lock().unwrap().push(id);
    seen.count.send_modify(|count| *count += 1);
    let answer = *seen.answer.borrow();
    if answer == Answer::Hang {
        tokio::time::sleep(HANG).await;
    }
    StatusCode::NO_CONTENT
}
