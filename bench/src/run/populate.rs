//! Organizations, monitors, channels and rules, made through the store as the API makes them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use pulse_domain::{
    channel::{Channel, ChannelKind, Settings},
    health::Health,
    monitor::{Check, ConfirmDown, HttpCheck, Method, Monitor, MonitorConfig, Policy},
    notification::Event,
    outcome::Verdict,
    rule::{Match, Rule, Terms},
    secret::Secret,
    webhook::format_secret,
};
use pulse_store::{NewAccount, Store};
use serde_json::json;
use tokio::task::JoinSet;

use super::Plan;
use super::identity::{channel_id, monitor_id, org_id, rule_id, user_id};
use super::psql::Psql;
use crate::clock;
use crate::farm::{self, Ports};

/// Rows of one transaction: well within the statement timeout of the API's role.
const CHUNK: usize = 2_500;
/// Organizations that are made at once.
const WIDTH: usize = 4;

/// All of the plan.
pub(super) async fn populate(store: &Store, plan: &Plan, ports: &Ports) -> Result<()> {
    for org in 0..plan.organizations {
        organization(store, ports, org).await?;
    }
    add(store, plan, ports, 0).await
}

/// The monitors from number `from` on, in organizations that exist.
pub(super) async fn add(store: &Store, plan: &Plan, ports: &Ports, from: u32) -> Result<()> {
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); plan.organizations as usize];
    for number in from..plan.monitors {
        if let Some(of_org) = own.get_mut(org_of(plan, number) as usize) {
            of_org.push(number);
        }
    }
    let mut waiting = own.into_iter().filter(|numbers| !numbers.is_empty());
    let mut workers = JoinSet::new();
    loop {
        let more = if workers.len() < WIDTH { waiting.next() } else { None };
        match more {
            Some(numbers) => {
                let (store, plan, ports) = (store.clone(), plan.clone(), ports.clone());
                workers.spawn(async move { insert(&store, &plan, &ports, &numbers).await });
            }
            None => match workers.join_next().await {
                Some(made) => made.context("a worker failed")??,
                None => return Ok(()),
            },
        }
    }
}

/// All of one organization.
async fn insert(store: &Store, plan: &Plan, ports: &Ports, numbers: &[u32]) -> Result<()> {
    for chunk in numbers.chunks(CHUNK) {
        let monitors: Vec<Monitor> = chunk.iter().map(|number| monitor(plan, ports, *number)).collect();
        let Some(first) = monitors.first() else { continue };
        let mut txn = store.org(first.org_id).await?;
        txn.insert_monitors(&monitors).await.context("monitors are refused")?;
        txn.commit().await?;
    }
    Ok(())
}

async fn organization(store: &Store, ports: &Ports, org: u32) -> Result<()> {
    let now = clock::now();
    let account = NewAccount {
        org_id: org_id(org),
        org_name: format!("Organization {org}"),
        org_slug: format!("organization-{org}"),
        user_id: user_id(org),
        email: format!("owner-{org}@farm.test"),
        name: "Owner".to_owned(),
        password_hash: Secret::new("no password opens this".to_owned()),
        now,
    };
    store.register(&account).await.context("an organization is refused")?;
    let mut txn = store.org(org_id(org)).await?;
    txn.insert_channel(&channel(org, ports)).await?;
    txn.insert_rule(&rule(org)).await?;
    txn.commit().await?;
    Ok(())
}

/// Which organization a monitor belongs to: scattered, so that every so many monitors are of all organizations.
pub(super) fn org_of(plan: &Plan, monitor: u32) -> u32 {
    // Knuth's multiplicative hash.
    (monitor.wrapping_mul(2_654_435_761) >> 8) % plan.organizations
}

pub(super) fn monitor(plan: &Plan, ports: &Ports, number: u32) -> Monitor {
    let now = clock::now();
    let url = if plan.blocked {
        // Private, and not among the allowed networks.
        format!("http://10.77.0.1/m/{number}")
    } else {
        format!("http://{}:{}/m/{number}", farm::address(number), ports.http)
    };
    let check = HttpCheck {
        url,
        method: Method::Get,
        headers: BTreeMap::new(),
        body: None,
        auth: None,
        follow_redirects: true,
        verify_tls: true,
    };
    let config = MonitorConfig {
        name: format!("Monitor {number}"),
        enabled: true,
        tags: vec!["farm".to_owned()],
        interval_seconds: plan.interval_seconds,
        timeout_ms: plan.timeout_ms,
        check: Check::Http(check),
        assertions: Vec::new(),
        policy: Policy { confirm_down: ConfirmDown::Consecutive { failures: 1 }, ..Policy::default() },
        parent_ids: Vec::new(),
    };
    let org = org_id(org_of(plan, number));
    Monitor { org_id: org, id: monitor_id(number), config, version: 1, created_at: now, updated_at: now }
}

fn channel(org: u32, ports: &Ports) -> Channel {
    let now = clock::now();
    let mut settings = Settings::default();
    settings.set("url", json!(format!("https://127.0.0.1:{}/hooks", ports.sink)));
    settings.set("signing_secrets", json!([format_secret(&[9; 32]).expose()]));
    Channel {
        org_id: org_id(org),
        id: channel_id(org),
        name: "Sink".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        disabled_reason: None,
        settings,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn rule(org: u32) -> Rule {
    let now = clock::now();
    Rule {
        id: rule_id(org),
        name: "Outages".to_owned(),
        enabled: true,
        matches: Match { all: true, ..Match::default() },
        events: vec![Event::MonitorDown, Event::MonitorUp],
        channel_ids: vec![channel_id(org)],
        delay_seconds: 0,
        terms: Terms::default(),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Makes all monitors look as if they had been checked just now and were up, without open incidents: what is measured is an engine that takes over
/// running monitors, not the first look at new ones. The tables are then tidied as autovacuum would have done by then.
pub(super) fn season(psql: &mut Psql) -> Result<()> {
    let mut health = Health::new();
    health.apply(&Policy::default(), Verdict::Success);
    let health = serde_json::to_string(&health).context("health is JSON")?;
    psql.rows(&format!(
        "UPDATE pulse.monitor_state SET status = 'up', health = '{health}', last_at = clock_timestamp() WHERE status <> 'paused'"
    ))?;
    psql.rows(
        "UPDATE pulse.incidents SET state = 'resolved', resolved_at = clock_timestamp() WHERE state <> 'resolved'",
    )?;
    for table in ["monitors", "monitor_state", "organizations"] {
        psql.rows(&format!("VACUUM (ANALYZE) pulse.{table}"))?;
    }
    psql.rows("CHECKPOINT")?;
    Ok(())
}
