//! A private Postgres for a command, through the program's own `pulse database`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{self, Service};
use crate::workspace::Workspace;

/// A running server, empty at first; dropped, it stops and its files are removed.
#[derive(Debug)]
pub(crate) struct Database {
    _service: Service,
    /// The URL of its superuser.
    pub(crate) url: String,
    /// Where its own programs (`psql`) are.
    programs: PathBuf,
}

impl Database {
    /// Starts it below `target/xtask` with the `pulse` at `binary`.
    pub(crate) fn start(workspace: &Workspace, binary: &Path) -> Result<Self> {
        let data = workspace.target().join("xtask");
        let mut child = Command::new(binary)
            .args(["database", "--temporary", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not run", binary.display()))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let service = Service::new(child);
        let mut line = String::new();
        BufReader::new(stdout.context("no output")?).read_line(&mut line).context("pulse database says nothing")?;
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let complaint = stderr.and_then(|stderr| std::io::read_to_string(stderr).ok()).unwrap_or_default();
            anyhow::bail!("pulse database did not start: {}", complaint.trim());
        };
        let text = |name: &str| {
            ready.get(name).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("{name} is missing"))
        };
        let (url, programs) = (text("url")?, PathBuf::from(text("programs")?));
        // Its few later lines must find a reader, or a full pipe would stop it.
        if let Some(mut stderr) = stderr {
            std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        }
        Ok(Self { _service: service, url, programs })
    }

    /// A new, empty database `name` in place of an older one; gives its URL.
    pub(crate) fn scratch(&self, name: &str) -> Result<String> {
        self.psql(&self.url, &["-c", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")])?;
        self.psql(&self.url, &["-c", &format!("CREATE DATABASE {name}")])?;
        let (server, _) = self.url.rsplit_once('/').context("the URL names no database")?;
        Ok(format!("{server}/{name}"))
    }

    /// Runs psql, which stops at the first error.
    pub(crate) fn psql(&self, url: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", url]).args(arguments);
        process::output(&mut command)
    }
}
