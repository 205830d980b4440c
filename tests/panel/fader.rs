//! The fader: keys, typing, drags, and values that come from elsewhere.

use foldback_panel::{
    reactive::RwSignal,
    ui::{Change, Fader},
};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

const NAME: &str = "Ana level for Everyone";

/// A fader at `level` whose changes are taken at once, as the desk takes them.
struct Bench {
    page: Page,
    value: RwSignal<i32>,
    confirmed: RwSignal<i32>,
    changes: RwSignal<Vec<Change>>,
}

impl Bench {
    async fn at(level: i32) -> Self {
        let value = RwSignal::new(level);
        let confirmed = RwSignal::new(level);
        let changes = RwSignal::new(Vec::new());
        let page = Page::mount(move || {
            let on_change = Callback::new(move |change: Change| {
                changes.update(|all: &mut Vec<_>| all.push(change));
                value.set(change.value);
            });
            view! {
                <Fader
                    label=NAME.to_owned()
                    value=value
                    confirmed=confirmed
                    on_change=on_change
                />
            }
        })
        .await;
        let bench = Self { page, value, confirmed, changes };
        // Style sheets do not reach this page: give the rail a travel of 200 px.
        let rail = bench.slider().element;
        rail.set_attribute("style", "display: block; position: relative; height: 200px").unwrap();
        let cap = bench.page.find(".fader-cap").element;
        cap.set_attribute("style", "display: block; position: absolute; height: 0").unwrap();
        bench
    }

    fn slider(&self) -> Hand {
        self.page.role("slider", NAME)
    }

    fn gestures(&self) -> (usize, usize) {
        self.changes.with_untracked(|all| {
            (
                all.iter().filter(|change| change.begins).count(),
                all.iter().filter(|change| change.ends).count(),
            )
        })
    }
}

#[wasm_bindgen_test]
async fn keys_move_by_steps_pages_and_to_the_ends() {
    let bench = Bench::at(45).await;
    let slider = bench.slider();
    assert_eq!(slider.get("aria-valuetext"), "45 percent, minus 6.9 dB");
    for (key, value) in [
        ("ArrowUp", 46),
        ("ArrowRight", 47),
        ("ArrowDown", 46),
        ("ArrowLeft", 45),
        ("PageUp", 55),
        ("PageDown", 45),
        ("Home", 0),
        ("PageDown", 0),
        ("End", 100),
        ("PageUp", 100),
    ] {
        slider.keys(&[key]).await;
        assert_eq!(slider.value(), value, "{key}");
    }
    // A key at the end of the scale changes nothing.
    assert_eq!(bench.gestures(), (8, 8));
}

#[wasm_bindgen_test]
async fn a_held_key_is_one_gesture() {
    let bench = Bench::at(50).await;
    let slider = bench.slider();
    slider.element.focus().unwrap();
    slider.key("keydown", "ArrowDown", false);
    for _ in 0..5 {
        slider.key("keydown", "ArrowDown", true);
    }
    let ends = bench.changes.with_untracked(|all| all.last().unwrap().ends);
    assert!(!ends, "the key is still held");
    slider.key("keyup", "ArrowDown", false);
    leptos::task::tick().await;
    assert_eq!(slider.value(), 44);
    assert_eq!(bench.gestures().0, 1);
    assert!(bench.changes.with_untracked(|all| all.last().unwrap().ends));
}

#[wasm_bindgen_test]
async fn enter_and_figures_lead_into_the_number_box() {
    let bench = Bench::at(100).await;
    let slider = bench.slider();
    let entry = bench.page.role("spinbutton", "Ana level for Everyone, percent");
    for (typed, value) in [("50", 50), ("70%", 70), ("-6dB", 50), ("\u{2212}20 dB", 10)] {
        slider.keys(&["Enter"]).await;
        assert!(entry.has_focus());
        entry.type_text(typed).await;
        entry.keys(&["Enter"]).await;
        assert_eq!(slider.value(), value, "{typed}");
        assert!(slider.has_focus(), "typing ends where it began");
    }
    slider.keys(&["3"]).await;
    assert_eq!(entry.text(), "3");
    entry.keys(&["Escape"]).await;
    assert_eq!((slider.value(), entry.text().as_str()), (10, "10"));
}

