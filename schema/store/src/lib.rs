//! The scoped repository: the only door to the database, and the only crate that knows sqlx.
//!
//! There is no pool to be had. A caller says for whom it asks:
//! - [`Store::org`] opens a transaction of one organization, under a role that row-level security binds to it;
//! - [`Store::engine`] opens what the engine may do for the shards it owns, under its own role;
//! - the methods of [`Store`] itself are the short list of look-ups that must cross tenants (`system.rs`).

mod engine;
mod error;
mod ids;
mod org;
mod page;
mod seal;
mod store;
mod system;
#[cfg(feature = "testing")]
pub mod testing;

pub use engine::{
    Engine,
    committing::{Commit, Committed},
    desks::DeskWork,
    ownership::{Lease, ShardRow, View},
    packing::{DayPacking, Packed, Packing},
    probing::{ProbeRequest, ProbeTarget},
    pushes::Pushed,
    recording::{ReachedState, Recorded},
    retention::Retention,
    watching::{Changed, Listed, Watched},
};
pub use error::StoreError;
pub use org::{
    OrgTxn,
    audit::{Actor, AuditEntry},
    events::OrgEvent,
    incidents::{IncidentFilter, IncidentView},
    ledger::{DeliverySummary, Milestones},
    metrics::{NewSample, RollupWidth, SamplesTaken, SeriesPoint, SeriesRow},
    monitors::{MonitorFilter, MonitorView},
    outbox::{NotificationFilter, Reserved},
    people::{ApiKeyRow, NewApiKey, NewSession, Organization, UserRow},
    planning::Unplanned,
    remembered::Remembered,
    resealing::Resealed,
    situation::Situation,
    trials::Trial,
};
pub use page::{PageRequest, Paged};
pub use seal::{Cipher, Keyring, KeyringError};
pub use store::{Store, StoreOptions, VersionPolicy};
pub use system::{ApiKeyLogin, LoginRow, NewAccount, PushTarget, SessionRow};
