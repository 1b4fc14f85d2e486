//! Where the embedded server's files lie, and who may reach them.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use pulse_domain::secret::Secret;
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

use super::user::User;
use super::{PostgresError, Worth};
use crate::data::{hex, read_or_make};

/// Where the files lie when the data folder is closed to the server's user, as /root is.
const ELSEWHERE: &str = "/var/lib/pulse";

/// The digits of a home's name there.
const NAME_DIGITS: usize = 12;

/// The random bytes of the superuser's password.
const PASSWORD_BYTES: usize = 24;

/// The beginning of the names of clusters that are being made.
const UNFINISHED: &str = "cluster.new-";

/// The folder of one embedded server.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    user: Option<User>,
}

impl Home {
    /// Makes the folder, which only the server's user may enter. A data folder that this user cannot reach gets a
    /// home under /var/lib/pulse instead, named by a hash of the data folder's path: the same one on every run.
    pub(super) fn open(data: &Path, user: Option<User>, worth: Worth) -> Result<Self, PostgresError> {
        // What is temporary never lies where something is kept.
        let name = match worth {
            Worth::Kept => "postgres",
            Worth::Temporary => "temporary-postgres",
        };
        let reachable = user.as_ref().is_none_or(|user| data.ancestors().all(|folder| may_enter(folder, user)));
        let path = if reachable {
            data.join(name)
        } else {
            let digest = Sha256::digest(data.join(name).as_os_str().as_encoded_bytes());
            let name: String = hex(&digest).chars().take(NAME_DIGITS).collect();
            Path::new(ELSEWHERE).join(name)
        };
        if let Some(parent) = path.parent() {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(0o755).create(parent).map_err(PostgresError::io("cannot make", parent))?;
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&path).map_err(PostgresError::io("cannot make", &path))?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o700))
            .map_err(PostgresError::io("cannot close to others", &path))?;
        let home = Self { path, user };
        home.give(&home.path)?;
        Ok(home)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the cluster, if there is one.
    pub(super) fn clear_cluster(&self) -> Result<(), PostgresError> {
        match std::fs::remove_dir_all(self.cluster()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(PostgresError::io("cannot remove", self.cluster())(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join("cluster")
    }

    /// Where this process makes a cluster. Programs of a killed process may still write to theirs for a moment, so each
    /// process has its own; what those left is cleared away as far as it goes.
    pub(super) fn unfinished_cluster(&self) -> PathBuf {
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _still_written_to = std::fs::remove_dir_all(entry.path());
            }
        }
        self.path.join(format!("{UNFINISHED}{}", std::process::id()))
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// The major version that made the cluster; `None` when there is none yet.
    pub(super) fn cluster_major(&self) -> Result<Option<u32>, PostgresError> {
        let path = self.cluster().join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PostgresError::io("cannot read", path)(error)),
        }
    }

    /// The superuser's password, made on the first call.
    pub(super) fn password(&self) -> Result<Secret<String>, PostgresError> {
        let path = self.path.join("password");
        let make = || hex(&rand::rng().random::<[u8; PASSWORD_BYTES]>());
        read_or_make(&path, make).map(Secret::new).map_err(PostgresError::io("cannot keep the password in", &path))
    }

    /// Hands a file to the server's user.
    pub(super) fn give(&self, path: &Path) -> Result<(), PostgresError> {
        let Some(user) = &self.user else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid))
            .map_err(PostgresError::io("cannot hand over", path))
    }
}

/// Whether `user` may pass through `folder`. What cannot be looked at counts as closed.
fn may_enter(folder: &Path, user: &User) -> bool {
    let Ok(found) = folder.metadata() else { return false };
    let bit = if found.uid() == user.uid {
        0o100
    } else if found.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    found.mode() & bit != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_closed_to_others_lets_only_its_owner_pass() {
        let folder = tempfile::tempdir().expect("temp folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("closed");
        let found = folder.path().metadata().expect("there");
        let owner = User { uid: found.uid(), gid: found.gid() };
        let stranger = User { uid: owner.uid + 1, gid: owner.gid + 1 };
        assert!(may_enter(folder.path(), &owner));
        assert!(!may_enter(folder.path(), &stranger));
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o701)).expect("opened");
        assert!(may_enter(folder.path(), &stranger));
        assert!(!may_enter(&folder.path().join("absent"), &owner));
    }
}
