//! The panel as static files, and the release binary that carries them.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result, bail};

use crate::{
    fingerprint, glue, lean, paths,
    run::{self, say},
    sizes, split, tools,
};

/// Everything that `dist/` is made of.
const PARTS: [&str; 20] = [
    ".cargo/config.toml",
    "xtask/src/glue.rs",
    "xtask/src/lean.rs",
    "xtask/src/pieces.js",
    "xtask/src/split.rs",
    "crates/json",
    "crates/view",
    "src",
    "style",
    "assets",
    "crates/wire",
    "crates/model",
    "crates/mix",
    "crates/worklet",
    "index.html",
    "Trunk.toml",
    "build.rs",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
];

/// Makes `dist/`, unless nothing it depends on has changed.
///
/// # Errors
/// When a tool is missing and cannot be installed, or the panel does not build.
pub fn build() -> Result<()> {
    let _lock = run::lock(&paths::panel_work().join("build.lock"))?;
    let standard = if lean::is_stable() { "ready-made std" } else { "std built along" };
    let words = [
        tools::TRUNK,
        tools::WASM_BINDGEN,
        tools::BINARYEN,
        tools::ESBUILD,
        "brotli 11, gzip 9",
        standard,
    ];
    let print = fingerprint::of(paths::root(), &PARTS, &words)?;
    let stamp = paths::panel_work().join("dist.stamp");
    let kept = fs::read_to_string(&stamp).is_ok_and(|old| old == print);
    if kept && paths::dist().join("index.html.br").is_file() {
        return Ok(());
    }
    let tools = tools::for_panel()?;
    let started = Instant::now();
    say("building the panel (the first time about 4 minutes, later about 1)");
    // Trunk links these files before its own hook has made them for the first time.
    crate::styles::write()?;
    crate::worklet::write()?;
    lean::fetch()?;
    let mut trunk = run::program("trunk");
    // Offline: a tool that does not fit is an error here and not a download.
    tools.lend(&mut trunk).args(["build", "--release", "--offline"]);
    // Trunk refuses to start when NO_COLOR is 1, as most programs write it.
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true").env_remove("NO_COLOR");
    // Trunk's hook has nothing left to do, and Cargo would compile it with the panel's switches.
    lean::apply(&mut trunk)?.env("CARGO_ALIAS_XTASK", "--version").env(split::ASKED, "1");
    let (status, lines) = run::filtered(&mut trunk, worth_reading)?;
    if !status.success() {
        bail!("the panel does not build:\n{}", tools::tail(&lines));
    }
    split::apart(&paths::dist(), &tools)?;
    glue::shorten(&paths::dist(), &tools)?;
    glue::hash_names(&paths::dist(), &crate::worklet::FILES)?;
    compress(&paths::dist())?;
    fs::write(&stamp, print).with_context(|| format!("cannot write {}", stamp.display()))?;
    say(format!("the panel is built ({} s)", started.elapsed().as_secs()));
    Ok(())
}

/// Makes `target/release/foldback` with `dist/` inside.
///
/// # Errors
/// When it does not build.
pub fn build_release() -> Result<()> {
    build_foldback(&["--release"])
}

/// Makes `target/debug/foldback` with `dist/` inside, for tests in a browser.
///
/// # Errors
/// When it does not build.
pub fn build_debug() -> Result<()> {
    build_foldback(&[])
}

/// Makes the program that prints the corners of a ducking curve, for tests in a browser.
///
/// # Errors
/// When it does not build.
pub fn build_curve() -> Result<()> {
    cargo_build(&["--package", "foldback-mix", "--example", "curve"])
}

fn build_foldback(profile: &[&str]) -> Result<()> {
    cargo_build(&[&["--package", "foldback-proxy"], profile].concat())
}

fn cargo_build(what: &[&str]) -> Result<()> {
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked"]).args(what);
    let (status, lines) = run::filtered(&mut cargo, run::noteworthy)?;
    if !status.success() {
        bail!("{} does not build:\n{}", what.join(" "), tools::tail(&lines));
    }
    Ok(())
}

fn worth_reading(line: &str) -> bool {
    // Trunk lets wasm-opt look at what is taken apart afterwards and not kept.
    let is_of_whole = line.contains("linking section is present");
    run::noteworthy(line) && !line.contains(" INFO ") && !is_of_whole
}

/// Writes `.br` and `.gz` beside every file that gets smaller by it, largest first by any cost in
/// time: it is done once and delivered often.
///
/// # Errors
/// When a file cannot be read or written.
pub fn compress(folder: &Path) -> Result<()> {
    for file in fingerprint::files(folder)? {
        let extension = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
        if !["html", "js", "css", "wasm", "svg", "json", "txt", "webmanifest"].contains(&extension)
        {
            continue;
        }
        let content = fs::read(&file)?;
        for (suffix, packed) in [("br", sizes::brotli(&content)?), ("gz", sizes::gzip(&content)?)] {
            let name = paths::beside(&file, suffix);
            fs::write(&name, packed).with_context(|| format!("cannot write {}", name.display()))?;
        }
    }
    Ok(())
}
