//! Which rules lead an event to which channels.

use crate::{
    ids::{ChannelId, MonitorId},
    notification::Event,
    rule::{Match, Rule},
};

#[cfg(test)]
mod tests;

/// What a rule is matched against.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub monitor: MonitorId,
    pub tags: &'a [String],
    /// `Check::kind`.
    pub check_type: &'a str,
}

/// One way to a channel; a channel may be reached on several.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    pub rule: &'a Rule,
    pub channel: ChannelId,
}

/// All ways on which an event of a monitor leads to channels: the enabled rules in their order, up to and with the first
/// matching one that stops.
pub fn routes<'a>(rules: &'a [Rule], subject: Subject<'_>, event: Event) -> Vec<Route<'a>> {
    let mut matching: Vec<&Rule> = rules
        .iter()
        .filter(|rule| rule.enabled && rule.events.contains(&event) && is_about(&rule.matches, subject))
        .collect();
    matching.sort_by_key(|rule| (rule.terms.position, rule.id));
    let end = matching.iter().position(|rule| rule.terms.stop).map_or(matching.len(), |last| last + 1);
    matching
        .into_iter()
        .take(end)
        .flat_map(|rule| rule.channel_ids.iter().map(move |channel| Route { rule, channel: *channel }))
        .collect()
}

/// All monitors, or those named, or those that carry one of the tags; of these the types that are listed, if any are.
fn is_about(matches: &Match, subject: Subject<'_>) -> bool {
    matches.covers(subject.monitor, subject.tags)
        && (matches.types.is_empty() || matches.types.iter().any(|kind| kind == subject.check_type))
}
