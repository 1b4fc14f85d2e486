//! The engine's only source of time, ids and chance. Everything else takes them as arguments.

use chrono::SubsecRound as _;
use pulse_domain::{
    Timestamp,
    ids::{ClaimToken, Incarnation, IncidentId},
};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Now, in UTC, microseconds precise as the database keeps it.
#[expect(clippy::disallowed_methods, reason = "this is the engine's clock")]
pub(crate) fn now() -> Timestamp {
    chrono::Utc::now().trunc_subsecs(6)
}

/// Time since the machine booted, sleep included: unlike `Instant` it also grows while a virtual machine is suspended,
/// so a lease can't seem fresh after a long pause.
pub(crate) fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// A random number from 0 (included) to 1 (not included), for jitter.
pub(crate) fn chance() -> f64 {
    rand::random()
}

#[expect(clippy::disallowed_methods, reason = "this is the engine's source of ids")]
pub(crate) fn incarnation() -> Incarnation {
    Incarnation(uuid::Uuid::new_v4())
}

#[expect(clippy::disallowed_methods, reason = "this is the engine's source of ids")]
pub(crate) fn claim_token() -> ClaimToken {
    ClaimToken(uuid::Uuid::new_v4())
}

#[expect(clippy::disallowed_methods, reason = "this is the engine's source of ids")]
pub(crate) fn incident_id() -> IncidentId {
    IncidentId(uuid::Uuid::now_v7())
}

/// The machine's name, for people who read the list of nodes.
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
