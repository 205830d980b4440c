//! Blind mode: its switch, and the bar with what waits to be taken.

use leptos::{ev, prelude::*};

use super::View;
use crate::{
    reactive::{Memo, Show, Signal},
    session::{Session, use_session},
    ui::{Button, Locked, Look, Switch, Toggle, text},
    view::view,
};

/// Why "Take" does nothing.
const NOTHING: &str = "nothing has changed yet";
const NO_MIXER: &str = "this call has no mixer";

/// The switch "Blind mode". While it is on, Ctrl+Enter takes.
#[component]
pub fn BlindSwitch(
    /// The room's view.
    view: View,
) -> impl IntoView {
    let session = use_session();
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_take = event.key() == "Enter" && (event.ctrl_key() || event.meta_key());
        if is_take && session.mixer.blind.get_untracked() {
            event.prevent_default();
            take(session);
        }
    });
    on_cleanup(move || keys.remove());
    let is_on = Memo::new(move |_| session.mixer.blind.get());
    view! {
        <Locked why=view.hindrance>
            <Switch label="Blind mode" is_on on_toggle=move |on| session.set_blind(on)/>
        </Locked>
    }
}

/// What waits to be taken, with the two ways out; absent while changes are sent as they are made.
#[component]
pub fn BlindBar() -> impl IntoView {
    let session = use_session();
    let drafts = session.drafts();
    let hindrance = Signal::derive(move || {
        let nothing = (drafts.get().changes == 0).then_some(NOTHING);
        if session.can_mix() { nothing } else { Some(NO_MIXER) }
    });
    let nothing = Signal::derive(move || (drafts.get().changes == 0).then_some(NOTHING));
    let words = move || {
        let mixes = |n| if n == 1 { "1 mix".to_owned() } else { format!("{n} mixes") };
        let drafts = drafts.get();
        match drafts.changes {
            0 => "Blind: what you change waits here until you take it".to_owned(),
            1 => "Blind: 1 change waits".to_owned(),
            n => format!("Blind: {n} changes wait, in {}", mixes(drafts.layers)),
        }
    };
    view! {
        <Show when=move || session.mixer.blind.get()>
            <div class="kept" role="group" aria-label="Blind mode">
                <p class="kept-text">{text(words)}</p>
                <FadeChoice/>
                <Button
                    look=Look::Primary
                    on_press=move |()| take(session)
                    tip="Sends all of them together: Ctrl+Enter"
                    hindrance=hindrance
                    on_hindered=move |()| take(session)
                >
                    "Take"
                </Button>
                <Button
                    on_press=move |()| session.discard_drafts()
                    hindrance=nothing
                >
                    "Discard"
                </Button>
            </div>
        </Show>
    }
}

const NOTHING_SAID: &str = "Nothing was taken: nothing has changed yet";

fn take(session: Session) {
    if session.drafts_untracked().changes == 0 {
        session.note(NOTHING_SAID);
    } else {
        session.take(session.fade_ms.get_untracked());
    }
}

/// How long levels take, in milliseconds, with the words for it.
const FADES: [(&str, u64); 3] = [("Cut", 0), ("1.5 s", 1_500), ("5 s", 5_000)];

/// How long levels take when scenes are recalled and changes taken.
#[component]
pub fn FadeChoice() -> impl IntoView {
    let session = use_session();
    let fade_ms = session.fade_ms;
    view! {
        <div class="fade-choice" role="group" aria-label="Fade">
            {FADES
                .map(|(name, ms)| {
                    view! {
                        <Toggle
                            label=format!("Fade: {name}")
                            is_on=Signal::derive(move || fade_ms.get() == ms)
                            on_toggle=move |_: bool| fade_ms.set(ms)
                        >
                            {name}
                        </Toggle>
                    }
                })
                .collect_view()}
        </div>
    }
}