#[wasm_bindgen_test]
async fn a_mistake_is_shown_and_not_sent() {
    let bench = Bench::at(30).await;
    let entry = bench.page.role("spinbutton", "Ana level for Everyone, percent");
    entry.type_text("loud").await;
    assert_eq!(entry.get("aria-invalid"), "true");
    entry.keys(&["Enter"]).await;
    assert_eq!((bench.gestures(), entry.text().as_str()), ((0, 0), "loud"));
    entry.event("blur").await;
    assert_eq!((entry.text().as_str(), entry.get("aria-invalid").as_str()), ("30", ""));
}

#[wasm_bindgen_test]
async fn a_press_moves_nothing_and_a_drag_is_relative() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.pointer("pointerdown", 10, 20, false).await;
    slider.pointer("pointermove", 10, 22, false).await;
    assert_eq!((slider.value(), bench.gestures()), (60, (0, 0)));
    slider.pointer("pointermove", 10, 63, false).await;
    assert_eq!(slider.value(), 40);
    assert_eq!(bench.gestures(), (1, 0));
    slider.pointer("pointerup", 10, 63, false).await;
    assert_eq!((slider.value(), bench.gestures()), (40, (1, 1)));
}

#[wasm_bindgen_test]
async fn shift_in_mid_drag_goes_on_ten_times_finer_without_a_jump() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.pointer("pointerdown", 0, 100, false).await;
    slider.pointer("pointermove", 0, 123, false).await;
    assert_eq!(slider.value(), 50);
    slider.pointer("pointermove", 0, 123, true).await;
    assert_eq!(slider.value(), 50);
    slider.pointer("pointermove", 0, 163, true).await;
    assert_eq!(slider.value(), 48);
    slider.pointer("pointermove", 0, 163, false).await;
    assert_eq!(slider.value(), 48);
    slider.pointer("pointermove", 0, 143, false).await;
    assert_eq!(slider.value(), 58);
}

#[wasm_bindgen_test]
async fn a_second_finger_goes_on_ten_times_finer_without_a_jump() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.finger(1, "pointerdown", 100).await;
    slider.finger(1, "pointermove", 123).await;
    assert_eq!(slider.value(), 50);
    slider.finger(2, "pointerdown", 160).await;
    slider.finger(1, "pointermove", 123).await;
    assert_eq!(slider.value(), 50, "the second finger moves nothing by itself");
    slider.finger(2, "pointermove", 20).await;
    assert_eq!(slider.value(), 50);
    slider.finger(1, "pointermove", 163).await;
    assert_eq!(slider.value(), 48);
    slider.finger(2, "pointerup", 20).await;
    assert_eq!(bench.gestures(), (1, 0), "the first finger still holds it");
    slider.finger(1, "pointermove", 163).await;
    assert_eq!(slider.value(), 48);
    slider.finger(1, "pointermove", 143).await;
    assert_eq!(slider.value(), 58);
    slider.finger(1, "pointerup", 143).await;
    assert_eq!((slider.value(), bench.gestures()), (58, (1, 1)));
}

#[wasm_bindgen_test]
async fn while_a_pointer_holds_the_fader_keys_do_nothing() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.pointer("pointerdown", 0, 100, false).await;
    slider.pointer("pointermove", 0, 123, false).await;
    for key in ["ArrowUp", "Home", "Enter", "3"] {
        slider.key("keydown", key, false);
        leptos::task::tick().await;
        assert_eq!((slider.value(), slider.has_focus()), (50, true), "{key}");
    }
    slider.pointer("pointerup", 0, 123, false).await;
    assert_eq!((slider.value(), bench.gestures()), (50, (1, 1)));
}

