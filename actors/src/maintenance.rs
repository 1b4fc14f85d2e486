//! Housekeeping: partitions of the results are made ahead, so that no result ever waits for its table.

use pulse_store::StoreError;
use std::{sync::Arc, time::Duration};

use crate::{clock, context::Context};

/// Today and the three days after it.
const DAYS_AHEAD: u32 = 4;
const EVERY: Duration = Duration::from_hours(1);
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Makes what is missing; making it twice is nothing.
pub(crate) async fn make_partitions(engine: &pulse_store::Engine) -> Result<(), StoreError> {
    engine.ensure_metric_partitions(clock::now().date_naive() - chrono::Days::new(1), DAYS_AHEAD + 1).await?;
    engine.ensure_partitions(clock::now().date_naive(), DAYS_AHEAD).await
}

/// Sums metrics up and forgets old pushes; what fails is done the next time.
async fn keep_signals(engine: &pulse_store::Engine) {
    for kept in [engine.keep_metrics(clock::now()).await, engine.sweep_pushes().await] {
        if let Err(error) = kept {
            tracing::warn!(%error, "pushes or metrics could not be kept in order");
        }
    }
}

/// Keeps house for ever.
pub(crate) async fn run(context: Arc<Context>) {
    loop {
        match make_partitions(&context.engine).await {
            Ok(()) => {
                keep_signals(&context.engine).await;
                tokio::time::sleep(EVERY).await;
            }
            Err(error) => {
                tracing::warn!(%error, "partitions could not be made");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}
