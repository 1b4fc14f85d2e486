//! `cargo xtask up`: from a fresh clone to a running Pulse.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::install;
use crate::process;
use crate::step;
use crate::ui;
use crate::workspace::Workspace;

/// Installs, builds, and becomes `pulse up` with `arguments`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let binary = build(workspace)?;
    // Ctrl-C is then for Pulse alone.
    let error = Command::new(&binary).arg("up").args(arguments).current_dir(workspace.root()).exec();
    Err(error).with_context(|| format!("{} does not run", binary.display()))
}

/// Installs what is missing and builds the web app and the program around it; gives the program.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    install::postgres(workspace)?;
    install::wasm_target(workspace)?;
    let app = ui::build(workspace, ui::Profile::Release)?;
    step::line(&format!("  {app}"));
    step::run("Building pulse", || {
        let mut build = workspace.cargo("build");
        build.args(["--release", "--package", "pulse"]);
        process::run(&mut build, &workspace.target().join("xtask/log/build.log"))
    })?;
    Ok(workspace.target().join("release/pulse"))
}
