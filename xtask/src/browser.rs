//! The system's Chromium with its driver, and the browser tests' npm packages.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{apt, packages, paths, run};

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
    apt::install(
        &["chromium", "chromium-driver", "fonts-noto-core", "fonts-noto-cjk"],
        "2 minutes",
        "the tests need Chromium and chromedriver on PATH (or FOLDBACK_CHROMIUM and CHROMEDRIVER)",
    )
}

/// Makes `tests/e2e/node_modules` agree with its lock file.
///
/// # Errors
/// When npm is missing or fails.
pub fn packages() -> Result<()> {
    packages::npm(&paths::e2e(), "the browser tests")
}
