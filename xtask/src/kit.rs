//! `cargo xtask kit`: the page of all controls, in a development build that follows every change.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{
    paths,
    run::{self, say},
    styles, tools,
};

/// Where Trunk serves it, as `Trunk.toml` says.
const ADDRESS: &str = "http://127.0.0.1:8081/#/kit";

/// Builds the panel for development and serves it until Ctrl-C.
///
/// # Errors
/// When a tool is missing and cannot be installed, or the panel does not build.
pub fn run() -> Result<ExitCode> {
    let tools = tools::for_panel()?;
    // Trunk links this file before its own hook has made it for the first time.
    styles::write()?;
    say(format!("{ADDRESS} shows it once the panel is built (the first time about 2 minutes)"));
    let mut trunk = run::program("trunk");
    // A folder of its own: `dist/` holds what is delivered.
    tools
        .lend(&mut trunk)
        .args(["serve", "--offline", "--dist"])
        .arg(paths::panel_work().join("kit"));
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true").env_remove("NO_COLOR");
    if !trunk.status()?.success() {
        bail!("the page of all controls cannot be served");
    }
    Ok(ExitCode::SUCCESS)
}
