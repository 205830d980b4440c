//! The combobox: typing narrows, keys point, Enter and clicks pick, Escape changes nothing.

use foldback_panel::{
    reactive::{Memo, RwSignal},
    ui::{Choice, Combobox},
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

async fn bench() -> (Page, RwSignal<String>) {
    let picked = RwSignal::new(String::new());
    let choices: Vec<_> = [("", "Everyone"), ("a", "Ana"), ("b", "Bo Lind"), ("c", "Bob")]
        .map(|(key, name)| Choice { key: key.into(), name: name.into(), hint: String::new() })
        .into();
    let page = Page::mount(move || {
        let choices = Memo::new(move |_| choices.clone());
        view! {
            <Combobox
                label="Listener"
                id="test"
                choices
                picked=Memo::new(move |_| picked.get())
                finds=|typed, name| name.to_lowercase().contains(&typed.to_lowercase())
                on_pick=Callback::new(move |key| picked.set(key))
            />
        }
    })
    .await;
    (page, picked)
}

fn combobox(page: &Page) -> Hand {
    page.role("combobox", "Listener")
}

#[wasm_bindgen_test]
async fn typing_narrows_and_enter_picks() {
    let (page, picked) = bench().await;
    let input = combobox(&page);
    assert_eq!((input.text().as_str(), input.get("aria-expanded").as_str()), ("Everyone", "false"));
    input.type_text("bo").await;
    assert_eq!(page.count("[role='option']"), 2);
    assert_eq!(input.get("aria-activedescendant"), "test-option-0");
    input.keys(&["ArrowDown", "Enter"]).await;
    assert_eq!(picked.get_untracked(), "c");
    assert_eq!((input.text().as_str(), input.get("aria-expanded").as_str()), ("Bob", "false"));
}

#[wasm_bindgen_test]
async fn a_click_picks() {
    let (page, picked) = bench().await;
    combobox(&page).event("click").await;
    assert_eq!(page.count("[role='option']"), 4);
    page.role("option", "Ana").event("click").await;
    assert_eq!(picked.get_untracked(), "a");
    assert_eq!(page.count("[role='option']"), 0);
}

#[wasm_bindgen_test]
async fn escape_and_nonsense_change_nothing() {
    let (page, picked) = bench().await;
    let input = combobox(&page);
    picked.set("a".to_owned());
    for end in ["Escape", "blur"] {
        input.type_text("xyz").await;
        assert_eq!(page.count("[role='option']"), 0);
        input.keys(&["Enter"]).await;
        if end == "blur" {
            input.event("blur").await;
        } else {
            input.keys(&[end]).await;
        }
        assert_eq!((picked.get_untracked().as_str(), input.text().as_str()), ("a", "Ana"), "{end}");
    }
}

#[wasm_bindgen_test]
async fn a_name_typed_in_full_counts_when_the_box_is_left() {
    let (page, picked) = bench().await;
    let input = combobox(&page);
    input.type_text("bo lind").await;
    input.event("blur").await;
    assert_eq!(picked.get_untracked(), "b");
}
