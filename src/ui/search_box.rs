//! A search box that Escape empties.

use leptos::{ev::KeyboardEvent, prelude::*};
use web_sys::Event;

use super::on;
use crate::{reactive::RwSignal, view::view};

/// A search box: `searchbox`.
#[component]
pub fn SearchBox(
    /// Its accessible name, shown while it is empty.
    label: &'static str,
    /// What is typed.
    text: RwSignal<String>,
) -> impl IntoView {
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && text.with_untracked(|text| !text.is_empty()) {
            event.prevent_default();
            event.stop_propagation();
            text.set(String::new());
        }
    };
    view! {
        <input
            class="search-box"
            type="search"
            aria-label=label
            placeholder=label
            autocomplete="off"
            spellcheck="false"
            prop:value=move || text.get()
            {..on("input", move |event: Event| text.set(event_target_value(&event)))}
            {..on("keydown", on_key)}
        />
    }
}
