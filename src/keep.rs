//! What this browser remembers of the operator's taste, by name. Nothing of a call is kept here.

use leptos::prelude::window;
use web_sys::Storage;

/// What is kept under a name; nothing when it never was, or when the browser keeps nothing.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(&key(name)).ok().flatten()
}

/// Keeps a text under a name, or forgets it. A browser that keeps nothing is told of once in the
/// console: the choice then holds until the page is loaded again.
pub fn write(name: &str, text: Option<&str>) {
    let Some(storage) = storage() else { return };
    let done = match text {
        Some(text) => storage.set_item(&key(name), text),
        None => storage.remove_item(&key(name)),
    };
    if done.is_err() {
        leptos::logging::warn!("this browser keeps nothing: {name} holds until a reload");
    }
}

fn key(name: &str) -> String {
    format!("foldback.{name}")
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
