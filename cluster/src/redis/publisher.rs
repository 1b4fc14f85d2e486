//! Publishes what the process says, in the order in which it was said, many messages a round trip.

use redis::aio::ConnectionManager;
use tokio::sync::mpsc;

/// Messages of one round trip.
const BATCH_MAX: usize = 256;

pub(super) async fn run(mut connection: ConnectionManager, mut messages: mpsc::Receiver<(String, String)>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut reachable = true;
    while messages.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let mut pipeline = redis::pipe();
        for (channel, text) in batch.drain(..) {
            pipeline.cmd("PUBLISH").arg(channel).arg(text).ignore();
        }
        // Not repeated: the rows are there, and an old doorbell tells nothing new.
        match pipeline.query_async::<()>(&mut connection).await {
            Ok(()) => {
                if !std::mem::replace(&mut reachable, true) {
                    tracing::info!("Redis takes announcements again");
                }
            }
            Err(error) => {
                if std::mem::replace(&mut reachable, false) {
                    tracing::warn!(
                        kind = error.category(),
                        "Redis takes no announcements; other processes go by their polls"
                    );
                }
            }
        }
    }
}
