//! A change that takes its time: levels go from where they are to where they shall be. Pure: time is
//! handed in.

use foldback_model::{Desk, Layer, ParticipantId};

use super::{edits::Wish, heard_by};

/// Milliseconds between two steps: no faster than requests of a moving control leave.
pub const STEP_MS: u64 = super::pace::MOVING_MS;

/// Levels on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fade {
    /// The layer whose request they leave with.
    pub rides: Layer,
    moves: Vec<Move>,
    begun_ms: u64,
    length_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Move {
    layer: Layer,
    source: ParticipantId,
    from: u8,
    to: u8,
    /// What the layer says in the end: the level, or nothing where the layer below has it.
    then: Wish,
}

impl Fade {
    /// Levels among `wishes` that are heard otherwise after them than before, in `length_ms` from
    /// `now_ms` on. All others are for the caller to bring about at once.
    pub fn new(
        rides: &Layer,
        wishes: &[(Layer, Wish)],
        (before, after): (&Desk, &Desk),
        (now_ms, length_ms): (u64, u64),
    ) -> Self {
        let mut moves = Vec::new();
        for (layer, wish) in wishes {
            let Wish::Level(source, _) = wish else { continue };
            let from = heard_by(layer, before).level(source);
            let to = heard_by(layer, after).level(source);
            if from != to {
                let (layer, source) = (layer.clone(), source.clone());
                moves.push(Move { layer, source, from, to, then: wish.clone() });
            }
        }
        Self { rides: rides.clone(), moves, begun_ms: now_ms, length_ms }
    }

    /// The levels at `now_ms`.
    pub fn at(&self, now_ms: u64) -> Vec<(Layer, Wish)> {
        let over_ms = now_ms.saturating_sub(self.begun_ms);
        let mut wishes = Vec::with_capacity(self.moves.len());
        for it in &self.moves {
            let wish = if over_ms >= self.length_ms {
                it.then.clone()
            } else {
                Wish::Level(it.source.clone(), Some(between(it, over_ms, self.length_ms)))
            };
            wishes.push((it.layer.clone(), wish));
        }
        wishes
    }

    /// Nothing is on its way any more.
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.moves.is_empty() || now_ms >= self.begun_ms + self.length_ms
    }

    /// Somebody takes a knob in hand: from now on it is theirs.
    pub fn let_go(&mut self, layer: &Layer, wish: &Wish) {
        self.moves.retain(|it| it.layer != *layer || !it.then.same_knob(wish));
    }
}

/// The level after a part of the time, rounded toward where it came from.
fn between(it: &Move, over_ms: u64, length_ms: u64) -> u8 {
    let way = u64::from(it.from.abs_diff(it.to));
    let gone = u8::try_from(way * over_ms / length_ms.max(1)).unwrap_or(u8::MAX);
    if it.to > it.from { it.from.saturating_add(gone) } else { it.from.saturating_sub(gone) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    fn after(desk: &Desk, wishes: &[(Layer, Wish)]) -> Desk {
        let mut desk = desk.clone();
        for (layer, wish) in wishes {
            wish.apply(layer, &mut desk);
        }
        desk
    }

    #[test]
    fn levels_move_and_what_the_layer_says_in_the_end_stands_then() {
        let ada = Layer::Listener(id("ada"));
        let mut desk = Desk::default();
        Wish::Level(id("bob"), Some(40)).apply(&ada, &mut desk);
        // Ada's own level goes away, and with it what everybody else hears comes through.
        let wishes = [
            (ada.clone(), Wish::Level(id("bob"), None)),
            (Layer::Everyone, Wish::Level(id("bob"), Some(90))),
            (Layer::Everyone, Wish::Exclusive(Some(true))),
        ];
        let to = after(&desk, &wishes);
        let fade = Fade::new(&Layer::Everyone, &wishes, (&desk, &to), (1_000, 1_000));
        let levels = |now_ms| {
            let wishes = fade.at(now_ms).into_iter().map(|(_, wish)| match wish {
                Wish::Level(_, level) => level,
                _ => panic!("only levels fade"),
            });
            wishes.collect::<Vec<_>>()
        };
        assert_eq!(levels(1_000), [Some(40), Some(100)]);
        assert_eq!(levels(1_500), [Some(65), Some(95)]);
        assert!(!fade.is_over(1_999) && fade.is_over(2_000));
        assert_eq!(levels(2_000), [None, Some(90)]);
    }

    #[test]
    fn a_knob_in_hand_is_let_go() {
        let wishes = ["bob", "cyd"].map(|it| (Layer::Everyone, Wish::Level(id(it), Some(0))));
        let desk = Desk::default();
        let to = after(&desk, &wishes);
        let mut fade = Fade::new(&Layer::Everyone, &wishes, (&desk, &to), (0, 1_000));
        fade.let_go(&Layer::Listener(id("ada")), &wishes[0].1);
        assert_eq!(fade.at(0).len(), 2);
        fade.let_go(&Layer::Everyone, &Wish::Level(id("bob"), Some(70)));
        assert_eq!(fade.at(500), [(Layer::Everyone, Wish::Level(id("cyd"), Some(50)))]);
        fade.let_go(&Layer::Everyone, &wishes[1].1);
        assert!(fade.is_over(0));
    }

    proptest! {
        #[test]
        fn a_level_never_leaves_its_way(from: u8, to: u8, at in 0..3_000_u64, length in 1..2_000_u64) {
            let then = Wish::Level(id("bob"), Some(to));
            let it = Move { layer: Layer::Everyone, source: id("bob"), from, to, then };
            let now = between(&it, at.min(length), length);
            prop_assert!((from.min(to)..=from.max(to)).contains(&now));
            prop_assert!(at < length || now == to);
        }
    }
}
