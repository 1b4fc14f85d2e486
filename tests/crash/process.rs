//! The real binary in a folder of its own, and a client of its API.

use serde_json::{Value, json};
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const EMAIL: &str = "owner@crash.example";
const PASSWORD: &str = "a long enough passphrase";
/// First start: the cluster is made. Everything else is much faster.
const PATIENCE: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

pub(crate) struct Pulse {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
    http: reqwest::Client,
    cookie: String,
}

/// A port that was free a moment ago.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn spawn(folder: &std::path::Path, port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pulse"))
        .args(["up", "--no-demo", "--port", &port.to_string(), "--data"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

impl Pulse {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("pulse-crash-").tempdir().unwrap();
        let port = closed_port();
        let child = spawn(folder.path(), port);
        // An error means that the other test has chosen it already.
        let _chosen_already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut pulse = Self { folder, port, child, http, cookie: String::new() };
        pulse.wait_until_healthy().await;
        pulse
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        self.child = spawn(self.folder.path(), self.port);
        self.wait_until_healthy().await;
    }

    /// SIGTERM, and the process ends by itself.
    pub(crate) async fn stop(&mut self) {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it drains");
            tokio::time::sleep(POLL).await;
        }
    }

    async fn wait_until_healthy(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.http.get(format!("{}/api/health", self.origin())).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "pulse ended: {status}");
            }
            assert!(Instant::now() < deadline, "pulse becomes healthy");
            tokio::time::sleep(POLL).await;
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn register(&mut self) {
        let body = json!({"email": EMAIL, "password": PASSWORD, "name": "Owner", "organization": "Crash"});
        let answer = self
            .http
            .post(format!("{}/api/v1/auth/register", self.origin()))
            .header("origin", self.origin())
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api/v1/{path}", self.origin())).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}/api/v1/{path}", self.origin()));
        let request = request.header("origin", self.origin()).header("cookie", &self.cookie).json(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    /// Waits for the newest of a list to be as `wanted` says.
    pub(crate) async fn newest(&self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut last = Value::Null;
        while Instant::now() < deadline {
            let request = self.http.get(format!("{}/api/v1/{kind}", self.origin()));
            let page: Value = request.header("cookie", &self.cookie).send().await.unwrap().json().await.unwrap();
            last = page.pointer("/items/0").cloned().unwrap_or(Value::Null);
            if !last.is_null() && wanted(&last) {
                return last;
            }
            tokio::time::sleep(POLL).await;
        }
        unreachable!("none of {kind} became so; the last one: {last}")
    }
}

impl Drop for Pulse {
    /// A failed test must not leave a process, nor its database, behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(Command::new("kill").arg(self.child.id().to_string()).status());
            drop(self.child.wait());
        }
    }
}
