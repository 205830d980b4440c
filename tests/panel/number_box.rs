//! A number box: typing counts with Enter, a mistake is explained and never sent, Escape puts back.

use foldback_panel::{
    reactive::RwSignal,
    ui::{Change, NumberBox, Scale, level, number_box::Reader},
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

const READER: Reader = Reader { read: level::read_number, hint: "0 to 5000 milliseconds" };

async fn bench() -> (Page, RwSignal<i32>) {
    let value = RwSignal::new(280);
    let page = Page::mount(move || {
        view! {
            <NumberBox
                label="Ramp active".to_owned()
                value=value
                scale=Scale::RAMP_MS
                reader=READER
                on_change=move |change: Change| value.set(change.value)
                unit="milliseconds"
            />
        }
    })
    .await;
    (page, value)
}

fn spin(page: &Page) -> Hand {
    page.role("spinbutton", "Ramp active")
}

#[wasm_bindgen_test]
async fn a_number_counts_with_enter_and_stays_within_its_ends() {
    let (page, value) = bench().await;
    let input = spin(&page);
    for (typed, counts) in [("640", 640), ("99999", 5000), ("0", 0)] {
        input.type_text(typed).await;
        input.keys(&["Enter"]).await;
        assert_eq!((value.get_untracked(), input.text()), (counts, counts.to_string()));
    }
    assert_eq!(input.get("aria-valuetext"), "0 milliseconds");
}

#[wasm_bindgen_test]
async fn a_mistake_is_explained_and_escape_puts_back() {
    let (page, value) = bench().await;
    let input = spin(&page);
    input.type_text("soon").await;
    assert_eq!(input.get("aria-invalid"), "true");
    assert_eq!(input.get("aria-description"), READER.hint);
    input.keys(&["Enter"]).await;
    assert_eq!(value.get_untracked(), 280);
    input.keys(&["Escape"]).await;
    assert_eq!((input.text().as_str(), input.get("aria-invalid").as_str()), ("280", ""));
}

#[wasm_bindgen_test]
async fn arrows_and_page_keys_step() {
    let (page, value) = bench().await;
    spin(&page).keys(&["ArrowUp", "PageUp", "ArrowDown", "PageDown", "ArrowDown"]).await;
    assert_eq!(value.get_untracked(), 270);
}
