//! The engine says the same in the browser as on the machine that tests it: every fact, all talk and
//! the state in the end, for several seeds and forms.
//!
//! `cargo xtask test wasm` writes the text natively (the example `transcript`) and runs this file in
//! Chromium, where it is written again and compared line by line.

#[path = "parity/transcript.rs"]
mod transcript;

#[cfg(target_arch = "wasm32")]
#[path = "parity/browser.rs"]
mod browser;

#[cfg(not(target_arch = "wasm32"))]
#[path = "parity/native.rs"]
mod native;
