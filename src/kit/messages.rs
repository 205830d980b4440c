//! What is told: tooltip, toasts, status line, the bar that holds back.

use leptos::prelude::*;

use super::{control, state};
use crate::{
    reactive::{Memo, RwSignal},
    ui::{Button, Hold, HoldBar, Phase, Toasts, Tone},
    view::view,
};

/// Milliseconds that a note stays here: long enough to be looked at.
pub const STAY_MS: u32 = 600_000;

/// What the page's message parts show. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The messages.
    pub toasts: Toasts,
    /// The status line.
    pub said: RwSignal<String>,
}

impl Told {
    /// One message of each kind.
    pub fn new() -> Self {
        let toasts = Toasts::new();
        toasts.show(Tone::Note, "Copied".to_owned());
        let refusal = "The mix was not changed: the service does not know one of the people in it, \
                       who has left the call meanwhile.";
        toasts.show(Tone::Failure, refusal.to_owned());
        Self { toasts, said: RwSignal::new("Ana muted".to_owned()) }
    }
}

/// The sections.
pub fn all(told: Told) -> AnyView {
    vec![
        control("tooltip", tooltip()),
        control("toast", toast(told)),
        control("status_line", status_line(told)),
        control("hold_bar", hold_bar()),
    ]
    .into_any()
}

fn tooltip() -> Vec<AnyView> {
    let control = view! {
        <Button on_press=|()| {} tip="By name. The order stays as it is while you work in it.">
            "Hover or focus me"
        </Button>
    };
    let text = view! { <span data-tip="Nobody real hears it">"Rehearsal"</span> };
    let cut = view! {
        <div
            data-tip-cut
            style:width="6rem"
            style:overflow="hidden"
            style:text-overflow="ellipsis"
            style:white-space="nowrap"
        >
            "A name that is far too long for its place"
        </div>
    };
    vec![
        state("of a control", control.into_any()),
        state("of a text", text.into_any()),
        state("of what is cut off", cut.into_any()),
    ]
}

fn toast(told: Told) -> Vec<AnyView> {
    let show = move |tone: Tone, text: &'static str| told.toasts.show(tone, text.to_owned());
    let note = view! {
        <Button on_press=move |()| show(Tone::Note, "Something worth knowing")>"Show a note"</Button>
    };
    let failure = view! {
        <Button on_press=move |()| show(Tone::Failure, "Something went wrong")>
            "Show a failure"
        </Button>
    };
    vec![state("a note", note.into_any()), state("a failure", failure.into_any())]
}

fn status_line(told: Told) -> Vec<AnyView> {
    let words = view! {
        <p>{move || told.said.get()}</p>
        <Button on_press=move |()| told.said.set("Bo muted".to_owned())>"Say something"</Button>
    };
    vec![state("what it says, for eyes", words.into_any())]
}

fn hold_bar() -> Vec<AnyView> {
    let before =
        Hold { words: "Muting 43 in 2 s".to_owned(), done: 0, total: 2, ..Hold::default() };
    let running = Hold {
        phase: Phase::Running,
        words: "17/43 confirmed".to_owned(),
        done: 17,
        total: 43,
        failed: Vec::new(),
    };
    let failed = vec![
        ("+49 30 55".to_owned(), "not an ACS user".to_owned()),
        ("Piet".to_owned(), "no answer came".to_owned()),
    ];
    let words = "41/43 confirmed, 2 failed".to_owned();
    let failing = Hold { words, done: 41, failed, ..running.clone() };
    let done = Hold { words: "43/43 confirmed".to_owned(), done: 43, ..running.clone() };
    [
        ("held", "Mute all others, held", before),
        ("running", "Mute all others, running", running),
        ("over", "Mute all others, over", Hold { phase: Phase::Over, ..done }),
        ("over, some failed", "Mute all others, failed", Hold { phase: Phase::Over, ..failing }),
    ]
    .into_iter()
    .map(|(name, label, hold)| {
        let hold = Memo::new(move |_| hold.clone());
        let view = view! {
            <div class="kit-bar">
                <HoldBar label hold on_cancel=|()| {} on_retry=|()| {} on_dismiss=|()| {}/>
            </div>
        };
        state(name, view.into_any())
    })
    .collect()
}
