//! A key: one name, two states, and a press asks for the other.

use foldback_panel::{
    reactive::{RwSignal, Signal},
    ui::Toggle,
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn a_press_asks_for_the_other_state_and_shows_what_is_so() {
    let is_on = RwSignal::new(false);
    let asked = RwSignal::new(Vec::new());
    let page = Page::mount(move || {
        view! {
            <Toggle
                label="Ana ducks others"
                is_on=Signal::from(is_on)
                on_toggle=move |on| asked.update(|all: &mut Vec<bool>| all.push(on))
            >
                "Ducks"
            </Toggle>
        }
    })
    .await;
    let key = page.find("button");
    for (on, pressed) in [(false, "false"), (true, "true")] {
        is_on.set(on);
        tick().await;
        assert_eq!(
            (key.get("aria-pressed").as_str(), key.get("aria-label").as_str()),
            (pressed, "Ana ducks others")
        );
        key.event("click").await;
        // Nobody took it over yet: the key shows what is so, not what is wanted.
        assert_eq!(key.get("aria-pressed"), pressed);
    }
    assert_eq!(asked.get_untracked(), [true, false]);
}
