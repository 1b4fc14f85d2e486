//! The descriptions of all SQL queries: made by compiling the store against a fresh, migrated database, so that every
//! other build checks its SQL without one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::database::Database;
use crate::install;
use crate::process;
use crate::step;
use crate::ui::files;
use crate::workspace::Workspace;

/// Where the descriptions lie in the repository: the macros look here.
const DESCRIPTIONS: &str = ".sqlx";

const MIGRATIONS: &str = "schema/migrations";

/// The database that the store is compiled against.
const SCRATCH: &str = "pulse_sql";

/// A file of the crate whose macros are to run again.
const STORE: &str = "schema/store/src/lib.rs";

/// Writes the descriptions, or compares them with those in the repository.
pub(crate) fn run(workspace: &Workspace, check_only: bool) -> Result<()> {
    install::postgres(workspace)?;
    // With a changed query nothing compiles until it is described, so an older binary will do: it only brings Postgres.
    if !binary(workspace).exists() {
        step::run("Building pulse", || build_binary(workspace))?;
    }
    let database = step::run("Starting a private Postgres", || Database::start(workspace, &binary(workspace)))?;
    step::run("Describing the queries", || {
        if check_only { check(workspace, &database) } else { write(workspace, &database) }
    })
}

/// The development build of the program.
pub(crate) fn binary(workspace: &Workspace) -> PathBuf {
    workspace.target().join("debug/pulse")
}

/// Everything of the host at once, tests included: one set of features, so nothing is compiled twice.
pub(crate) fn build_binary(workspace: &Workspace) -> Result<()> {
    let mut build = workspace.cargo("build");
    build.args(["--workspace", "--exclude", "xtask", "--all-targets"]);
    process::run(&mut build, &workspace.target().join("xtask/log/build.log"))
}

fn write(workspace: &Workspace, database: &Database) -> Result<()> {
    let fresh = describe(workspace, database)?;
    files::mirror(&fresh, &workspace.path(DESCRIPTIONS))
}

/// Fails when the repository's descriptions are not those of its queries and migrations.
pub(crate) fn check(workspace: &Workspace, database: &Database) -> Result<()> {
    let fresh = contents(&describe(workspace, database)?)?;
    let kept = workspace.path(DESCRIPTIONS);
    let kept = if kept.exists() { contents(&kept)? } else { BTreeMap::new() };
    let differing: Vec<String> = fresh
        .keys()
        .chain(kept.keys().filter(|name| !fresh.contains_key(*name)))
        .filter(|name| fresh.get(*name) != kept.get(*name))
        .map(|name| name.display().to_string())
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    bail!("{} of {DESCRIPTIONS} is not what the queries are now; run `cargo xtask sql`", differing.join(", "))
}

fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    files::below(folder)?.into_iter().map(|name| Ok((name.clone(), files::read(&folder.join(name))?))).collect()
}

/// Compiles the store against a migrated scratch database; gives the folder with the descriptions.
fn describe(workspace: &Workspace, database: &Database) -> Result<PathBuf> {
    let url = database.scratch(SCRATCH)?;
    for migration in files::below(&workspace.path(MIGRATIONS))? {
        let path = workspace.path(MIGRATIONS).join(migration);
        database.psql(&url, &["--single-transaction", "--file", &path.display().to_string()])?;
    }
    let folder = workspace.target().join("xtask/sqlx");
    files::empty(&folder)?;
    touch(&workspace.path(STORE))?;
    // Alone, so that the other crates need not compile.
    let mut check = workspace.cargo("check");
    check
        .args(["--package", "pulse-store", "--all-targets"])
        .env("DATABASE_URL", &url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &folder);
    process::run(&mut check, &workspace.target().join("xtask/log/sql.log"))?;
    Ok(folder)
}

/// Makes cargo compile a crate again; the macros do not know that the database is another one.
fn touch(path: &Path) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "cargo compares a file's time with the clock of the machine")]
    let now = SystemTime::now();
    std::fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(now))
        .with_context(|| format!("cannot touch {}", path.display()))
}
