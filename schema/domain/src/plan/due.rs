//! What waited and is due: told if it is still true and nothing holds it back, else held further or dropped.

use super::{
    Plan,
    desk::Desk,
    draft::About,
    fold::Writing,
    grouping,
    holds::recheck,
    obligation::{Because, Obligation, Standing},
    step::{self, Owed},
    story,
};
use crate::{
    incident::{Incident, IncidentState},
    notification::Event,
    rule::Rule,
    status::{Status, Transition},
};

/// A line of the ledger whose time has come, with the transition that it tells of (absent for a group).
#[derive(Clone, Debug)]
pub struct Due {
    pub obligation: Obligation,
    pub transition: Option<Transition>,
}

/// Plans what becomes of lines that waited.
pub fn due(desk: &Desk<'_>, due: &[Due]) -> Plan {
    let mut writing = Writing::default();
    for one in due {
        let incident = concerned(desk, &one.obligation);
        let owed = decide(desk, one, incident);
        let before = &one.obligation.standing;
        if let Some(incident) = incident {
            let news: Vec<Owed> = owed.iter().filter(|owed| is_news(before, owed)).cloned().collect();
            let lines = story::owed(&news);
            if !lines.is_empty() {
                writing.lines(incident.id, lines);
                writing.frame(incident, false);
            }
            let dropped: Vec<Obligation> = owed.iter().map(|owed| owed.obligation.clone()).filter(is_dropped).collect();
            writing.lines(incident.id, story::dropped(&dropped));
        }
        for owed in owed {
            writing.ledger([owed.obligation]);
            writing.plan.notifications.extend(owed.draft);
        }
    }
    writing.finish()
}

/// A line that goes on waiting for the same cause is none.
fn is_news(before: &Standing, owed: &Owed) -> bool {
    match (before, &owed.obligation.standing) {
        (Standing::Waiting { because: was, .. }, Standing::Waiting { because: is, .. }) => was != is,
        (Standing::Waiting { .. } | Standing::Queued | Standing::Dropped { .. }, standing) => {
            !matches!(standing, Standing::Dropped { .. })
        }
    }
}

fn is_dropped(obligation: &Obligation) -> bool {
    matches!(obligation.standing, Standing::Dropped { .. })
}

/// The incident that it tells of, while that is open.
fn concerned<'d>(desk: &'d Desk<'_>, owed: &Obligation) -> Option<&'d Incident> {
    let id = owed.incident_id?;
    let group = desk.groups.get(&id).map(|group| &group.incident);
    let of_monitor = owed.monitor_id.and_then(|monitor| desk.open.get(&monitor)).filter(|open| open.id == id);
    of_monitor.or(group)
}

fn decide(desk: &Desk<'_>, due: &Due, incident: Option<&Incident>) -> Vec<Owed> {
    let owed = &due.obligation;
    let stands = |standing| vec![Owed { obligation: Obligation { standing, ..owed.clone() }, draft: None }];
    let dropped = |because| stands(Standing::Dropped { because });
    let Some(rule) = desk.rules.iter().find(|rule| rule.id == owed.rule_id && leads(rule, owed)) else {
        return dropped(Because::RuleChanged);
    };
    if !desk.enabled_channels.contains(&owed.channel_id) {
        return dropped(Because::ChannelOff);
    }
    if incident.is_some_and(|incident| incident.state == IncidentState::Acknowledged) {
        return dropped(Because::Acknowledged);
    }
    let queued = Obligation { standing: Standing::Queued, ..owed.clone() };
    let Some(monitor_id) = owed.monitor_id else {
        let Some(group) = owed.incident_id.and_then(|id| desk.groups.get(&id)) else {
            return dropped(Because::Recovered);
        };
        if let Some(silenced) = desk.holds.silenced(None, owed.incident_id, desk.now) {
            return stands(silenced);
        }
        let members: Vec<_> = group.some.iter().collect();
        return step::queue(queued, rule, desk.now, |owed| {
            let next = crate::idempotency::group_key(
                desk.org.id,
                group.incident.id,
                owed.channel_id,
                owed.event,
                owed.step + 1,
            );
            (grouping::message(desk, &group.incident, owed, group.open_members, &members), next)
        });
    };
    let Some(monitor) = desk.monitors.get(&monitor_id) else { return dropped(Because::MonitorDeleted) };
    let holds_still = match owed.event {
        Event::MonitorDown => incident.is_some() && (monitor.flapping || monitor.status == Status::Down),
        Event::MonitorDegraded => monitor.status == Status::Degraded,
        Event::FlappingStarted => incident.is_some() && monitor.flapping,
        Event::MonitorUp
        | Event::FlappingStopped
        | Event::IncidentAcknowledged
        | Event::IncidentResolved
        | Event::CertificateExpiring
        | Event::ChannelDisabled
        | Event::ChannelTest => true,
    };
    if !holds_still {
        return dropped(Because::Recovered);
    }
    if monitor.flapping && owed.event != Event::FlappingStarted {
        return stands(Standing::Waiting { due_at: recheck(desk.now), because: Because::Flapping });
    }
    if let Some(held) = desk.holds.on(monitor, owed.incident_id, desk.now) {
        return stands(held);
    }
    let about = About {
        org: desk.org,
        monitor,
        incident,
        transition: due.transition.as_ref(),
        sequence: owed.sequence,
        at: owed.at,
    };
    step::queue(queued, rule, desk.now, |owed| {
        (
            about.draft(owed.event, owed.channel_id, owed.step, desk.now),
            about.key(owed.event, owed.channel_id, owed.step + 1),
        )
    })
}

fn leads(rule: &Rule, owed: &Obligation) -> bool {
    rule.enabled && rule.events.contains(&owed.event) && rule.channel_ids.contains(&owed.channel_id)
}
