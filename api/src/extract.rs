//! Who may call: extractors named as permissions.
//!
//! A handler that takes [`Reader`], [`Operator`], [`Admin`] or [`Owner`] can't run for anyone weaker, and gets with it the one
//! organization that the caller belongs to.

use crate::{
    address::{Client, check_origin, site},
    auth::{cookie, token},
    idempotency::Keyed,
    problem::Problem,
    state::ApiState,
};
use axum::{
    extract::{FromRequestParts, Path},
    http::{header, request::Parts},
};
use pulse_domain::{
    ids::OrgId,
    role::{Role, Scope},
    secret::Secret,
};
use pulse_store::{Actor, AuditEntry, OrgTxn, SessionRow, StoreError};
use serde_json::Value;
use std::{fmt::Display, str::FromStr, sync::Arc};

/// Who is asking, and on whose behalf.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) org_id: OrgId,
    pub(crate) actor: Actor,
    /// As the timeline shows them.
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) credential: Credential,
    /// The origin that links begin with.
    site: String,
    role: Role,
    /// Of a key; a session has no such bounds.
    scopes: Option<Vec<Scope>>,
    /// What its answer is remembered under, if the request is to be done once.
    pub(crate) keyed: Option<Arc<Keyed>>,
}

/// How they proved it, so that it can be asked again later.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    Session { token_hash: [u8; 32] },
    Key { id: String },
}

impl Caller {
    fn may(&self, role: Role, scope: Scope) -> Result<(), Problem> {
        if let Some(scopes) = &self.scopes
            && !scopes.contains(&scope)
        {
            return Err(Problem::forbidden(format!("This key lacks the scope {}.", scope.as_str())));
        }
        if self.role < role {
            return Err(Problem::forbidden(format!("This takes the role {} or stronger.", role.as_str())));
        }
        Ok(())
    }

    /// Whether they may see what a monitor can be spoken for with.
    pub(crate) fn may_change_monitors(&self) -> bool {
        self.may(Role::Admin, Scope::Write).is_ok()
    }

    /// Where the job of a push monitor calls.
    pub(crate) fn push_url(&self, token: &Secret<String>) -> String {
        format!("{}/api/v1/push/{}", self.site, token.expose())
    }

    /// A line for the audit log.
    pub(crate) fn audited(&self, state: &ApiState, action: &str, target: impl Display, detail: Value) -> AuditEntry {
        AuditEntry {
            actor: self.actor,
            action: action.to_owned(),
            target: target.to_string(),
            detail,
            ip: Some(self.client.ip.to_string()),
            now: state.now(),
        }
    }

    /// Opens a transaction of the caller's organization: the only way from a handler to a row.
    pub(crate) async fn begin(&self, state: &ApiState) -> Result<OrgTxn, StoreError> {
        state.store.org(self.org_id).await
    }

    /// The same caller, whose request is to be done once.
    pub(crate) fn keyed(self, keyed: Arc<Keyed>) -> Self {
        Self { keyed: Some(keyed), ..self }
    }
}

/// Finds out who is asking, once per request.
pub(crate) async fn identify(parts: &mut Parts, state: &ApiState) -> Result<Caller, Problem> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(caller.clone());
    }
    let caller = match bearer(parts)? {
        Some(key) => by_key(&key, parts, state).await?,
        None => by_session(parts, state).await?,
    };
    state.limiter.limit_requests(caller.org_id, caller.client.network())?;
    parts.extensions.insert(caller.clone());
    Ok(caller)
}

fn bearer(parts: &Parts) -> Result<Option<token::Key>, Problem> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, text) = value.to_str().unwrap_or_default().split_once(' ').unwrap_or_default();
    let key = scheme.eq_ignore_ascii_case("bearer").then(|| token::Key::parse(text.trim())).flatten();
    key.map(Some).ok_or_else(Problem::unauthorized)
}

async fn by_key(key: &token::Key, parts: &Parts, state: &ApiState) -> Result<Caller, Problem> {
    let found = state.store.api_key_by_id(&key.id).await?.filter(|found| key.matches(&found.secret_hash));
    let found = found.ok_or_else(Problem::unauthorized)?;
    let now = state.now();
    if state.touched.is_due(found.id.0, now) {
        let mut txn = state.store.org(found.org_id).await?;
        txn.touch_api_key(found.id, now).await?;
        txn.commit().await?;
    }
    Ok(Caller {
        org_id: found.org_id,
        actor: Actor::ApiKey(found.id),
        name: format!("API key {}", key.id),
        client: Client::of(parts, &state.settings),
        credential: Credential::Key { id: key.id.clone() },
        site: site(parts, &state.settings),
        role: if found.scopes.contains(&Scope::Write) { Role::Admin } else { Role::Viewer },
        scopes: Some(found.scopes),
        keyed: None,
    })
}

async fn by_session(parts: &Parts, state: &ApiState) -> Result<Caller, Problem> {
    let (session, token_hash) = session(parts, state).await?;
    Ok(Caller {
        org_id: session.org_id,
        actor: Actor::User(session.user_id),
        name: session.name,
        client: Client::of(parts, &state.settings),
        credential: Credential::Session { token_hash },
        site: site(parts, &state.settings),
        role: session.role,
        scopes: None,
        keyed: None,
    })
}

async fn session(parts: &Parts, state: &ApiState) -> Result<(SessionRow, [u8; 32]), Problem> {
    let client = Client::of(parts, &state.settings);
    let token = cookie::read(&parts.headers, &client).ok_or_else(Problem::unauthorized)?;
    let token_hash = token::hash(token.expose());
    let now = state.now();
    let session = state.store.session_by_hash(&token_hash, now).await?.ok_or_else(Problem::unauthorized)?;
    check_origin(parts, &state.settings, true)?;
    if state.touched.is_due(session.session_id.0, now) {
        let mut txn = state.store.org(session.org_id).await?;
        txn.touch_session(session.session_id, now).await?;
        txn.commit().await?;
    }
    Ok((session, token_hash))
}

/// A person with a session; keys don't count.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) SessionRow);

impl FromRequestParts<ApiState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        session(parts, state).await.map(|(session, _)| Self(session))
    }
}

macro_rules! permission {
    ($($(#[$doc:meta])* $name:ident, $role:expr, $scope:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(pub(crate) Caller);

        impl FromRequestParts<ApiState> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
                let caller = identify(parts, state).await?;
                caller.may($role, $scope)?;
                Ok(Self(caller))
            }
        }
    )+};
}

permission! {
    /// May see everything of the organization.
    Reader, Role::Viewer, Scope::Read;
    /// May work incidents, pause and check monitors.
    Operator, Role::Operator, Scope::Write;
    /// May change monitors, channels and rules.
    Admin, Role::Admin, Scope::Write;
    /// May push metrics.
    Ingestor, Role::Viewer, Scope::Ingest;
    /// May make and destroy keys. No key is ever an owner.
    Owner, Role::Owner, Scope::Write;
}

/// The connection's own facts, for endpoints without a caller.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) client: Client,
    pub(crate) user_agent: String,
}

/// What is kept of a browser's name.
const USER_AGENT_CHARS_MAX: usize = 200;

impl FromRequestParts<ApiState> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        check_origin(parts, &state.settings, false)?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let user_agent = agent.chars().take(USER_AGENT_CHARS_MAX).collect();
        Ok(Self { client: Client::of(parts, &state.settings), user_agent })
    }
}

/// The id in the path. What is no id is answered like an id that doesn't exist.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        text.parse().map(Self).map_err(|_| Problem::not_found())
    }
}
