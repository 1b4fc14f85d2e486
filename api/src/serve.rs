//! The server: accepts connections within bounds, serves them, and ends them in an orderly way.

use crate::{
    address::PeerAddress,
    router::router,
    shell::Clock,
    state::{ApiState, LocalEngine, Settings},
};
use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use pulse_cluster::Bus;
use pulse_domain::address::{AddressPolicy, Network};
use pulse_store::Store;
use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// What the API needs to run.
#[derive(Debug)]
pub struct ApiOptions {
    pub listener: TcpListener,
    pub store: Store,
    pub bus: Bus,
    /// The origin people see, such as `https://pulse.example`; absent: whatever the request was sent to.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    pub trusted_proxies: Vec<Network>,
    /// Where webhooks may lead.
    pub policy: AddressPolicy,
    /// Whether webhooks may go over plain HTTP.
    pub allow_plain_webhooks: bool,
    /// The engine of this process, if it has one.
    pub local_engine: Option<LocalEngine>,
}

/// Why the API can't start.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("the public URL must be an origin such as https://pulse.example, not {0}")]
    PublicUrl(String),
}

/// Connections at one time; each costs a task and two buffers.
const CONNECTIONS_MAX: usize = 20_000;
/// From the end of one request to the end of the next one's head. Longer than the 60 s for which nginx keeps an idle connection,
/// so that it never writes to one that is being closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(65);
/// A request's head; no legal one comes near it.
const HEAD_BYTES_MAX: usize = 65_536;
/// What is being answered when the end comes may take this long.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// After a failed accept (most often: no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is cancelled, then drains.
///
/// # Errors
/// `PublicUrl` when the public URL is no origin.
pub async fn serve(options: ApiOptions, shutdown: CancellationToken) -> Result<(), ApiError> {
    let public_url = options.public_url.map(origin).transpose()?;
    let settings = Settings {
        public_url,
        trusted_proxies: options.trusted_proxies,
        policy: options.policy,
        allow_plain_webhooks: options.allow_plain_webhooks,
    };
    let state = ApiState::new(options.store, options.bus, settings, Clock::system());
    if let Some(engine) = options.local_engine {
        state.set_local_engine(engine);
    }
    let tasks = TaskTracker::new();
    tasks.spawn(state.hub.clone().listen());
    let app = router(state.clone());
    accept(&options.listener, &app, &tasks, &shutdown).await;
    drop(options.listener);
    state.hub.close();
    tasks.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "some connections did not end in time");
    }
    Ok(())
}

async fn accept(listener: &TcpListener, app: &Router, tasks: &TaskTracker, shutdown: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = tokio::select! {
            () = shutdown.cancelled() => return,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connection(stream, peer, app.clone(), shutdown.clone());
                tasks.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, shutdown: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(peer));
        app.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEAD_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}

/// A scheme and a host, and nothing behind them.
fn origin(url: String) -> Result<String, ApiError> {
    let trimmed = url.trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
        return Err(ApiError::PublicUrl(url));
    }
    Ok(trimmed.to_owned())
}
