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
    reactive::{Local, RwSignal},
    session::{Session, mixer::hush::Hushed, use_session},
    ui::Toggle,
    view::view,
};

/// A hush that is held or not. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Hush {
    session: Session,
    is_on: RwSignal<bool>,
    before: Local<Option<Hushed>>,
}

impl Hush {
    /// Held by nobody.
    pub(super) fn new() -> Self {
        Self { session: use_session(), is_on: RwSignal::new(false), before: Local::new(None) }
    }

    /// Begins, unless it is held already: keys repeat.
    pub fn begin(self, kept: Option<ParticipantId>) {
        if self.is_on.get_untracked() {
            return;
        }
        let session = self.session;
        let call = session.call.get_untracked();
        if !call.as_ref().is_some_and(|call| call.can.mix) {
            return session.note("Hush needs a mixer, which this call does not have");
        }
        if !session.connection.get_untracked().is_live() {
            return session.note("Not connected: nobody was hushed");
        }
        let kept = kept.map_or_else(|| session.talking.now(), |one| vec![one]);
        let roster = session.roster.get_untracked();
        let heard = |id: &ParticipantId| {
            roster.get(id).filter(|person| plan::is_listener(person, call.as_ref()))
        };
        let names: Vec<_> = kept.iter().filter_map(|id| Some(heard(id)?.name.clone())).collect();
        if names.is_empty() {
            return session.note("Nobody talks: go to a person’s row and hold H to keep them");
        }
        let kept: Vec<_> = kept.into_iter().filter(|id| heard(id).is_some()).collect();
        self.is_on.set(true);
        self.before.set(Some(session.hush(&kept)));
        session.note(format!("Hush: only {} can be heard", names.join(", ")));
    }

    /// Ends, if it is held.
    pub fn end(self) {
        if let Some(before) = self.before.with(Option::take).flatten() {
            self.is_on.set(false);
            self.session.unhush(before);
            self.session.note("Hush is over: everybody can be heard as before");
        }
    }
}

/// The button, and the key wherever the room is open.
#[component]
pub fn HushButton(
    /// What it holds.
    hush: Hush,
) -> impl IntoView {
    let is_h = |event: &KeyboardEvent| event.key().eq_ignore_ascii_case("h");
    let handles = [
        window_event_listener(ev::keydown, move |event| {
            let is_alone = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if is_h(&event) && is_alone && !event.default_prevented() && !is_typing(&event) {
                hush.begin(None);
            }
        }),
        window_event_listener(ev::keyup, move |event| {
            if is_h(&event) {
                hush.end();
            }
        }),
    ];
    // The key's going up would not be heard any more.
    let away = window_event_listener(ev::blur, move |_| hush.end());
    on_cleanup(move || {
        handles.into_iter().for_each(WindowListenerHandle::remove);
        away.remove();
        hush.end();
    });
    view! {
        <Toggle
            label="Hush"
            is_on=hush.is_on
            on_toggle=move |on: bool| if on { hush.begin(None) } else { hush.end() }
            tip="Only who talks now can be heard until it is over. H holds it."
        >
            <Icon name="hush"/>
            <span>"Hush"</span>
        </Toggle>
    }
}
