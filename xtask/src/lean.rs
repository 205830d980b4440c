//! How Cargo makes a small module for the browser: the standard library is compiled with it, so that
//! both are optimized for size, and a panic is one instruction.
//!
//! The switches are not stable yet. They hold for exactly the compiler that `rust-toolchain.toml`
//! pins, and `RUSTC_BOOTSTRAP` opens them for this one build; `docs/architecture.md` says more.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{paths, run};

/// Set to anything, it keeps to what is stable: the ready-made standard library, panics with texts.
const STABLE: &str = "FOLDBACK_STABLE";

/// Whether the environment asks for stable switches alone.
pub fn is_stable() -> bool {
    env::var_os(STABLE).is_some()
}

/// Tells Cargo, or a program that calls it, to compile for the browser and small.
///
/// # Errors
/// When Cargo's home or the standard library's source cannot be found or read.
pub fn apply(cargo: &mut Command) -> Result<&mut Command> {
    apply_with(cargo, &[])
}

/// As [`apply`], with further flags for the compiler.
///
/// # Errors
/// As [`apply`].
pub fn apply_with<'a>(cargo: &'a mut Command, more: &[&str]) -> Result<&'a mut Command> {
    let mut flags = rustflags()?;
    flags.extend(more.iter().map(|&flag| flag.to_owned()));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if !is_stable() {
        build_std(cargo);
    }
    Ok(cargo)
}

/// Fetches all that a build needs, the dependencies of the standard library among them: the build
/// itself is done offline.
///
/// # Errors
/// When something cannot be fetched.
pub fn fetch() -> Result<()> {
    run::output(run::cargo().args(["fetch", "--locked", "--quiet"]))?;
    if !is_stable() {
        // `cargo fetch` leaves these out, whatever is to be built.
        let mut cargo = run::cargo();
        cargo.args(["fetch", "--locked", "--quiet", "--target", "wasm32-unknown-unknown"]);
        cargo.arg("--manifest-path").arg(library()?.join("Cargo.toml"));
        run::output(cargo.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(())
}

fn build_std(cargo: &mut Command) {
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    cargo.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
}

/// What `.cargo/config.toml` says for the browser, which an environment variable would replace, and
/// short names for source files: whoever built the panel lives in their long form.
fn rustflags() -> Result<Vec<String>> {
    let mut flags = vec!["--cfg".to_owned(), "erase_components".to_owned()];
    let sources = paths::cargo_home()?.join("registry/src");
    for registry in fs::read_dir(&sources).into_iter().flatten() {
        let folder = registry.with_context(|| format!("cannot read {}", sources.display()))?.path();
        flags.push(format!("--remap-path-prefix={}=", folder.display()));
    }
    if !is_stable() {
        // Nobody reads a panic in the browser: no hook is set, and without one it says nothing there.
        flags.extend(["-Zunstable-options", "-Cpanic=immediate-abort"].map(str::to_owned));
        // Nor does anybody read where it was, or values as programmers write them: what people are
        // shown is written for them.
        flags.extend(["-Zlocation-detail=none", "-Zfmt-debug=none"].map(str::to_owned));
        flags.push(format!("--remap-path-prefix={}=std", library()?.display()));
    }
    Ok(flags)
}

/// Where the source of the standard library is, once it is installed.
///
/// # Errors
/// When the compiler cannot be asked.
pub fn library() -> Result<PathBuf> {
    let sysroot = run::output(run::program("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust/library"))
}
