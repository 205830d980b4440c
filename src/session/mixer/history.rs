//! What this operator can take back, step by step. Pure: time is handed in.
//!
//! One gesture is one step. Single changes of the same level or the same ramp that follow each other
//! within [`MERGE_MS`] are one step too, as key presses are. A step that somebody else has meanwhile
//! painted over is not taken back: it would undo their work.

use foldback_model::{Desk, Ducking, DuckingChoice, Layer};

use super::{Touch, edits::Wish};

/// Milliseconds within which single changes of one knob are one step.
pub const MERGE_MS: u64 = 3000;

/// Most steps kept; the oldest go first.
const STEPS_MAX: usize = 500;

/// What a step changed, as it was before and as it is after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Something of the mix; taking it back is sent as everything is.
    Mix {
        /// What held before.
        before: Vec<Wish>,
        /// What was wanted last; the same knobs in the same order.
        after: Vec<Wish>,
    },
    /// The whole desk, by a scene; taking it back is sent as one request.
    Recalled {
        /// The scene's name.
        scene: String,
        /// What held before.
        before: Vec<(Layer, Wish)>,
        /// What the scene says; the same knobs in the same order.
        after: Vec<(Layer, Wish)>,
    },
    /// Ducking settings that wait for ducking to be turned on; nothing is sent for them.
    Prepared {
        /// The settings before.
        before: Ducking,
        /// The settings after.
        after: Ducking,
    },
}

impl Deed {
    /// Both turn the same knobs.
    fn same_knobs(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mix { after: a, .. }, Self::Mix { after: b, .. }) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_knob(b))
            }
            (Self::Prepared { .. }, Self::Prepared { .. }) => true,
            _ => false,
        }
    }

    /// Takes over what a later change of the same knobs wants.
    fn go_on(&mut self, later: Self) {
        match (self, later) {
            (Self::Mix { after, .. }, Self::Mix { after: now, .. }) => *after = now,
            (Self::Prepared { after, .. }, Self::Prepared { after: now, .. }) => *after = now,
            _ => {}
        }
    }

    /// Turned by degrees: several changes in a row are one movement. Keys and switches are not.
    fn is_gradual(&self) -> bool {
        match self {
            Self::Mix { before, after } => before.iter().zip(after).all(|pair| {
                matches!(
                    pair,
                    (Wish::Level(..), _)
                        | (
                            Wish::Ducking(Some(DuckingChoice::On(_))),
                            Wish::Ducking(Some(DuckingChoice::On(_)))
                        )
                )
            }),
            Self::Recalled { .. } => false,
            Self::Prepared { .. } => true,
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whose mix.
    pub layer: Layer,
    /// What changed.
    pub deed: Deed,
    /// Made of single changes; the last was then, in UTC milliseconds.
    singles_until: Option<u64>,
}

/// How a step stands with the desk when it is to be taken back or done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// What it would change is as it was left.
    Fits,
    /// What it would bring about holds already, for example because the service refused the step.
    Idle,
    /// Somebody else has changed it since.
    Overtaken,
}

impl Step {
    /// How going from one end of the step to the other fits the desk. `prepared` gives the settings of
    /// a layer that wait for ducking to be turned on.
    fn fit(&self, way: Way, desk: &Desk, prepared: impl Fn(&Layer) -> Ducking) -> Fit {
        match &self.deed {
            Deed::Mix { before, after } => {
                let (from, to) = match way {
                    Way::Back => (after, before),
                    Way::Again => (before, after),
                };
                let holds = |wishes: &[Wish]| wishes.iter().all(|it| it.holds(&self.layer, desk));
                match (holds(to), holds(from)) {
                    (true, _) => Fit::Idle,
                    (false, true) => Fit::Fits,
                    (false, false) => Fit::Overtaken,
                }
            }
            Deed::Recalled { before, after, .. } => {
                let (from, to) = match way {
                    Way::Back => (after, before),
                    Way::Again => (before, after),
                };
                let holds = |wishes: &[(Layer, Wish)]| {
                    wishes.iter().all(|(layer, wish)| wish.now(layer, desk) == *wish)
                };
                match (holds(to), holds(from)) {
                    (true, _) => Fit::Idle,
                    (false, true) => Fit::Fits,
                    (false, false) => Fit::Overtaken,
                }
            }
            Deed::Prepared { before, after } => {
                let to = if way == Way::Back { before } else { after };
                if *to == prepared(&self.layer) { Fit::Idle } else { Fit::Fits }
            }
        }
    }
}

/// Which way through the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Undo.
    Back,
    /// Redo.
    Again,
}

