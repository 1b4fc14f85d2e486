//! Many monitors at once are the same rows as one after the other.

use crate::world::monitor;
use pulse_domain::monitor::{Check, Monitor, PushCheck};
use pulse_store::{
    MonitorFilter, PageRequest,
    testing::{TestDatabase, fresh_id, seed_org},
};

fn several(org: pulse_domain::ids::OrgId) -> Vec<Monitor> {
    let tags = [vec![], vec!["prod"], vec!["prod", "edge, north", "quote\"d"], vec!["nightly"]];
    let each = tags.into_iter().enumerate().map(|(number, tags)| {
        let mut one = monitor(org);
        one.config.name = format!("Number {number}");
        one.config.enabled = number != 1;
        if number == 3 {
            one.config.check = Check::Push(PushCheck { grace_seconds: 60 });
        }
        one.config.tags = tags.into_iter().map(str::to_owned).collect();
        one.id = pulse_domain::ids::MonitorId(fresh_id());
        one
    });
    each.collect()
}

#[tokio::test]
async fn many_monitors_at_once_read_back_as_those_made_one_by_one() {
    let database = TestDatabase::new().await;
    let (together, _) = seed_org(&database.store, "together").await;
    let (single, _) = seed_org(&database.store, "single").await;
    let mut txn = database.store.org(together).await.unwrap();
    let bulk = several(together);
    let made = txn.insert_monitors(&bulk).await.unwrap();
    for view in &made {
        let read = txn.monitor(view.monitor.id).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{view:?}"), "answered as it reads");
        let token = |view: &pulse_store::MonitorView| view.push_token.as_ref().map(|token| token.expose().clone());
        assert_eq!(token(&read), token(view));
    }
    assert_eq!(made.iter().filter(|view| view.push_token.is_some()).count(), 1, "one is called by its job");
    txn.commit().await.unwrap();
    let mut txn = database.store.org(single).await.unwrap();
    for one in several(single) {
        txn.insert_monitor(&one).await.unwrap();
    }
    txn.commit().await.unwrap();

    let mut seen = Vec::new();
    for org in [together, single] {
        let mut txn = database.store.org(org).await.unwrap();
        let request = PageRequest { limit: 50, cursor: None };
        let page = txn.monitors(&MonitorFilter::default(), &request).await.unwrap();
        let facts = page.items.into_iter().map(|view| (view.monitor.config, view.status, view.health, view.sequence));
        seen.push(facts.collect::<Vec<_>>());
    }
    assert_eq!(seen[0].len(), 4);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn one_that_exists_already_leaves_none_of_them() {
    let database = TestDatabase::new().await;
    let (org, _) = seed_org(&database.store, "twice").await;
    let mut txn = database.store.org(org).await.unwrap();
    let mut monitors = several(org);
    monitors[2].id = monitors[0].id;
    assert!(txn.insert_monitors(&monitors).await.is_err());
    drop(txn);
    let mut txn = database.store.org(org).await.unwrap();
    assert!(txn.monitor(monitors[1].id).await.unwrap().is_none());
}
