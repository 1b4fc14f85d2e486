//! `POST channels/test`

use super::{ready, signed};
use crate::{body::Json, extract::Admin, params::Params, problem::Problem, shell::new_id, state::ApiState};
use axum::extract::State;
use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::{ChannelId, TrialId},
    limits::DELIVERY_TIMEOUT_MS,
    notification::Attempt,
    plan::channel_test,
};
use pulse_store::Trial;
use pulse_wire::channel::WriteChannel;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, interval, timeout_at};

/// For the engine to find the request and to write the answer, beside the delivery's own timeout.
const ENGINE_GRACE: Duration = Duration::from_secs(3);
/// How often the row is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Sends one `channel.test` message to a channel that is not saved, and answers with what came of it.
///
/// With `channel_id`, a secret shown as dots stands for the one stored with that channel. An attempt without an `error` was
/// accepted. Nothing is saved, and nothing is tried again.
#[utoipa::path(
    post,
    path = "/channels/test",
    tag = "channels",
    params(("channel_id" = Option<ChannelId>, Query, description = "The channel that the body is an edit of")),
    request_body = WriteChannel,
    responses(
        (status = 200, description = "The attempt", body = Attempt),
        (status = 503, description = "No engine answered in time"),
    )
)]
pub(crate) async fn try_channel(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    mut params: Params,
    Json(mut request): Json<WriteChannel>,
) -> Result<axum::Json<Attempt>, Problem> {
    let edited: Option<ChannelId> = params.parsed("channel_id", "a channel's id");
    params.finish()?;
    let now = state.now();
    let mut txn = caller.begin(&state).await?;
    let stored = match edited {
        Some(id) => Some(txn.channel(id).await?.ok_or_else(Problem::not_found)?),
        None => None,
    };
    let stored = stored.as_ref().filter(|stored| stored.kind == request.kind).map(|stored| &stored.settings);
    ready(&state, request.kind, &mut request.config, stored)?;
    if stored.is_none() {
        // A secret of its own: the receiver sees how a signed message looks, and can't verify this one.
        signed(request.kind, &mut request.config);
    }
    let id = TrialId(new_id());
    let draft = channel_test(&txn.facts().await?, ChannelId(id.0), now.timestamp_micros(), now);
    let (idempotency_key, payload) = (draft.idempotency_key, draft.payload);
    let trial = Trial { id, kind: request.kind, settings: request.config, idempotency_key, payload };
    txn.insert_trial(&trial, now).await?;
    txn.audit(&caller.audited(&state, "channel.try", id, json!({"name": request.name, "type": trial.kind}))).await?;
    txn.commit().await?;
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    let deadline = Instant::now() + Duration::from_millis(DELIVERY_TIMEOUT_MS) + ENGINE_GRACE;
    let mut poll = interval(POLL);
    let answer = async {
        loop {
            poll.tick().await;
            let mut txn = caller.begin(&state).await?;
            let attempt = txn.take_trial(id).await?;
            txn.commit().await?;
            if let Some(attempt) = attempt {
                return Ok(axum::Json(attempt));
            }
        }
    };
    timeout_at(deadline, answer).await.unwrap_or_else(|_| {
        let problem = Problem::unavailable("The engine did not answer in time; nothing is known about the channel.");
        Err(problem.kind("urn:pulse:problem:engine-silent"))
    })
}
