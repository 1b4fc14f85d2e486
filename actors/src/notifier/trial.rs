//! A channel that is tried before it is saved: one message, sent once, and its attempt handed to whoever asked.

use pulse_domain::{ids::OrgId, notification::Attempt};
use pulse_store::{StoreError, Trial};
use std::sync::Arc;

use crate::{context::Context, delivery::Consignment};

pub(super) async fn make(context: Arc<Context>, org: OrgId, trial: Trial) {
    let consignment = Consignment {
        kind: trial.kind,
        settings: &trial.settings,
        payload: &trial.payload,
        idempotency_key: &trial.idempotency_key,
        attempt: 1,
    };
    let delivered = context.courier.deliver(consignment).await;
    if let Err(error) = answer(&context, org, &trial, &delivered.attempt).await {
        // Whoever asked gives up by themselves, and can ask again.
        tracing::warn!(trial = %trial.id, %error, "the answer to a try of a channel could not be written");
    }
}

async fn answer(context: &Context, org: OrgId, trial: &Trial, attempt: &Attempt) -> Result<(), StoreError> {
    let mut txn = context.store.org(org).await?;
    txn.answer_trial(trial.id, attempt).await?;
    txn.commit().await
}
