//! Storms: outages that break out together are told together.
//!
//! ```text
//!   outages:     ×            × ×××××××××× ×   ×
//!   told:        ↑ at once     ↑ the group                        ↑ its end
//!                │◄─ settle ─►│◄──── gathers while outages follow ────►│
//! ```
//!
//! When at least `transitions` outages that are to be told break out within `window_seconds`, they become members of one
//! incident of kind `group`, which is told once to each channel that any of them leads to. Outages that follow within the
//! window join it silently. What was told of a member before is ended for that member; the rest is ended once, when the
//! last member is well.

use super::{
    IncidentChange,
    desk::Desk,
    draft::{Draft, organization},
    fold::Writing,
    obligation::{Because, Obligation, Settled, Standing, TROUBLE},
    step::{self, Owed, Step},
    story,
};
use crate::{
    Timestamp, idempotency,
    ids::{ChannelId, IncidentId, MonitorId},
    incident::{Cause, Incident, IncidentKind, IncidentState, TimelineKind},
    limits::{GROUP_MEMBERS_TOLD_MAX, GROUPING_SETTLE_MS, GROUPING_TRANSITIONS, GROUPING_WINDOW_SECONDS},
    notification::Event,
    rule::Rule,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// When outages of an organization are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Grouping {
    /// So many outages make a storm.
    pub transitions: u32,
    /// When they break out within so many seconds of each other.
    pub window_seconds: u32,
    /// How long the first outage waits for others. 0 tells it at once, and the storm it begins in a second message.
    pub wait_seconds: u32,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { transitions: GROUPING_TRANSITIONS, window_seconds: GROUPING_WINDOW_SECONDS, wait_seconds: 0 }
    }
}

/// A group that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGroup {
    pub incident: Incident,
    /// When the last member joined.
    pub joined_at: Timestamp,
    /// Members ever, and those that are not resolved.
    pub members: u64,
    pub open_members: u64,
    /// Some of those that are not resolved.
    pub some: Vec<Member>,
}

/// A monitor as a group names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Member {
    pub id: MonitorId,
    pub name: String,
    pub target: String,
}

/// See `plan::settles_at`.
pub(super) fn settles_at(grouping: &Grouping, last_opened: Option<Timestamp>, oldest: Timestamp) -> Timestamp {
    let later = |from: Timestamp, by| from.checked_add_signed(by).unwrap_or(from);
    let waited = later(oldest, TimeDelta::seconds(grouping.wait_seconds.into()));
    let settled = last_opened.map(|at| later(at, TimeDelta::milliseconds(GROUPING_SETTLE_MS)));
    settled.map_or(waited, |settled| settled.max(waited))
}

/// What became of one group.
#[derive(Debug)]
pub(super) struct GroupNews {
    change: IncidentChange,
    joined: Vec<Member>,
    joined_before: Vec<Incident>,
    recovered: u64,
    open_members: u64,
    owed: Vec<Owed>,
    settled: Settled,
}

impl GroupNews {
    fn of(group: &OpenGroup) -> Self {
        Self {
            change: IncidentChange::Update(group.incident.clone()),
            joined: Vec::new(),
            joined_before: Vec::new(),
            recovered: 0,
            open_members: group.open_members,
            owed: Vec::new(),
            settled: Settled::default(),
        }
    }

    pub(super) fn write(self, writing: &mut Writing) {
        let incident = self.change.incident().clone();
        let opens = matches!(self.change, IncidentChange::Open(_));
        let mut lines = Vec::new();
        if opens {
            lines.push(story::opened(&incident));
        }
        if !self.joined.is_empty() {
            let some: Vec<&Member> = self.joined.iter().take(GROUP_MEMBERS_TOLD_MAX).collect();
            lines.push((TimelineKind::MembersJoined, json!({"count": self.joined.len(), "members": some})));
        }
        if self.recovered > 0 {
            let line = json!({"count": self.recovered, "remaining": self.open_members});
            lines.push((TimelineKind::MembersRecovered, line));
        }
        if incident.state == IncidentState::Resolved {
            lines.push((TimelineKind::Resolved, json!({"because": "members_recovered"})));
        }
        lines.extend(story::owed(&self.owed));
        lines.extend(story::dropped(&self.settled.dropped));
        writing.lines(incident.id, lines);
        for member in self.joined_before {
            writing.incident(IncidentChange::Update(member));
        }
        writing.frame(&incident, opens);
        writing.incident(self.change);
        writing.ledger(self.settled.lines);
        for owed in self.owed {
            writing.ledger([owed.obligation]);
            writing.plan.notifications.extend(owed.draft);
        }
    }
}

