//! Controls behind a lock: they stand there with their values and hear nothing until it opens.

use foldback_panel::{
    reactive::{RwSignal, Signal},
    ui::{Locked, Toggle},
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

/// The lock, shut.
const SHUT: &str = "[role='group'][aria-disabled='true'][aria-description='this takes a producer']";

#[wasm_bindgen_test]
async fn what_is_locked_hears_nothing_and_says_why() {
    let why = RwSignal::new(Some("this takes a producer"));
    let presses = RwSignal::new(0);
    let page = Page::mount(move || {
        view! {
            <Locked why=Signal::from(why)>
                <Toggle
                    label="Ana ducks others"
                    is_on=Signal::stored(false)
                    on_toggle=move |_| presses.update(|n| *n += 1)
                >
                    "Ducks"
                </Toggle>
            </Locked>
        }
    })
    .await;
    let key = page.find("button");
    assert_eq!(page.count(SHUT), 1);
    key.event("click").await;
    assert_eq!(presses.get_untracked(), 0);
    why.set(None);
    tick().await;
    assert_eq!((page.count(SHUT), page.count("[aria-disabled], [role='group']")), (0, 0));
    key.event("click").await;
    assert_eq!(presses.get_untracked(), 1);
}
