//! What can be announced. A doorbell names the place to look at and carries nothing else.

use pulse_domain::ids::{MonitorId, OrgId, ProbeRequestId};
use serde::{Deserialize, Serialize};

/// One announcement. Whoever misses it finds the rows by polling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "doorbell", rename_all = "snake_case")]
pub enum Doorbell {
    /// The configuration of a monitor changed, or the monitor is gone.
    Monitor { org_id: OrgId, monitor_id: MonitorId },
    /// A push monitor's URL was called.
    Pushed { org_id: OrgId, monitor_id: MonitorId },
    /// Transitions were committed that no plan has taken yet.
    Transitions { org_id: OrgId },
    /// The outbox has rows to send.
    Outbox { org_id: OrgId },
    /// Numbered events were appended.
    Events { org_id: OrgId },
    /// A maintenance window was written or deleted.
    Maintenance,
    /// Somebody waits for a check on demand.
    ProbeRequested,
    /// A check on demand has its answer.
    ProbeAnswered { id: ProbeRequestId },
    /// A shard changed hands, or a node came or went.
    Ownership,
}
