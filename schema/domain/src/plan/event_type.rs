//! The kinds of frame on the stream (CONTRACT "Realtime").

use crate::notification::Notification;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! event_types {
    ($($variant:ident $text:literal),+ $(,)?) => {
        /// What a frame of the stream tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum EventType { $(#[serde(rename = $text)] $variant),+ }

        impl EventType {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }
    };
}

event_types! {
    MonitorStatus "monitor.status",
    CheckResult "check.result",
    IncidentOpened "incident.opened",
    IncidentUpdated "incident.updated",
    NotificationUpdated "notification.updated",
    MonitorChanged "monitor.changed",
    Resync "resync",
}

/// A message was written, tried or replayed: `{"notification": …}`.
pub fn notification_updated(notification: &Notification) -> (EventType, Value) {
    (EventType::NotificationUpdated, json!({"notification": notification}))
}
