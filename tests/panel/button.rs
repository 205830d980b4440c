//! A button: what a press does, and what it says while it cannot.

use foldback_panel::{
    reactive::{RwSignal, Signal},
    ui::{Button, Look},
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn a_press_counts_until_something_hinders_it() {
    let presses = RwSignal::new(0);
    let hindrance = RwSignal::new(None::<&'static str>);
    let said = RwSignal::new("");
    let page = Page::mount(move || {
        view! {
            <Button
                look=Look::Primary
                on_press=move |()| presses.update(|n| *n += 1)
                tip="Spares you"
                hindrance=Signal::from(hindrance)
                on_hindered=move |()| said.set("said")
            >
                "Mute all others"
            </Button>
        }
    })
    .await;
    let button = page.find("button");
    assert_eq!(button.get("data-look"), "primary");
    assert_eq!(
        (button.get("aria-disabled").as_str(), button.get("aria-description").as_str()),
        ("", "Spares you")
    );
    button.event("click").await;
    assert_eq!((presses.get_untracked(), said.get_untracked()), (1, ""));
    hindrance.set(Some("Not connected"));
    tick().await;
    assert_eq!(button.get("aria-disabled"), "true");
    assert_eq!(button.get("aria-description"), "Not connected");
    button.event("click").await;
    assert_eq!((presses.get_untracked(), said.get_untracked()), (1, "said"));
    hindrance.set(None);
    tick().await;
    button.event("click").await;
    assert_eq!(presses.get_untracked(), 2);
}

#[wasm_bindgen_test]
async fn a_symbol_has_a_name_and_an_inner_button_no_tab_stop() {
    let page = Page::mount(|| {
        view! {
            <Button look=Look::Icon label="Close details" on_press=|()| {} is_inner=true>"x"</Button>
        }
    })
    .await;
    let button = page.find("button");
    assert_eq!(
        (button.get("aria-label").as_str(), button.get("tabindex").as_str()),
        ("Close details", "-1")
    );
    assert_eq!(button.get("aria-description"), "");
}
