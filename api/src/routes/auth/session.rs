//! `GET auth/session`: who is signed in.

use crate::extract::SignedIn;
use axum::Json;
use pulse_wire::auth::{Organization, Session, User};

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/auth/session",
    tag = "auth",
    responses((status = 200, description = "The person and their organization", body = Session))
)]
pub(crate) async fn read_session(SignedIn(session): SignedIn) -> Json<Session> {
    Json(Session {
        user: User { id: session.user_id, email: session.email, name: session.name, role: session.role },
        organization: Organization { id: session.org_id, slug: session.org_slug, name: session.org_name },
    })
}
