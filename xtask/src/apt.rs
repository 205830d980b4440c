//! Debian's packages, where a tool has no installer of its own.

use anyhow::{Result, bail};

use crate::{
    paths,
    run::{self, say},
};

/// Installs packages with `apt-get`, after saying so.
///
/// # Errors
/// When there is no `apt-get` (then `otherwise` tells what to do) or it fails.
pub fn install(packages: &[&str], time: &str, otherwise: &str) -> Result<()> {
    if paths::on_path("apt-get").is_none() {
        bail!("{otherwise}; packages are installed by themselves only where apt-get is");
    }
    say(format!("installing {} with apt-get (about {time})", packages.join(", ")));
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let root = run::output(run::program("id").arg("-u"))?.trim() == "0";
    let mut command = run::program(if root { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
    run::output(&mut command).map(drop)
}
