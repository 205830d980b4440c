//! A line of text: what is typed counts at once, and Enter says that it is complete.

use foldback_panel::{reactive::RwSignal, ui::TextField};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn typing_counts_and_enter_completes() {
    let typed = RwSignal::new(String::new());
    let done = RwSignal::new(0);
    let enter = move |()| done.update(|n| *n += 1);
    let page = Page::mount(move || {
        view! { <TextField label="Meeting link" text=typed on_enter=enter/> }
    })
    .await;
    let input = page.find("label input[type='text']");
    input.type_text("https").await;
    assert_eq!((typed.get_untracked().as_str(), done.get_untracked()), ("https", 0));
    input.keys(&["Enter"]).await;
    assert_eq!(done.get_untracked(), 1);
}
