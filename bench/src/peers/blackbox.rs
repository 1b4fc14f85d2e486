//! Prometheus' `blackbox_exporter`: its `/probe` is asked for each monitor on the schedule, over connections that are kept, as
//! Prometheus does. Only the exporter is counted: neither Prometheus, which would store the result, nor Alertmanager.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Client;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::farm;
use crate::processes::Process;
use crate::run::free_port;

const CONFIGURATION: &str = "modules:
  http:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      follow_redirects: true
";
const START_MAX: Duration = Duration::from_secs(10);
const POLL_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Blackbox {
    process: Process,
    port: u16,
}

impl Blackbox {
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let configuration = folder.join("blackbox.yml");
        std::fs::write(&configuration, CONFIGURATION).context("cannot write blackbox.yml")?;
        let port = free_port()?;
        let mut command = Command::new("prometheus-blackbox-exporter");
        command.arg(format!("--config.file={}", configuration.display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        Ok(Self { process: Process::start("blackbox", &mut command, folder)?, port })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to probe the monitors `0..monitors` in turn, `rate` a second, for `length`.
    pub(crate) async fn drive(&self, target: u16, monitors: u32, rate: f64, length: Duration) -> Result<()> {
        let client = Client::builder().no_proxy().build().context("no HTTP client")?;
        self.until_ready(&client).await?;
        let (began, gap) = (Instant::now(), Duration::from_secs_f64(1.0 / rate));
        let mut probes = JoinSet::new();
        let mut turn = 0;
        while Instant::now() < began + length {
            sleep_until(began + gap * turn).await;
            let number = turn % monitors;
            let url = format!(
                "http://127.0.0.1:{}/probe?module=http&target=http://{}:{target}/m/{number}",
                self.port,
                farm::address(number)
            );
            let asked = client.get(url).send();
            // What the target did not see is not counted, so a failed one needs no report.
            probes.spawn(async move {
                drop(asked.await?.bytes().await?);
                reqwest::Result::Ok(())
            });
            while probes.try_join_next().is_some() {}
            turn += 1;
        }
        probes.join_all().await;
        Ok(())
    }

    async fn until_ready(&self, client: &Client) -> Result<()> {
        let until = Instant::now() + START_MAX;
        let url = format!("http://127.0.0.1:{}/-/healthy", self.port);
        while client.get(&url).send().await.is_err() {
            anyhow::ensure!(Instant::now() < until, "blackbox_exporter does not listen");
            sleep(POLL_EVERY).await;
        }
        Ok(())
    }
}
