//! The name of a notification, computed from what it tells: planning a transition twice names the same message.

use crate::{
    digest,
    ids::{ChannelId, IncidentId, MonitorId, OrgId},
    notification::Event,
};
use std::fmt;

/// Between the parts; it occurs in none of them.
const SEPARATOR: &str = "\u{1f}";

/// CONTRACT "Notifications": lower-case hex SHA-256 of `pulse.v1`, organization, monitor, transition sequence, channel,
/// kind and escalation step, joined by the byte 0x1f. Ids are hyphenated lower-case, numbers decimal.
///
/// A `channel.test` is about no monitor: the empty text stands in its place, and the sequence is a number that the
/// organization has not used for a test before.
pub fn key(
    org: OrgId,
    monitor: Option<MonitorId>,
    sequence: i64,
    channel: ChannelId,
    event: Event,
    step: u32,
) -> String {
    let subject = monitor.map(|monitor| monitor.to_string()).unwrap_or_default();
    joined([&org, &subject, &sequence, &channel, &event.as_str(), &step])
}

/// The name of a message that tells of a group. A group has no transition of its own: its id stands in the place of the
/// monitor's, and 0 in that of the sequence.
pub fn group_key(org: OrgId, group: IncidentId, channel: ChannelId, event: Event, step: u32) -> String {
    joined([&org, &group, &0, &channel, &event.as_str(), &step])
}

fn joined(parts: [&dyn fmt::Display; 6]) -> String {
    let mut text = String::from("pulse.v1");
    for part in parts {
        text.push_str(SEPARATOR);
        text.push_str(&part.to_string());
    }
    digest::hex_sha256(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use uuid::Uuid;

    #[test]
    fn the_key_is_the_hash_of_the_parts_written_out() {
        let key = key(
            OrgId(Uuid::from_u128(1)),
            Some(MonitorId(Uuid::from_u128(2))),
            7,
            ChannelId(Uuid::from_u128(3)),
            Event::MonitorDown,
            0,
        );
        let written_out = b"pulse.v1\x1f00000000-0000-0000-0000-000000000001\x1f00000000-0000-0000-0000-000000000002\
            \x1f7\x1f00000000-0000-0000-0000-000000000003\x1fmonitor.down\x1f0";
        assert_eq!(key, digest::hex_sha256(written_out));
        // Computed with `sha256sum` over the same bytes.
        assert_eq!(key, "67e1f287e3854f2ebd58934ca91df9447729a9ced7148f2c585734cb343fea41");
    }

    type Parts = (u128, Option<u128>, i64, u128, usize, u32);

    /// Few values per part, so that equal lists of parts really occur.
    fn parts() -> impl Strategy<Value = Parts> {
        (0..3_u128, proptest::option::of(0..3_u128), 0..12_i64, 0..3_u128, 0..Event::ALL.len(), 0..12_u32)
    }

    proptest! {
        #[test]
        fn keys_are_equal_exactly_when_all_parts_are(list in proptest::collection::vec(parts(), 2..60)) {
            let mut seen: HashMap<String, Parts> = HashMap::new();
            for parts in list {
                let (org, monitor, sequence, channel, event, step) = parts;
                let key = key(
                    OrgId(Uuid::from_u128(org)),
                    monitor.map(|id| MonitorId(Uuid::from_u128(id))),
                    sequence,
                    ChannelId(Uuid::from_u128(channel)),
                    Event::ALL[event],
                    step,
                );
                prop_assert_eq!(key.len(), 64);
                prop_assert_eq!(seen.entry(key).or_insert(parts), &parts);
            }
        }
    }
}
