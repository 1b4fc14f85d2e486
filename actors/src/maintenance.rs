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
    engine.ensure_partitions(clock::now().date_naive(), DAYS_AHEAD).await
}

/// Keeps house for ever.
pub(crate) async fn run(context: Arc<Context>) {
    loop {
        match make_partitions(&context.engine).await {
            Ok(()) => tokio::time::sleep(EVERY).await,
            Err(error) => {
                tracing::warn!(%error, "partitions could not be made");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}
