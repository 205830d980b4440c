//! Hush: for as long as it is held, everyone hears only the people who are kept.

use foldback_model::{CallKey, Heard, Layer, ParticipantId};

use super::{Touch, edits::Wish, heard_by};
use crate::session::Session;

/// What the layer for everyone of a call said before a hush, to be put back as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hushed {
    call: Option<CallKey>,
    before: Vec<Wish>,
}

impl Session {
    /// Silences everybody but `kept` in the layer for everyone. Listeners with levels of their own
    /// keep those.
    pub fn hush(&self, kept: &[ParticipantId]) {
        let wanted = self.live_untracked();
        let wishes = wishes(kept, &heard_by(&Layer::Everyone, &wanted));
        let before = wishes.iter().map(|wish| wish.now(&Layer::Everyone, &wanted)).collect();
        self.wish_live(&Layer::Everyone, wishes, Touch::ONCE);
        let call = self.key.get_untracked();
        self.mixer.hushed.set(Some(Hushed { call, before }));
    }

    /// Whether a hush of this operator lasts, followed.
    pub fn is_hushed(&self) -> bool {
        self.mixer.hushed.with(Option::is_some)
    }

    /// Puts back what a hush changed; false when there is none.
    pub fn unhush(&self) -> bool {
        self.leave_hush();
        let Some(Hushed { before, .. }) = self.mixer.hushed.get_untracked() else { return false };
        self.mixer.hushed.set(None);
        self.wish_live(&Layer::Everyone, before, Touch::ONCE);
        true
    }

    /// Lets go of a hush of a call that is not open any more, and says so: nothing is sent to a call
    /// that nobody sees.
    pub fn leave_hush(&self) {
        let open = self.key.get_untracked();
        let is_other = |hushed: &Option<Hushed>| hushed.as_ref().is_some_and(|it| it.call != open);
        if self.mixer.hushed.with_untracked(is_other) {
            self.mixer.hushed.set(None);
            self.tell("The call you left is still hushed: turn Exclusive off for everyone there");
        }
    }
}

/// An exclusive mix silences whoever is not listed; who is listed is turned down one by one.
fn wishes(kept: &[ParticipantId], heard: &Heard) -> Vec<Wish> {
    let others = heard.sources.iter().filter(|(source, it)| it.level > 0 && !kept.contains(source));
    let mut wishes = vec![Wish::Exclusive(Some(true))];
    wishes.extend(others.map(|(source, _)| Wish::Level(source.clone(), Some(0))));
    wishes.extend(kept.iter().map(|id| Wish::Level(id.clone(), Some(heard.level(id)))));
    wishes
}

#[cfg(test)]
mod tests {
    use foldback_model::{Cell, CellChange, Desk, MixChange};

    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    #[test]
    fn only_who_is_kept_is_heard_and_all_comes_back() {
        let mut desk = Desk::default();
        let mut change = MixChange::new(Layer::Everyone);
        for (source, level) in [("ada", 40), ("bob", 70)] {
            let cell = Cell { level: Some(level), ducks_others: None };
            change.cells.push(CellChange { source: id(source), cell });
        }
        desk.apply(&change);
        let before = desk.clone();
        let wishes = wishes(&[id("ada"), id("cyd")], &desk.heard_by_everyone());
        let back: Vec<_> = wishes.iter().map(|wish| wish.now(&Layer::Everyone, &desk)).collect();
        for wish in &wishes {
            wish.apply(&Layer::Everyone, &mut desk);
        }
        let heard = desk.heard_by_everyone();
        let levels = ["ada", "bob", "cyd", "dan"].map(|source| heard.level(&id(source)));
        assert_eq!(levels, [40, 0, 100, 0]);
        for wish in &back {
            wish.apply(&Layer::Everyone, &mut desk);
        }
        assert_eq!(desk, before);
    }
}
