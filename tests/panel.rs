//! The panel's controls in a real browser: events in, roles and values out.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "panel/page.rs"]
mod page;

#[path = "panel/combobox.rs"]
mod combobox;
#[path = "panel/fader.rs"]
mod fader;
#[path = "panel/handle.rs"]
mod handle;
#[path = "panel/status_line.rs"]
mod status_line;
#[path = "panel/toast.rs"]
mod toast;
#[path = "panel/tooltip.rs"]
mod tooltip;
