//! A line of text with its name above it. Enter says that it is complete.

use leptos::{ev::KeyboardEvent, prelude::*};
use web_sys::Event;

use super::on;
use crate::{reactive::RwSignal, view::view};

/// A field: `textbox`.
#[component]
pub fn TextField(
    /// Its accessible name, which stands above it.
    label: &'static str,
    /// What is typed.
    text: RwSignal<String>,
    /// Enter was pressed.
    #[prop(into)]
    on_enter: Callback<()>,
) -> impl IntoView {
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            on_enter.run(());
        }
    };
    view! {
        <label class="text-field">
            <span>{label}</span>
            <input
                type="text"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || text.get()
                {..on("input", move |event: Event| text.set(event_target_value(&event)))}
                {..on("keydown", on_key)}
            />
        </label>
    }
}
