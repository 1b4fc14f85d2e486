//! Which channels hear of an event, and after what delay.

use crate::{
    ids::{ChannelId, MonitorId},
    notification::Event,
    rule::{Match, Rule},
};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// The channels of all enabled rules that are about the monitor and the event, with their delay in seconds: each channel
/// once, with the smallest delay that any rule gives it, ordered by channel.
pub fn channels(rules: &[Rule], monitor: MonitorId, tags: &[String], event: Event) -> Vec<(ChannelId, u32)> {
    let mut delays: BTreeMap<ChannelId, u32> = BTreeMap::new();
    let matching = rules
        .iter()
        .filter(|rule| rule.enabled && rule.events.contains(&event) && is_about(&rule.matches, monitor, tags));
    for rule in matching {
        for channel in &rule.channel_ids {
            let delay = delays.entry(*channel).or_insert(rule.delay_seconds);
            *delay = rule.delay_seconds.min(*delay);
        }
    }
    delays.into_iter().collect()
}

/// All monitors, or those named, or those that carry one of the tags.
fn is_about(matches: &Match, monitor: MonitorId, tags: &[String]) -> bool {
    matches.all || matches.monitor_ids.contains(&monitor) || matches.tags.iter().any(|tag| tags.contains(tag))
}
