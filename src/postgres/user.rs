//! Who the server runs as: Postgres refuses to run as root, so root lends it to an unprivileged user.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::PostgresError;

/// Users that root may lend the server to, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The tool of util-linux that changes the user and ties a child's life to ours.
const SETPRIV: &str = "/usr/bin/setpriv";

/// An unprivileged user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user to switch to; `None` when this process is unprivileged itself.
pub(super) fn server_user() -> Result<Option<User>, PostgresError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let path = "/etc/passwd";
    let passwd = std::fs::read_to_string(path).map_err(PostgresError::io("cannot read", path))?;
    CANDIDATES.iter().find_map(|name| find(&passwd, name)).map(Some).ok_or(PostgresError::NoUser)
}

/// One user of an `/etc/passwd`: `name:password:uid:gid:…`.
fn find(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let mut numbers = fields.skip(1).map(str::parse);
        let (Some(Ok(uid)), Some(Ok(gid))) = (numbers.next(), numbers.next()) else { return None };
        (uid != 0).then_some(User { uid, gid })
    })
}

/// A command that runs `program` as `user`, in a process group of its own (a Ctrl-C at the terminal is for Pulse, which
/// drains before it stops its database) and, where `setpriv` is there, with a fast shutdown as soon as Pulse dies.
pub(super) fn command(program: &Path, user: Option<&User>) -> Command {
    let mut command = if Path::new(SETPRIV).exists() {
        let mut command = Command::new(SETPRIV);
        command.arg("--pdeathsig=INT");
        if let Some(user) = user {
            command.arg(format!("--reuid={}", user.uid)).arg(format!("--regid={}", user.gid)).arg("--clear-groups");
        }
        command.arg("--").arg(program);
        command
    } else {
        let mut command = Command::new(program);
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    };
    // Nothing of our environment reaches the server: neither secrets nor a stray PGDATA, PGPORT or LC_ALL.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").current_dir("/").process_group(0);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:x:/var/lib/postgresql:/bin/bash\nodd:x:y\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(find(PASSWD, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(find(PASSWD, "postgre"), None);
        assert_eq!(find(PASSWD, "odd"), None);
    }

    #[test]
    fn root_is_no_unprivileged_user() {
        assert_eq!(find(PASSWD, "root"), None);
    }
}
