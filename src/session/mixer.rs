//! What this operator wants the desk to be, and how that is brought about.
//!
//! The wanted desk is the confirmed desk with local edits on top ([`edits`]); requests leave at a
//! pace ([`pace`]). A refused edit falls back to what is confirmed, and the refusal is announced.
//! When the connection breaks nothing is sent again by itself: what may not have arrived is kept,
//! shown, and sent or let go at the operator's word ([`Session::send_kept`],
//! [`Session::discard_kept`]), because meanwhile somebody else may have set the same fader.

mod blind;
mod body;
pub mod edits;
mod fade;
mod hand;
pub mod history;
pub mod hush;
pub mod marks;
pub mod pace;
mod send;
mod undo;

use std::sync::Arc;

use foldback_model::{
    CallKey, Desk, Ducking, DuckingChoice, GestureId, Heard, Layer, ParticipantId,
};
use leptos::prelude::*;

pub use self::send::Body;
use self::{
    edits::{Edits, Ticket, Wish},
    fade::Fade,
    hand::Hands,
    history::History,
    hush::Hushed,
    marks::Marks,
    pace::Pace,
};
use super::{Right, Session, now_ms, operations};
use crate::{
    link::Failure,
    reactive::{Memo, RwSignal, effect},
};

/// The request body that the drawer shows, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// The JSON; empty before the first change.
    pub text: String,
    /// How many requests the change takes; the first is shown.
    pub n_parts: usize,
    /// It has left. While a control moves it shows what would be sent now.
    pub is_sent: bool,
}

/// Where in a gesture a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// The first change of a gesture.
    pub begins: bool,
    /// The control is let go.
    pub ends: bool,
}

impl Touch {
    /// A gesture of one change, such as a click.
    pub const ONCE: Self = Self { begins: true, ends: true };
}

/// The wanted desk and its sending. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Mixer {
    edits: RwSignal<Edits>,
    /// The body being sent, or sent last.
    pub payload: RwSignal<Payload>,
    /// Ducking settings made while ducking is off, for one layer.
    prepared: RwSignal<Option<(Layer, Ducking)>>,
    history: RwSignal<History>,
    /// What the newest gesture changed of the payload.
    pub marks: RwSignal<Marks>,
    /// What is silenced for a moment.
    hushed: RwSignal<Option<Hushed>>,
    /// Changes wait until they are taken.
    pub blind: RwSignal<bool>,
    core: StoredValue<Core>,
}

#[derive(Debug, Default)]
struct Core {
    call: Option<CallKey>,
    pace: Pace,
    memory: Vec<Memory>,
    /// Why a part of a request failed.
    failures: Vec<(Ticket, Failure)>,
    is_timer_set: bool,
    /// What hands are moving.
    hands: Hands,
    /// Levels that are on their way by themselves; a timer looks after them.
    fades: Vec<Fade>,
    is_fade_timed: bool,
    /// When the payload was shown last, in UTC milliseconds.
    shown_ms: u64,
}

/// What is kept of a layer from one request to the next.
#[derive(Debug)]
struct Memory {
    layer: Layer,
    gesture: Option<GestureId>,
    /// Correlation texts of the next request, shown before they leave.
    contexts: Vec<String>,
    /// Sources whose ducking keys were released when ducking was turned off.
    released: Vec<ParticipantId>,
}

