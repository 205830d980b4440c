//! Tabs: one of several parts is seen. Arrows go round, Home and End to the ends; the part that is seen
//! is the one in the tab order.

use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

use super::{attr, case::lower, fixed, focus::focus, on, truth};
use crate::{reactive::RwSignal, view::view};

/// The id of a part's tab.
pub fn tab_id(name: &str) -> String {
    format!("tab-{}", lower(name))
}

/// The id of the part itself, which whoever draws it sets.
pub fn panel_id(name: &str) -> String {
    format!("panel-{}", lower(name))
}

/// Gives a part's tab the focus.
pub fn focus_tab(name: &str) {
    let tab = document().get_element_by_id(&tab_id(name));
    if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
        focus(&tab);
    }
}

/// The tabs.
#[component]
pub fn Tabs(
    /// What they are parts of: their accessible name.
    label: &'static str,
    /// The names of the parts, each one word and unique in the page.
    names: Vec<&'static str>,
    /// Which part is seen, counted from 0.
    chosen: RwSignal<usize>,
) -> impl IntoView {
    let all = names.clone();
    let on_key = move |event: KeyboardEvent| {
        let Some(to) = by_key(&event.key(), chosen.get_untracked(), names.len()) else { return };
        event.prevent_default();
        chosen.set(to);
        if let Some(name) = names.get(to) {
            focus_tab(name);
        }
    };
    let tab = move |(at, name): (usize, &'static str)| {
        let is_chosen = move || chosen.get() == at;
        view! {
            <button
                type="button"
                class="tab"
                role="tab"
                {..fixed("id", tab_id(name))}
                {..fixed("aria-controls", panel_id(name))}
                {..attr("aria-selected", move || Some(truth(is_chosen()).to_owned()))}
                {..attr("tabindex", move || Some(if is_chosen() { "0" } else { "-1" }.to_owned()))}
                {..on("click", move |_: Event| chosen.set(at))}
            >
                {name}
            </button>
        }
    };
    view! {
        <div aria-label=label class="tabs" role="tablist" {..on("keydown", on_key)}>
            {all.into_iter().enumerate().map(tab).collect_view()}
        </div>
    }
}

/// Where a key leads among `n` tabs; none for keys that lead nowhere.
fn by_key(key: &str, now: usize, n: usize) -> Option<usize> {
    let last = n.checked_sub(1)?;
    Some(match key {
        "ArrowRight" if now >= last => 0,
        "ArrowRight" => now + 1,
        "ArrowLeft" => now.checked_sub(1).unwrap_or(last),
        "Home" => 0,
        "End" => last,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_round() {
        for (key, now, n, to) in [
            ("ArrowRight", 0, 2, Some(1)),
            ("ArrowRight", 1, 2, Some(0)),
            ("ArrowLeft", 0, 3, Some(2)),
            ("Home", 2, 3, Some(0)),
            ("End", 0, 3, Some(2)),
            ("End", 0, 0, None),
            ("a", 0, 3, None),
        ] {
            assert_eq!(by_key(key, now, n), to, "{key} {now} {n}");
        }
    }
}
