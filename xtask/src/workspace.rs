//! Where things are: the root of the checkout, cargo's target folder, the crates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The checkout this program was built from.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    crates: Vec<Crate>,
}

/// One crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Names of the dependencies of every kind but those for tests.
    pub(crate) dependencies: BTreeSet<String>,
    /// Names of the dependencies for tests alone.
    pub(crate) test_dependencies: BTreeSet<String>,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version=1", "--no-deps"])
            .output()
            .context("cargo metadata does not run")?;
        anyhow::ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Self::from_metadata(&serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?)
    }

    fn from_metadata(metadata: &Value) -> Result<Self> {
        let path = |name: &str| {
            metadata[name].as_str().map(PathBuf::from).with_context(|| format!("cargo metadata has no {name}"))
        };
        let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
        let crates = packages.iter().map(read_crate).collect::<Option<_>>().context("a package has no name")?;
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")?, crates })
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// cargo's target folder: also where the commands keep what they may throw away.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn crates(&self) -> &[Crate] {
        &self.crates
    }

    /// A cargo command in the root. Nothing of a developer's own database reaches it: queries are checked against the
    /// descriptions in the repository.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(cargo());
        command.arg(subcommand).current_dir(&self.root).env("SQLX_OFFLINE", "true").env_remove("DATABASE_URL");
        command
    }
}

/// The cargo that started this program.
fn cargo() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "cargo names itself in the environment of what it runs")]
    let named = std::env::var_os("CARGO");
    named.map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn read_crate(package: &Value) -> Option<Crate> {
    let mut dependencies = BTreeSet::new();
    let mut test_dependencies = BTreeSet::new();
    for dependency in package["dependencies"].as_array()? {
        let name = dependency["name"].as_str()?.to_owned();
        if dependency["kind"] == "dev" { &mut test_dependencies } else { &mut dependencies }.insert(name);
    }
    Some(Crate { name: package["name"].as_str()?.to_owned(), dependencies, test_dependencies })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_for_tests_are_kept_apart() {
        let metadata = serde_json::json!({
            "workspace_root": "/w", "target_directory": "/w/target",
            "packages": [{"name": "a", "dependencies": [{"name": "b", "kind": null}, {"name": "c", "kind": "dev"}]}],
        });
        let workspace = Workspace::from_metadata(&metadata).expect("complete");
        assert!(workspace.crates[0].dependencies.contains("b") && !workspace.crates[0].dependencies.contains("c"));
        assert!(workspace.crates[0].test_dependencies.contains("c"));
    }
}
