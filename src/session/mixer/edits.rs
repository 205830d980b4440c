//! Local edits of the desk that no fact has confirmed yet, and how far each is.
//!
//! The wanted desk is the confirmed one with the edits on top. An edit goes away when a fact shows
//! it, when its request is refused, or some seconds after it was accepted without a fact: then
//! somebody else has decided otherwise.

pub mod drafts;

use foldback_model::{Desk, DuckingChoice, Layer, MixChange, ParticipantId, mix::CellChange};

use super::heard_by;

/// Milliseconds an accepted edit is shown while its fact is awaited.
pub const FACT_WAIT_MS: u64 = 3000;

/// Which request carries an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// One thing an operator wants of one layer. Nothing, where the layer shall say nothing of it and the
/// layer below decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A source's level in percent.
    Level(ParticipantId, Option<u8>),
    /// Whether a source lowers the others.
    DucksOthers(ParticipantId, Option<bool>),
    /// Ducking on with settings, or off.
    Ducking(Option<DuckingChoice>),
    /// Whether unlisted sources are silent.
    Exclusive(Option<bool>),
}

impl Wish {
    /// Both turn the same knob.
    pub fn same_knob(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Level(a, _), Self::Level(b, _))
            | (Self::DucksOthers(a, _), Self::DucksOthers(b, _)) => a == b,
            (Self::Ducking(_), Self::Ducking(_)) | (Self::Exclusive(_), Self::Exclusive(_)) => true,
            _ => false,
        }
    }

    /// Puts the wish into a desk.
    pub fn apply(&self, layer: &Layer, desk: &mut Desk) {
        let mut change = MixChange::new(layer.clone());
        match self {
            Self::Level(source, percent) => {
                let mut cell = desk.layer(layer).cell(source);
                cell.level = *percent;
                change.cells.push(CellChange { source: source.clone(), cell });
            }
            Self::DucksOthers(source, on) => {
                let mut cell = desk.layer(layer).cell(source);
                cell.ducks_others = *on;
                change.cells.push(CellChange { source: source.clone(), cell });
            }
            Self::Ducking(choice) => change.ducking = Some((*choice).into()),
            Self::Exclusive(on) => change.exclusive = Some((*on).into()),
        }
        desk.apply(&change);
    }

    /// The wish for what `layer` of `desk` says now, of the same knob.
    #[must_use]
    pub fn now(&self, layer: &Layer, desk: &Desk) -> Self {
        let mix = desk.layer(layer);
        match self {
            Self::Level(source, _) => Self::Level(source.clone(), mix.cell(source).level),
            Self::DucksOthers(source, _) => {
                Self::DucksOthers(source.clone(), mix.cell(source).ducks_others)
            }
            Self::Ducking(_) => Self::Ducking(mix.ducking),
            Self::Exclusive(_) => Self::Exclusive(mix.exclusive),
        }
    }

    /// Whether `layer` of `desk` is heard as wished.
    pub fn holds(&self, layer: &Layer, desk: &Desk) -> bool {
        let heard = heard_by(layer, desk);
        match self {
            Self::Level(source, Some(percent)) => heard.level(source) == *percent,
            Self::DucksOthers(source, Some(on)) => heard.ducks_others(source) == *on,
            Self::Ducking(Some(choice)) => heard.ducking == choice.settings(),
            Self::Exclusive(Some(on)) => heard.exclusive == *on,
            // What the layer below says then is for the desk to tell.
            nothing => {
                let mut wished = desk.clone();
                nothing.apply(layer, &mut wished);
                let wished = heard_by(layer, &wished);
                match nothing {
                    Self::Level(source, _) => heard.level(source) == wished.level(source),
                    Self::DucksOthers(source, _) => {
                        heard.ducks_others(source) == wished.ducks_others(source)
                    }
                    Self::Ducking(_) => heard.ducking == wished.ducking,
                    Self::Exclusive(_) => heard.exclusive == wished.exclusive,
                }
            }
        }
    }

    /// Whether the wish changes what `listener` hears: nobody hears themselves, and a wish for
    /// everyone stops where a listener's own layer decides.
    fn reaches(&self, layer: &Layer, listener: &ParticipantId, desk: &Desk) -> bool {
        if let Self::Level(source, _) | Self::DucksOthers(source, _) = self
            && source == listener
        {
            return false;
        }
        match layer {
            Layer::Listener(id) => id == listener,
            Layer::Everyone => desk.listeners.get(listener).is_none_or(|own| match self {
                Self::Level(source, _) => own.cell(source).level.is_none(),
                Self::DucksOthers(source, _) => own.cell(source).ducks_others.is_none(),
                Self::Ducking(_) => own.ducking.is_none(),
                Self::Exclusive(_) => own.exclusive.is_none(),
            }),
        }
    }
}

