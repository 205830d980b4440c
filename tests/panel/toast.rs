//! Messages: how long each stays, how it is closed, and where the focus goes.

use foldback_panel::ui::{ToastStack, Toasts, Tone};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

/// Milliseconds a note stays here.
const STAY_MS: u32 = 150;

async fn bench(stay_ms: u32) -> (Page, Toasts) {
    let toasts = Toasts::new();
    let page = Page::mount(move || {
        view! {
            <button type="button" id="elsewhere">"elsewhere"</button>
            <ToastStack toasts stay_ms/>
        }
    })
    .await;
    (page, toasts)
}

fn close(text: &str) -> String {
    format!("[aria-label='Close message: {text}']")
}

#[wasm_bindgen_test]
async fn a_note_goes_by_itself_and_a_failure_stays() {
    let (page, toasts) = bench(STAY_MS).await;
    assert_eq!(page.count("section"), 0);
    toasts.show(Tone::Failure, "Refused".to_owned());
    toasts.show(Tone::Note, "Copied".to_owned());
    page.until(|| page.count(".toast") == 2).await;
    page.until(|| page.count(&close("Copied")) == 0).await;
    assert_eq!(page.count(&close("Refused")), 1);
    page.find(&close("Refused")).event("click").await;
    assert_eq!(page.count("section"), 0);
}

#[wasm_bindgen_test]
async fn a_note_waits_for_the_pointer_and_the_focus() {
    for (come, leave) in [("pointerenter", "pointerleave"), ("focusin", "focusout")] {
        let (page, toasts) = bench(STAY_MS).await;
        toasts.show(Tone::Note, "read".to_owned());
        page.until(|| page.count(".toast") == 1).await;
        let read = page.find(".toast");
        read.event(come).await;
        toasts.show(Tone::Note, "other".to_owned());
        page.until(|| page.count(&close("other")) == 1).await;
        page.until(|| page.count(&close("other")) == 0).await;
        assert_eq!(page.count(&close("read")), 1, "{come}");
        read.event(leave).await;
        page.until(|| page.count(".toast") == 0).await;
    }
}

#[wasm_bindgen_test]
async fn never_more_than_three_and_failures_stay_longest() {
    let (page, toasts) = bench(60_000).await;
    toasts.show(Tone::Failure, "1".to_owned());
    for text in ["2", "3", "4"] {
        toasts.show(Tone::Note, text.to_owned());
    }
    page.until(|| page.count(".toast") == 3).await;
    assert_eq!((page.count(&close("1")), page.count(&close("2"))), (1, 0));
}

#[wasm_bindgen_test]
async fn escape_closes_and_the_focus_goes_back_where_it_was() {
    let (page, toasts) = bench(60_000).await;
    let elsewhere = page.find("#elsewhere");
    elsewhere.element.focus().unwrap();
    toasts.show(Tone::Failure, "1".to_owned());
    toasts.show(Tone::Failure, "2".to_owned());
    page.until(|| page.count(".toast") == 2).await;
    page.find(&close("2")).keys(&["Escape"]).await;
    let first = page.find(&close("1"));
    assert!(first.has_focus());
    first.keys(&["Escape"]).await;
    assert_eq!(page.count("section"), 0);
    assert!(elsewhere.has_focus());
}

#[wasm_bindgen_test]
async fn what_has_the_focus_is_not_covered() {
    let (page, toasts) = bench(60_000).await;
    let elsewhere = page.find("#elsewhere");
    // Style sheets do not reach this page: both stand at its upper left.
    elsewhere.element.set_attribute("style", "position: fixed; inset: 0 auto auto 0").unwrap();
    elsewhere.element.focus().unwrap();
    toasts.show(Tone::Failure, "1".to_owned());
    page.until(|| page.count("section") == 1).await;
    let stack = page.find("section");
    stack.element.set_attribute("style", "position: fixed; inset: 0 auto auto 0").unwrap();
    page.until(|| page.count("section[data-aside]") == 1).await;
    elsewhere.element.blur().unwrap();
    page.until(|| page.count("section[data-aside]") == 0).await;
}
