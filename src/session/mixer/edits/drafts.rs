//! Edits made blind: seen by this operator alone until they are taken, all at once.

use foldback_model::{Desk, Heard, Layer};

use super::{Edit, Edits, Standing, Wish};
use crate::session::mixer::heard_by;

/// Most drafts that are compared by what can be heard.
const COMPARED_MAX: usize = 64;

/// How much is drafted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drafts {
    /// Knobs that are turned.
    pub changes: usize,
    /// Layers they are in.
    pub layers: usize,
}

impl Edits {
    /// Takes in a wish that waits to be taken.
    pub fn draft(&mut self, layer: &Layer, wish: Wish) {
        self.put(layer, wish, Standing::Drafted);
    }

    /// How much waits to be taken.
    pub fn drafts(&self) -> Drafts {
        let mut layers: Vec<&Layer> = Vec::new();
        let mut changes = 0;
        for edit in self.edits.iter().filter(|edit| edit.is_draft()) {
            changes += 1;
            if !layers.contains(&&edit.layer) {
                layers.push(&edit.layer);
            }
        }
        Drafts { changes, layers: layers.len() }
    }

    /// Drops drafts without which `confirmed` and the other edits say the same: a knob turned back is
    /// no change. Beyond [`COMPARED_MAX`] only those that are what holds now, word for word: to listen
    /// for each of a thousand whether it can be heard would hold up the hand.
    pub fn drop_idle_drafts(&mut self, confirmed: &Desk) {
        let live = self.live(confirmed);
        self.edits.retain(|it| !it.is_draft() || it.wish.now(&it.layer, &live) != it.wish);
        if self.drafts().changes > COMPARED_MAX {
            return;
        }
        let mut at = 0;
        while let Some(edit) = self.edits.get(at) {
            let mut others = self.clone();
            others.edits.remove(at);
            let heard = |edits: &Self| heard_by(&edit.layer, &edits.over(confirmed));
            if edit.is_draft() && sounds_as(&heard(&others), &heard(self)) {
                *self = others;
            } else {
                at += 1;
            }
        }
    }

    /// The operator takes the drafts: they leave together, with the request of the layer this gives.
    /// None when there are none.
    pub fn take_drafts(&mut self) -> Option<Layer> {
        let drafted = || self.edits.iter().filter(|edit| edit.is_draft());
        let mut layers = drafted().map(|edit| &edit.layer);
        let first = layers.next()?.clone();
        // A request for everyone may change single listeners, too, and not the other way round.
        let is_for_all = layers.any(|layer| *layer == Layer::Everyone);
        let rides = if is_for_all { Layer::Everyone } else { first };
        let mut taken = Vec::new();
        for edit in &mut self.edits {
            if edit.is_draft() {
                edit.standing = Standing::Unsent;
                edit.rides = rides.clone();
                taken.push(edit.clone());
            }
        }
        // What was sent of the same knobs meanwhile is overtaken.
        let is_over = |edit: &Edit| {
            let is_same = |it: &Edit| it.layer == edit.layer && it.wish.same_knob(&edit.wish);
            !taken.contains(edit) && taken.iter().any(is_same)
        };
        self.edits.retain(|edit| !is_over(edit));
        Some(rides)
    }

    /// What is drafted.
    pub fn drafted(&self) -> Vec<(Layer, Wish)> {
        let mut wishes = Vec::new();
        for edit in self.edits.iter().filter(|edit| edit.is_draft()) {
            wishes.push((edit.layer.clone(), edit.wish.clone()));
        }
        wishes
    }

    /// The operator lets the drafts go.
    pub fn discard_drafts(&mut self) {
        self.edits.retain(|edit| !edit.is_draft());
    }
}

/// Nobody can hear a difference: listing a source at the level it has unlisted is none.
fn sounds_as(one: &Heard, other: &Heard) -> bool {
    let mut sources = one.sources.keys().chain(other.sources.keys());
    one.exclusive == other.exclusive
        && one.ducking == other.ducking
        && sources.all(|source| {
            one.level(source) == other.level(source)
                && one.ducks_others(source) == other.ducks_others(source)
        })
}

