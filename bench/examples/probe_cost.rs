//! What one HTTP check costs in processor time, beside a bare client that does the same fresh request.
//!
//! `cargo run --release -p pulse-bench --example probe_cost [checks]`. The target is a process of its own, so that only the
//! client is counted; passes alternate, and the medians of five are told.

use anyhow::{Context as _, Result};
use futures_util::stream::{self, StreamExt as _};
use pulse_actors::{Egress, EgressOptions, observe};
use pulse_domain::{address::AddressPolicy, monitor::MonitorConfig};
use rustix::time::{ClockId, clock_gettime};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

const AT_ONCE: usize = 32;
const PASSES: usize = 5;
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

fn main() -> Result<()> {
    let argument = std::env::args().nth(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if argument.as_deref() == Some("serve") {
        return runtime.block_on(serve());
    }
    let checks: u32 = argument.map_or(Ok(20_000), |text| text.parse())?;
    let mut server = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(server.stdout.take().context("the target says nothing")?).read_line(&mut line)?;
    let measured = runtime.block_on(measure(line.trim().parse()?, checks));
    server.kill()?;
    server.wait()?;
    measured
}

async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut heard = [0_u8; 1_024];
            let _count = stream.read(&mut heard).await?;
            stream.write_all(ANSWER).await
        });
    }
}

async fn measure(target: SocketAddr, checks: u32) -> Result<()> {
    let options = EgressOptions { policy: AddressPolicy::laptop(), ..EgressOptions::default() };
    let egress = Egress::new(&options)?;
    let check = serde_json::json!({"type": "http", "url": format!("http://{target}/health")});
    let config: MonitorConfig = serde_json::from_value(serde_json::json!({"name": "cost", "check": check}))?;
    let (egress, config) = (&egress, &config);
    let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).context("an instant")?;
    let (mut bares, mut probes) = (Vec::new(), Vec::new());
    for _ in 0..PASSES {
        let before = spent();
        let failed = count_failures(checks, || async { bare(target).await.is_err() }).await;
        bares.push((spent() - before) / f64::from(checks));
        anyhow::ensure!(failed == 0, "{failed} bare requests failed");
        let before = spent();
        let failed = count_failures(checks, || async { observe(egress, config, at).await.result.is_err() }).await;
        probes.push((spent() - before) / f64::from(checks));
        anyhow::ensure!(failed == 0, "{failed} checks failed");
    }
    let (bare, probe) = (median(bares), median(probes));
    let mut out = std::io::stdout();
    writeln!(out, "bare client {bare:.1} µs, check {probe:.1} µs, ratio {:.3}", probe / bare)?;
    let future = size_of_val(&observe(egress, config, at));
    writeln!(out, "a check under way holds {future} bytes beside its buffers")?;
    Ok(())
}

async fn count_failures<Doing: Future<Output = bool>>(count: u32, mut one: impl FnMut() -> Doing) -> usize {
    let all = stream::iter(0..count).map(|_| one()).buffer_unordered(AT_ONCE);
    all.filter(|failed| std::future::ready(*failed)).count().await
}

async fn bare(target: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(target).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::with_capacity(4_096);
    stream.read_to_end(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 200") { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}

/// Processor time of this process in microseconds.
fn spent() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let whole = u64::try_from(time.tv_sec).unwrap_or_default();
    let part = u64::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(whole, u32::try_from(part).unwrap_or_default()).as_secs_f64() * 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
