//! The bar of something that is about to happen: cancelled, counted, tried again, dismissed.

use foldback_panel::{
    reactive::{Memo, RwSignal},
    ui::{Hold, HoldBar, Phase},
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

/// A bar, what it shows, and what was asked of it.
struct Bench {
    page: Page,
    hold: RwSignal<Option<Hold>>,
    asked: RwSignal<Vec<&'static str>>,
}

impl Bench {
    async fn with(hold: Hold) -> Self {
        let hold = RwSignal::new(Some(hold));
        let asked = RwSignal::new(Vec::new());
        let page = Page::mount(move || {
            let shown = Memo::new(move |_| hold.get().unwrap_or_default());
            let hears = move |what: &'static str, ends: bool| {
                Callback::new(move |()| {
                    asked.update(|all: &mut Vec<_>| all.push(what));
                    if ends {
                        hold.set(None);
                    }
                })
            };
            view! {
                <button type="button" id="start">"Mute all others"</button>
                <foldback_panel::reactive::Show when=move || hold.get().is_some()>
                    <HoldBar
                        label="Mute all others"
                        hold=shown
                        on_cancel=hears("cancel", true)
                        on_retry=hears("retry", false)
                        on_dismiss=hears("dismiss", true)
                    />
                </foldback_panel::reactive::Show>
            }
        })
        .await;
        let bench = Self { page, hold, asked };
        bench.page.find("#start").element.focus().unwrap();
        bench
    }

    async fn show(&self, hold: Hold) {
        self.hold.set(Some(hold));
        tick().await;
    }

    fn words(&self) -> String {
        self.page.find("[role='group'] > p").element.text_content().unwrap()
    }

    /// The button with these words; there is only one in the bar at a time.
    fn button(&self, words: &str) -> Hand {
        let button = self.page.find("[role='group'] button");
        assert_eq!(button.element.text_content().unwrap(), words);
        button
    }
}

fn held() -> Hold {
    Hold { words: "Muting 41 in 2 s".to_owned(), total: 2, ..Hold::default() }
}

#[wasm_bindgen_test]
async fn escape_cancels_only_with_the_focus_in_it_and_gives_the_focus_back() {
    let bench = Bench::with(held()).await;
    bench.page.find("#start").keys(&["Escape"]).await;
    assert!(bench.asked.get_untracked().is_empty());
    bench.button("Cancel").keys(&["Escape"]).await;
    assert_eq!(bench.asked.get_untracked(), ["cancel"]);
    assert_eq!(bench.page.count("[role='group']"), 0);
    assert!(bench.page.find("#start").has_focus());
}

#[wasm_bindgen_test]
async fn it_counts_down_then_up_and_can_be_dismissed() {
    let bench = Bench::with(held()).await;
    let progress = bench.page.find("[role='progressbar']");
    assert_eq!(
        (bench.words().as_str(), progress.get("aria-valuenow").as_str()),
        ("Muting 41 in 2 s", "0")
    );
    bench.show(Hold { words: "Muting 41 in 1 s".to_owned(), done: 1, ..held() }).await;
    assert_eq!(
        (bench.words().as_str(), progress.get("aria-valuenow").as_str()),
        ("Muting 41 in 1 s", "1")
    );
    let running = Hold {
        phase: Phase::Running,
        words: "7/41 confirmed".to_owned(),
        done: 7,
        total: 41,
        ..held()
    };
    bench.show(running.clone()).await;
    assert_eq!(bench.page.count("[role='group'] button"), 0);
    assert_eq!(
        (progress.get("aria-valuenow").as_str(), progress.get("aria-valuemax").as_str()),
        ("7", "41")
    );
    bench
        .show(Hold { phase: Phase::Over, words: "41/41 confirmed".to_owned(), done: 41, ..running })
        .await;
    let dismiss = bench.button("Dismiss");
    dismiss.element.focus().unwrap();
    dismiss.event("click").await;
    assert_eq!(bench.asked.get_untracked(), ["dismiss"]);
    assert!(bench.page.find("#start").has_focus());
}

#[wasm_bindgen_test]
async fn what_failed_is_listed_and_can_be_tried_again() {
    let failed = vec![("+49 30 55".to_owned(), "not an ACS user".to_owned())];
    let bench = Bench::with(Hold {
        phase: Phase::Running,
        words: "40/41 confirmed, 1 failed".to_owned(),
        done: 40,
        total: 41,
        failed,
    })
    .await;
    assert_eq!(bench.page.find("li").element.text_content().unwrap(), "+49 30 55: not an ACS user");
    bench.button("Retry").event("click").await;
    assert_eq!(bench.asked.get_untracked(), ["retry"]);
    // Escape is no way out of what is happening already.
    bench.button("Retry").keys(&["Escape"]).await;
    assert_eq!(bench.asked.get_untracked(), ["retry"]);
}
