//! Levels that a hand moves: the mix follows at the pace of sending and not at that of the pointer.
//!
//! The control shows every move by itself. Everything else that looks at the mix (its strips, the
//! request, the counts) would be worked out anew for values that no request ever carries.

use std::time::Duration;

use foldback_model::{Layer, ParticipantId};
use leptos::prelude::*;

use super::{Touch, pace::MOVING_MS};
use crate::session::{Session, now_ms};

/// All levels under hands. Pure: time is handed in.
#[derive(Debug, Default)]
pub(super) struct Hands(Vec<Moving>);

#[derive(Debug)]
struct Moving {
    layer: Layer,
    source: ParticipantId,
    /// When the mix took a level of this gesture last, in UTC milliseconds.
    taken_ms: u64,
    /// A newer one that waits, in percent.
    late: Option<u8>,
}

/// When the mix takes a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    Now,
    /// After so many milliseconds, or a newer one in its place.
    After(u64),
    /// In the place of the one that waits.
    Instead,
}

impl Hands {
    /// The hand is at `percent`.
    fn moved(
        &mut self,
        layer: &Layer,
        source: &ParticipantId,
        percent: u8,
        touch: Touch,
        now_ms: u64,
    ) -> Take {
        if touch.begins || touch.ends {
            self.0.retain(|it| it.layer != *layer || it.source != *source);
            return Take::Now;
        }
        let Some(it) = self.of(layer, source) else { return Take::Now };
        let free_ms = it.taken_ms + MOVING_MS;
        match it.late {
            None if now_ms >= free_ms => Take::Now,
            waits => {
                it.late = Some(percent);
                waits.map_or(Take::After(free_ms.saturating_sub(now_ms)), |_| Take::Instead)
            }
        }
    }

    /// The level that waits, unless its gesture is over.
    fn late(&mut self, layer: &Layer, source: &ParticipantId) -> Option<u8> {
        self.of(layer, source)?.late.take()
    }

    /// The mix took a level of a gesture that goes on.
    fn taken(&mut self, layer: &Layer, source: &ParticipantId, now_ms: u64) {
        if let Some(it) = self.of(layer, source) {
            it.taken_ms = now_ms;
        } else {
            let (layer, source) = (layer.clone(), source.clone());
            self.0.push(Moving { layer, source, taken_ms: now_ms, late: None });
        }
    }

    fn of(&mut self, layer: &Layer, source: &ParticipantId) -> Option<&mut Moving> {
        self.0.iter_mut().find(|it| it.layer == *layer && it.source == *source)
    }
}

impl Session {
    /// Sets a source's level, in percent, as a control moves: the first level of a gesture and the
    /// last one at once, those between them at most once in [`MOVING_MS`].
    pub fn move_level(&self, layer: &Layer, source: &ParticipantId, percent: u8, touch: Touch) {
        let mut take = Take::Now;
        self.mixer.core.update_value(|core| {
            take = core.hands.moved(layer, source, percent, touch, now_ms());
        });
        match take {
            Take::Now => self.take_level(layer, source, percent, touch),
            Take::After(ms) => {
                let (session, layer, source) = (*self, layer.clone(), source.clone());
                let take = move || session.take_late(&layer, &source);
                set_timeout(take, Duration::from_millis(ms));
            }
            Take::Instead => {}
        }
    }

    fn take_late(&self, layer: &Layer, source: &ParticipantId) {
        let mut late = None;
        // Opening another call forgets all hands.
        self.mixer.core.update_value(|core| late = core.hands.late(layer, source));
        if let Some(percent) = late {
            self.take_level(layer, source, percent, Touch { begins: false, ends: false });
        }
    }

    fn take_level(&self, layer: &Layer, source: &ParticipantId, percent: u8, touch: Touch) {
        self.set_level(layer, source, percent, touch);
        if !touch.ends {
            // Noted afterwards, so that the next one finds that its request may leave.
            self.mixer.core.update_value(|core| core.hands.taken(layer, source, now_ms()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINS: Touch = Touch { begins: true, ends: false };
    const MOVES: Touch = Touch { begins: false, ends: false };
    const ENDS: Touch = Touch { begins: false, ends: true };

    #[test]
    fn first_and_last_are_taken_at_once_and_others_at_a_pace() {
        let (everyone, ada) = (Layer::Everyone, ParticipantId::parse("ada").unwrap());
        let mut hands = Hands::default();
        assert_eq!(hands.moved(&everyone, &ada, 90, BEGINS, 1000), Take::Now);
        hands.taken(&everyone, &ada, 1003);
        assert_eq!(hands.moved(&everyone, &ada, 80, MOVES, 1020), Take::After(83));
        assert_eq!(hands.moved(&everyone, &ada, 70, MOVES, 1040), Take::Instead);
        assert_eq!(hands.late(&everyone, &ada), Some(70));
        hands.taken(&everyone, &ada, 1104);
        assert_eq!(hands.moved(&everyone, &ada, 60, MOVES, 1204), Take::Now);
        hands.taken(&everyone, &ada, 1204);
        assert_eq!(hands.moved(&everyone, &ada, 50, MOVES, 1210), Take::After(94));
        assert_eq!(hands.moved(&everyone, &ada, 40, ENDS, 1220), Take::Now);
        assert_eq!(hands.late(&everyone, &ada), None, "the gesture is over");
    }

    #[test]
    fn every_fader_has_a_pace_of_its_own() {
        let (ada, bob) =
            (ParticipantId::parse("ada").unwrap(), ParticipantId::parse("bob").unwrap());
        let own = Layer::Listener(bob.clone());
        let mut hands = Hands::default();
        hands.taken(&Layer::Everyone, &ada, 1000);
        assert_eq!(hands.moved(&Layer::Everyone, &bob, 5, MOVES, 1001), Take::Now);
        assert_eq!(hands.moved(&own, &ada, 5, MOVES, 1001), Take::Now);
        assert_eq!(hands.moved(&Layer::Everyone, &ada, 5, MOVES, 1001), Take::After(99));
        // A late timer does not let a newer level overtake the one that waits.
        assert_eq!(hands.moved(&Layer::Everyone, &ada, 6, MOVES, 1500), Take::Instead);
        assert_eq!(hands.late(&Layer::Everyone, &ada), Some(6));
    }
}