#[cfg(test)]
mod tests {
    use foldback_model::ParticipantId;

    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    fn level(source: &str, percent: u8) -> Wish {
        Wish::Level(id(source), Some(percent))
    }

    fn of(name: &str) -> Layer {
        Layer::Listener(id(name))
    }

    #[test]
    fn drafts_are_wanted_but_never_leave_by_themselves() {
        let mut edits = Edits::default();
        let desk = Desk::default();
        edits.draft(&of("ada"), level("bob", 40));
        assert_eq!(edits.over(&desk).heard(&id("ada")).level(&id("bob")), 40);
        assert_eq!(edits.live(&desk), desk);
        assert_eq!(edits.to_send(&of("ada"), &desk), desk);
        assert!(!edits.is_unsent(&of("ada")));
        edits.keep_unsent();
        assert_eq!((edits.kept(), edits.drafts()), (0, Drafts { changes: 1, layers: 1 }));
    }

    #[test]
    fn what_is_sent_meanwhile_stands_beside_a_draft() {
        let mut edits = Edits::default();
        let desk = Desk::default();
        edits.draft(&Layer::Everyone, level("bob", 40));
        edits.set(&Layer::Everyone, level("bob", 0));
        assert_eq!(edits.live(&desk).heard_by_everyone().level(&id("bob")), 0);
        assert_eq!(edits.over(&desk).heard_by_everyone().level(&id("bob")), 40);
        assert_eq!(edits.take_drafts(), Some(Layer::Everyone));
        let sent = edits.to_send(&Layer::Everyone, &desk);
        assert_eq!(sent.heard_by_everyone().level(&id("bob")), 40, "the draft is the later word");
    }

    #[test]
    fn all_drafts_leave_with_one_request() {
        let mut edits = Edits::default();
        let desk = Desk::default();
        edits.draft(&of("ada"), level("bob", 40));
        edits.draft(&of("cyd"), Wish::Exclusive(Some(true)));
        let all = ["ada", "bob", "cyd"].map(id);
        let mut for_all = edits.clone();
        let rides = edits.take_drafts().unwrap();
        assert_eq!(rides, of("ada"));
        assert_eq!(edits.reached(&rides, &all, &desk), [id("ada"), id("cyd")]);
        let sent = edits.to_send(&rides, &desk);
        assert_eq!(sent.heard(&id("ada")).level(&id("bob")), 40);
        assert!(sent.heard(&id("cyd")).exclusive);
        for_all.draft(&Layer::Everyone, level("ada", 10));
        assert_eq!(for_all.take_drafts(), Some(Layer::Everyone));
        assert_eq!(for_all.reached(&Layer::Everyone, &all, &desk), all);
        assert_eq!(for_all.take_drafts(), None);
    }

    #[test]
    fn a_knob_turned_back_is_no_change() {
        let mut edits = Edits::default();
        let desk = Desk::default();
        edits.draft(&of("ada"), Wish::Exclusive(Some(true)));
        // Heard as before, but only because of this draft.
        edits.draft(&of("ada"), level("bob", 100));
        edits.drop_idle_drafts(&desk);
        assert_eq!(edits.drafts(), Drafts { changes: 2, layers: 1 });
        edits.draft(&of("ada"), Wish::Exclusive(Some(false)));
        edits.drop_idle_drafts(&desk);
        assert_eq!(edits.drafts(), Drafts::default());
        // So many that only their words are compared.
        for n in 0..=COMPARED_MAX {
            edits.draft(&of("ada"), level(&format!("p{n}"), 7));
        }
        edits.draft(&of("cyd"), Wish::Level(id("bob"), None));
        edits.drop_idle_drafts(&desk);
        assert_eq!(edits.drafts(), Drafts { changes: COMPARED_MAX + 1, layers: 1 });
        edits.discard_drafts();
        assert_eq!(edits, Edits::default());
    }
}
