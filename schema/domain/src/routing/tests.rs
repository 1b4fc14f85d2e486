//! The oracle asks, for each channel, every rule.

use super::*;
use crate::{Timestamp, ids::RuleId};
use proptest::prelude::*;
use uuid::Uuid;

const TAGS: [&str; 3] = ["prod", "staging", "db"];

fn some_tags() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(TAGS.to_vec(), 0..=3).prop_map(|tags| tags.into_iter().map(String::from).collect())
}

fn channel(id: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(id))
}

fn rule() -> impl Strategy<Value = Rule> {
    let matches = (any::<bool>(), proptest::collection::vec(0..3_u128, 0..3), some_tags());
    let events = proptest::sample::subsequence(Event::ALL.to_vec(), 0..=Event::ALL.len());
    (any::<bool>(), matches, events, proptest::collection::vec(0..4_u128, 0..4), 0..5_u32).prop_map(
        |(enabled, (all, monitors, tags), events, channels, delay_seconds)| Rule {
            id: RuleId(Uuid::nil()),
            name: String::new(),
            enabled,
            matches: Match {
                all,
                monitor_ids: monitors.into_iter().map(|id| MonitorId(Uuid::from_u128(id))).collect(),
                tags,
            },
            events,
            channel_ids: channels.into_iter().map(channel).collect(),
            delay_seconds,
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        },
    )
}

proptest! {
    #[test]
    fn each_channel_hears_once_and_as_early_as_any_rule_says(
        rules in proptest::collection::vec(rule(), 0..6),
        monitor in 0..3_u128,
        tags in some_tags(),
        event in proptest::sample::select(Event::ALL.to_vec()),
    ) {
        let monitor = MonitorId(Uuid::from_u128(monitor));
        let mut expected = Vec::new();
        for id in 0..4 {
            let mut delays = Vec::new();
            for rule in &rules {
                let named = rule.matches.monitor_ids.contains(&monitor);
                let tagged = tags.iter().any(|tag| rule.matches.tags.contains(tag));
                let hears = rule.channel_ids.contains(&channel(id)) && rule.events.contains(&event);
                if rule.enabled && hears && (rule.matches.all || named || tagged) {
                    delays.push(rule.delay_seconds);
                }
            }
            expected.extend(delays.into_iter().min().map(|delay| (channel(id), delay)));
        }
        prop_assert_eq!(channels(&rules, monitor, &tags, event), expected);
    }
}