/// Takes the outages of the batch into a group, if they are a storm or follow one, and ends groups that are over.
pub(super) fn gather(
    desk: &mut Desk<'_>,
    steps: &mut [Step<'_>],
    new_id: &mut impl FnMut() -> IncidentId,
) -> Vec<GroupNews> {
    let mut news: BTreeMap<IncidentId, GroupNews> = BTreeMap::new();
    let outages: Vec<usize> =
        (0..steps.len()).filter(|index| steps.get(*index).is_some_and(|step| breaks_out(desk, step))).collect();
    if let Some(group) = group_of(desk, steps, &outages, new_id) {
        let joined = join(desk, steps, &outages, &group);
        desk.groups.insert(group.incident.id, group_after(&group, &joined));
        news.insert(group.incident.id, joined);
    }
    recover(desk, steps, &mut news);
    news.into_values().collect()
}

/// Whether the step opened an outage that is open at the end of the batch and is told now or soon.
fn breaks_out(desk: &Desk<'_>, step: &Step<'_>) -> bool {
    let Some(IncidentChange::Open(opened)) = &step.change else { return false };
    opened.kind == IncidentKind::Down
        && desk.open.get(&step.monitor.id).is_some_and(|open| open.id == opened.id && open.kind == IncidentKind::Down)
        && step.owed.iter().any(|owed| is_told(&owed.obligation))
}

/// Whether a group would tell it instead: an outage that nothing but the rule's own delay holds back.
fn is_told(owed: &Obligation) -> bool {
    let waits_only_for_itself = match &owed.standing {
        Standing::Queued => true,
        Standing::Waiting { because, .. } => matches!(because, Because::Delay | Because::Repeat),
        Standing::Dropped { .. } => false,
    };
    owed.event == Event::MonitorDown && waits_only_for_itself
}

/// The group that outages belong to: the one that still gathers, or a new one if they are enough.
fn group_of(
    desk: &Desk<'_>,
    steps: &[Step<'_>],
    outages: &[usize],
    new_id: &mut impl FnMut() -> IncidentId,
) -> Option<OpenGroup> {
    let first = steps.get(*outages.first()?)?;
    let window = TimeDelta::seconds(desk.grouping.window_seconds.into());
    let gathers = |group: &&OpenGroup| {
        group.incident.state != IncidentState::Resolved && desk.now.signed_duration_since(group.joined_at) <= window
    };
    if let Some(group) = desk.groups.values().filter(gathers).max_by_key(|group| group.joined_at) {
        return Some(group.clone());
    }
    if outages.len() + desk.recent.len() < desk.grouping.transitions as usize {
        return None;
    }
    let opened_at = desk.recent.iter().map(|incident| incident.opened_at).min();
    let opened_at = opened_at.map_or(first.transition.at, |at| at.min(first.transition.at));
    let reason = first.transition.reason.filter(|reason| {
        outages.iter().filter_map(|index| steps.get(*index)).all(|step| step.transition.reason == Some(*reason))
    });
    let detail =
        format!("{} monitors went down within {} s", outages.len() + desk.recent.len(), desk.grouping.window_seconds);
    Some(OpenGroup {
        incident: Incident {
            id: new_id(),
            monitor_id: None,
            kind: IncidentKind::Group,
            state: IncidentState::Open,
            opened_at,
            acknowledged_at: None,
            resolved_at: None,
            cause: Cause { reason, detail },
            group_id: None,
            opened_sequence: 0,
            version: 1,
        },
        joined_at: desk.now,
        members: 0,
        open_members: 0,
        some: Vec::new(),
    })
}

/// Makes the outages members: what they owed is owed by the group, once to each channel.
fn join(desk: &mut Desk<'_>, steps: &mut [Step<'_>], outages: &[usize], group: &OpenGroup) -> GroupNews {
    let id = group.incident.id;
    let is_new = group.members == 0;
    let mut news = GroupNews::of(group);
    if is_new {
        news.change = IncidentChange::Open(group.incident.clone());
        for mut incident in std::mem::take(&mut desk.recent) {
            incident.group_id = Some(id);
            news.joined_before.push(incident);
        }
    }
    let mut ways: Vec<(ChannelId, Standing, &Rule, Member)> = Vec::new();
    for index in outages {
        let Some(step) = steps.get_mut(*index) else { continue };
        let member =
            Member { id: step.monitor.id, name: step.monitor.name.clone(), target: step.monitor.target.clone() };
        for owed in step.owed.iter_mut().filter(|owed| is_told(&owed.obligation)) {
            let because = Because::Group { incident_id: id };
            let standing = std::mem::replace(&mut owed.obligation.standing, Standing::Dropped { because });
            owed.draft = None;
            let rule = desk.rules.iter().find(|rule| rule.id == owed.obligation.rule_id);
            if let (0, Some(rule)) = (owed.obligation.step, rule) {
                ways.push((owed.obligation.channel_id, standing, rule, member.clone()));
            }
        }
        news.joined.push(member);
    }
    mark_members(desk, steps, &news.joined, id);
    news.open_members += news.joined.len() as u64 + news.joined_before.len() as u64;
    news.owed = tell(desk, &group.incident, ways);
    news
}

/// The members' incidents say which group tells of them.
fn mark_members(desk: &mut Desk<'_>, steps: &mut [Step<'_>], joined: &[Member], group: IncidentId) {
    for member in joined {
        if let Some(open) = desk.open.get_mut(&member.id) {
            open.group_id = Some(group);
        }
    }
    for step in steps {
        let Some(open) = desk.open.get(&step.monitor.id).filter(|open| open.group_id == Some(group)) else { continue };
        if let Some(change) = step.change.as_mut().filter(|change| change.incident().id == open.id) {
            change.incident_mut().group_id = Some(group);
        }
    }
}

