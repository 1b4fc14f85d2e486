//! `POST auth/login`: first the brake, then the password.

use super::{normalized, sign_in};
use crate::{body::Json, extract::Visitor, problem::Problem, state::ApiState};
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use pulse_wire::auth::{Login, Organization, Session, User};

type Answer = ([(HeaderName, HeaderValue); 1], axum::Json<Session>);

/// Signs in with e-mail address and password.
///
/// An unknown account and a wrong password get the same answer after the same work.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "auth",
    security(()),
    request_body = Login,
    responses(
        (status = 200, description = "Signed in", body = Session, headers(("Set-Cookie" = String, description = "The session"))),
        (status = 401, description = "The address or the password is wrong"),
        (status = 429, description = "Too many tries; Retry-After says how long to wait"),
        (status = 503, description = "Too many password computations at the moment"),
    )
)]
pub(crate) async fn login(
    State(state): State<ApiState>,
    visitor: Visitor,
    Json(request): Json<Login>,
) -> Result<Answer, Problem> {
    let email = normalized(&request.email);
    let network = visitor.client.network();
    state.limiter.limit_login(&email, network, state.now())?;
    let account = state.store.login_by_email(&email).await?;
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let is_theirs = state.passwords.verify_password(request.password, stored).await?;
    let Some(account) = account.filter(|_| is_theirs) else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "The e-mail address or the password is wrong."));
    };
    state.limiter.forgive_login(&email, network);
    let cookie = sign_in(&state, visitor, account.org_id, account.user_id).await?;
    let session = Session {
        user: User { id: account.user_id, email: account.email, name: account.name, role: account.role },
        organization: Organization { id: account.org_id, slug: account.org_slug, name: account.org_name },
    };
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(session)))
}
