//! The panel's module in two: what the first screen needs, and the pieces that `src/lazy.rs` fetches.
//!
//! Trunk links one module. `wasm_split_cli_support` takes the linker's output apart by its relocations, before
//! wasm-bindgen: what only the pieces reach goes into a module of its own, and calls of functions
//! between the two go through the main module's table.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{engine_size, fingerprint, glue, paths, run, tools::Tools};

/// Set, it makes `build.rs` ask the compiler for something that can be taken apart.
pub const ASKED: &str = "FOLDBACK_SPLIT";

/// How the names of the files begin that hold pieces.
pub const PIECES: &str = "pieces-";

/// What is put in the place of wasm-split's own loader, which would be one more file to wait for.
const LOADER: &str = include_str!("pieces.js");

/// Puts the two modules and their script in the place of what Trunk made.
///
/// # Errors
/// When there is nothing to be taken apart or too much, or a tool fails.
pub fn apart(dist: &Path, tools: &Tools) -> Result<()> {
    let linked = paths::target().join("wasm32-unknown-unknown/web-release/foldback-panel.wasm");
    let work = paths::panel_work().join("split");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot clear {}", work.display()))?;
    }
    let main = work.join("panel.wasm");
    let built = fs::read(&linked).with_context(|| format!("cannot read {}", linked.display()))?;
    let mut options = wasm_split_cli_support::Options::new(&built);
    options.output_dir = &work;
    options.main_out_path = &main;
    options.main_module = "./panel.js";
    wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the panel's module does not come apart: {error:#}"))?;
    let bound = work.join("bound");
    let mut bind = run::program("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&bound);
    // Without it the table, by which the modules call each other, is not offered to the pieces.
    bind.arg("--keep-lld-exports");
    run::output(tools.lend(bind.arg(&main)))?;

    let pieces = optimized(&only_pieces(&work)?, tools)?;
    let name = hashed(&pieces);
    fs::write(dist.join(&name), pieces).with_context(|| format!("cannot write {name}"))?;
    let script = fs::read_to_string(bound.join("panel.js")).context("wasm-bindgen wrote none")?;
    fs::write(glue::script(dist)?, with_loader(&script, &name)?)?;
    fs::copy(bound.join("panel_bg.wasm"), glue::module(dist)?)?;
    Ok(())
}

/// The one file with pieces. A second name given to `wasm_split` makes a second one, and a third with
/// what both need; nothing here would load those.
fn only_pieces(work: &Path) -> Result<PathBuf> {
    let mut files = fingerprint::files(work)?;
    files.retain(|file| file.extension().is_some_and(|it| it == "wasm"));
    files.retain(|file| file.parent() == Some(work) && !file.ends_with("panel.wasm"));
    match <[PathBuf; 1]>::try_from(files) {
        Ok([file]) if file.ends_with("split_pieces.wasm") => Ok(file),
        Ok([file]) => bail!("{} is not split_pieces.wasm: xtask would not load it", file.display()),
        Err(files) => bail!(
            "the panel came apart into {} modules beside the main one, and xtask loads one: give \
             every `wasm_split` in src/lazy.rs the name `pieces`",
            files.len()
        ),
    }
}

/// The module as wasm-opt makes it.
fn optimized(module: &Path, tools: &Tools) -> Result<Vec<u8>> {
    let page = fs::read_to_string(paths::root().join("index.html"))?;
    let mut optimize = run::program("wasm-opt");
    optimize.arg(module).arg("-o").arg(module).args(engine_size::wasm_opt(&page)?);
    run::output(tools.lend(&mut optimize))?;
    fs::read(module).with_context(|| format!("cannot read {}", module.display()))
}

/// Browsers keep the file for good under its name.
fn hashed(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{PIECES}{:016x}.wasm", hasher.finish())
}

/// wasm-bindgen's script with the loader in it, where it imports wasm-split's.
fn with_loader(script: &str, name: &str) -> Result<String> {
    const IMPORT: &str = " from \"./__wasm_split.js\"";
    const LOAD: &str = "__wasm_split_load_pieces";
    let found = script.lines().find(|line| line.trim_end_matches(';').ends_with(IMPORT));
    let line = found.context("the panel's script imports nothing that loads pieces")?;
    let import = line.strip_prefix("import * as ").and_then(|it| it.split_once(' '));
    let (import, _) = import.with_context(|| format!("an import of another form: {line}"))?;
    let loader = LOADER.replace("PIECES", name);
    Ok(script.replacen(line, &format!("{loader}const {import} = {{ {LOAD}: pieces }};"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_stands_where_it_was_imported() {
        let script = "import * as import1 from \"./__wasm_split.js\"\nlet wasm;\nf(import1);\n";
        let script = with_loader(script, "pieces-0.wasm").unwrap();
        assert!(script.contains("new URL(\"pieces-0.wasm\", import.meta.url)"), "{script}");
        assert!(
            script.contains("const import1 = { __wasm_split_load_pieces: pieces };\nlet wasm;")
        );
        assert!(!script.contains("import *"), "{script}");
        assert!(with_loader("let wasm;", "pieces-0.wasm").is_err());
    }

    #[test]
    fn another_content_has_another_name() {
        assert_ne!(hashed(b"a"), hashed(b"b"));
        assert_eq!(hashed(b"a").len(), "pieces-0123456789abcdef.wasm".len());
    }
}