/// One message to each channel that was not told of the group yet, naming the members that lead there.
fn tell(desk: &Desk<'_>, group: &Incident, mut ways: Vec<(ChannelId, Standing, &Rule, Member)>) -> Vec<Owed> {
    let told = desk.live.get(&group.id.0).map_or(&[][..], Vec::as_slice);
    ways.retain(|(channel, ..)| told.iter().all(|owed| owed.channel_id != *channel));
    ways.sort_by_key(|(channel, standing, ..)| (*channel, standing.urgency()));
    let mut owed = Vec::new();
    for channel in ways.chunk_by(|a, b| a.0 == b.0) {
        let Some((id, standing, rule, _)) = channel.first() else { continue };
        let mut members: Vec<&Member> = channel.iter().map(|(.., member)| member).collect();
        members.sort_unstable();
        members.dedup();
        let obligation = obligation(desk, group, Event::MonitorDown, *id, rule, standing.clone());
        owed.extend(step::queue(obligation, rule, desk.now, |owed| {
            (message(desk, group, owed, members.len() as u64, &members), key(desk, group, owed, owed.step + 1))
        }));
    }
    owed
}

fn key(desk: &Desk<'_>, group: &Incident, owed: &Obligation, step: u32) -> String {
    idempotency::group_key(desk.org.id, group.id, owed.channel_id, owed.event, step)
}

pub(super) fn obligation(
    desk: &Desk<'_>,
    group: &Incident,
    event: Event,
    channel: ChannelId,
    rule: &Rule,
    standing: Standing,
) -> Obligation {
    Obligation {
        key: idempotency::group_key(desk.org.id, group.id, channel, event, 0),
        event,
        monitor_id: None,
        incident_id: Some(group.id),
        sequence: 0,
        rule_id: rule.id,
        channel_id: channel,
        step: 0,
        at: desk.now,
        standing,
        live: super::obligation::begins(event),
    }
}