#[wasm_bindgen_test]
async fn escape_puts_back_what_was_there() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.pointer("pointerdown", 0, 100, false).await;
    slider.pointer("pointermove", 0, 143, false).await;
    assert_eq!(slider.value(), 40);
    slider.key("keydown", "Escape", false);
    leptos::task::tick().await;
    assert_eq!((slider.value(), bench.value.get_untracked()), (60, 60));
    slider.pointer("pointermove", 0, 180, false).await;
    slider.pointer("pointerup", 0, 180, false).await;
    assert_eq!((slider.value(), bench.gestures()), (60, (1, 1)));
}

#[wasm_bindgen_test]
async fn losing_the_pointer_lets_go() {
    for kind in ["pointercancel", "lostpointercapture"] {
        let bench = Bench::at(60).await;
        let slider = bench.slider();
        slider.pointer("pointerdown", 0, 100, false).await;
        slider.pointer("pointermove", 0, 143, false).await;
        assert_eq!(bench.page.count("[data-held]"), 1);
        slider.pointer(kind, 0, 0, false).await;
        assert_eq!(bench.page.count("[data-held]"), 0, "{kind}");
        assert_eq!((slider.value(), bench.gestures()), (40, (1, 1)), "{kind}");
    }
}

#[wasm_bindgen_test]
async fn what_comes_from_elsewhere_waits_while_the_fader_is_held() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    let element = slider.element.clone();
    slider.pointer("pointerdown", 0, 100, false).await;
    slider.pointer("pointermove", 0, 123, false).await;
    bench.value.set(20);
    bench.confirmed.set(20);
    leptos::task::tick().await;
    assert_eq!(slider.value(), 50, "the hand's value stays");
    assert_eq!(bench.page.count("[data-pending]"), 1, "the ghost shows the confirmed value");
    assert!(slider.get("style").contains("--ghost: 0.2"), "{}", slider.get("style"));
    slider.pointer("pointermove", 0, 143, false).await;
    assert_eq!(slider.value(), 40);
    slider.pointer("pointerup", 0, 143, false).await;
    bench.value.set(20);
    leptos::task::tick().await;
    assert_eq!(slider.value(), 20);
    assert!(bench.slider().element == element, "it is the same element all the while");
}

#[wasm_bindgen_test]
async fn a_double_click_goes_back_to_100() {
    let bench = Bench::at(13).await;
    bench.slider().event("dblclick").await;
    assert_eq!(bench.slider().value(), 100);
}

#[wasm_bindgen_test]
async fn the_wheel_needs_the_focus() {
    let bench = Bench::at(50).await;
    let slider = bench.slider();
    slider.element.blur().unwrap();
    assert!(!slider.wheel(100, false).await, "the page scrolls");
    assert_eq!(slider.value(), 50);
    slider.element.focus().unwrap();
    for (delta, shift, value) in
        [(100, false, 49), (-100, false, 50), (100, true, 45), (-100, true, 50)]
    {
        assert!(slider.wheel(delta, shift).await);
        assert_eq!(slider.value(), value);
    }
}

#[wasm_bindgen_test]
async fn buttons_step_for_those_who_cannot_drag() {
    let bench = Bench::at(50).await;
    bench.page.find("button[aria-label='Lower Ana level for Everyone']").element.click();
    bench.page.find("button[aria-label='Lower Ana level for Everyone']").element.click();
    bench.page.find("button[aria-label='Raise Ana level for Everyone']").element.click();
    leptos::task::tick().await;
    assert_eq!(bench.slider().value(), 49);
}

#[wasm_bindgen_test]
async fn a_fader_taken_away_while_held_is_let_go() {
    let bench = Bench::at(60).await;
    let slider = bench.slider();
    slider.pointer("pointerdown", 0, 100, false).await;
    slider.pointer("pointermove", 0, 143, false).await;
    let changes = bench.changes;
    drop(bench.page);
    let last = changes.with_untracked(|all| *all.last().unwrap());
    assert_eq!((last.value, last.ends), (40, true));
}
