//! The drawer at its three widths: parts, tabs, and a sheet that gives the focus back.

use foldback_panel::{
    reactive::RwSignal,
    ui::drawer::{Drawer, DrawerButton, Part, Widths},
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

/// Media queries that always and never hold.
const ALWAYS: &str = "all";
const NEVER: &str = "not all";

async fn bench(widths: Widths, is_open: bool) -> (Page, RwSignal<bool>) {
    let open = RwSignal::new(is_open);
    let page = Page::mount(move || {
        let parts = vec![
            Part { name: "First", draw: || view! { <p>"first part"</p> }.into_any() },
            Part { name: "Second", draw: || view! { <p>"second part"</p> }.into_any() },
        ];
        view! {
            <DrawerButton label="Details" tip="First and second" open/>
            <Drawer label="Details" parts open widths/>
        }
    })
    .await;
    (page, open)
}

#[wasm_bindgen_test]
async fn wide_both_parts_are_seen_and_there_are_no_tabs() {
    let (page, open) = bench(Widths { wide: ALWAYS, narrow: NEVER }, true).await;
    assert_eq!((page.count("[role='tab']"), page.count(".drawer-part:not([hidden])")), (0, 2));
    let button = page.find("[aria-controls='drawer']");
    assert_eq!(button.get("aria-expanded"), "true");
    button.event("click").await;
    assert_eq!((open.get_untracked(), button.get("aria-expanded").as_str()), (false, "false"));
    assert_eq!(page.count("aside[hidden]"), 1);
}

#[wasm_bindgen_test]
async fn narrower_one_part_is_seen_and_tabs_choose_it() {
    let (page, open) = bench(Widths { wide: NEVER, narrow: NEVER }, true).await;
    let seen = || page.find("[role='tabpanel']:not([hidden])");
    assert_eq!(seen().get("aria-labelledby"), "tab-first");
    page.find("#tab-second").event("click").await;
    assert_eq!(seen().get("id"), "panel-second");
    page.find("#tab-second").keys(&["Escape"]).await;
    assert!(open.get_untracked(), "only a sheet goes with Escape");
}

#[wasm_bindgen_test]
async fn a_sheet_takes_the_focus_and_gives_it_back() {
    let (page, open) = bench(Widths { wide: NEVER, narrow: ALWAYS }, false).await;
    let button = page.find("[aria-controls='drawer']");
    let tab = "#tab-first";
    for way in ["Escape", "Close details"] {
        button.element.focus().unwrap();
        button.event("click").await;
        page.until(|| page.find(tab).has_focus()).await;
        if way == "Escape" {
            page.find(tab).keys(&[way]).await;
        } else {
            page.find("[aria-label='Close details']").element.focus().unwrap();
            page.find("[aria-label='Close details']").event("click").await;
        }
        assert!(!open.get_untracked(), "{way}");
        assert!(button.has_focus(), "{way}");
    }
}