/// `data.group` names some of the members and says how many there are.
pub(super) fn message(desk: &Desk<'_>, group: &Incident, owed: &Obligation, count: u64, members: &[&Member]) -> Draft {
    let some: Vec<&&Member> = members.iter().take(GROUP_MEMBERS_TOLD_MAX).collect();
    Draft {
        idempotency_key: owed.key.clone(),
        event: owed.event,
        channel_id: owed.channel_id,
        monitor_id: None,
        incident_id: Some(group.id),
        sequence: owed.sequence,
        payload: json!({
            "type": owed.event,
            "timestamp": owed.at,
            "data": {
                "organization": organization(desk.org),
                "monitor": null,
                "incident": group,
                "transition": null,
                "group": {"member_count": count, "members": some},
            },
        }),
        not_before: desk.now,
    }
}

fn group_after(group: &OpenGroup, joined: &GroupNews) -> OpenGroup {
    let new = joined.joined.len() as u64 + joined.joined_before.len() as u64;
    OpenGroup { members: group.members + new, open_members: joined.open_members, ..group.clone() }
}

/// Counts members that are well again; a group without any other is over.
fn recover(desk: &mut Desk<'_>, steps: &[Step<'_>], news: &mut BTreeMap<IncidentId, GroupNews>) {
    for member in steps.iter().filter_map(Step::resolved) {
        let Some(left) = left(desk, member) else { continue };
        let id = left.change.incident().id;
        let news = news.entry(id).or_insert_with(|| GroupNews { recovered: 0, ..left });
        news.recovered += 1;
        news.open_members = desk.groups.get(&id).map_or(0, |group| group.open_members);
    }
    for news in news.values_mut().filter(|news| news.recovered > 0) {
        finish(desk, news);
    }
}

/// A member is resolved by a person; the group may be over with it.
pub(super) fn resolved(desk: &mut Desk<'_>, member: &Incident) -> Option<GroupNews> {
    let mut news = left(desk, member)?;
    finish(desk, &mut news);
    Some(news)
}

/// One member less that is not resolved.
fn left(desk: &mut Desk<'_>, member: &Incident) -> Option<GroupNews> {
    let group = desk.groups.get_mut(&member.group_id?)?;
    group.open_members = group.open_members.saturating_sub(1);
    Some(GroupNews { recovered: 1, ..GroupNews::of(group) })
}

/// Ends a group that has no open member.
fn finish(desk: &mut Desk<'_>, news: &mut GroupNews) {
    if news.open_members > 0 {
        return;
    }
    let Ok(over) = news.change.incident().resolve(desk.now) else { return };
    news.owed.extend(end(desk, &over, &[Event::MonitorUp, Event::IncidentResolved]));
    *news.change.incident_mut() = over;
    let subject = news.change.incident().id.0;
    news.settled = desk.settle(subject, &Because::Recovered, TROUBLE);
}

/// The end of a group, told to the channels that were told of it.
pub(super) fn end(desk: &Desk<'_>, group: &Incident, events: &[Event]) -> Vec<Owed> {
    let mut told: Vec<&Obligation> =
        desk.live.get(&group.id.0).into_iter().flatten().filter(|owed| owed.standing == Standing::Queued).collect();
    told.sort_by_key(|owed| (owed.channel_id, owed.step));
    told.dedup_by_key(|owed| owed.channel_id);
    let members = desk.groups.get(&group.id).map_or(0, |group| group.members);
    let mut owed = Vec::new();
    for event in events {
        for route in told.iter().filter_map(|told| desk.still_leads(told, *event)) {
            let obligation = obligation(desk, group, *event, route.channel, route.rule, Standing::Queued);
            let draft = message(desk, group, &obligation, members, &[]);
            owed.push(Owed { obligation, draft: Some(draft) });
        }
    }
    owed
}
