//! `cargo xtask pictures`: the pictures of the docs, taken anew by the browser tests.

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::{paths, run::say, test};

/// The test that takes them.
const SPEC: &str = "specs/pictures.spec.ts";

/// What the folder may weigh, in bytes: whoever clones the project loads it.
const LIMIT: u64 = 2_500_000;

/// Takes every picture, and says what the folder weighs.
///
/// # Errors
/// When something does not build, or the folder cannot be read.
pub fn run() -> Result<ExitCode> {
    let folder = paths::pictures();
    let mut playwright = test::playwright()?;
    playwright.env("FOLDBACK_PICTURES", &folder);
    let tally = test::played(playwright, &[SPEC.to_owned()])?;
    let bytes = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .try_fold(0, |sum, file| anyhow::Ok(sum + file?.metadata()?.len()))?;
    say(format!("docs/pictures weighs {} KB; the limit is {} KB", bytes / 1000, LIMIT / 1000));
    Ok(if tally.failed == 0 && bytes <= LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
