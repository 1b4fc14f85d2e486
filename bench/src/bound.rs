//! The bound: the least that a check over a fresh connection can cost. A bare tokio client connects, writes the request, reads
//! to the end, parses the status, and does nothing else: no schedule, no judgement, no row.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::{clock, farm, numbers, usage};

/// Requests at once of the closed loop.
const CLOSED_LOOP_WIDTH: u32 = 32;
/// The last answers of an open loop.
const SETTLE: Duration = Duration::from_millis(500);
/// Numbers of no monitor, so that the farm answers well.
const FIRST_NUMBER: u32 = 12_000_000;
const STATUS: std::ops::Range<usize> = 9..12;

/// What to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub port: u16,
    /// Requests a second, evenly spaced; 0: as fast as they come back, 32 at once.
    pub rate: f64,
    pub length: Duration,
    /// Worker threads; 0: one per processor, like the engine.
    pub threads: usize,
}

/// What it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    pub requests: u64,
    pub failed: u64,
    pub seconds: f64,
    pub cpu_us_per_request: f64,
}

impl Cost {
    pub fn per_second(&self) -> f64 {
        numbers::ratio(numbers::real(self.requests), self.seconds)
    }
}

#[derive(Debug, Default)]
struct Counts {
    answered: AtomicU64,
    failed: AtomicU64,
}

/// Puts the load on the farm; the processor time is that of this whole process.
pub fn measure(load: Load) -> Result<Cost> {
    farm::raise_open_files();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if load.threads == 1 {
        builder = tokio::runtime::Builder::new_current_thread();
    } else if load.threads > 1 {
        builder.worker_threads(load.threads);
    }
    let runtime = builder.enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let counts = Arc::new(Counts::default());
        let (began, cpu) = (Instant::now(), clock::own_cpu());
        if load.rate > 0.0 {
            open_loop(load, &counts).await;
        } else {
            closed_loop(load, &counts).await;
        }
        let spent = usage::micros(clock::own_cpu().saturating_sub(cpu));
        let requests = counts.answered.load(Relaxed);
        Ok(Cost {
            requests,
            failed: counts.failed.load(Relaxed),
            seconds: began.elapsed().as_secs_f64(),
            cpu_us_per_request: numbers::ratio(numbers::real(spent), numbers::real(requests)),
        })
    })
}

/// One request after the other, however long they take: arrivals do not wait for answers, like a schedule's.
async fn open_loop(load: Load, counts: &Arc<Counts>) {
    let (began, gap) = (Instant::now(), Duration::from_secs_f64(1.0 / load.rate));
    let mut number = 0;
    loop {
        let due = began + gap * number;
        if due > began + load.length {
            break;
        }
        sleep_until(due).await;
        let counts = Arc::clone(counts);
        tokio::spawn(async move { one(load.port, FIRST_NUMBER + number % 100_000, &counts).await });
        number += 1;
    }
    tokio::time::sleep(SETTLE).await;
}

async fn closed_loop(load: Load, counts: &Arc<Counts>) {
    let until = Instant::now() + load.length;
    let mut clients = JoinSet::new();
    for client in 0..CLOSED_LOOP_WIDTH {
        let counts = Arc::clone(counts);
        clients.spawn(async move {
            let mut number = client;
            while Instant::now() < until {
                one(load.port, FIRST_NUMBER + number % 100_000, &counts).await;
                number += CLOSED_LOOP_WIDTH;
            }
        });
    }
    clients.join_all().await;
}

async fn one(port: u16, number: u32, counts: &Counts) {
    let answered = request(port, number).await.is_ok_and(|status| status == 200);
    if answered { &counts.answered } else { &counts.failed }.fetch_add(1, Relaxed);
}

async fn request(port: u16, number: u32) -> std::io::Result<u16> {
    let address = SocketAddr::from((farm::address(number), port));
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /m/{number} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(512);
    stream.read_to_end(&mut answer).await?;
    status(&answer).ok_or_else(|| std::io::ErrorKind::InvalidData.into())
}

/// The code in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(STATUS)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line() {
        assert_eq!(status(b"HTTP/1.1 503 Service Unavailable\r\n"), Some(503));
        assert_eq!(status(b"HTTP/1.1"), None);
    }
}
