//! The agent: measures the host it runs on, keeps what it measured in a folder, and pushes it to a Pulse server.
//!
//! Every batch is a file before it is sent, and gone only when the server has taken it; so a server that is away, and an agent
//! that is restarted, lose nothing but what no longer fits.

mod buffer;
mod collect;
mod held;
mod send;

use std::time::Duration;

use pulse_domain::Timestamp;
use pulse_wire::metric::WriteSample;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use crate::config::AgentSettings;
use crate::error::StartError;
use crate::signals::Signals;
use buffer::Buffer;
use collect::Collector;
use send::{Answer, Sender};

/// How long the end of the agent waits for the server; what is left then stays in the folder.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);
/// Measured batches on their way to the folder.
const MEASURED_MAX: usize = 4;

/// Measures and pushes until a signal comes.
pub(crate) async fn run(settings: AgentSettings, signals: &mut Signals) -> Result<(), StartError> {
    let mut buffer = Buffer::open(&settings.buffer).map_err(|error| StartError::agent(&settings.buffer, &error))?;
    let sender = Sender::new(&settings)?;
    let (tell, mut measured) = mpsc::channel(MEASURED_MAX);
    let measuring = tokio::spawn(measure(settings.interval, tell));
    let mut course = Course::default();
    tracing::info!(host = sender.host(), waiting = buffer.batches(), "the agent runs");
    loop {
        let due = (!buffer.is_empty()).then_some(course.not_before);
        tokio::select! {
            Some(samples) = measured.recv() => buffer.keep(&samples, now()),
            () = wait(due) => {
                let batch = buffer.next(course.merge, now());
                let answer = tokio::select! {
                    answer = sender.send(&batch.samples) => answer,
                    () = signals.next() => break,
                };
                course.follow(&answer, &batch, &mut buffer);
            }
            () = signals.next() => break,
        }
    }
    measuring.abort();
    while let Ok(samples) = measured.try_recv() {
        buffer.keep(&samples, now());
    }
    let flushing = async {
        while !buffer.is_empty() && course.failures == 0 {
            let batch = buffer.next(course.merge, now());
            let answer = sender.send(&batch.samples).await;
            course.follow(&answer, &batch, &mut buffer);
        }
    };
    let _given_up = timeout(FLUSH_WITHIN, flushing).await;
    tracing::info!(waiting = buffer.batches(), dropped = buffer.dropped(), "the agent has stopped");
    Ok(())
}

async fn wait(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Measures in the rhythm of `every`, beside everything else: a file system that hangs must not stop the pushing.
async fn measure(every: Duration, tell: mpsc::Sender<Vec<WriteSample>>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut collector = Collector::new();
    loop {
        ticks.tick().await;
        let measured = tokio::task::spawn_blocking(move || {
            let samples = collector.collect(now());
            (collector, samples)
        });
        let samples;
        (collector, samples) = match measured.await {
            Ok(measured) => measured,
            Err(error) => {
                tracing::warn!(%error, "the host could not be measured");
                (Collector::new(), Vec::new())
            }
        };
        if !samples.is_empty() && tell.send(samples).await.is_err() {
            return;
        }
    }
}

/// How the pushing goes.
#[derive(Debug)]
struct Course {
    failures: u32,
    not_before: Instant,
    /// Whether small batches go together; not after a refusal, until the bad one is found.
    merge: bool,
}

impl Default for Course {
    fn default() -> Self {
        Self { failures: 0, not_before: Instant::now(), merge: true }
    }
}

impl Course {
    fn follow(&mut self, answer: &Answer, batch: &buffer::Batch, buffer: &mut Buffer) {
        match answer {
            Answer::Taken => {
                if self.failures > 0 {
                    tracing::info!(waiting = buffer.batches(), "the server takes batches again");
                }
                buffer.forget(batch);
                *self = Self { merge: self.merge || batch.is_single(), ..Self::default() };
            }
            Answer::Refused(why) if batch.is_single() => {
                tracing::warn!(why, "the server refuses a batch, which is dropped");
                buffer.forget(batch);
                *self = Self::default();
            }
            Answer::Refused(_) => self.merge = false,
            Answer::Later { why, after } => {
                if self.failures == 0 {
                    tracing::warn!(why, "nothing can be pushed; batches wait in the folder");
                }
                self.failures = self.failures.saturating_add(1);
                let delay = send::delay(self.failures, rand::random()).max(*after);
                self.not_before = Instant::now() + delay;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
fn now() -> Timestamp {
    chrono::Utc::now()
}
