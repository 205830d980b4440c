//! Blind mode: changes are prepared out of everybody's hearing and taken all at once.

use std::time::Duration;

use foldback_model::{Desk, Layer};
use leptos::prelude::{UpdateValue, set_timeout};

use super::{
    Touch,
    edits::{Edits, Wish, drafts::Drafts},
    fade::{Fade, STEP_MS},
};
use crate::{
    reactive::Memo,
    session::{Session, now_ms},
};

/// Why nothing that is drafted can be sent.
const NO_MIXER: &str = "This call has no mixer: nothing was sent, and the changes still stand here";

impl Session {
    /// Whether the call has a mixer, followed. One that is not known yet may have one.
    pub fn can_mix(&self) -> bool {
        self.call.read().as_ref().is_none_or(|call| call.can.mix)
    }

    fn can_mix_untracked(&self) -> bool {
        self.call.read_untracked().as_ref().is_none_or(|call| call.can.mix)
    }

    /// How much waits to be taken.
    pub fn drafts(&self) -> Memo<Drafts> {
        let edits = self.mixer.edits;
        Memo::new(move |_| edits.with(Edits::drafts))
    }

    /// How much waits to be taken, now.
    pub fn drafts_untracked(&self) -> Drafts {
        self.mixer.edits.with_untracked(Edits::drafts)
    }

    /// Begins to work blind, or ends it. While something waits it does not end: whoever ends it says
    /// first what shall become of that.
    pub fn set_blind(&self, on: bool) {
        self.open_call(self.key.get_untracked());
        if !on && !self.can_mix_untracked() {
            self.note(NO_MIXER);
        } else if !on && self.drafts_untracked().changes > 0 {
            self.note("Take or discard what waits before you leave blind mode");
        } else {
            self.mixer.blind.set(on);
        }
    }

    /// Sends all drafts, with one request where one holds them. Levels take `fade_ms` milliseconds,
    /// everything else is sent at once.
    pub fn take(&self, fade_ms: u64) {
        if !self.can_mix_untracked() {
            return self.note(NO_MIXER);
        }
        if !self.connection.get_untracked().is_live() {
            self.tell("Not connected: nothing was sent, and the changes still wait");
            return;
        }
        let (before, after) = (self.live_untracked(), self.wanted_untracked());
        let mut taken = None;
        self.mixer.edits.update(|edits| {
            let wishes = edits.drafted();
            taken = edits.take_drafts().map(|rides| (rides, wishes));
        });
        let Some((rides, wishes)) = taken else { return };
        self.begin(&rides);
        for (layer, wish) in &wishes {
            self.leave_fade(layer, std::slice::from_ref(wish));
        }
        let desks = (&before, &after);
        let fade = Fade::new(&rides, &wishes, desks, (now_ms(), fade_ms));
        self.mixer.core.update_value(|core| {
            // What does not fade leaves with the first step.
            core.pace.touch(&rides, false);
            core.fades.push(fade);
        });
        self.step_fades();
    }

    /// Brings many changes about at once: drafted while blind, kept for the operator's word without
    /// connection, else taken with a fade.
    pub(in crate::session) fn change_all(&self, wishes: Vec<(Layer, Wish)>, fade_ms: u64) {
        let is_blind = self.mixer.blind.get_untracked();
        let is_live = self.connection.get_untracked().is_live();
        let confirmed = self.desk.get_untracked();
        self.mixer.edits.update(|edits| {
            for (layer, wish) in wishes {
                if is_blind || is_live {
                    edits.draft(&layer, wish);
                } else {
                    edits.set(&layer, wish);
                }
            }
            if is_blind {
                edits.drop_idle_drafts(&confirmed);
            }
        });
        if is_blind {
            self.show_drafts();
        } else if is_live {
            self.take(fade_ms);
        } else {
            self.pump();
        }
    }

    /// Moves levels to where fades have them now, and looks again while one goes on.
    fn step_fades(&self) {
        let is_live = self.connection.get_untracked().is_live();
        // Without connection they end at once: what they were to come to is kept, not half of it.
        let now = if is_live { now_ms() } else { u64::MAX };
        let mut fades = Vec::new();
        let mut waits = false;
        self.mixer.core.update_value(|core| {
            fades.clone_from(&core.fades);
            for fade in &core.fades {
                core.pace.touch(&fade.rides, !fade.is_over(now));
            }
            core.fades.retain(|fade| !fade.is_over(now));
            waits = !core.fades.is_empty() && !std::mem::replace(&mut core.is_fade_timed, true);
        });
        self.mixer.edits.update(|edits| {
            for fade in &fades {
                for (layer, wish) in fade.at(now) {
                    edits.set_riding(&layer, wish, &fade.rides);
                }
            }
        });
        self.pump();
        if waits {
            let session = *self;
            let step = move || {
                session.mixer.core.update_value(|core| core.is_fade_timed = false);
                session.step_fades();
            };
            set_timeout(step, Duration::from_millis(STEP_MS));
        }
    }

    /// A knob is taken in hand while it fades.
    pub(super) fn leave_fade(&self, layer: &Layer, wishes: &[Wish]) {
        self.mixer.core.update_value(|core| {
            for fade in &mut core.fades {
                for wish in wishes {
                    fade.let_go(layer, wish);
                }
            }
        });
    }

    /// Lets go of all drafts.
    pub fn discard_drafts(&self) {
        self.mixer.edits.update(Edits::discard_drafts);
        self.say("Discarded");
    }

    /// Takes wishes in and sends nothing.
    pub(super) fn draft(&self, layer: &Layer, wishes: Vec<Wish>, touch: Touch) {
        let confirmed = self.desk.get_untracked();
        self.mixer.edits.update(|edits| {
            for wish in wishes {
                edits.draft(layer, wish);
            }
            // Not while a hand moves: the knob may pass where it was.
            if touch.ends {
                edits.drop_idle_drafts(&confirmed);
            }
        });
        self.show_drafts();
    }

    /// The desk as it is heard or about to be, without drafts.
    pub(super) fn live_untracked(&self) -> Desk {
        let confirmed = self.desk.get_untracked();
        self.mixer.edits.with_untracked(|edits| edits.live(&confirmed))
    }
}