/// How far an edit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// No request carries it yet.
    Unsent,
    /// A request carries it.
    Sent(Ticket),
    /// Its request was accepted then, in UTC milliseconds.
    Accepted(u64),
    /// The connection broke: it may or may not have arrived. The operator decides.
    Kept,
    /// Made blind: it leaves when the operator takes it.
    Drafted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    layer: Layer,
    /// The layer whose request it leaves with: its own, or what it is taken together with.
    rides: Layer,
    wish: Wish,
    standing: Standing,
}

impl Edit {
    fn is_draft(&self) -> bool {
        self.standing == Standing::Drafted
    }

    /// It is on its way, or about to be.
    fn leaves(&self) -> bool {
        matches!(self.standing, Standing::Unsent | Standing::Sent(_))
    }
}

/// All edits; the later one of a knob replaces the earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    edits: Vec<Edit>,
}

impl Edits {
    /// Takes in a wish, not sent yet.
    pub fn set(&mut self, layer: &Layer, wish: Wish) {
        self.put(layer, wish, Standing::Unsent);
    }

    /// As [`Self::set`], to leave with the request of another layer.
    pub fn set_riding(&mut self, layer: &Layer, wish: Wish, rides: &Layer) {
        self.put(layer, wish, Standing::Unsent);
        if let Some(edit) = self.edits.last_mut() {
            edit.rides = rides.clone();
        }
    }

    fn put(&mut self, layer: &Layer, wish: Wish, standing: Standing) {
        // A draft and what is sent meanwhile stand beside each other.
        let is_draft = standing == Standing::Drafted;
        let replaces = |edit: &Edit| {
            edit.layer == *layer && edit.wish.same_knob(&wish) && edit.is_draft() == is_draft
        };
        self.edits.retain(|edit| !replaces(edit));
        self.edits.push(Edit { layer: layer.clone(), rides: layer.clone(), wish, standing });
    }

    /// The confirmed desk with all edits on top, drafts above all.
    pub fn over(&self, confirmed: &Desk) -> Desk {
        self.lay(&self.live(confirmed), Edit::is_draft)
    }

    /// The confirmed desk with all edits but drafts on top.
    pub fn live(&self, confirmed: &Desk) -> Desk {
        self.lay(confirmed, |edit| !edit.is_draft())
    }

    /// What a request for `layer` says: the confirmed desk, what was accepted, and the layer's own
    /// edits. Other layers' edits travel in their own requests.
    pub fn to_send(&self, layer: &Layer, confirmed: &Desk) -> Desk {
        self.lay(confirmed, |edit| {
            matches!(edit.standing, Standing::Accepted(_))
                || (edit.rides == *layer && edit.leaves())
        })
    }

    /// Of `listeners`, those whose mix the layer's edits on their way change.
    pub fn reached(
        &self,
        layer: &Layer,
        listeners: &[ParticipantId],
        desk: &Desk,
    ) -> Vec<ParticipantId> {
        let moving: Vec<_> =
            self.edits.iter().filter(|edit| edit.rides == *layer && edit.leaves()).collect();
        listeners
            .iter()
            .filter(|listener| moving.iter().any(|it| it.wish.reaches(&it.layer, listener, desk)))
            .cloned()
            .collect()
    }

