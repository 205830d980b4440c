//! Remembering what this operator does to the mixes, and taking it back; what waits for ducking to be
//! turned on is part of it.

use foldback_model::{Desk, Ducking, Heard, Layer};

use super::{
    Touch,
    edits::Wish,
    history::{Deed, Fit, History, Step, Way},
    marks::Marks,
};
use crate::{
    reactive::Memo,
    session::{Session, now_ms},
};

impl Session {
    /// The ducking settings of a layer: those that hold, or while ducking is off those that will hold
    /// once it is turned on.
    pub fn ducking_settings(&self, layer: &Layer, heard: &Heard) -> Ducking {
        let prepared = self.mixer.prepared.read();
        let prepared = prepared.as_ref().filter(|(of, _)| of == layer).map(|(_, it)| *it);
        heard.ducking.or(prepared).unwrap_or(Ducking::VOICE_OVER)
    }

    /// Sets what ducking will be once it is turned on; nothing is sent.
    pub fn prepare_ducking(&self, layer: &Layer, after: Ducking, touch: Touch) {
        let before = self.prepared_untracked(layer);
        self.mixer.prepared.set(Some((layer.clone(), after)));
        self.mixer.history.update(|history| {
            let came_to_nothing =
                |deed: &Deed| matches!(deed, Deed::Prepared { before, after } if before == after);
            let deed = Deed::Prepared { before, after };
            history.record(layer, deed, touch, now_ms(), came_to_nothing);
        });
    }

    fn prepared_untracked(&self, layer: &Layer) -> Ducking {
        let prepared = self.mixer.prepared.get_untracked();
        prepared.filter(|(of, _)| of == layer).map_or(Ducking::VOICE_OVER, |(_, it)| it)
    }

    /// Remembers a change, so that it can be taken back. `wanted` is the desk before it.
    pub(super) fn record(&self, layer: &Layer, after: Vec<Wish>, wanted: &Desk, touch: Touch) {
        let before = after.iter().map(|wish| wish.now(layer, wanted)).collect();
        let came_to_nothing = |deed: &Deed| match deed {
            Deed::Mix { before, after } => {
                let mut desk = wanted.clone();
                for wish in after {
                    wish.apply(layer, &mut desk);
                }
                before.iter().all(|wish| wish.holds(layer, &desk))
            }
            Deed::Recalled { .. } | Deed::Prepared { .. } => false,
        };
        self.mixer.history.update(|history| {
            let deed = Deed::Mix { before, after };
            history.record(layer, deed, touch, now_ms(), came_to_nothing);
        });
        let newest = |history: &History| history.next(Way::Back).map(|step| Marks::of(&step.deed));
        self.mark(self.mixer.history.with_untracked(newest).unwrap_or_default());
    }

    /// Remembers a deed that is no single layer's.
    pub(in crate::session) fn remember(&self, layer: &Layer, deed: Deed, touch: Touch) {
        self.open_call(self.key.get_untracked());
        self.mixer
            .history
            .update(|history| history.record(layer, deed, touch, now_ms(), |_| false));
    }

    /// The desk as this operator wants it, now.
    pub(in crate::session) fn wanted_now(&self) -> Desk {
        self.wanted_untracked()
    }

    fn mark(&self, marks: Marks) {
        if self.mixer.marks.with_untracked(|old| *old != marks) {
            self.mixer.marks.set(marks);
        }
    }

    /// The step that undo or redo would go next.
    pub fn next_step(&self, way: Way) -> Memo<Option<Step>> {
        let history = self.mixer.history;
        Memo::new(move |_| history.with(|history| history.next(way).cloned()))
    }

    /// Takes the newest step back, or does the one taken back last again. Gives the step and whether
    /// it fitted; none when there is none.
    pub fn go_step(&self, way: Way) -> Option<(Step, Fit)> {
        self.open_call(self.key.get_untracked());
        let wanted = self.wanted_untracked();
        let prepared = |layer: &Layer| self.prepared_untracked(layer);
        let mut gone = None;
        self.mixer.history.update(|history| gone = history.go(way, &wanted, prepared));
        let (step, fit) = gone?;
        if fit == Fit::Fits {
            let layer = &step.layer;
            match (&step.deed, way) {
                (Deed::Mix { before: to, .. }, Way::Back)
                | (Deed::Mix { after: to, .. }, Way::Again) => {
                    self.begin(layer);
                    self.mark(Marks::of(&step.deed));
                    if self.mixer.blind.get_untracked() {
                        self.draft(layer, to.clone(), Touch::ONCE);
                    } else {
                        self.bring_about(layer, to.clone(), Touch::ONCE);
                    }
                }
                (Deed::Recalled { before: to, .. }, Way::Back)
                | (Deed::Recalled { after: to, .. }, Way::Again) => self.change_all(to.clone(), 0),
                (Deed::Prepared { before: to, .. }, Way::Back)
                | (Deed::Prepared { after: to, .. }, Way::Again) => {
                    self.mixer.prepared.set(Some((layer.clone(), *to)));
                }
            }
        }
        Some((step, fit))
    }
}
