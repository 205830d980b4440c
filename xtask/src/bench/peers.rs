//! The pages that the panel is measured beside: built, and packed as the panel is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    fingerprint, packages, panel, paths,
    run::{self, say},
};

/// Pages that npm and Vite make.
const BUILT: [&str; 2] = ["fluent", "acsui"];

/// The page that is delivered as it is written.
const WRITTEN: &str = "range";

/// Makes a folder with a folder for each page, unless nothing it is made of has changed.
///
/// # Errors
/// When npm is missing or a page does not build.
pub fn build() -> Result<PathBuf> {
    let all = paths::target().join("peers");
    for name in BUILT {
        let source = paths::peers().join(name);
        let print = fingerprint::of(&source, &["."], &["brotli 11, gzip 9"])?;
        let stamp = all.join(format!("{name}.stamp"));
        if fs::read_to_string(&stamp).is_ok_and(|old| old == print) {
            continue;
        }
        vite(&source, &all.join(name), name)?;
        fs::write(&stamp, print).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    let (source, page) = (paths::peers().join(WRITTEN), all.join(WRITTEN));
    fs::create_dir_all(&page)?;
    fs::copy(source.join("index.html"), page.join("index.html"))
        .with_context(|| format!("cannot copy {}", source.display()))?;
    panel::compress(&page)?;
    Ok(all)
}

fn vite(source: &Path, page: &Path, name: &str) -> Result<()> {
    packages::npm(source, &format!("the peer {name}"))?;
    say(format!("building the peer {name} (about half a minute)"));
    let mut vite = run::program("npm");
    // Relative addresses, because it is served from a folder beside the others.
    vite.args(["run", "build", "--", "--base", "./", "--emptyOutDir", "--outDir"]).arg(page);
    run::output(vite.current_dir(source))?;
    panel::compress(page)
}
