//! One style sheet for delivery: `style/main.css` with its imports put in their places, minified.
//!
//! A browser would fetch imports one after the other, and a file's hashed name would not change with
//! what it imports.

use std::fs;

use anyhow::{Context, Result};

use crate::{paths, run, tools};

/// Writes `target/panel/main.css`, and touches it only when it changes.
///
/// # Errors
/// When an import is missing, or esbuild is missing and cannot be installed.
pub fn write() -> Result<()> {
    let mut bundle = run::program("esbuild");
    bundle.arg(paths::root().join("style/main.css"));
    bundle.args(["--bundle", "--minify", "--log-level=warning"]);
    let bundle = run::output(tools::for_styles()?.lend(&mut bundle))?;
    let file = paths::panel_work().join("main.css");
    if fs::read_to_string(&file).is_ok_and(|old| old == bundle) {
        return Ok(());
    }
    fs::create_dir_all(paths::panel_work())?;
    fs::write(&file, bundle).with_context(|| format!("cannot write {}", file.display()))
}
