//! What the panel lets operators listen to: a small module and its script, loaded when somebody
//! listens and not before.

use std::fs;

use anyhow::{Context, Result};

use crate::{lean, paths, run, tools};

/// Both files, as they lie in `target/panel/` and in `dist/` before they get hashed names.
pub const FILES: [&str; 2] = ["listen.wasm", "listen.js"];

/// Writes `target/panel/listen.wasm` and `listen.js`.
///
/// # Errors
/// When the module does not build, or a tool is missing and cannot be installed.
pub fn write() -> Result<()> {
    let tools = tools::for_panel()?;
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked", "--quiet", "--package", "foldback-worklet"]);
    cargo.args(["--profile", "web-release", "--target", "wasm32-unknown-unknown"]);
    lean::fetch()?;
    run::output(lean::apply(&mut cargo)?)?;
    let built = paths::target().join("wasm32-unknown-unknown/web-release/foldback_worklet.wasm");
    fs::create_dir_all(paths::panel_work())?;
    let [module, script] = FILES.map(|name| paths::panel_work().join(name));
    let mut optimize = run::program("wasm-opt");
    // It computes sound sample by sample: speed counts here.
    optimize.args(["-O3", "--all-features", "--strip-producers"]);
    optimize.arg(&built).arg("-o").arg(&module);
    run::output(tools.lend(&mut optimize))?;
    let mut minify = run::program("esbuild");
    minify.args(["--minify", "--log-level=warning", "--allow-overwrite"]);
    minify.arg(paths::root().join("crates/worklet/listen.js"));
    minify.arg(format!("--outfile={}", script.display()));
    run::output(tools.lend(&mut minify)).map(drop).context("the worklet's script")
}
