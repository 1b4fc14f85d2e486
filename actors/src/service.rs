//! Loops beside the actors that must not end: each is started again when it panics.

use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle, task::TaskTracker};

/// Between a panic and the next start.
const RESTART_DELAY: Duration = Duration::from_secs(1);

/// Runs `run` until it ends by itself or `stop` is cancelled; a panic is logged and `run` called again. Whatever must
/// survive a panic is therefore kept outside the future.
pub(crate) fn keep<Run, Running>(services: &TaskTracker, stop: &CancellationToken, name: &'static str, run: Run)
where
    Run: Fn() -> Running + Send + 'static,
    Running: Future<Output = ()> + Send + 'static,
{
    let stop = stop.clone();
    services.spawn(async move {
        loop {
            let running = AbortOnDropHandle::new(tokio::spawn(run()));
            tokio::select! {
                () = stop.cancelled() => return,
                ended = running => match ended {
                    Ok(()) => return,
                    Err(error) => tracing::error!(service = name, %error, "a service failed and is started again"),
                },
            }
            tokio::time::sleep(RESTART_DELAY).await;
        }
    });
}
