//! Packages of npm and of Python, exactly as their lock files name them.

use std::{fs, path::Path, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    apt, fingerprint, paths,
    run::{self, say},
};

/// Makes a folder's `node_modules` agree with its lock file.
///
/// # Errors
/// When npm is missing or fails.
pub fn npm(folder: &Path, what: &str) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say(format!("installing the npm packages of {what} (about 10 seconds)"));
    let mut install = run::program("npm");
    install.current_dir(folder);
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    // The system's Chromium is used.
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run::output(&mut install)
        .with_context(|| format!("Node.js 20 or newer with npm is needed for {what}"))?;
    fs::write(stamp, lock).context("cannot note which packages are installed")
}

/// A virtual environment with exactly the packages of a requirements file, in the user's cache, so
/// that clones with the same requirements share it. The answer is its Python.
///
/// # Errors
/// When Python or a package is missing and cannot be installed.
pub fn python(name: &str, requirements: &Path) -> Result<PathBuf> {
    venv_module()?;
    // An environment belongs to the Python it was made with.
    let about = "import sys; print(sys.version, sys.base_prefix)";
    let base = run::output(run::program("python3").args(["-c", about]))?;
    let file = requirements.file_name().and_then(|it| it.to_str()).context("no file name")?;
    let parent = requirements.parent().context("no folder")?;
    let version = fingerprint::of(parent, &[file], &[base.trim()])?;
    let folder = paths::tool(name, &version)?;
    let python = folder.join("bin/python");
    let stamp = folder.join("complete");
    if stamp.is_file() {
        return Ok(python);
    }
    let _lock = run::lock(&paths::beside(&folder, "lock"))?;
    if stamp.is_file() {
        return Ok(python);
    }
    say(format!("installing Python packages into {} (about 20 seconds)", folder.display()));
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot clear away half an installation")?;
    }
    run::output(run::program("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = run::program(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    // Compiling all of it takes longer than downloading it; what is imported is compiled then.
    pip.args(["--no-compile", "--no-deps", "--only-binary=:all:", "--require-hashes"]);
    pip.arg("--requirement").arg(requirements);
    run::output(&mut pip).context("the Python packages could not be installed")?;
    // Nothing was resolved, so something may be missing.
    run::output(run::program(&python).args(["-m", "pip", "check"]))
        .with_context(|| format!("{} is not complete", requirements.display()))?;
    fs::write(&stamp, "").context("cannot note that the packages are installed")?;
    Ok(python)
}

/// Debian delivers Python without the means to make environments.
fn venv_module() -> Result<()> {
    let can =
        || run::output(run::program("python3").args(["-c", "import ensurepip, ssl, venv"])).is_ok();
    if can() {
        return Ok(());
    }
    let otherwise = "the tests with the vendors' clients need Python 3.10 or newer with venv";
    apt::install(&["python3", "python3-venv"], "half a minute", otherwise)?;
    if !can() {
        bail!("python3-venv was installed but the python3 on PATH is another one");
    }
    Ok(())
}
