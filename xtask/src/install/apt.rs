//! Debian's packages, without leaving a server running that nobody asked for.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// Installs `packages`, or upgrades them.
pub(super) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if !super::has_program("apt-get") {
        bail!("this needs {wanted}, and there is no apt-get here: install it with your system's own tool");
    }
    let is_root = rustix::process::geteuid().is_root();
    if !is_root && !can_sudo() {
        bail!("this needs {wanted}: run `sudo apt-get install {wanted}` once");
    }
    let log = |name: &str| workspace.target().join("xtask/log").join(name);
    step::run("Reading the package lists", || {
        process::run(privileged(is_root, "apt-get").args(["update", "-q"]), &log("apt-update.log"))
    })?;
    let quiet = NoServices::make(is_root)?;
    step::run(&format!("Installing {wanted}"), || {
        let mut command = privileged(is_root, "apt-get");
        command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
        process::run(&mut command, &log("apt-install.log"))
    })?;
    quiet.remove()
}

fn can_sudo() -> bool {
    super::has_program("sudo")
        && Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success())
}

fn privileged(is_root: bool, program: &str) -> Command {
    let mut command = if is_root { Command::new("env") } else { Command::new("sudo") };
    if !is_root {
        command.args(["-n", "env"]);
    }
    command.arg("DEBIAN_FRONTEND=noninteractive").arg(program);
    command
}

/// While it is there, installing a Postgres makes no cluster of the system's own, and installing a service does not
/// start it. Whatever of it the machine has already is left as it is.
#[derive(Debug)]
struct NoServices {
    is_root: bool,
    made: Vec<&'static str>,
}

impl NoServices {
    /// Files in Debian's own words: postgresql-common's settings, and invoke-rc.d's policy (101: do not start).
    const FILES: [(&str, &str, &str); 2] = [
        ("/etc/postgresql-common/createcluster.d/pulse.conf", "create_main_cluster = false\n", "0644"),
        ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "0755"),
    ];

    fn make(is_root: bool) -> Result<Self> {
        let mut this = Self { is_root, made: Vec::new() };
        for (path, text, mode) in Self::FILES {
            if Path::new(path).exists() {
                continue;
            }
            let script =
                format!("mkdir -p \"$(dirname {path})\" && printf '%s' '{text}' > {path} && chmod {mode} {path}");
            process::output(privileged(is_root, "sh").args(["-c", &script]))
                .context("cannot prepare the installation")?;
            this.made.push(path);
        }
        Ok(this)
    }

    fn remove(mut self) -> Result<()> {
        self.remove_made()
    }

    fn remove_made(&mut self) -> Result<()> {
        while let Some(path) = self.made.pop() {
            process::output(privileged(self.is_root, "rm").args(["-f", path])).context("cannot tidy up")?;
        }
        Ok(())
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Err(error) = self.remove_made() {
            step::line(&format!("xtask: {error:#}"));
        }
    }
}
