//! The web app's folder is embedded at compile time: it has to exist (empty before the first `cargo xtask ui`), and a new
//! build of it has to be noticed.

use std::{io, path::Path};

fn main() -> io::Result<()> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    std::fs::create_dir_all(&built)?;
    let mut out = io::stdout().lock();
    io::Write::write_fmt(&mut out, format_args!("cargo::rerun-if-changed={}\n", built.display()))
}
