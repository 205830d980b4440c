//! A switch: `role=switch`. Its name stays the same in both states.

use leptos::prelude::*;
use web_sys::Event;

use super::{attr, on, truth};
use crate::{reactive::Memo, view::view};

/// A switch with its name beside it.
#[component]
pub fn Switch(
    /// Its name, shown.
    label: &'static str,
    /// On or off.
    is_on: Memo<bool>,
    /// Asked for the other state.
    #[prop(into)]
    on_toggle: Callback<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="switch"
            role="switch"
            {..attr("aria-checked", move || Some(truth(is_on.get()).to_owned()))}
            {..on("click", move |_: Event| on_toggle.run(!is_on.get_untracked()))}
        >
            <span class="switch-track" aria-hidden="true">
                <span class="switch-thumb"></span>
            </span>
            {label}
        </button>
    }
}
