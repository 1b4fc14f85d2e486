//! The oracle walks over positions and asks rule by rule.

use super::*;
use crate::{Timestamp, ids::RuleId, rule::Terms};
use proptest::prelude::*;
use uuid::Uuid;

const TAGS: [&str; 3] = ["prod", "staging", "db"];

fn some_tags() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(TAGS.to_vec(), 0..=3).prop_map(|tags| tags.into_iter().map(String::from).collect())
}

fn channel(id: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(id))
}

const TYPES: [&str; 2] = ["http", "dns"];

fn rule() -> impl Strategy<Value = Rule> {
    let types = proptest::sample::subsequence(TYPES.to_vec(), 0..=2);
    let matches = (any::<bool>(), proptest::collection::vec(0..3_u128, 0..3), some_tags(), types);
    let events = proptest::sample::subsequence(Event::ALL.to_vec(), 0..=Event::ALL.len());
    let terms = (0..3_i32, proptest::bool::weighted(0.2));
    (any::<bool>(), matches, events, proptest::collection::vec(0..4_u128, 0..4), terms).prop_map(
        |(enabled, (all, monitors, tags, types), events, channels, (position, stop))| Rule {
            id: RuleId(Uuid::nil()),
            name: String::new(),
            enabled,
            matches: Match {
                all,
                monitor_ids: monitors.into_iter().map(|id| MonitorId(Uuid::from_u128(id))).collect(),
                tags,
                types: types.into_iter().map(String::from).collect(),
            },
            events,
            channel_ids: channels.into_iter().map(channel).collect(),
            delay_seconds: 0,
            terms: Terms { position, stop, ..Terms::default() },
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        },
    )
}

proptest! {
    #[test]
    fn rules_are_asked_in_their_order_until_one_stops(
        mut rules in proptest::collection::vec(rule(), 0..6),
        monitor in 0..3_u128,
        tags in some_tags(),
        check_type in proptest::sample::select(TYPES.to_vec()),
        event in proptest::sample::select(Event::ALL.to_vec()),
    ) {
        for (id, rule) in (0..).zip(&mut rules) {
            rule.id = RuleId(Uuid::from_u128(id));
        }
        let monitor = MonitorId(Uuid::from_u128(monitor));
        let mut expected = Vec::new();
        'positions: for position in 0..3 {
            for rule in rules.iter().filter(|rule| rule.terms.position == position) {
                let named = rule.matches.monitor_ids.contains(&monitor);
                let tagged = tags.iter().any(|tag| rule.matches.tags.contains(tag));
                let typed = rule.matches.types.is_empty() || rule.matches.types.contains(&check_type.to_owned());
                if !rule.enabled || !rule.events.contains(&event) || !typed || !(rule.matches.all || named || tagged) {
                    continue;
                }
                expected.extend(rule.channel_ids.iter().map(|channel| (rule.id, *channel)));
                if rule.terms.stop {
                    break 'positions;
                }
            }
        }
        let subject = Subject { monitor, tags: &tags, check_type };
        let found: Vec<_> = routes(&rules, subject, event).iter().map(|route| (route.rule.id, route.channel)).collect();
        prop_assert_eq!(found, expected);
    }
}
