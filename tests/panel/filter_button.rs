//! A filter button: pressed while it filters, with its figure.

use foldback_panel::{
    reactive::{Memo, RwSignal},
    ui::FilterButton,
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn it_counts_and_a_press_filters() {
    let (count, is_on) = (RwSignal::new(5_usize), RwSignal::new(false));
    let page = Page::mount(move || {
        let count = Memo::new(move |_| count.get());
        let state = Memo::new(move |_| is_on.get());
        view! {
            <FilterButton label="Open mics" count is_on=state on_toggle=move |on| is_on.set(on)/>
        }
    })
    .await;
    let button = page.find("button");
    assert_eq!(button.element.text_content().unwrap(), "Open mics 5");
    count.set(12);
    tick().await;
    assert_eq!(button.element.text_content().unwrap(), "Open mics 12");
    for pressed in ["true", "false"] {
        button.event("click").await;
        assert_eq!(button.get("aria-pressed"), pressed);
    }
}
