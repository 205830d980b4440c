//! Where things are: the workspace, its outputs, and the cache that all clones share.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The workspace's root folder.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The static files of the panel.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Outputs that are neither Cargo's nor for delivery: the bundled style, the panel's stamp.
pub fn panel_work() -> PathBuf {
    root().join("target/panel")
}

/// The browser tests.
pub fn e2e() -> PathBuf {
    root().join("tests/e2e")
}

/// The pages that the panel is measured beside.
pub fn peers() -> PathBuf {
    root().join("bench/peers")
}

/// The pictures that the docs show.
pub fn pictures() -> PathBuf {
    root().join("docs/pictures")
}

/// The tests with the vendors' clients.
pub fn clients() -> PathBuf {
    root().join("tests/clients")
}

/// Where Cargo keeps the sources of dependencies.
///
/// # Errors
/// When neither `CARGO_HOME` nor `HOME` is set.
pub fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
        .context("neither CARGO_HOME nor HOME is set")
}

/// The program that prints the corners of a ducking curve.
pub fn curve() -> PathBuf {
    target().join("debug/examples").join(format!("curve{}", env::consts::EXE_SUFFIX))
}

/// What the call service's engine says natively, for the browser to compare with.
pub fn transcript() -> PathBuf {
    target().join("parity/transcript.jsonl")
}

/// The binary of a Cargo profile folder (`debug` or `release`).
pub fn foldback(profile: &str) -> PathBuf {
    target().join(profile).join(format!("foldback{}", env::consts::EXE_SUFFIX))
}

/// The folder of one pinned tool in the user's cache.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor `HOME` is set.
pub fn tool(name: &str, version: &str) -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for tools")?;
    Ok(cache.join("foldback/tools").join(format!("{name}-{version}")))
}

/// The path with something appended to its last part: `a.css` and `br` give `a.css.br`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Finds an executable on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|it| it.is_file())
}
