//! Puts the panel into the page.

use foldback_panel::app::{App, root};
use leptos::mount::{mount_to, mount_to_body};

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
