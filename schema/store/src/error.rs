//! What can go wrong, as what the caller should do about it.

/// An answer other than rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row is no longer as the writer expected: read again, decide again.
    #[error("changed by someone else meanwhile")]
    Conflict,
    /// A unique value is in use; names the field.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The row can't go, or can't point there, because of another one; names the field or table.
    #[error("{0} refers to it, or does not exist")]
    Referenced(&'static str),
    /// The cursor was not made by this list.
    #[error("not a cursor of this list")]
    BadCursor,
    /// The server is too old to keep tenants apart.
    #[error("{0}")]
    Version(String),
    /// The database can't be reached, or is overloaded: try again later.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A row holds what this version can't read.
    #[error("unreadable row: {0}")]
    Unreadable(String),
    /// Anything else: a defect.
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
    #[error("migrating the database failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl StoreError {
    pub(crate) fn unreadable(what: impl std::fmt::Display) -> Self {
        Self::Unreadable(what.to_string())
    }
}

/// Classes of SQLSTATE that mean "not now": connection, resources, operator, serialization and locks.
const TRANSIENT_CLASSES: [&str; 4] = ["08", "53", "57", "40"];
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// A server that is being switched over takes no writes for a while.
const READ_ONLY: &str = "25006";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let away = matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                // A conversation that breaks off in the middle, and one that some proxy ended with words of its own.
                | sqlx::Error::Protocol(_)
                | sqlx::Error::BeginFailed
        );
        let Some(refusal) = error.as_database_error() else {
            return if away { Self::Unavailable(error) } else { Self::Database(error) };
        };
        let code = refusal.code().unwrap_or_default();
        if refusal.is_unique_violation() {
            Self::Taken(unique_field(refusal.constraint().unwrap_or_default()))
        } else if refusal.is_foreign_key_violation() {
            Self::Referenced(referring_field(refusal.constraint().unwrap_or_default()))
        } else if TRANSIENT_CLASSES.iter().any(|class| code.starts_with(class))
            || [LOCK_NOT_AVAILABLE, READ_ONLY].contains(&code.as_ref())
        {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

fn unique_field(constraint: &str) -> &'static str {
    match constraint {
        "users_email_key" => "email",
        "organizations_slug_key" => "slug",
        "remembered_answers_pkey" => "idempotency_key",
        "incidents_one_open" => "incident",
        _other => "id",
    }
}

fn referring_field(constraint: &str) -> &'static str {
    match constraint {
        "alert_rule_channels_org_id_channel_id_fkey" => "channel_ids",
        "silences_org_id_incident_id_fkey" => "incident_id",
        "on_call_overrides_org_id_user_id_fkey" => "user_id",
        _other => "id",
    }
}
