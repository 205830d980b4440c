//! Tabs: clicks and arrows choose, one of them is in the tab order.

use foldback_panel::{reactive::RwSignal, ui::tabs::Tabs};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn clicks_and_arrows_choose_and_the_focus_follows() {
    let chosen = RwSignal::new(0);
    let page = Page::mount(move || {
        view! { <Tabs label="Details" names=vec!["One", "Two", "Three"] chosen/> }
    })
    .await;
    let [one, two, three] = ["#tab-one", "#tab-two", "#tab-three"]
        .map(|id| page.find(&format!("[role='tablist'] {id}")));
    assert_eq!(
        (one.get("aria-selected").as_str(), one.get("aria-controls").as_str()),
        ("true", "panel-one")
    );
    two.event("click").await;
    assert_eq!(
        (two.get("aria-selected").as_str(), one.get("aria-selected").as_str()),
        ("true", "false")
    );
    assert_eq!((two.get("tabindex").as_str(), one.get("tabindex").as_str()), ("0", "-1"));
    two.keys(&["ArrowRight"]).await;
    assert!(three.has_focus());
    three.keys(&["ArrowRight"]).await;
    assert!(one.has_focus());
    one.keys(&["ArrowLeft"]).await;
    assert!(three.has_focus());
    three.keys(&["Home"]).await;
    assert_eq!((chosen.get_untracked(), one.has_focus()), (0, true));
}
