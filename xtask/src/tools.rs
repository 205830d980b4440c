//! The pinned tools that turn the panel into static files, each installed once per user.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    lean, paths,
    run::{self, say},
};

/// Version of Trunk; `Trunk.toml` demands the same.
pub const TRUNK: &str = "0.21.14";
/// Version of wasm-bindgen's command; the library in `Cargo.toml` has to be the same.
pub const WASM_BINDGEN: &str = "0.2.129";
/// Version of Binaryen, which brings wasm-opt, as the npm package counts it.
pub const BINARYEN: &str = "123.0.0";
/// Version of esbuild, which minifies script and style sheet.
pub const ESBUILD: &str = "0.28.2";

/// Makes sure of everything that building the panel needs.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn for_panel() -> Result<Tools> {
    wasm_target()?;
    standard_library()?;
    let folders = [trunk()?, wasm_bindgen()?, wasm_opt()?, esbuild()?];
    Tools::new(folders.into_iter().flatten())
}

/// Makes sure of what puts style sheets together.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn for_styles() -> Result<Tools> {
    Tools::new(esbuild()?)
}

/// Makes sure of everything that the panel's tests in a browser need, beside the browser.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn for_wasm_tests() -> Result<Tools> {
    wasm_target()?;
    Tools::new(wasm_bindgen()?)
}

/// A `PATH` on which the pinned tools come first.
#[derive(Debug)]
pub struct Tools {
    path: OsString,
}

impl Tools {
    fn new(folders: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let old = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(folders.into_iter().chain(env::split_paths(&old)))
            .context("a tool's folder cannot stand on PATH")?;
        Ok(Self { path })
    }

    /// Lets a program find the tools.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("PATH", &self.path)
    }
}

/// The compiler's library for the browser; `rust-toolchain.toml` names it too, but a toolchain that
/// was installed before that line was written lacks it.
fn wasm_target() -> Result<()> {
    let folder = run::output(run::program("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        "wasm32-unknown-unknown",
    ]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    say("installing Rust's wasm32-unknown-unknown target (a few seconds)");
    run::loud(run::program("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
}

/// The source of the standard library, under the same condition.
fn standard_library() -> Result<()> {
    if lean::is_stable() || lean::library()?.join("Cargo.lock").is_file() {
        return Ok(());
    }
    say("installing the source of Rust's standard library (a few seconds)");
    run::loud(run::program("rustup").args(["component", "add", "rust-src"]))
}

fn trunk() -> Result<Option<PathBuf>> {
    let folder = paths::tool("trunk", TRUNK)?;
    cargo_tool(&folder, "trunk", &format!("trunk {TRUNK}"), "3 minutes", |install| {
        install.arg(format!("trunk@{TRUNK}"));
        install.args(["--no-default-features", "--features", "rustls"]);
    })
}

fn wasm_bindgen() -> Result<Option<PathBuf>> {
    let folder = paths::tool("wasm-bindgen-cli", WASM_BINDGEN)?;
    let version = format!("wasm-bindgen {WASM_BINDGEN}");
    cargo_tool(&folder, "wasm-bindgen", &version, "2 minutes", |install| {
        install.arg(format!("wasm-bindgen-cli@{WASM_BINDGEN}"));
    })
}

/// Installs a Rust tool unless the cache or `PATH` has it.
fn cargo_tool(
    folder: &Path,
    name: &str,
    version: &str,
    time: &str,
    what: impl FnOnce(&mut Command),
) -> Result<Option<PathBuf>> {
    let bin = folder.join("bin");
    let tool = bin.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if tool.is_file() {
        return Ok(Some(bin));
    }
    if answers(name, version) {
        return Ok(None);
    }
    let _lock = run::lock(&paths::beside(folder, "lock"))?;
    if tool.is_file() {
        return Ok(Some(bin));
    }
    say(format!("installing {version} into {} (about {time})", folder.display()));
    // A target folder of its own: this workspace's must not fill with a tool's crates.
    let build = folder.join("build");
    let mut install = run::cargo();
    install.args(["install", "--locked", "--debug", "--root"]).arg(folder);
    what(&mut install);
    install.env("CARGO_TARGET_DIR", &build);
    let (status, lines) = run::filtered(&mut install, |_| false)?;
    if !status.success() {
        bail!("{version} could not be installed:\n{}", tail(&lines));
    }
    fs::remove_dir_all(&build).context("cannot clear away what the build left")?;
    Ok(Some(bin))
}

fn wasm_opt() -> Result<Option<PathBuf>> {
    let major = BINARYEN.split('.').next().unwrap_or(BINARYEN);
    npm_tool("binaryen", BINARYEN, "wasm-opt", &format!("wasm-opt version {major}"))
}

fn esbuild() -> Result<Option<PathBuf>> {
    npm_tool("esbuild", ESBUILD, "esbuild", ESBUILD)
}

/// Installs a tool from npm unless the cache or `PATH` has it.
fn npm_tool(package: &str, pinned: &str, name: &str, version: &str) -> Result<Option<PathBuf>> {
    let folder = paths::tool(package, pinned)?;
    let bin = folder.join("node_modules/.bin");
    if bin.join(name).exists() {
        return Ok(Some(bin));
    }
    if answers(name, version) {
        return Ok(None);
    }
    let _lock = run::lock(&paths::beside(&folder, "lock"))?;
    if bin.join(name).exists() {
        return Ok(Some(bin));
    }
    say(format!("installing {package} {pinned} into {} (about 10 seconds)", folder.display()));
    // Made aside and moved into place, so that an interrupted run leaves no half of it.
    let aside = paths::beside(&folder, "aside");
    let mut install = run::program("npm");
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.arg("--prefix").arg(&aside).arg(format!("{package}@{pinned}"));
    run::output(&mut install).with_context(|| format!("Node.js with npm is needed for {name}"))?;
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear away a broken {package}"))?;
    }
    fs::rename(&aside, &folder).with_context(|| format!("cannot move {package} into the cache"))?;
    Ok(Some(bin))
}

/// Whether a tool on `PATH` answers `--version` with exactly this version.
fn answers(name: &str, version: &str) -> bool {
    run::output(run::program(name).arg("--version")).is_ok_and(|text| {
        text.trim()
            .strip_prefix(version)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// The last lines of a log, enough to see what went wrong.
pub fn tail(lines: &[String]) -> String {
    lines
        .iter()
        .skip(lines.len().saturating_sub(40))
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One version per tool, wherever it is written.
    #[test]
    fn pinned_versions_agree() {
        let trunk = fs::read_to_string(paths::root().join("Trunk.toml")).unwrap();
        assert!(trunk.contains(&format!("trunk-version = \"={TRUNK}\"")));
        assert!(trunk.contains(&format!("wasm_bindgen = \"{WASM_BINDGEN}\"")));
        assert!(
            trunk
                .contains(&format!("wasm_opt = \"version_{}\"", BINARYEN.trim_end_matches(".0.0")))
        );
        let cargo = fs::read_to_string(paths::root().join("Cargo.toml")).unwrap();
        assert!(cargo.contains(&format!("wasm-bindgen = \"={WASM_BINDGEN}\"")));
    }

    #[test]
    fn a_missing_tool_is_not_a_fitting_one() {
        assert!(!answers("no-tool-has-this-name", "1"));
    }
}
