//! The tooltip: what it explains, when it comes and goes, and what a screen reader gets.

use foldback_panel::ui::Tooltip;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

async fn bench() -> Page {
    Page::mount(move || {
        view! {
            <button type="button" id="sort" aria-description="By name">"Sort"</button>
            <button type="button" id="plain">"Plain"</button>
            <span id="badge" data-tip="Nobody real hears it">"Rehearsal"</span>
            <div id="cut" data-tip-cut>"A name that is far too long"</div>
            <div id="whole" data-tip-cut>"Ana"</div>
            <button type="button" id="copy" aria-label="Copy" data-tip="Copy">"c"</button>
            <Tooltip/>
        }
    })
    .await
}

fn tip(page: &Page) -> Hand {
    page.find("[role='tooltip']")
}

/// The pointer rests on something until its words are shown. It comes anew meanwhile: the page of a
/// test run scrolls when something is written into it, and that ends an explanation.
async fn rest(page: &Page, id: &str, words: &str) {
    for _ in 0..20 {
        page.find(id).pointer("pointerover", 0, 0, false).await;
        if page.comes_within(120, || shown(page).as_deref() == Some(words)).await {
            return;
        }
        page.find("#plain").pointer("pointerover", 0, 0, false).await;
    }
    assert_eq!(shown(page).as_deref(), Some(words));
}

fn shown(page: &Page) -> Option<String> {
    let tip = tip(page).element;
    (!tip.hidden()).then(|| tip.text_content().unwrap())
}

#[wasm_bindgen_test]
async fn a_pointer_that_rests_is_told_and_one_that_leaves_is_not() {
    let page = bench().await;
    for (id, words) in [("#sort", "By name"), ("#badge", "Nobody real hears it")] {
        page.find(id).pointer("pointerover", 0, 0, false).await;
        assert_eq!(shown(&page), None, "not at once");
        rest(&page, id, words).await;
        // On the way to the tooltip, and on it, the words stay.
        page.find("#plain").pointer("pointerover", 0, 0, false).await;
        tip(&page).pointer("pointerover", 0, 0, false).await;
        assert_eq!(shown(&page).as_deref(), Some(words));
        page.find("#plain").pointer("pointerover", 0, 0, false).await;
        page.until(|| shown(&page).is_none()).await;
    }
}

#[wasm_bindgen_test]
async fn the_focus_is_told_at_once_and_escape_ends_it() {
    let page = bench().await;
    let sort = page.find("#sort");
    // Keys that were pressed last make the focus one that shows.
    sort.keys(&["Tab"]).await;
    page.until(|| shown(&page).as_deref() == Some("By name")).await;
    assert_eq!(sort.get("aria-describedby"), tip(&page).get("id"));
    sort.keys(&["Escape"]).await;
    assert_eq!((shown(&page), sort.get("aria-describedby")), (None, String::new()));
    page.find("#plain").element.focus().unwrap();
    sort.element.focus().unwrap();
    assert_eq!(shown(&page).as_deref(), Some("By name"));
    page.find("#plain").element.focus().unwrap();
    assert_eq!(shown(&page), None);
}

#[wasm_bindgen_test]
async fn what_a_name_says_is_not_said_twice() {
    let page = bench().await;
    let copy = page.find("#copy");
    copy.element.focus().unwrap();
    assert_eq!(shown(&page).as_deref(), Some("Copy"));
    assert_eq!(copy.get("aria-describedby"), "");
}

#[wasm_bindgen_test]
async fn only_a_text_that_is_cut_off_is_shown_in_full() {
    let page = bench().await;
    for id in ["#cut", "#whole"] {
        let style = "width: 60px; overflow: hidden; white-space: nowrap";
        page.find(id).element.set_attribute("style", style).unwrap();
    }
    page.find("#whole").pointer("pointerover", 0, 0, false).await;
    rest(&page, "#badge", "Nobody real hears it").await;
    rest(&page, "#cut", "A name that is far too long").await;
}

#[wasm_bindgen_test]
async fn a_finger_and_a_press_end_it() {
    let page = bench().await;
    let sort = page.find("#sort");
    rest(&page, "#sort", "By name").await;
    sort.pointer("pointerdown", 0, 0, false).await;
    assert_eq!(shown(&page), None);
}
