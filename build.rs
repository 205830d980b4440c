//! Asks the compiler for a panel that can be taken apart, when `cargo xtask build` does (which says how
//! in `xtask/src/split.rs`). All other builds make one module.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FOLDBACK_SPLIT");
    println!("cargo::rustc-check-cfg=cfg(foldback_split)");
    let is_for_a_browser = env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|it| it == "wasm32");
    if is_for_a_browser && env::var_os("FOLDBACK_SPLIT").is_some() {
        println!("cargo::rustc-cfg=foldback_split");
        // The linker's relocations are what it is taken apart by.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
