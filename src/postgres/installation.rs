//! Finding an installed Postgres server that is fit: new enough that row-level security holds.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// The first release of each major version in which row-level security cannot be bypassed (CVE-2026-120154). Major
/// versions after the last one never had the fault; those before the first get no fixes any more.
const FIRST_FIT: [(u32, u32); 4] = [(15, 20), (16, 16), (17, 12), (18, 7)];

/// Folders that hold one folder for each installed major version (Debian; Red Hat; Homebrew on both processors).
const VERSIONED: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// The version of a server program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

/// An installed, fit server.
#[derive(Debug)]
pub(super) struct Installation {
    programs: PathBuf,
}

impl Installation {
    /// The newest fit server, or the newest of the major version that made the cluster in `cluster_home`.
    pub(super) fn find(
        search_path: &[PathBuf],
        cluster_major: Option<u32>,
        cluster_home: &Path,
    ) -> Result<Self, PostgresError> {
        let mut folders = versioned_folders();
        folders.extend(search_path.iter().cloned());
        let found = folders.into_iter().filter_map(|folder| {
            // Behind a link in /usr/local/bin, the whole installation lies elsewhere.
            let program = folder.join("postgres").canonicalize().ok()?;
            let folder = program.parent()?.to_owned();
            let version = if folder.join("initdb").exists() { version_of(&program) } else { None };
            version.map(|version| (version, folder))
        });
        choose(found.collect(), cluster_major, cluster_home).map(|programs| Self { programs })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.programs
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }
}

fn versioned_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, prefix, child) in VERSIONED {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                folders.push(entry.path().join(child));
            }
        }
    }
    folders
}

fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)` is 15.20.
fn parse_version(text: &str) -> Option<Version> {
    let number = text.strip_prefix("postgres (PostgreSQL) ")?.split_whitespace().next()?;
    let (major, minor) = number.split_once('.')?;
    Some(Version { major: major.parse().ok()?, minor: minor.parse().ok()? })
}

fn is_fit(version: Version) -> bool {
    match FIRST_FIT.iter().find(|(major, _)| *major == version.major) {
        Some((_, minor)) => version.minor >= *minor,
        None => FIRST_FIT.iter().all(|(major, _)| version.major.cmp(major) == Ordering::Greater),
    }
}

fn choose(
    found: Vec<(Version, PathBuf)>,
    cluster_major: Option<u32>,
    cluster_home: &Path,
) -> Result<PathBuf, PostgresError> {
    let newest = found
        .into_iter()
        .filter(|(version, _)| cluster_major.is_none_or(|major| version.major == major))
        // A fit one before an unfit newer one.
        .max_by_key(|(version, _)| (is_fit(*version), *version));
    match (newest, cluster_major) {
        (Some((version, folder)), _) if is_fit(version) => Ok(folder),
        (Some((version, _)), _) => {
            let (major, minor) =
                FIRST_FIT.into_iter().find(|(major, _)| *major == version.major).unwrap_or(FIRST_FIT[0]);
            let found = format!("{}.{}", version.major, version.minor);
            Err(PostgresError::TooOld { found, needed: format!("{major}.{minor}"), major })
        }
        (None, Some(major)) => Err(PostgresError::MajorMissing { path: cluster_home.display().to_string(), major }),
        (None, None) => Err(PostgresError::NotInstalled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(versions: &[(u32, u32)], cluster: Option<u32>) -> Result<String, String> {
        let found = versions
            .iter()
            .map(|&(major, minor)| (Version { major, minor }, PathBuf::from(format!("{major}.{minor}"))))
            .collect();
        choose(found, cluster, Path::new("/home"))
            .map(|path| path.display().to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_version_is_read_from_what_distributions_print() {
        let version = |major, minor| Some(Version { major, minor });
        assert_eq!(parse_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), version(15, 20));
        assert_eq!(parse_version("postgres (PostgreSQL) 18.7\n"), version(18, 7));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1\n"), None);
        assert_eq!(parse_version("postgres: error"), None);
    }

    #[test]
    fn fit_begins_at_the_fixed_release_of_each_major_version() {
        for ((major, minor), fit) in [
            ((15, 19), false),
            ((15, 20), true),
            ((16, 15), false),
            ((17, 12), true),
            ((18, 6), false),
            ((18, 7), true),
            ((19, 0), true),
            ((14, 99), false),
        ] {
            assert_eq!(is_fit(Version { major, minor }), fit, "{major}.{minor}");
        }
    }

    #[test]
    fn a_new_cluster_takes_the_newest_fit_server() {
        assert_eq!(chosen(&[(15, 21), (17, 12), (18, 1)], None).as_deref(), Ok("17.12"));
    }

    #[test]
    fn an_existing_cluster_keeps_its_major_version() {
        assert_eq!(chosen(&[(15, 20), (17, 12)], Some(15)).as_deref(), Ok("15.20"));
        assert!(chosen(&[(17, 12)], Some(15)).expect_err("missing").contains("postgresql-15"));
    }

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        assert!(chosen(&[], None).expect_err("none").contains("apt-get install postgresql-15"));
        let old = chosen(&[(16, 3)], None).expect_err("old");
        assert!(old.contains("16.3") && old.contains("16.16") && !old.contains('\n'), "{old}");
    }
}
