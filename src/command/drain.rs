//! The orderly end: first no new work, then the running work, then the connections.

use std::time::{Duration, Instant};

use pulse_actors::Engine;
use pulse_api::ApiError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::error::StartError;
use crate::signals::Signals;

/// The running API.
pub(super) type ApiTask = JoinHandle<Result<(), ApiError>>;

/// How long a drain may take: an orchestrator kills what takes longer than its grace period, which is 30 s by default.
const DRAIN_MAX: Duration = Duration::from_secs(20);

/// Returns when the API has ended although nobody asked it to, with the reason.
pub(super) async fn ended(api: &mut ApiTask) -> StartError {
    match api.await {
        Ok(Ok(())) => StartError::ApiEnded("it stopped".to_owned()),
        Ok(Err(error)) => StartError::ApiEnded(error.to_string()),
        Err(error) => StartError::ApiEnded(error.to_string()),
    }
}

/// Drains what runs. A second signal ends the wait at once, and so does the limit: everything that must survive is in
/// the database already.
pub(super) async fn drain(
    engine: Option<Engine>,
    api: Option<ApiTask>,
    shutdown: &CancellationToken,
    signals: &mut Signals,
) {
    let began = Instant::now();
    tracing::info!("draining; a second signal ends at once");
    let work = async {
        // The API goes on answering while the engine finishes its probes, so that the last transitions are seen.
        if let Some(engine) = engine {
            engine.drain().await;
        }
        shutdown.cancel();
        if let Some(api) = api
            && !api.is_finished()
            && let Err(error) = api.await
        {
            tracing::warn!(%error, "the API did not end by itself");
        }
    };
    tokio::select! {
        drained = tokio::time::timeout(DRAIN_MAX, Box::pin(work)) => {
            if drained.is_err() {
                tracing::warn!(seconds = DRAIN_MAX.as_secs(), "the drain took too long and was cut off");
            }
        }
        () = signals.next() => tracing::warn!("ended at once by a second signal"),
    }
    shutdown.cancel();
    tracing::info!(milliseconds = began.elapsed().as_millis(), "drained");
}
