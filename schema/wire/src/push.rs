//! What a job tells when it calls its push URL, beside what the URL's end says.

use serde::{Deserialize, Serialize};

/// The body of `POST push/{token}` when it is JSON; any other body is the message itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, validator::Validate))]
#[serde(deny_unknown_fields)]
pub struct WritePush {
    /// How long the run took; without it, the time since its start was told.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// Of the process; anything but 0 is a failure, and beyond 0 to 255 one without a code.
    #[serde(default)]
    pub exit_code: Option<i64>,
    /// Shown beside the outcome; cut to its first bytes.
    #[serde(default)]
    pub message: Option<String>,
}
