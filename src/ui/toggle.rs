//! A key that stays down: `aria-pressed`. Its name stays the same in both states. What turns a whole
//! part of the page on or off, with its name beside it, is a [`super::Switch`].

use leptos::prelude::*;
use web_sys::Event;

use super::{attr, fixed, on, truth};
use crate::{reactive::Signal, view::view};

/// A key.
#[component]
pub fn Toggle(
    /// Its accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// It is down.
    #[prop(into)]
    is_on: Signal<bool>,
    /// Asked for the other state.
    #[prop(into)]
    on_toggle: Callback<bool>,
    /// What it does beyond what the name says.
    #[prop(optional)]
    tip: Option<&'static str>,
    /// Left out of the tab order, where arrows lead to it.
    #[prop(optional)]
    is_inner: bool,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let mut more = vec![
        attr("aria-label", move || Some(label.get())),
        attr("aria-pressed", move || Some(truth(is_on.get()).to_owned())),
        on("click", move |_: Event| on_toggle.run(!is_on.get_untracked())),
    ];
    if let Some(tip) = tip {
        more.push(fixed("aria-description", tip.to_owned()));
    }
    if is_inner {
        more.push(fixed("tabindex", "-1".to_owned()));
    }
    view! {
        <button type="button" class="toggle" {..more}>
            {children()}
        </button>
    }
}
