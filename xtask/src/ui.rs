//! The web app: `ui` compiled to wasm, bound to JavaScript, hashed, compressed, in `ui/dist`.
//!
//! ```text
//! ui/dist/index.html               from ui/static/index.html, its placeholders filled in
//! ui/dist/assets/ui-<hash>/…       pulse-ui.js, pulse-ui_bg.wasm, start.js and the snippets they import
//! ui/dist/assets/<name>-<hash>.…   every other file of ui/static
//! …                                and beside each file its .br and .gz
//! ```
//!
//! Placeholders: `{{asset:NAME}}` is the address of the file NAME of ui/static, `{{ui}}` that of the wasm folder. A name
//! with a hash never changes its content, so browsers keep it for ever. wasm-bindgen is a library here, pinned by
//! Cargo.lock together with the one that the app is built with: they cannot differ, and nobody installs a tool.

mod assemble;
mod compress;
pub(crate) mod files;
mod stamp;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use wasm_bindgen_cli_support::Bindgen;

use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The name that wasm-bindgen gives the wasm file of the app.
const WASM: &str = "pulse-ui_bg.wasm";

/// How the app is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Small to load: what is shipped and what the browser tests use.
    Release,
    /// Quick to build.
    Dev,
}

impl Profile {
    /// cargo's name of the profile and of its folder.
    const fn cargo(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("wasm-release", "wasm-release"),
            Self::Dev => ("dev", "debug"),
        }
    }
}

/// The app as it lies in `ui/dist`, with the size of its wasm in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Built {
    wasm: u64,
    gzip: u64,
    brotli: u64,
}

impl fmt::Display for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wasm, gzip, brotli } = self;
        write!(formatter, "web app: wasm {wasm} bytes, {gzip} with gzip, {brotli} with brotli")
    }
}

/// Builds the app unless nothing that it is made of has changed.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Built> {
    let dist = workspace.path("ui/dist");
    let stamp = stamp::of(workspace, profile)?;
    if stamp::matches(&dist, &stamp) {
        return measure(&dist);
    }
    step::run("Compiling the web app", || compile(workspace, profile))?;
    step::run("Binding, hashing and compressing the web app", || {
        let stage = workspace.target().join("xtask/ui");
        files::empty(&stage)?;
        bind(workspace, profile, &stage.join("bound"))?;
        assemble::assemble(&workspace.path("ui/static"), &stage.join("bound"), &stage.join("dist"))?;
        compress::beside_each(&stage.join("dist"))?;
        stamp::forget(&dist)?;
        files::mirror(&stage.join("dist"), &dist)?;
        stamp::keep(&dist, &stamp)
    })?;
    measure(&dist)
}

fn compile(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut build = workspace.cargo("build");
    build.args(["--package", "pulse-ui", "--bin", "pulse-ui", "--target", "wasm32-unknown-unknown", "--profile"]);
    build.arg(profile.cargo().0);
    process::run(&mut build, &workspace.target().join("xtask/log/ui.log"))
}

fn bind(workspace: &Workspace, profile: Profile, into: &Path) -> Result<()> {
    let folder = workspace.target().join("wasm32-unknown-unknown").join(profile.cargo().1);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(folder.join("pulse-ui.wasm"))
        .web(true)?
        .typescript(false)
        // start.js says where the wasm is.
        .omit_default_module_path(true)
        .out_name("pulse-ui")
        .remove_producers_section(true);
    if profile == Profile::Release {
        bindgen.demangle(false).remove_name_section(true);
    }
    bindgen.generate(into).context("wasm-bindgen failed")
}

fn measure(dist: &Path) -> Result<Built> {
    let wasm = files::below(dist)?.into_iter().find(|path| path.ends_with(WASM)).context("ui/dist has no wasm")?;
    let size = |suffix: &str| {
        let mut path = dist.join(&wasm).into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        path.metadata().map(|found| found.len()).with_context(|| format!("{} is missing", path.display()))
    };
    Ok(Built { wasm: size("")?, gzip: size(".gz")?, brotli: size(".br")? })
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}