    /// Whether `layer` has edits no request carries.
    pub fn is_unsent(&self, layer: &Layer) -> bool {
        self.edits.iter().any(|edit| edit.rides == *layer && edit.standing == Standing::Unsent)
    }

    /// A request for `layer` leaves with all its edits.
    pub fn carry(&mut self, layer: &Layer, ticket: Ticket) {
        for edit in &mut self.edits {
            if edit.rides == *layer && edit.leaves() {
                edit.standing = Standing::Sent(ticket);
            }
        }
    }

    /// The service took a request.
    pub fn accepted(&mut self, ticket: Ticket, now_ms: u64) {
        self.step(ticket, Standing::Accepted(now_ms));
    }

    /// A request was refused: what it carried falls back to what is confirmed.
    pub fn refused(&mut self, ticket: Ticket) {
        self.edits.retain(|edit| edit.standing != Standing::Sent(ticket));
    }

    /// Nobody knows what became of a request: what it carried is kept for the operator.
    pub fn lost(&mut self, ticket: Ticket) {
        self.step(ticket, Standing::Kept);
    }

    /// There is no connection: what was not sent is kept for the operator.
    pub fn keep_unsent(&mut self) {
        for edit in &mut self.edits {
            if edit.standing == Standing::Unsent {
                edit.standing = Standing::Kept;
            }
        }
    }

    /// Drops the unsent edits of `layer`, which would change nothing anyone hears.
    pub fn drop_unsent(&mut self, layer: &Layer) {
        self.edits.retain(|edit| edit.rides != *layer || edit.standing != Standing::Unsent);
    }

    /// Follows the confirmed desk; true when anything was dropped.
    pub fn confirm(&mut self, confirmed: &Desk, now_ms: u64) -> bool {
        let before = self.edits.len();
        self.edits.retain(|edit| match edit.standing {
            Standing::Unsent | Standing::Sent(_) | Standing::Drafted => true,
            Standing::Kept => !edit.wish.holds(&edit.layer, confirmed),
            Standing::Accepted(at_ms) => {
                now_ms.saturating_sub(at_ms) < FACT_WAIT_MS
                    && !edit.wish.holds(&edit.layer, confirmed)
            }
        });
        self.edits.len() != before
    }

    /// How many edits wait for the operator's word.
    pub fn kept(&self) -> usize {
        self.edits.iter().filter(|edit| edit.standing == Standing::Kept).count()
    }

    /// The operator wants the kept edits sent; gives their layers.
    pub fn revive_kept(&mut self) -> Vec<Layer> {
        let mut layers = Vec::new();
        for edit in &mut self.edits {
            if edit.standing == Standing::Kept {
                edit.standing = Standing::Unsent;
                if !layers.contains(&edit.rides) {
                    layers.push(edit.rides.clone());
                }
            }
        }
        layers
    }

    /// The operator lets the kept edits go.
    pub fn discard_kept(&mut self) {
        self.edits.retain(|edit| edit.standing != Standing::Kept);
    }

    fn step(&mut self, ticket: Ticket, to: Standing) {
        for edit in &mut self.edits {
            if edit.standing == Standing::Sent(ticket) {
                edit.standing = to;
            }
        }
    }

