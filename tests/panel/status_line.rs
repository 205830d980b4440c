//! The status line: one region, and words that are read out though they were said before.

use foldback_panel::{reactive::RwSignal, ui::StatusLine};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn the_same_words_are_another_text() {
    let said = RwSignal::new(String::new());
    let page = Page::mount(move || view! { <StatusLine said/> }).await;
    let region = page.find("[role='status']");
    let mut before = String::new();
    for words in ["Ana muted", "Ana muted", "Ana muted", "Bo muted"] {
        said.set(words.to_owned());
        tick().await;
        let text = region.element.text_content().unwrap();
        assert_eq!(text.trim(), words);
        assert_ne!(text, before);
        before = text;
    }
}
