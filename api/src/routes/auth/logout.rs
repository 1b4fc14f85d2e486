//! `POST auth/logout`: ends the session at once, its sockets included.

use crate::{address::Client, auth::cookie, extract::SignedIn, problem::Problem, state::ApiState};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use pulse_cluster::Doorbell;
use pulse_store::{Actor, AuditEntry};
use serde_json::json;

/// Ends the session; open streams of it close within seconds.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "auth",
    responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String, description = "Makes the browser forget the session"))))
)]
pub(crate) async fn logout(
    State(state): State<ApiState>,
    SignedIn(session): SignedIn,
    request: Request,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    let client = Client::of(&request.into_parts().0, &state.settings);
    let audited = AuditEntry {
        actor: Actor::User(session.user_id),
        action: "session.delete".to_owned(),
        target: session.session_id.to_string(),
        detail: json!({}),
        ip: Some(client.ip.to_string()),
        now: state.now(),
    };
    let mut txn = state.store.org(session.org_id).await?;
    txn.delete_session(session.session_id).await?;
    txn.audit(&audited).await?;
    txn.commit().await?;
    state.hub.recheck(session.org_id);
    // A bell without news makes the hubs of other processes ask again, too.
    state.bus.ring(Doorbell::Events { org_id: session.org_id });
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::clear(&client))]))
}