/// All steps of this operator in one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The newest step's gesture goes on.
    is_open: bool,
}

impl History {
    /// Takes in a change of `layer`. `now_ms` is the time in UTC milliseconds; `came_to_nothing`
    /// that everything is heard again as before the step.
    pub fn record(
        &mut self,
        layer: &Layer,
        deed: Deed,
        touch: Touch,
        now_ms: u64,
        came_to_nothing: impl FnOnce(&Deed) -> bool,
    ) {
        let is_single = touch.begins && touch.ends;
        let goes_on = self.done.last().is_some_and(|last| {
            let same = last.layer == *layer && last.deed.same_knobs(&deed);
            let soon = last.singles_until.is_some_and(|until| now_ms < until + MERGE_MS);
            // A key that is held down begins with a single press.
            same && (!touch.begins || (is_single && soon && last.deed.is_gradual()))
        });
        if !touch.begins && !goes_on {
            // What belongs to a step that is gone was told as part of it.
            return;
        }
        self.undone.clear();
        self.is_open = !touch.ends;
        if goes_on && let Some(last) = self.done.last_mut() {
            last.deed.go_on(deed);
            last.singles_until = last.singles_until.map(|_| now_ms);
        } else {
            if self.done.len() == STEPS_MAX {
                self.done.remove(0);
            }
            let singles_until = is_single.then_some(now_ms);
            self.done.push(Step { layer: layer.clone(), deed, singles_until });
        }
        if touch.ends && self.done.last().is_some_and(|last| came_to_nothing(&last.deed)) {
            self.done.pop();
        }
    }

    /// The step that comes next that way.
    pub fn next(&self, way: Way) -> Option<&Step> {
        match way {
            Way::Back => self.done.last(),
            Way::Again => self.undone.last(),
        }
    }