impl Core {
    /// What is kept of a layer. There are few: a linear search does.
    fn of(&mut self, layer: &Layer) -> &mut Memory {
        let found = self.memory.iter().position(|memory| memory.layer == *layer);
        let at = found.unwrap_or_else(|| {
            self.memory.push(Memory {
                layer: layer.clone(),
                gesture: None,
                contexts: Vec::new(),
                released: Vec::new(),
            });
            self.memory.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut self.memory[at]
    }
}

impl Mixer {
    /// Wants nothing.
    pub fn new() -> Self {
        Self {
            edits: RwSignal::default(),
            payload: RwSignal::default(),
            prepared: RwSignal::default(),
            history: RwSignal::default(),
            marks: RwSignal::default(),
            hushed: RwSignal::default(),
            blind: RwSignal::default(),
            core: StoredValue::new(Core::default()),
        }
    }
}

impl Default for Mixer {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// The confirmed desk with this operator's edits on top. To be called once a component.
    pub fn wanted_desk(&self) -> Memo<Arc<Desk>> {
        let session = *self;
        // Facts about edits take them away; without this a stale edit would hide later facts.
        effect(move || {
            let confirmed = session.desk.get();
            session.open_call(session.key.get());
            session.settle_edits(&confirmed);
            // What cannot be sent is drafted, and stays a draft should the mixer come back.
            if !session.can_mix() && !session.mixer.blind.get_untracked() {
                session.mixer.blind.set(true);
            }
        });
        Memo::new(move |_| {
            session.mixer.edits.with(|edits| Arc::new(edits.over(&session.desk.get())))
        })
    }

    /// How many edits wait for [`Self::send_kept`] or [`Self::discard_kept`].
    pub fn kept_edits(&self) -> Memo<usize> {
        let edits = self.mixer.edits;
        Memo::new(move |_| edits.with(Edits::kept))
    }

    /// Sends what was kept when the connection broke.
    pub fn send_kept(&self) {
        if !self.connection.get_untracked().is_live() {
            self.tell("Still not connected: nothing was sent");
            return;
        }
        let mut layers = Vec::new();
        self.mixer.edits.update(|edits| layers = edits.revive_kept());
        for layer in &layers {
            self.begin(layer);
            self.mixer.core.update_value(|core| core.pace.touch(layer, false));
        }
        self.pump();
    }

    /// Lets go of what was kept when the connection broke.
    pub fn discard_kept(&self) {
        self.mixer.edits.update(Edits::discard_kept);
    }

    /// Sets a source's level, in percent.
    pub fn set_level(&self, layer: &Layer, source: &ParticipantId, percent: u8, touch: Touch) {
        self.wish(layer, vec![Wish::Level(source.clone(), Some(percent.min(100)))], touch);
    }

    /// Lets a source lower the others while it is active, or not. The first such source of a layer
    /// without ducking brings the preset [`Ducking::VOICE_OVER`] with it: the service refuses one
    /// without the other.
    pub fn set_ducks_others(&self, layer: &Layer, source: &ParticipantId, on: bool) {
        let heard = self.heard_untracked(layer);
        let mut wishes = vec![Wish::DucksOthers(source.clone(), Some(on))];
        if on && heard.ducking.is_none() {
            wishes.push(Wish::Ducking(Some(DuckingChoice::On(Ducking::VOICE_OVER))));
        }
        if on && heard.exclusive && !heard.sources.contains_key(source) {
            // A ducking source must be listed; listed at 0 it stays as silent as it was.
            wishes.push(Wish::Level(source.clone(), Some(heard.level(source))));
        }
        self.wish(layer, wishes, Touch::ONCE);
    }

    /// Sets how ducked sources behave, which turns ducking on.
    pub fn set_ducking(&self, layer: &Layer, ducking: Ducking, touch: Touch) {
        self.wish(layer, vec![Wish::Ducking(Some(DuckingChoice::On(ducking)))], touch);
    }

    /// Turns ducking on; sources whose keys [`Self::ducking_off`] released duck again.
    pub fn ducking_on(&self, layer: &Layer, ducking: Ducking) {
        let mut released = Vec::new();
        self.mixer.core.update_value(|core| {
            released = std::mem::take(&mut core.of(layer).released);
        });
        let roster = self.roster.get_untracked();
        let mut wishes = vec![Wish::Ducking(Some(DuckingChoice::On(ducking)))];
        wishes.extend(
            released
                .into_iter()
                .filter(|source| roster.contains(source))
                .map(|source| Wish::DucksOthers(source, Some(true))),
        );
        self.wish(layer, wishes, Touch::ONCE);
    }

    /// Turns ducking off. Sources that duck others stop doing so: the service refuses ducking sources
    /// without ducking.
    pub fn ducking_off(&self, layer: &Layer) {
        let heard = self.heard_untracked(layer);
        let duckers: Vec<_> = heard
            .sources
            .into_iter()
            .filter(|(_, cell)| cell.ducks_others)
            .map(|(source, _)| source)
            .collect();
        if let Some(settings) = heard.ducking {
            // They are there again when ducking is turned on again.
            self.mixer.prepared.set(Some((layer.clone(), settings)));
        }
        let mut wishes = vec![Wish::Ducking(Some(DuckingChoice::Off))];
        wishes.extend(duckers.iter().map(|source| Wish::DucksOthers(source.clone(), Some(false))));
        self.mixer.core.update_value(|core| {
            core.of(layer).released = duckers;
        });
        self.wish(layer, wishes, Touch::ONCE);
    }

    /// Silences all sources without a level of their own, or no longer.
    pub fn set_exclusive(&self, layer: &Layer, on: bool) {
        self.wish(layer, vec![Wish::Exclusive(Some(on))], Touch::ONCE);
    }

    /// What a layer is wanted to be heard as.
    fn heard_untracked(&self, layer: &Layer) -> Heard {
        heard_by(layer, &self.wanted_untracked())
    }

    fn begin(&self, layer: &Layer) {
        if let Some(gesture) = operations::gesture() {
            self.mixer.core.update_value(|core| {
                core.of(layer).gesture = Some(gesture);
            });
        }
    }

    fn wish(&self, layer: &Layer, wishes: Vec<Wish>, touch: Touch) {
        self.open_call(self.key.get_untracked());
        if !self.is_allowed(Right::Mix) {
            return;
        }
        if self.mixer.blind.get_untracked() {
            self.record(layer, wishes.clone(), &self.wanted_untracked(), touch);
            self.draft(layer, wishes, touch);
        } else {
            self.wish_live(layer, wishes, touch);
        }
    }

    /// Brings about what is wished, blind mode or not.
    fn wish_live(&self, layer: &Layer, wishes: Vec<Wish>, touch: Touch) {
        self.open_call(self.key.get_untracked());
        if touch.begins {
            self.begin(layer);
        }
        self.leave_fade(layer, &wishes);
        let wanted = self.live_untracked();
        if wishes.iter().all(|wish| wish.holds(layer, &wanted)) {
            if touch.ends {
                self.mixer.core.update_value(|core| core.pace.let_go(layer));
            }
            if !touch.begins {
                self.record(layer, wishes, &wanted, touch);
            }
            self.pump();
        } else {
            self.record(layer, wishes.clone(), &wanted, touch);
            self.bring_about(layer, wishes, touch);
        }
    }

    /// Takes wishes in and sends what may leave now.
    fn bring_about(&self, layer: &Layer, wishes: Vec<Wish>, touch: Touch) {
        let mixer = self.mixer;
        mixer.edits.update(|edits| {
            for wish in wishes {
                edits.set(layer, wish);
            }
        });
        mixer.core.update_value(|core| core.pace.touch(layer, !touch.ends));
        self.show_draft(layer);
        self.pump();
    }

    fn wanted_untracked(&self) -> Desk {
        let confirmed = self.desk.get_untracked();
        self.mixer.edits.with_untracked(|edits| edits.over(&confirmed))
    }

    fn settle_edits(&self, confirmed: &Desk) {
        let mut edits = self.mixer.edits.get_untracked();
        if edits.confirm(confirmed, now_ms()) {
            self.mixer.edits.set(edits);
        }
    }

    /// Edits belong to one call: opening another one lets go of them.
    fn open_call(&self, call: Option<CallKey>) {
        let mut is_other = false;
        self.mixer.core.update_value(|core| {
            is_other = core.call != call;
            if is_other {
                let pace = std::mem::take(&mut core.pace).for_another_call();
                *core = Core { call, pace, ..Core::default() };
            }
        });
        if is_other {
            self.mixer.edits.set(Edits::default());
            self.mixer.payload.set(Payload::default());
            self.mixer.prepared.set(None);
            self.mixer.history.set(History::default());
            self.mixer.blind.set(false);
        }
    }
}

/// What a layer is heard as: everyone's, or one listener's.
pub fn heard_by(layer: &Layer, desk: &Desk) -> Heard {
    match layer {
        Layer::Everyone => desk.heard_by_everyone(),
        Layer::Listener(listener) => desk.heard(listener),
    }
}
