//! Organizations, monitors, channels and rules, made through the store as the API makes them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use pulse_domain::{
    channel::{Channel, ChannelKind, Webhook},
    health::Health,
    monitor::{Check, ConfirmDown, HttpCheck, Method, Monitor, MonitorConfig, Policy},
    notification::Event,
    outcome::Verdict,
    rule::{Match, Rule},
    secret::Secret,
    webhook::format_secret,
};
use pulse_store::{NewAccount, Store};
use tokio::task::JoinSet;

use super::Plan;
use super::identity::{channel_id, monitor_id, org_id, rule_id, user_id};
use super::psql::Psql;
use crate::clock;
use crate::farm::{self, Ports};

/// Rows of one transaction: well within the statement timeout of the API's role.
const CHUNK: usize = 2_500;
/// Organizations that are made at once.
const WIDTH: u32 = 4;

/// All of the plan.
pub(super) async fn populate(store: &Store, plan: &Plan, ports: &Ports) -> Result<()> {
    let mut workers = JoinSet::new();
    for worker in 0..WIDTH {
        let (store, plan, ports) = (store.clone(), plan.clone(), ports.clone());
        workers.spawn(async move {
            for org in (worker..plan.organizations).step_by(WIDTH as usize) {
                organization(&store, &plan, &ports, org).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(made) = workers.join_next().await {
        made.context("a worker failed")??;
    }
    Ok(())
}

async fn organization(store: &Store, plan: &Plan, ports: &Ports, org: u32) -> Result<()> {
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
    insert(store, plan, ports, org, 0).await
}

/// The monitors from number `from` on, in organizations that exist.
pub(super) async fn add(store: &Store, plan: &Plan, ports: &Ports, from: u32) -> Result<()> {
    for org in 0..plan.organizations {
        insert(store, plan, ports, org, from).await?;
    }
    Ok(())
}

async fn insert(store: &Store, plan: &Plan, ports: &Ports, org: u32, from: u32) -> Result<()> {
    let all = (org..plan.monitors).step_by(plan.organizations as usize);
    let own: Vec<u32> = all.filter(|number| *number >= from).collect();
    for chunk in own.chunks(CHUNK) {
        let monitors: Vec<Monitor> = chunk.iter().map(|number| monitor(plan, ports, *number)).collect();
        let mut txn = store.org(org_id(org)).await?;
        txn.insert_monitors(&monitors).await.context("monitors are refused")?;
        txn.commit().await?;
    }
    Ok(())
}

/// Which organization a monitor belongs to.
pub(super) fn org_of(plan: &Plan, monitor: u32) -> u32 {
    monitor % plan.organizations
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
    };
    let org = org_id(org_of(plan, number));
    Monitor { org_id: org, id: monitor_id(number), config, version: 1, created_at: now, updated_at: now }
}

fn channel(org: u32, ports: &Ports) -> Channel {
    let now = clock::now();
    let webhook = Webhook {
        url: format!("https://127.0.0.1:{}/hooks", ports.sink),
        headers: BTreeMap::new(),
        signing_secrets: vec![format_secret(&[9; 32])],
    };
    Channel {
        org_id: org_id(org),
        id: channel_id(org),
        name: "Sink".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        disabled_reason: None,
        webhook,
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
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Makes all monitors look as if they had been checked just now and were up: what is measured is an engine that takes over
/// running monitors, not the first look at new ones. The tables are then tidied as autovacuum would have done by then.
pub(super) fn season(psql: &mut Psql) -> Result<()> {
    let mut health = Health::new();
    health.apply(&Policy::default(), Verdict::Success);
    let health = serde_json::to_string(&health).context("health is JSON")?;
    psql.rows(&format!(
        "UPDATE pulse.monitor_state SET status = 'up', health = '{health}', last_at = clock_timestamp() WHERE status <> 'paused'"
    ))?;
    for table in ["monitors", "monitor_state", "organizations"] {
        psql.rows(&format!("VACUUM (ANALYZE) pulse.{table}"))?;
    }
    psql.rows("CHECKPOINT")?;
    Ok(())
}
