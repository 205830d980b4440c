//! What the call service's engine weighs when a page carries it.

use std::fs;

use anyhow::{Context, Result};

use crate::{lean, paths, run, sizes, tools};

/// The engine as WebAssembly, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineSize {
    /// As it is loaded.
    pub raw: usize,
    /// As it travels.
    pub brotli: usize,
}

/// Builds the example `engine` of the call service as the panel is built (same profile, same flags,
/// wasm-bindgen, wasm-opt), weighs the module and says so.
///
/// # Errors
/// When a tool is missing and cannot be installed, or something does not build.
pub fn measure() -> Result<EngineSize> {
    let tools = tools::for_panel()?;
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked", "--quiet", "--package", "foldback-callservice"]);
    cargo.args(["--example", "engine", "--profile", "web-release"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    lean::fetch()?;
    run::output(lean::apply(&mut cargo)?)?;
    let built =
        paths::target().join("wasm32-unknown-unknown/web-release/examples").join("engine.wasm");
    let folder = paths::target().join("engine");
    let mut bind = run::program("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&folder).arg(&built);
    run::output(tools.lend(&mut bind))?;
    let module = folder.join("engine.wasm");
    let page = fs::read_to_string(paths::root().join("index.html"))?;
    let mut optimize = run::program("wasm-opt");
    optimize.arg(folder.join("engine_bg.wasm")).arg("-o").arg(&module).args(wasm_opt(&page)?);
    run::output(tools.lend(&mut optimize))?;
    let content = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    let size = EngineSize { raw: content.len(), brotli: sizes::brotli(&content)?.len() };
    run::say(format!("the engine in WebAssembly: {} bytes, {} brotli", size.raw, size.brotli));
    Ok(size)
}

/// What `index.html` asks of wasm-opt for the panel.
///
/// # Errors
/// When it asks for nothing.
pub fn wasm_opt(page: &str) -> Result<Vec<String>> {
    let attribute = |name: &str| {
        let (_, rest) = page.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    let level = attribute("data-wasm-opt").context("index.html names no level for wasm-opt")?;
    let flags = attribute("data-wasm-opt-params").unwrap_or_default();
    let level = [format!("-O{level}")];
    Ok(level.into_iter().chain(flags.split_whitespace().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_how_wasm_opt_is_called() {
        let page = r#"<link data-wasm-opt="s" data-wasm-opt-params="--a  --b">"#;
        assert_eq!(wasm_opt(page).unwrap(), ["-Os", "--a", "--b"]);
        let page = fs::read_to_string(paths::root().join("index.html")).unwrap();
        assert!(wasm_opt(&page).unwrap().len() > 1);
        assert!(wasm_opt("<html>").is_err());
    }
}
