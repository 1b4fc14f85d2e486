//! Everything known about an organization while something is planned, and what becomes of it on the way.

use super::{
    MonitorFacts, OrgFacts,
    draft::About,
    grouping::{Grouping, OpenGroup},
    holds::Holds,
    obligation::{Because, Obligation, Settled, Standing, beginnings},
};
use crate::{
    Timestamp,
    ids::{ChannelId, IncidentId, MonitorId},
    incident::Incident,
    notification::Event,
    routing::{self, Route, Subject},
    rule::Rule,
};
use chrono::TimeDelta;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What a plan depends on. Everything in it was read in the transaction that writes the plan.
#[derive(Clone, Debug)]
pub struct Desk<'a> {
    pub org: &'a OrgFacts,
    pub now: Timestamp,
    pub rules: &'a [Rule],
    /// Channels that may be sent to; the others get nothing.
    pub enabled_channels: &'a BTreeSet<ChannelId>,
    /// A deleted monitor is absent; nothing is told about it.
    pub monitors: HashMap<MonitorId, MonitorFacts>,
    /// Incidents that are not resolved, at most one of a monitor.
    pub open: HashMap<MonitorId, Incident>,
    /// What is owed about trouble that is not over, by monitor or group.
    pub live: HashMap<Uuid, Vec<Obligation>>,
    pub holds: Holds,
    pub grouping: Grouping,
    /// Incidents that broke out within the grouping window, are open and belong to no group.
    pub recent: Vec<Incident>,
    /// The groups that open incidents of `open` belong to, and the one that still gathers.
    pub groups: HashMap<IncidentId, OpenGroup>,
}

impl<'a> Desk<'a> {
    /// Without history: nothing open, nothing owed, nothing held back.
    pub fn new(
        org: &'a OrgFacts,
        rules: &'a [Rule],
        enabled_channels: &'a BTreeSet<ChannelId>,
        now: Timestamp,
    ) -> Self {
        Self {
            org,
            now,
            rules,
            enabled_channels,
            monitors: HashMap::new(),
            open: HashMap::new(),
            live: HashMap::new(),
            holds: Holds::default(),
            grouping: Grouping::default(),
            recent: Vec::new(),
            groups: HashMap::new(),
        }
    }

    /// The ways of an event to channels that may be sent to.
    pub(super) fn routes(&self, monitor: &MonitorFacts, event: Event) -> Vec<Route<'a>> {
        let subject = Subject { monitor: monitor.id, tags: &monitor.tags, check_type: &monitor.check_type };
        let mut routes = routing::routes(self.rules, subject, event);
        routes.retain(|route| self.enabled_channels.contains(&route.channel));
        routes
    }

    /// How trouble stands with a rule: told now, or later if it lasts.
    pub(super) fn standing(&self, about: &About<'_>, rule: &Rule) -> Standing {
        let at = about.at;
        if let Some(held) = self.holds.on(about.monitor, about.incident.map(|incident| incident.id), self.now) {
            return held;
        }
        let due_at = at.checked_add_signed(TimeDelta::seconds(rule.delay_seconds.into())).unwrap_or(at);
        if due_at > self.now { Standing::Waiting { due_at, because: Because::Delay } } else { Standing::Queued }
    }

    /// Where an event that ends `trouble` is told: wherever its beginning was. A rule that doesn't ask for beginnings gets every
    /// end that nothing holds back, and so does one that asks for this beginning and is newer than it.
    pub(super) fn ends(&self, monitor: &MonitorFacts, event: Event, trouble: &[Event]) -> Vec<Route<'a>> {
        let live = self.live.get(&monitor.id.0).map_or(&[][..], Vec::as_slice);
        let incident = self.open.get(&monitor.id).map(|incident| incident.id);
        let mut routes = self.routes(monitor, event);
        // What was told is ended, even if rules lead elsewhere by now.
        routes.extend(live.iter().filter_map(|owed| self.still_leads(owed, event)));
        routes.retain(|route| {
            let asks = |beginning: &&Event| route.rule.events.contains(beginning);
            let begun: Vec<&Event> = beginnings(event).iter().filter(asks).collect();
            let mut known =
                live.iter().filter(|owed| owed.channel_id == route.channel && begun.contains(&&owed.event)).peekable();
            if known.peek().is_some() {
                return known.any(|owed| owed.standing == Standing::Queued);
            }
            let concerns = begun.is_empty() || trouble.iter().any(|beginning| begun.contains(&beginning));
            concerns && self.holds.on(monitor, incident, self.now).is_none()
        });
        routes.sort_by_key(|route| (route.channel, route.rule.delay_seconds));
        routes.dedup_by_key(|route| route.channel);
        routes
    }

    /// The way of something that was told, if its rule also asks for `event`.
    pub(super) fn still_leads(&self, owed: &Obligation, event: Event) -> Option<Route<'a>> {
        let rule = self.rules.iter().find(|rule| rule.id == owed.rule_id)?;
        let leads = rule.enabled
            && rule.events.contains(&event)
            && self.enabled_channels.contains(&owed.channel_id)
            && owed.standing == Standing::Queued;
        leads.then_some(Route { rule, channel: owed.channel_id })
    }

    /// What is owed about trouble of `subject` is over, as far as it began with one of `which`: what waits is dropped.
    pub(super) fn settle(&mut self, subject: Uuid, because: &Because, which: &[Event]) -> Settled {
        let mut settled = Settled::default();
        let Some(live) = self.live.get_mut(&subject) else { return settled };
        let (over, on): (Vec<_>, Vec<_>) = live.drain(..).partition(|owed| which.contains(&owed.event));
        *live = on;
        for mut owed in over {
            owed.live = false;
            if matches!(owed.standing, Standing::Waiting { .. }) {
                owed.standing = Standing::Dropped { because: because.clone() };
                settled.dropped.push(owed.clone());
            }
            settled.lines.push(owed);
        }
        settled
    }
}