    fn lay(&self, confirmed: &Desk, which: impl Fn(&Edit) -> bool) -> Desk {
        let mut desk = confirmed.clone();
        for edit in self.edits.iter().filter(|edit| which(edit)) {
            edit.wish.apply(&edit.layer, &mut desk);
        }
        desk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    fn level(source: &str, percent: u8) -> Wish {
        Wish::Level(id(source), Some(percent))
    }

    #[test]
    fn an_edit_is_wanted_until_a_fact_shows_it() {
        let mut edits = Edits::default();
        let mut confirmed = Desk::default();
        edits.set(&Layer::Everyone, level("ada", 80));
        edits.set(&Layer::Everyone, level("ada", 40));
        assert_eq!(edits.over(&confirmed).heard_by_everyone().level(&id("ada")), 40);
        edits.carry(&Layer::Everyone, Ticket(1));
        edits.accepted(Ticket(1), 1000);
        assert!(!edits.confirm(&confirmed, 1001));
        level("ada", 40).apply(&Layer::Everyone, &mut confirmed);
        assert!(edits.confirm(&confirmed, 1002));
        assert_eq!(edits, Edits::default());
    }

    #[test]
    fn without_a_fact_an_accepted_edit_gives_way() {
        let mut edits = Edits::default();
        edits.set(&Layer::Everyone, Wish::Exclusive(Some(true)));
        edits.carry(&Layer::Everyone, Ticket(1));
        edits.accepted(Ticket(1), 1000);
        assert!(!edits.confirm(&Desk::default(), 1000 + FACT_WAIT_MS - 1));
        assert!(edits.confirm(&Desk::default(), 1000 + FACT_WAIT_MS));
    }

    #[test]
    fn a_refusal_takes_back_what_it_carried_and_no_more() {
        let mut edits = Edits::default();
        edits.set(&Layer::Everyone, level("ada", 40));
        edits.set(&Layer::Everyone, level("bob", 10));
        edits.carry(&Layer::Everyone, Ticket(1));
        edits.set(&Layer::Everyone, level("ada", 30));
        edits.refused(Ticket(1));
        let wanted = edits.over(&Desk::default()).heard_by_everyone();
        assert_eq!((wanted.level(&id("ada")), wanted.level(&id("bob"))), (30, 100));
        assert!(edits.is_unsent(&Layer::Everyone));
    }

    #[test]
    fn what_got_lost_waits_for_a_word() {
        let mut edits = Edits::default();
        let ada = Layer::Listener(id("ada"));
        edits.set(&ada, level("bob", 40));
        edits.carry(&ada, Ticket(7));
        edits.lost(Ticket(7));
        assert_eq!(edits.kept(), 1);
        assert!(!edits.is_unsent(&ada));
        assert_eq!(edits.to_send(&ada, &Desk::default()), Desk::default());
        let mut second = edits.clone();
        assert_eq!(edits.revive_kept(), std::slice::from_ref(&ada));
        assert!(edits.is_unsent(&ada));
        second.discard_kept();
        assert_eq!(second, Edits::default());
    }

    #[test]
    fn a_wish_for_everyone_reaches_who_has_no_own_say() {
        let mut desk = Desk::default();
        level("bob", 20).apply(&Layer::Listener(id("ada")), &mut desk);
        let mut edits = Edits::default();
        edits.set(&Layer::Everyone, level("bob", 50));
        let all = ["ada", "bob", "cyd"].map(id);
        assert_eq!(edits.reached(&Layer::Everyone, &all, &desk), [id("cyd")]);
        edits.set(&Layer::Everyone, Wish::Exclusive(Some(true)));
        assert_eq!(edits.reached(&Layer::Everyone, &all, &desk), all);
    }

    #[test]
    fn requests_carry_their_own_layer_and_what_was_accepted() {
        let ada = Layer::Listener(id("ada"));
        let mut edits = Edits::default();
        edits.set(&Layer::Everyone, level("bob", 50));
        edits.set(&ada, level("cyd", 10));
        let desk = edits.to_send(&ada, &Desk::default());
        assert_eq!(desk.heard(&id("ada")).level(&id("bob")), 100);
        edits.carry(&Layer::Everyone, Ticket(1));
        edits.accepted(Ticket(1), 0);
        let desk = edits.to_send(&ada, &Desk::default());
        assert_eq!(desk.heard(&id("ada")).level(&id("bob")), 50);
        assert_eq!(desk.heard(&id("ada")).level(&id("cyd")), 10);
    }
}
