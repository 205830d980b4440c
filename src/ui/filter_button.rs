//! A button that narrows a list, with how many it would leave.

use leptos::prelude::*;
use web_sys::Event;

use super::{attr, on, text, truth};
use crate::{reactive::Memo, view::view};

/// A filter button; pressed while it filters.
#[component]
pub fn FilterButton(
    /// Its name.
    label: &'static str,
    /// How many it leaves.
    count: Memo<usize>,
    /// It filters now.
    is_on: Memo<bool>,
    /// Asked for the other state.
    #[prop(into)]
    on_toggle: Callback<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="filter-button"
            {..attr("aria-pressed", move || Some(truth(is_on.get()).to_owned()))}
            {..on("click", move |_: Event| on_toggle.run(!is_on.get_untracked()))}
        >
            {label}
            " "
            <span class="filter-button-count">{text(move || count.get().to_string())}</span>
        </button>
    }
}