    /// Goes one step: past steps that would change nothing, to the first that fits or that somebody
    /// has painted over. An overtaken step is forgotten. While a gesture goes on, nowhere.
    pub fn go(
        &mut self,
        way: Way,
        desk: &Desk,
        prepared: impl Fn(&Layer) -> Ducking,
    ) -> Option<(Step, Fit)> {
        if self.is_open {
            return None;
        }
        loop {
            let (from, to) = match way {
                Way::Back => (&mut self.done, &mut self.undone),
                Way::Again => (&mut self.undone, &mut self.done),
            };
            let mut step = from.pop()?;
            step.singles_until = None;
            match step.fit(way, desk, &prepared) {
                Fit::Idle => {}
                Fit::Fits => {
                    to.push(step.clone());
                    return Some((step, Fit::Fits));
                }
                Fit::Overtaken => return Some((step, Fit::Overtaken)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::ParticipantId;
    use proptest::prelude::*;

    use super::*;

    const DRAG: Touch = Touch { begins: true, ends: false };
    const ON: Touch = Touch { begins: false, ends: false };
    const END: Touch = Touch { begins: false, ends: true };

    fn level(source: &str, percent: u8) -> Wish {
        Wish::Level(ParticipantId::parse(source).unwrap(), Some(percent))
    }

    /// A desk under one operator's hands.
    #[derive(Default)]
    struct Hands {
        desk: Desk,
        history: History,
    }

    impl Hands {
        fn change(&mut self, wish: Wish, touch: Touch, now_ms: u64) {
            let before = vec![wish.now(&Layer::Everyone, &self.desk)];
            wish.apply(&Layer::Everyone, &mut self.desk);
            let deed = Deed::Mix { before, after: vec![wish] };
            let desk = self.desk.clone();
            self.history.record(&Layer::Everyone, deed, touch, now_ms, |deed| match deed {
                Deed::Mix { before, .. } => {
                    before.iter().all(|it| it.holds(&Layer::Everyone, &desk))
                }
                Deed::Recalled { .. } | Deed::Prepared { .. } => false,
            });
        }

        fn go(&mut self, way: Way) -> Option<Fit> {
            let (step, fit) = self.history.go(way, &self.desk, |_| Ducking::VOICE_OVER)?;
            if let (Fit::Fits, Deed::Mix { before, after }) = (fit, &step.deed) {
                for wish in if way == Way::Back { before } else { after } {
                    wish.apply(&step.layer, &mut self.desk);
                }
            }
            Some(fit)
        }

        fn level(&self, source: &str) -> u8 {
            self.desk.heard_by_everyone().level(&ParticipantId::parse(source).unwrap())
        }
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut hands = Hands::default();
        hands.change(level("ana", 80), DRAG, 0);
        assert_eq!(hands.go(Way::Back), None);
        hands.change(level("ana", 60), ON, 10);
        hands.change(level("ana", 40), END, 20);
        hands.change(level("ana", 20), DRAG, 30);
        hands.change(level("ana", 10), END, 40);
        assert_eq!((hands.go(Way::Back), hands.level("ana")), (Some(Fit::Fits), 40));
        assert_eq!((hands.go(Way::Back), hands.level("ana")), (Some(Fit::Fits), 100));
        assert_eq!(hands.go(Way::Back), None);
        assert_eq!(hands.desk, Desk::default(), "nothing is said any more");
        assert_eq!((hands.go(Way::Again), hands.level("ana")), (Some(Fit::Fits), 40));
        hands.change(level("bob", 5), Touch::ONCE, 50);
        assert_eq!(hands.go(Way::Again), None);
    }

    #[test]
    fn key_presses_in_a_row_are_one_step_and_switches_are_not() {
        let mut hands = Hands::default();
        for (i, percent) in [99, 98, 97].into_iter().enumerate() {
            hands.change(level("ana", percent), Touch::ONCE, 1000 * i as u64);
        }
        hands.change(level("ana", 50), Touch::ONCE, 2000 + MERGE_MS);
        assert_eq!((hands.go(Way::Back), hands.level("ana")), (Some(Fit::Fits), 97));
        assert_eq!((hands.go(Way::Back), hands.level("ana")), (Some(Fit::Fits), 100));
        for on in [true, false, true] {
            hands.change(Wish::Exclusive(Some(on)), Touch::ONCE, 9000);
        }
        hands.go(Way::Back);
        assert!(!hands.desk.heard_by_everyone().exclusive);
        hands.go(Way::Back);
        assert!(hands.desk.heard_by_everyone().exclusive);
    }

    #[test]
    fn a_held_key_goes_on_from_its_first_press() {
        let mut hands = Hands::default();
        hands.change(level("ana", 99), Touch::ONCE, 0);
        hands.change(level("ana", 98), ON, 500);
        hands.change(level("ana", 97), END, 9000);
        assert_eq!((hands.go(Way::Back), hands.level("ana")), (Some(Fit::Fits), 100));
    }

    #[test]
    fn a_gesture_that_escape_took_back_is_no_step() {
        let mut hands = Hands::default();
        hands.change(level("ana", 30), DRAG, 0);
        hands.change(level("ana", 100), END, 10);
        assert_eq!(hands.go(Way::Back), None);
    }

    #[test]
    fn nobody_elses_work_is_undone() {
        let mut hands = Hands::default();
        hands.change(level("ana", 30), Touch::ONCE, 0);
        hands.change(level("bob", 40), Touch::ONCE, 1);
        // Another operator sets the same fader; the service refuses the other one.
        level("bob", 70).apply(&Layer::Everyone, &mut hands.desk);
        assert_eq!((hands.go(Way::Back), hands.level("bob")), (Some(Fit::Overtaken), 70));
        level("ana", 100).apply(&Layer::Everyone, &mut hands.desk);
        assert_eq!(hands.go(Way::Back), None);
    }

    #[test]
    fn exclusive_and_a_level_are_taken_back_without_a_trace() {
        let mut hands = Hands::default();
        hands.change(Wish::Exclusive(Some(true)), Touch::ONCE, 0);
        hands.change(level("ana", 50), Touch::ONCE, 1);
        hands.go(Way::Back);
        assert_eq!(hands.level("ana"), 0);
        hands.go(Way::Back);
        assert_eq!(hands.desk, Desk::default());
    }

    proptest! {
        #[test]
        fn all_the_way_back_is_where_it_began_and_all_the_way_again_where_it_ended(
            changes in prop::collection::vec((0..3_usize, 0..=100_u8, any::<bool>(), 0..4000_u64), 1..40),
        ) {
            let mut hands = Hands::default();
            let mut now = 0;
            for (source, percent, is_drag, wait) in changes {
                now += wait;
                let source = ["ana", "bob", "cyd"][source];
                if is_drag {
                    hands.change(level(source, percent / 2), DRAG, now);
                    hands.change(level(source, percent), END, now);
                } else {
                    hands.change(level(source, percent), Touch::ONCE, now);
                }
            }
            let ended = hands.desk.heard_by_everyone();
            while hands.go(Way::Back).is_some() {}
            for source in ["ana", "bob", "cyd"] {
                prop_assert_eq!(hands.level(source), 100);
            }
            while hands.go(Way::Again).is_some() {}
            for source in ["ana", "bob", "cyd"] {
                let id = ParticipantId::parse(source).unwrap();
                prop_assert_eq!(hands.level(source), ended.level(&id));
            }
        }
    }
}
