//! Blind mode: changes are prepared out of everybody's hearing and taken all at once.

use foldback_model::{Desk, Layer};
use leptos::prelude::UpdateValue;

use super::{
    Touch,
    edits::{Edits, Wish, drafts::Drafts},
};
use crate::{reactive::Memo, session::Session};

impl Session {
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
        if !on && self.drafts_untracked().changes > 0 {
            self.note("Take or discard what waits before you leave blind mode");
        } else {
            self.mixer.blind.set(on);
        }
    }

    /// Sends all drafts, with one request where one holds them.
    pub fn take(&self) {
        if !self.connection.get_untracked().is_live() {
            self.tell("Not connected: nothing was sent, and the changes still wait");
            return;
        }
        let mut rides = None;
        self.mixer.edits.update(|edits| rides = edits.take_drafts());
        let Some(layer) = rides else { return };
        self.begin(&layer);
        self.mixer.core.update_value(|core| core.pace.touch(&layer, false));
        self.pump();
        self.say("Taken");
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
