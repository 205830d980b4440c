//! The panel's controls in a real browser: events in, roles and values out.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

// What the panel's own `view!` writes names it from the root.
use foldback_panel::view;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "panel/page.rs"]
mod page;

#[path = "panel/button.rs"]
mod button;
#[path = "panel/combobox.rs"]
mod combobox;
#[path = "panel/drawer.rs"]
mod drawer;
#[path = "panel/fader.rs"]
mod fader;
#[path = "panel/filter_button.rs"]
mod filter_button;
#[path = "panel/handle.rs"]
mod handle;
#[path = "panel/hold_bar.rs"]
mod hold_bar;
#[cfg(debug_assertions)]
#[path = "panel/kit.rs"]
mod kit;
#[path = "panel/locked.rs"]
mod locked;
#[path = "panel/moment.rs"]
mod moment;
#[path = "panel/mute_button.rs"]
mod mute_button;
#[path = "panel/number_box.rs"]
mod number_box;
#[path = "panel/search_box.rs"]
mod search_box;
#[path = "panel/status_line.rs"]
mod status_line;
#[path = "panel/switch.rs"]
mod switch;
#[path = "panel/tabs.rs"]
mod tabs;
#[path = "panel/text_field.rs"]
mod text_field;
#[path = "panel/toast.rs"]
mod toast;
#[path = "panel/toggle.rs"]
mod toggle;
#[path = "panel/tooltip.rs"]
mod tooltip;
#[path = "panel/virtual_grid.rs"]
mod virtual_grid;
