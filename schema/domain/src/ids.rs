//! Identifiers: one type per noun, so that a monitor's id can't be handed to something that wants a channel's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// A tenant.
    OrgId,
    /// A person with a role in one organization.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// A machine's credential.
    ApiKeyId,
    /// What is watched.
    MonitorId,
    /// An outage or another trouble of one monitor, from opening to resolution.
    IncidentId,
    /// Where notifications go.
    ChannelId,
    /// Which transitions go to which channels.
    RuleId,
    /// A time in which work is done on monitors on purpose.
    WindowId,
    /// A word that notifications be held back for a while.
    SilenceId,
    /// A plan of who is called when.
    OnCallScheduleId,
    /// A shift that someone takes over from whom the rotation names.
    OverrideId,
    /// One message to one channel: a row of the outbox.
    NotificationId,
    /// One request to probe at once, answered by the engine.
    ProbeRequestId,
    /// One try of a channel that is not saved.
    TrialId,
    /// One boot of one process; never used again after it.
    Incarnation,
    /// Proof of a reservation of an outbox row; only its holder may record the attempt.
    ClaimToken,
}
