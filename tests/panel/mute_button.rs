//! The button at a microphone in each of its states.

use foldback_panel::{
    reactive::{Memo, RwSignal},
    ui::{Mute, MuteButton, Wish},
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
async fn every_state_is_told_and_every_press_is_heard() {
    let state = RwSignal::new(Mute::default());
    let presses = RwSignal::new(0);
    let page = Page::mount(move || {
        let mute = Memo::new(move |_| state.get());
        view! {
            <MuteButton
                name="Ana".to_owned()
                mute
                on_press=move |()| presses.update(|n| *n += 1)
            />
        }
    })
    .await;
    let button = page.find("button");
    let live = Mute::default();
    let muted = Mute { is_muted: true, ..live };
    let why = "only they can unmute";
    for (mute, label, pressed, hindrance, wish) in [
        (live, "Mute Ana", "false", "", ""),
        (muted, "Mute Ana", "true", "", ""),
        (Mute { hindrance: Some(why), ..muted }, "Mute Ana", "true", why, ""),
        (Mute { wish: Wish::Pending, ..live }, "Mute Ana", "false", "", "pending"),
        (Mute { wish: Wish::Failed, ..live }, "Mute Ana", "false", "", "failed"),
        (Mute { opens: true, ..live }, "Mute Ana", "", "", ""),
        (Mute { opens: true, ..muted }, "Unmute Ana", "", "", ""),
    ] {
        state.set(mute);
        tick().await;
        assert_eq!(button.get("aria-label"), label, "{mute:?}");
        assert_eq!(button.get("aria-pressed"), pressed, "{mute:?}");
        assert_eq!(button.get("aria-description"), hindrance, "{mute:?}");
        assert_eq!(button.get("aria-disabled") == "true", !hindrance.is_empty(), "{mute:?}");
        assert_eq!(button.get("data-wish"), wish, "{mute:?}");
        let shown = label.split(' ').next().unwrap();
        assert_eq!(button.element.text_content().unwrap(), shown, "{mute:?}");
        button.event("click").await;
    }
    assert_eq!(presses.get_untracked(), 7);
}
