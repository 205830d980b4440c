//! Puts the panel into the page.

use foldback_panel::app::{App, root};
use leptos::mount::{mount_to, mount_to_body};

fn main() {
    match root() {
        Some(root) => mount_to(root, App).forget(),
        None => mount_to_body(App),
    }
}
