//! "Hush": while it lasts, only few voices are left. The key H holds it down and keeps the person in
//! focus, else whoever talks; the button, which a finger need not hold, turns it on and off.

use foldback_model::{ParticipantId, plan};
use leptos::{
    ev::{self, KeyboardEvent},
    prelude::*,
};

use crate::{
    help::is_typing,
    icon::Icon,
    reactive::{RwSignal, Signal, effect},
    session::{Right, Session, use_session},
    ui::Toggle,
    view::view,
};

/// Begins a hush, unless one lasts already: keys repeat. `kept` is who can be heard, else whoever talks.
pub fn begin(session: Session, kept: Option<ParticipantId>) -> bool {
    if untrack(|| session.is_hushed()) {
        return false;
    }
    let refused = |why: &str| {
        session.note(why);
        false
    };
    let call = session.call.get_untracked();
    if !call.as_ref().is_some_and(|call| call.can.mix) {
        return refused("Hush needs a mixer, which this call does not have");
    }
    if !session.is_allowed(Right::Mix) {
        return false;
    }
    if !session.connection.get_untracked().is_live() {
        return refused("Not connected: nobody was hushed");
    }
    let roster = session.roster.get_untracked();
    let heard = |id: &ParticipantId| {
        roster.get(id).filter(|it| !it.muted && plan::is_listener(it, call.as_ref()))
    };
    let is_one = kept.is_some();
    let mut kept = kept.map_or_else(|| session.talking.now(), |one| vec![one]);
    kept.retain(|id| heard(id).is_some());
    if kept.is_empty() {
        return refused(if is_one {
            "Their microphone is not open: nobody could be heard"
        } else {
            "Nobody talks: go to a person’s row and hold H to keep them"
        });
    }
    let names: Vec<_> = kept.iter().filter_map(|id| Some(heard(id)?.name.clone())).collect();
    session.hush(&kept);
    session.note(format!("Hush: only {} can be heard", names.join(", ")));
    true
}

/// Ends the hush, if one lasts.
pub fn end(session: Session) {
    if session.unhush() {
        session.note("Hush is over: everybody can be heard as before");
    }
}

/// Holds a hush as long as the key is down. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct HushKey {
    session: Session,
    is_down: RwSignal<bool>,
}

impl HushKey {
    /// Not pressed.
    pub(super) fn new() -> Self {
        Self { session: use_session(), is_down: RwSignal::new(false) }
    }

    /// Pressed, or repeated while it is.
    pub fn down(self, kept: Option<ParticipantId>) {
        if begin(self.session, kept) {
            self.is_down.set(true);
        }
    }

    /// Let go. A hush that the button began goes on.
    fn up(self) {
        if self.is_down.get_untracked() {
            self.is_down.set(false);
            end(self.session);
        }
    }
}

/// The button, and the key wherever the room is open.
#[component]
pub fn HushButton(
    /// What the key holds.
    key: HushKey,
) -> impl IntoView {
    let session = use_session();
    let is_h = |event: &KeyboardEvent| event.key().eq_ignore_ascii_case("h");
    let handles = [
        window_event_listener(ev::keydown, move |event| {
            let is_alone = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if is_h(&event) && is_alone && !event.default_prevented() && !is_typing(&event) {
                key.down(None);
            }
        }),
        window_event_listener(ev::keyup, move |event| {
            if is_h(&event) {
                key.up();
            }
        }),
    ];
    // The key's going up would not be heard any more.
    let away = window_event_listener(ev::blur, move |_| key.up());
    effect(move || {
        session.key.track();
        session.leave_hush();
    });
    on_cleanup(move || {
        handles.into_iter().for_each(WindowListenerHandle::remove);
        away.remove();
        // Where nobody sees that it lasts, it does not last.
        end(session);
    });
    view! {
        <Toggle
            label="Hush"
            is_on=Signal::derive(move || session.is_hushed())
            on_toggle=move |on: bool| {
                if on {
                    begin(session, None);
                } else {
                    end(session);
                }
            }
            tip="Only who talks now can be heard until it is over. H holds it."
        >
            <Icon name="hush"/>
            <span>"Hush"</span>
        </Toggle>
    }
}
