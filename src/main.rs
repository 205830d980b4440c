//! Puts the panel into the page.

// What Rust does before and after `main` needs standard output, which a page has not.
#![cfg_attr(target_arch = "wasm32", no_main)]

use foldback_panel::app::{App, root};
use leptos::mount::{mount_to, mount_to_body};

#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen(start))]
fn main() {
    #[cfg(debug_assertions)]
    if foldback_panel::kit::is_asked() {
        match root() {
            Some(root) => mount_to(root, foldback_panel::kit::Kit).forget(),
            None => mount_to_body(foldback_panel::kit::Kit),
        }
        return;
    }
    match root() {
        Some(root) => mount_to(root, App).forget(),
        None => mount_to_body(App),
    }
}
