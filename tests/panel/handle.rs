//! Curve handles: one axis each, and a lower level that never passes the upper one.

use foldback_panel::{
    reactive::RwSignal,
    ui::{Axis, Change, Handle, NumberBox, Scale, level, number_box::Reader},
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

/// Two levels and a ramp on a drawing of 200 × 100 px, held apart as the ducking room does.
async fn bench() -> (Page, RwSignal<i32>, RwSignal<i32>, RwSignal<i32>) {
    let (lower, upper, ramp) = (RwSignal::new(30), RwSignal::new(80), RwSignal::new(280));
    let page = Page::mount(move || {
        let words = Callback::new(|value: i32| value.to_string());
        let set =
            |signal: RwSignal<i32>| Callback::new(move |change: Change| signal.set(change.value));
        let zero = Signal::stored(0.5);
        view! {
            <Handle
                label="Lower level"
                axis=Axis::Vertical
                scale=Scale::PERCENT
                limits=Signal::derive(move || (0, upper.get()))
                value=lower
                words=words
                figure=words
                x=zero
                y=zero
                travel_px=Callback::new(|()| 100.0)
                on_change=set(lower)
            />
            <Handle
                label="Upper level"
                axis=Axis::Vertical
                scale=Scale::PERCENT
                limits=Signal::derive(move || (lower.get(), 100))
                value=upper
                words=words
                figure=words
                x=zero
                y=zero
                travel_px=Callback::new(|()| 100.0)
                on_change=set(upper)
            />
            <Handle
                label="Ramp active"
                axis=Axis::Horizontal
                scale=Scale::RAMP_MS
                limits=Signal::stored((0, 5000))
                value=ramp
                words=words
                figure=words
                x=zero
                y=zero
                travel_px=Callback::new(|()| 200.0)
                on_change=set(ramp)
            />
            <NumberBox
                label="Ramp active, milliseconds".to_owned()
                value=ramp
                scale=Scale::RAMP_MS
                reader=Reader { read: level::read_number, hint: "0 to 5000 milliseconds" }
                on_change=set(ramp)
                unit="milliseconds"
            />
        }
    })
    .await;
    (page, lower, upper, ramp)
}

#[wasm_bindgen_test]
async fn lower_never_passes_upper_by_keys() {
    let (page, lower, upper, _) = bench().await;
    page.role("slider", "Lower level").keys(&["End", "PageUp"]).await;
    assert_eq!((lower.get_untracked(), upper.get_untracked()), (80, 80));
    page.role("slider", "Upper level").keys(&["Home", "ArrowDown"]).await;
    assert_eq!((lower.get_untracked(), upper.get_untracked()), (80, 80));
    page.role("slider", "Lower level").keys(&["PageDown"]).await;
    page.role("slider", "Upper level").keys(&["Home"]).await;
    assert_eq!((lower.get_untracked(), upper.get_untracked()), (70, 70));
}

#[wasm_bindgen_test]
async fn lower_never_passes_upper_by_hand() {
    let (page, lower, upper, _) = bench().await;
    let handle = page.role("slider", "Lower level");
    handle.pointer("pointerdown", 50, 500, false).await;
    handle.pointer("pointermove", 90, 100, false).await;
    assert_eq!((lower.get_untracked(), handle.value()), (80, 80));
    handle.pointer("pointermove", 90, 477, false).await;
    handle.pointer("pointerup", 90, 477, false).await;
    assert_eq!((lower.get_untracked(), upper.get_untracked()), (50, 80));
}

#[wasm_bindgen_test]
async fn a_ramp_moves_sideways_only() {
    let (page, _, _, ramp) = bench().await;
    let handle = page.role("slider", "Ramp active");
    assert_eq!(
        (handle.get("aria-valuemin"), handle.get("aria-valuemax")),
        ("0".into(), "5000".into())
    );
    handle.pointer("pointerdown", 50, 50, false).await;
    handle.pointer("pointermove", 50, 90, false).await;
    assert_eq!(ramp.get_untracked(), 280);
    handle.pointer("pointermove", 93, 90, false).await;
    assert_eq!(ramp.get_untracked(), 1280);
    handle.key("keydown", "Escape", false);
    leptos::task::tick().await;
    assert_eq!((ramp.get_untracked(), handle.value()), (280, 280));
    handle.keys(&["ArrowUp", "ArrowUp", "PageDown"]).await;
    assert_eq!(ramp.get_untracked(), 200);
}

#[wasm_bindgen_test]
async fn a_box_follows_its_handle_and_leads_it() {
    let (page, _, _, ramp) = bench().await;
    let number = page.role("spinbutton", "Ramp active, milliseconds");
    number.type_text("1230").await;
    number.keys(&["Enter"]).await;
    assert_eq!(page.role("slider", "Ramp active").value(), 1230);
    number.type_text("9000 ms").await;
    number.event("blur").await;
    assert_eq!((ramp.get_untracked(), number.text().as_str()), (5000, "5000"));
    number.keys(&["ArrowDown", "PageDown"]).await;
    assert_eq!(ramp.get_untracked(), 4890);
}

#[wasm_bindgen_test]
async fn every_kind_of_hand_moves_a_handle() {
    let (page, lower, _, ramp) = bench().await;
    let handle = page.role("slider", "Ramp active");
    // Shift goes on ten times finer from where the handle is, 2.5 ms a pixel.
    handle.pointer("pointerdown", 0, 0, false).await;
    handle.pointer("pointermove", 43, 0, false).await;
    handle.pointer("pointermove", 43, 0, true).await;
    assert_eq!(ramp.get_untracked(), 1280);
    handle.pointer("pointermove", 63, 0, true).await;
    handle.pointer("pointerup", 63, 0, true).await;
    assert_eq!(ramp.get_untracked(), 1330);
    // The wheel needs the focus, which the drag brought.
    assert!(handle.wheel(-100, false).await);
    assert!(handle.wheel(100, true).await);
    assert_eq!(ramp.get_untracked(), 1290);
    let level = page.role("slider", "Lower level");
    assert!(!level.wheel(100, false).await, "the page scrolls");
    // A second finger is as fine as Shift; a lost pointer lets go.
    level.finger(1, "pointerdown", 100).await;
    level.finger(2, "pointerdown", 110).await;
    level.finger(1, "pointermove", 47).await;
    assert_eq!((lower.get_untracked(), page.count("[data-held]")), (35, 1));
    level.finger(1, "pointercancel", 47).await;
    assert_eq!((lower.get_untracked(), page.count("[data-held]")), (35, 0));
}
