//! Frames of the WebSocket `GET /api/v1/stream`.

use pulse_domain::{Timestamp, ids::MonitorId, plan::EventType};
use serde::{Deserialize, Serialize};

/// One frame. `seq` is the number of the newest numbered event at or before it: what to send as `?after=` on reconnect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Frame {
    #[serde(rename = "type")]
    pub kind: EventType,
    pub seq: i64,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub data: serde_json::Value,
}

/// `data` of `monitor.changed`: the configuration, or that there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MonitorChanged {
    pub monitor_id: MonitorId,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Created,
    Updated,
    Deleted,
}
