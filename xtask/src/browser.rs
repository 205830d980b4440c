//! The system's Chromium with its driver, and the browser tests' npm packages.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    paths,
    run::{self, say},
};

/// Where the browser and its driver are.
#[derive(Debug)]
pub struct Browser {
    chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Browser {
    /// Finds both, or installs Debian's packages.
    ///
    /// # Errors
    /// When they are missing and the system's package manager cannot bring them.
    pub fn find() -> Result<Self> {
        if let Some(found) = Self::installed() {
            return Ok(found);
        }
        install()?;
        Self::installed().context("Chromium was installed but is not on PATH")
    }

    fn installed() -> Option<Self> {
        let chromium = env::var_os("FOLDBACK_CHROMIUM").map(PathBuf::from);
        let chromedriver = env::var_os("CHROMEDRIVER").map(PathBuf::from);
        Some(Self {
            chromium: chromium.or_else(|| paths::on_path("chromium"))?,
            chromedriver: chromedriver.or_else(|| paths::on_path("chromedriver"))?,
        })
    }

    /// Tells a program where they are, by `FOLDBACK_CHROMIUM` and `CHROMEDRIVER`.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("FOLDBACK_CHROMIUM", &self.chromium).env("CHROMEDRIVER", &self.chromedriver)
    }

    /// Name and version as the browser says them.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn version(&self) -> Result<String> {
        Ok(run::output(run::program(&self.chromium).arg("--version"))?.trim().to_owned())
    }
}

/// Fonts are part of it: names in the rehearsal come in many scripts and pictures should show them.
fn install() -> Result<()> {
    const PACKAGES: [&str; 4] =
        ["chromium", "chromium-driver", "fonts-noto-core", "fonts-noto-cjk"];
    if paths::on_path("apt-get").is_none() {
        bail!(
            "the tests need Chromium and chromedriver on PATH (or FOLDBACK_CHROMIUM and CHROMEDRIVER); \
             they are installed by themselves only where apt-get is"
        );
    }
    say(format!("installing {} with apt-get (about 2 minutes)", PACKAGES.join(", ")));
    apt_get(&["update"])?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(PACKAGES);
    apt_get(&install)
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let root = run::output(run::program("id").arg("-u"))?.trim() == "0";
    let mut command = run::program(if root { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
    run::output(&mut command).map(drop)
}

/// Makes `tests/e2e/node_modules` agree with its lock file.
///
/// # Errors
/// When npm is missing or fails.
pub fn packages() -> Result<()> {
    let lock = fs::read(paths::e2e().join("package-lock.json"))?;
    let stamp = paths::e2e().join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("installing the browser tests' npm packages (about 10 seconds)");
    let mut install = run::program("npm");
    install.current_dir(paths::e2e());
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    // The system's Chromium is used.
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run::output(&mut install)
        .context("Node.js 20 or newer with npm is needed for the browser tests")?;
    fs::write(stamp, lock).context("cannot note which packages are installed")
}
