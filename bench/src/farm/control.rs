//! The driver's commands: one line each, answered by one line.
//!
//! `set <from> <to> <step> <behaviour>` · `slow <milliseconds>` · `count` · `hand-over <file>` (arrivals) · `deliveries <file>` ·
//! `clear` (both) · `stop`. Answers are `ok`, a number, or `error <why>`.

use std::io::{BufRead as _, BufReader, Result, Write as _};
use std::net::{Ipv4Addr, TcpStream as BlockingStream};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Behaviour, Farm, Ports};

/// Handing over ten million arrivals takes a second.
const ANSWER_MAX: Duration = Duration::from_mins(1);
/// A million monitors, and some.
const MONITORS_MAX: usize = 1 << 24;

pub(super) async fn serve(farm: &Rc<Farm>, mut stream: TcpStream) -> Result<()> {
    let (reading, mut writing) = stream.split();
    let mut lines = tokio::io::BufReader::new(reading).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = obey(farm, &line).unwrap_or_else(|error| format!("error {error:#}"));
        writing.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

fn obey(farm: &Farm, line: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["set", from, to, step, behaviour] => {
            let behaviour = Behaviour::parse(behaviour).context("no such behaviour")?;
            set(farm, from.parse()?, to.parse()?, step.parse()?, behaviour)?;
        }
        ["slow", milliseconds] => farm.slow.set(Duration::from_millis(milliseconds.parse()?)),
        ["count"] => return Ok(farm.arrivals.borrow().len().to_string()),
        ["hand-over", path] => farm.arrivals.borrow().write(Path::new(path))?,
        ["deliveries", path] => {
            let text = serde_json::to_vec(&*farm.deliveries.borrow())?;
            std::fs::write(path, text).with_context(|| format!("cannot write {path}"))?;
        }
        ["clear"] => {
            farm.arrivals.borrow_mut().clear();
            farm.deliveries.borrow_mut().clear();
        }
        ["stop"] => farm.stop.notify_one(),
        _ => anyhow::bail!("no such command"),
    }
    Ok("ok".to_owned())
}

fn set(farm: &Farm, from: usize, to: usize, step: usize, behaviour: Behaviour) -> anyhow::Result<()> {
    ensure!(to <= MONITORS_MAX, "there are no so many monitors");
    let mut behaviours = farm.behaviours.borrow_mut();
    if behaviours.len() < to {
        behaviours.resize(to, Behaviour::Up);
    }
    for one in behaviours.iter_mut().take(to).skip(from).step_by(step.max(1)) {
        *one = behaviour;
    }
    Ok(())
}

/// The driver's end.
#[derive(Debug)]
pub struct Remote {
    stream: BufReader<BlockingStream>,
}

impl Remote {
    pub fn connect(ports: &Ports) -> anyhow::Result<Self> {
        let stream = BlockingStream::connect((Ipv4Addr::LOCALHOST, ports.control)).context("the farm is gone")?;
        stream.set_read_timeout(Some(ANSWER_MAX)).context("no timeout on a socket")?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Every `step`-th monitor of `from..to`.
    pub fn set(&mut self, from: u32, to: u32, step: u32, behaviour: Behaviour) -> anyhow::Result<()> {
        self.done(&format!("set {from} {to} {step} {}", behaviour.as_str()))
    }

    /// Arrivals since the last `clear`.
    pub fn count(&mut self) -> anyhow::Result<u64> {
        self.ask("count")?.parse().context("the farm's count is no number")
    }

    pub fn clear(&mut self) -> anyhow::Result<()> {
        self.done("clear")
    }

    pub fn hand_over(&mut self, arrivals: &Path, deliveries: &Path) -> anyhow::Result<()> {
        self.done(&format!("hand-over {}", arrivals.display()))?;
        self.done(&format!("deliveries {}", deliveries.display()))
    }

    fn done(&mut self, command: &str) -> anyhow::Result<()> {
        let answer = self.ask(command)?;
        ensure!(answer == "ok", "the farm answered {command:?} with {answer:?}");
        Ok(())
    }

    fn ask(&mut self, command: &str) -> anyhow::Result<String> {
        self.stream.get_mut().write_all(format!("{command}\n").as_bytes()).context("the farm is gone")?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer).context("the farm does not answer")?;
        Ok(answer.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::Arrivals;
    use std::cell::{Cell, RefCell};

    fn farm() -> Farm {
        Farm {
            arrivals: RefCell::new(Arrivals::since(0)),
            behaviours: RefCell::default(),
            slow: Cell::new(Duration::ZERO),
            deliveries: RefCell::default(),
            stop: tokio::sync::Notify::new(),
        }
    }

    #[test]
    fn behaviours_are_switched_by_range_and_step_while_arrivals_are_counted() {
        let farm = farm();
        assert_eq!(obey(&farm, "set 2 9 3 down").unwrap(), "ok");
        let found: Vec<bool> = (0..10).map(|number| farm.visited(number) == Behaviour::Down).collect();
        assert_eq!(found, [false, false, true, false, false, true, false, false, true, false]);
        assert_eq!(obey(&farm, "count").unwrap(), "10");
        obey(&farm, "clear").unwrap();
        assert_eq!(obey(&farm, "count").unwrap(), "0");
    }

    #[test]
    fn a_command_that_makes_no_sense_is_refused() {
        for line in ["", "set 1 2 3 sideways", "set 1 999999999 1 up", "count all"] {
            assert!(obey(&farm(), line).is_err(), "{line}");
        }
    }
}
