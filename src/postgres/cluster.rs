//! Making a cluster: beside its final place, and renamed when it is whole.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use pulse_domain::secret::Secret;

use super::PostgresError;
use super::home::Home;
use super::installation::Installation;
use super::user;
use crate::data::write_private;

/// The role that Pulse connects as; only it knows the password. It is not called like the schema `pulse`, which would then
/// be searched by default here and nowhere else.
pub(super) const SUPERUSER: &str = "pulse_admin";

/// The database that Pulse lives in.
pub(super) const DATABASE: &str = "pulse";

/// Makes the cluster of `home`. What an interrupted earlier try left is cleared away first.
pub(super) fn make(installation: &Installation, home: &Home, password: &Secret<String>) -> Result<(), PostgresError> {
    let unfinished = home.unfinished_cluster();
    // The server's user must read it, and it is in a folder that nobody else may enter.
    let password_file = home.path().join("password.initdb");
    write_private(&password_file, password.expose()).map_err(PostgresError::io("cannot write", &password_file))?;
    home.give(&password_file)?;
    let made = initdb(installation, home, &unfinished, &password_file);
    let removed = std::fs::remove_file(&password_file).map_err(PostgresError::io("cannot remove", &password_file));
    made.and(removed)?;
    create_database(installation, home, &unfinished)?;
    let finished = home.cluster();
    std::fs::rename(&unfinished, &finished).map_err(PostgresError::io("cannot put in place", &finished))
}

fn initdb(installation: &Installation, home: &Home, folder: &Path, password_file: &Path) -> Result<(), PostgresError> {
    let mut command = user::command(&installation.program("initdb"), home.user());
    command
        .arg(format!("--username={SUPERUSER}"))
        .arg(format!("--pwfile={}", password_file.display()))
        .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"])
        .arg("--pgdata")
        .arg(folder)
        .stdin(Stdio::null());
    run(&mut command, "initdb", b"")
}

/// A server in single-user mode needs no port and no password.
fn create_database(installation: &Installation, home: &Home, folder: &Path) -> Result<(), PostgresError> {
    let mut command = user::command(&installation.program("postgres"), home.user());
    command.arg("--single").arg("-D").arg(folder).arg("postgres").stdin(Stdio::piped());
    run(&mut command, "postgres --single", format!("CREATE DATABASE {DATABASE};\n").as_bytes())
}

fn run(command: &mut Command, program: &'static str, input: &[u8]) -> Result<(), PostgresError> {
    let failed = |error: std::io::Error| PostgresError::Program { program, said: error.to_string() };
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stderr);
    // The single-user server ends with 0 also when its statement failed.
    match said.lines().find(|line| line.contains("ERROR:") || line.contains("FATAL:") || line.contains("error:")) {
        Some(line) => Err(PostgresError::Program { program, said: line.trim().to_owned() }),
        None if output.status.success() => Ok(()),
        None => Err(PostgresError::Program { program, said: said.lines().last().unwrap_or("no output").to_owned() }),
    }
}
