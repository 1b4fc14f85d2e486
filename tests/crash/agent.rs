//! The agent against the real program: what it measures while the server is away arrives when the server is back.

use super::process::Pulse;
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);
const HOST: &str = "agent-under-test";

/// The agent's process; ended with the test.
struct Agent(Child);

impl Agent {
    fn start(pulse: &Pulse, key: &str, folder: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_pulse"))
            .args(["agent", "--interval-seconds", "1", "--url", &pulse.origin()])
            .env("PULSE_AGENT_KEY", key)
            .env("PULSE_AGENT_HOST", HOST)
            .env("PULSE_AGENT_BUFFER", folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the agent starts");
        Self(child)
    }

    /// SIGTERM; answers whether it ended well by itself.
    async fn stop(&mut self) -> bool {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < deadline, "it ends");
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

fn batches(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).map(|files| files.map(|file| file.unwrap().file_name()).collect::<Vec<_>>());
    let names = files.unwrap_or_default().into_iter().map(|name| name.into_string().unwrap());
    let mut batches: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "json")).collect();
    batches.sort();
    batches
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(POLL).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_measures_while_the_server_is_away_arrives_later() {
    let mut pulse = Pulse::start().await;
    pulse.register().await;
    let key = pulse.post("api-keys", &json!({"name": "Agent", "scopes": ["ingest"]})).await;
    let key = key["key"].as_str().unwrap().to_owned();
    pulse.kill();
    let folder = tempfile::tempdir().unwrap();

    let mut agent = Agent::start(&pulse, &key, folder.path());
    until("batches wait", || batches(folder.path()).len() >= 2).await;
    assert!(agent.stop().await, "it ends well although the server is away");
    let waiting = batches(folder.path());
    let oldest: i64 = waiting[0].split('-').next().unwrap().parse().unwrap();

    // A new agent goes on with what the old one has left.
    let mut agent = Agent::start(&pulse, &key, folder.path());
    until("more batches wait", || batches(folder.path()).len() > waiting.len()).await;
    pulse.restart().await;
    until("what waited is taken", || !batches(folder.path()).iter().any(|name| waiting.contains(name))).await;
    assert!(agent.stop().await);

    let from = oldest / 1_000_000;
    let from = pulse_domain::Timestamp::from_timestamp(from, 0).unwrap().to_rfc3339().replace("+00:00", "Z");
    let chart: Value = pulse.get(&format!("metrics?host={HOST}&metric=memory.used_percent&from={from}&step=1")).await;
    let points = chart["points"].as_array().unwrap();
    assert_eq!(points[0]["at"], from.as_str(), "the oldest batch arrived: {chart}");
    let measured = points[0]["avg"].as_f64().unwrap();
    assert!(measured > 0.0 && measured < 100.0, "{chart}");
    pulse.stop().await;
}
