//! Accounts and sessions.

mod login;
mod logout;
mod register;
mod session;

use crate::{
    auth::{cookie, token},
    extract::Visitor,
    problem::Problem,
    shell::new_id,
    state::ApiState,
};
use axum::http::HeaderValue;
use chrono::TimeDelta;
use pulse_domain::{
    ids::{OrgId, SessionId, UserId},
    limits::SESSION_DAYS_MAX,
};
use pulse_store::{Actor, AuditEntry, NewSession};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(logout::logout))
        .routes(routes!(session::read_session))
}

/// Starts a session with a new token; answers the cookie that carries it.
async fn sign_in(state: &ApiState, visitor: Visitor, org_id: OrgId, user_id: UserId) -> Result<HeaderValue, Problem> {
    let token = token::new_session_token();
    let now = state.now();
    let ip = visitor.client.ip.to_string();
    let session = NewSession {
        id: SessionId(new_id()),
        user_id,
        token_hash: token::hash(token.expose()),
        now,
        expires_at: now + TimeDelta::days(SESSION_DAYS_MAX),
        user_agent: visitor.user_agent,
        ip: ip.clone(),
    };
    let audited = AuditEntry {
        actor: Actor::User(user_id),
        action: "session.create".to_owned(),
        target: session.id.to_string(),
        detail: json!({}),
        ip: Some(ip),
        now,
    };
    let mut txn = state.store.org(org_id).await?;
    txn.insert_session(&session).await?;
    txn.audit(&audited).await?;
    txn.commit().await?;
    Ok(cookie::set(&token, &visitor.client))
}

/// One account however its address is typed.
fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}
