//! A switch: its name stays, its state is told, a press asks for the other.

use foldback_panel::{
    reactive::{Memo, RwSignal},
    ui::Switch,
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn a_press_turns_it_on_and_off() {
    let is_on = RwSignal::new(false);
    let page = Page::mount(move || {
        let state = Memo::new(move |_| is_on.get());
        view! { <Switch label="Exclusive" is_on=state on_toggle=move |on| is_on.set(on)/> }
    })
    .await;
    let switch = page.find("[role='switch']");
    assert_eq!(switch.element.text_content().unwrap(), "Exclusive");
    for checked in ["true", "false"] {
        switch.event("click").await;
        assert_eq!(switch.get("aria-checked"), checked);
    }
}
