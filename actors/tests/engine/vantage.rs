//! A node that loses its network pages nobody; targets that fail together are failures all the same.

use crate::{
    name_server::{Mood, NameServer},
    support::{PATIENCE, Server, World, egress, eventually},
};
use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_domain::{
    monitor::Monitor,
    outcome::{Outcome, Reason, Verdict},
    report::{Canaries, Vantage},
    status::Status,
};
use pulse_store::testing::seed_org;
use serde_json::json;
use std::net::SocketAddr;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};

/// Something that answers as long as the network is there, and tells of each time it was asked.
struct Canary {
    address: SocketAddr,
    asked: mpsc::Receiver<()>,
    task: JoinHandle<()>,
}

impl Canary {
    async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let address = listener.local_addr().expect("an address");
        let (tell, asked) = mpsc::channel(100);
        let task = tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                let _told = tell.send(()).await;
            }
        });
        Self { address, asked, task }
    }

    async fn asked(&mut self) {
        timeout(PATIENCE, self.asked.recv()).await.expect("it is asked").expect("it lives");
    }

    /// The port is free when this returns.
    async fn stop(&mut self) {
        self.task.abort();
        let _cancelled = (&mut self.task).await;
    }
}

struct Scene {
    world: World,
    names: NameServer,
    canary: Canary,
    /// Three sites of two organizations, all of them up.
    monitors: Vec<Monitor>,
    egress: EgressOptions,
    engine: Engine,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (other, _) = seed_org(&world.database.store, "other").await;
        let (names, mut canary) = (NameServer::start().await, Canary::start("127.0.0.1:0").await);
        let target = Server::start(200).await;
        let mut monitors = Vec::new();
        for (number, org) in [world.org, world.org, other].into_iter().enumerate() {
            let url = format!("http://www.site{number}.example:{}/", target.address.port());
            let config = json!({
                "name": "Site", "interval_seconds": 3_600, "timeout_ms": 1_500, "check": {"type": "http", "url": url},
                "policy": {"confirm_down": {"mode": "consecutive", "failures": 2}, "confirm_up": {"successes": 1}},
            });
            monitors.push(world.watch(org, config).await);
        }
        let egress = EgressOptions { resolvers: vec![names.address], canaries: Some(vec![canary.address]), ..egress() };
        let options = EngineOptions { egress: egress.clone(), ..world.options() };
        let engine = Engine::start(options).await.expect("the engine starts");
        for monitor in &monitors {
            let up = |outcomes: &[Outcome]| outcomes.iter().any(|one| one.verdict == Verdict::Success);
            world.results_until(monitor.org_id, monitor.id, up).await;
        }
        // The node gets to know its canaries.
        canary.asked().await;
        Self { world, names, canary, monitors, egress, engine }
    }

    async fn check(&self, number: usize) -> (Verdict, Option<Reason>) {
        let monitor = &self.monitors[number];
        let outcome = self.world.check_of(monitor.org_id, Some(monitor.id), None).await;
        (outcome.verdict, outcome.reason)
    }

    async fn moves(&self, number: usize) -> Vec<Status> {
        let monitor = &self.monitors[number];
        self.world.transitions_of(monitor.org_id, monitor.id).await.iter().map(|one| one.to).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_loses_its_network_calls_nobody_down_and_goes_on_when_it_is_back() {
    let mut scene = Scene::new().await;
    scene.names.is(Mood::Silent);
    scene.canary.stop().await;
    // One lost site is an outage like any other, and so are two.
    assert_eq!(scene.check(0).await, (Verdict::Failure, Some(Reason::DnsTimeout)));
    assert_eq!(scene.check(2).await, (Verdict::Failure, Some(Reason::DnsTimeout)));
    // With the third the canaries are asked, and the failure waits for what they say.
    assert_eq!(scene.check(1).await, (Verdict::Unknown, Some(Reason::VantageLost)));
    let report = scene.engine.report();
    assert_eq!(report.vantage, Vantage::Lost);
    assert!(report.is_failing() && report.complaint().is_some_and(|line| line.contains("network")));
    for number in [0, 2, 0, 1] {
        assert_eq!(scene.check(number).await, (Verdict::Unknown, Some(Reason::VantageLost)));
    }
    // Two failures would have been an outage.
    assert_eq!(scene.moves(0).await, [Status::Up, Status::Degraded]);
    assert_eq!(scene.moves(1).await, [Status::Up]);
    scene.names.is(Mood::Well);
    let _back = Canary::start(&scene.canary.address.to_string()).await;
    eventually(|| scene.engine.report().vantage == Vantage::Clear).await;
    for number in 0..3 {
        assert_eq!(scene.check(number).await, (Verdict::Success, None));
    }
    scene.world.transitions_until(scene.monitors[0].id, |all| all.last().is_some_and(|one| one.to == Status::Up)).await;
    scene.engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_without_its_network_knows_what_answered_before() {
    let mut scene = Scene::new().await;
    eventually(|| scene.engine.report().canaries == Canaries { names: true, path: true }).await;
    scene.engine.drain().await;
    scene.names.is(Mood::Silent);
    scene.canary.stop().await;
    let options = EngineOptions { egress: scene.egress.clone(), ..scene.world.options() };
    scene.engine = Engine::start(options).await.expect("the engine starts");
    // The first two are believed, as always.
    assert_eq!(scene.check(0).await, (Verdict::Failure, Some(Reason::DnsTimeout)));
    assert_eq!(scene.check(2).await, (Verdict::Failure, Some(Reason::DnsTimeout)));
    assert_eq!(scene.check(1).await, (Verdict::Unknown, Some(Reason::VantageLost)));
    for number in [0, 2, 1] {
        assert_eq!(scene.check(number).await, (Verdict::Unknown, Some(Reason::VantageLost)));
    }
    assert_eq!(scene.moves(0).await, [Status::Up, Status::Degraded]);
    scene.engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_that_fail_together_while_the_canaries_answer_are_down() {
    let mut scene = Scene::new().await;
    scene.names.is(Mood::Failing);
    for number in [0, 2, 1] {
        assert_eq!(scene.check(number).await, (Verdict::Failure, Some(Reason::DnsServfail)));
    }
    scene.canary.asked().await;
    assert_eq!(scene.engine.report().vantage, Vantage::Clear);
    for number in 0..3 {
        assert_eq!(scene.check(number).await, (Verdict::Failure, Some(Reason::DnsServfail)));
    }
    scene
        .world
        .transitions_until(scene.monitors[1].id, |all| all.last().is_some_and(|one| one.to == Status::Down))
        .await;
    scene.engine.drain().await;
}
