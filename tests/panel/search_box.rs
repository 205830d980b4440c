//! A search box: what is typed counts at once, and Escape empties it.

use foldback_panel::{reactive::RwSignal, ui::SearchBox};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn typing_counts_at_once_and_escape_empties() {
    let typed = RwSignal::new(String::new());
    let page = Page::mount(move || view! { <SearchBox label="Search sources" text=typed/> }).await;
    let input = page.find("input[type='search'][aria-label='Search sources']");
    input.type_text("ana").await;
    assert_eq!(typed.get_untracked(), "ana");
    input.keys(&["Escape"]).await;
    assert_eq!((typed.get_untracked().as_str(), input.text().as_str()), ("", ""));
}
