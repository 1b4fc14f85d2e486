//! `POST auth/register`: a new organization with its owner, signed in.

use super::{normalized, sign_in};
use crate::{
    body::Json,
    extract::Visitor,
    problem::Problem,
    shell::{hex, new_id, random_bytes},
    state::ApiState,
};
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use pulse_domain::{
    ids::{OrgId, UserId},
    role::Role,
};
use pulse_store::{NewAccount, StoreError};
use pulse_wire::auth::{Organization, Register, Session, User};

/// Names collide; a random ending doesn't.
const SLUG_TRIES: usize = 4;
const SLUG_CHARS_MAX: usize = 40;

type Answer = (StatusCode, [(HeaderName, HeaderValue); 1], axum::Json<Session>);

/// Makes an organization and its owner, and signs them in.
///
/// A taken e-mail address is refused in the same words, and after the same work, as one that can't be used for another reason.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "auth",
    security(()),
    request_body = Register,
    responses(
        (status = 201, description = "Registered and signed in", body = Session, headers(("Set-Cookie" = String, description = "The session"))),
        (status = 429, description = "Too many registrations from this network"),
        (status = 503, description = "Too many password computations at the moment"),
    )
)]
pub(crate) async fn register(
    State(state): State<ApiState>,
    visitor: Visitor,
    Json(request): Json<Register>,
) -> Result<Answer, Problem> {
    state.limiter.limit_register(visitor.client.network())?;
    let password_hash = state.passwords.hash(request.password.clone()).await?;
    let mut account = NewAccount {
        org_id: OrgId(new_id()),
        org_name: request.organization.trim().to_owned(),
        org_slug: slug(&request.organization),
        user_id: UserId(new_id()),
        email: normalized(&request.email),
        name: request.name.trim().to_owned(),
        password_hash,
        now: state.now(),
    };
    store(&state, &mut account).await?;
    let cookie = sign_in(&state, visitor, account.org_id, account.user_id).await?;
    let session = Session {
        user: User { id: account.user_id, email: account.email, name: account.name, role: Role::Owner },
        organization: Organization { id: account.org_id, slug: account.org_slug, name: account.org_name },
    };
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], axum::Json(session)))
}

async fn store(state: &ApiState, account: &mut NewAccount) -> Result<(), Problem> {
    let base = account.org_slug.clone();
    for _ in 0..SLUG_TRIES {
        match state.store.register(account).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Taken("slug")) => {
                let ending = hex(&random_bytes::<3>());
                account.org_slug = format!("{base}-{ending}");
            }
            Err(StoreError::Taken("email")) => {
                return Err(Problem::invalid_field("/email", "unavailable", "can't be used to register"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::internal("no free slug was found"))
}

/// `Acme, Inc.` → `acme-inc`
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= SLUG_CHARS_MAX {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "organization".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_short_plain_and_never_empty() {
        for (name, expected) in
            [("Acme, Inc.", "acme-inc"), ("  --  ", "organization"), ("Größe 9", "gr-e-9"), ("日本", "organization")]
        {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"x".repeat(200)).len() <= super::SLUG_CHARS_MAX);
    }
}
