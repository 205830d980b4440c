//! The conversation: who has the floor, who cuts in, who says a word meanwhile.
//!
//! A turn is a few phrases with breaths between them. Most turns end by themselves and a pause
//! follows; in some, somebody begins before the speaker ends, and then either of the two gives way.
//! One person leads: they speak nearly every second turn, and a few others speak much more than the
//! rest. Somebody muted speaks up only after a silence: they find their button first.

use super::{
    Rehearsal,
    chance::{Chance, Stream},
    life::Act,
    speech::Stretch,
    talk::Sound,
};

/// At most this many people speak at once: the speaker, one who cuts in, one who says a word.
pub(super) const AT_ONCE: usize = 3;

/// Shortest silence before somebody muted opens the microphone to speak, in milliseconds of life.
pub(super) const SILENCE_MS: u64 = 700;

/// Of so many people at most the next speaker is chosen, so that choosing costs the same in every
/// call.
const CANDIDATES: usize = 12;

/// Who has the floor.
#[derive(Debug)]
pub(super) struct Floor {
    chance: Chance,
    /// Counts turns: what was planned for an earlier one is void.
    turn: u64,
    holder: Option<u64>,
    last: Option<u64>,
    chair: Option<u64>,
    /// Opened the microphone without wanting to say anything yet.
    idle: Option<u64>,
}

impl Floor {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed, Stream::Floor),
            turn: 0,
            holder: None,
            last: None,
            chair: None,
            idle: None,
        }
    }

    /// Whether this person leads the conversation or is about to go on speaking.
    pub(super) fn is_busy(&self, key: u64) -> bool {
        self.holder == Some(key) || self.chair == Some(key)
    }

    pub(super) fn idles(&mut self, key: u64) {
        self.idle = Some(key);
    }
}

impl Rehearsal {
    /// The floor is free: somebody takes it, or somebody muted is about to.
    pub(super) fn turn(&mut self) {
        let newcomer = if self.floor.chance.percent(25) { self.some_newcomer() } else { None };
        if let Some(key) = newcomer {
            let silence = self.floor.chance.between(SILENCE_MS, 2_200);
            self.later(silence, Act::SpeakUp(key));
        } else if let Some(key) = self.some_speaker() {
            self.take_floor(key);
        } else {
            self.later(1_000, Act::Turn);
        }
    }

    /// Somebody muted opens the microphone, now that it is silent, and begins a moment later.
    pub(super) fn speak_up(&mut self, key: u64) {
        let silence = self.paced(SILENCE_MS).unwrap_or(u64::MAX);
        if !self.people.closed().contains(key) {
            self.later(300, Act::Turn);
        } else if self.voices.quiet_for(self.now) < silence {
            self.later(300, Act::SpeakUp(key));
        } else {
            self.set_muted_self(key, false);
            let moment = self.floor.chance.between(250, 900);
            self.later(moment, Act::TakeFloor(key));
            if self.floor.chance.percent(80) {
                let after = self.floor.chance.between(4_000, 9_000);
                self.later(after, Act::Tire(key));
            }
        }
    }

    /// Somebody begins a turn, unless their microphone was closed meanwhile.
    pub(super) fn take_floor(&mut self, key: u64) {
        if !self.people.can_talk(key) {
            self.later(300, Act::Turn);
            return;
        }
        self.floor.turn += 1;
        self.floor.holder = Some(key);
        self.floor.last = Some(key);
        self.set_hand(key, false);
        let phrases = self.floor.chance.between(1, 4);
        self.phrase(self.floor.turn, phrases);
    }

    /// The speaker of this turn says one phrase and breathes before the next.
    pub(super) fn phrase(&mut self, turn: u64, left: u64) {
        let Some(key) = self.floor.holder.filter(|_| self.floor.turn == turn) else {
            return;
        };
        if !self.people.can_talk(key) {
            self.yield_floor(turn);
            return;
        }
        let chance = &mut self.floor.chance;
        let length = chance.between(900, 3_500);
        let breath = chance.between(180, 650);
        let nod = chance.percent(18).then(|| chance.between(length * 3 / 10, length * 8 / 10));
        let cut_in = chance.percent(13).then(|| chance.between(length * 4 / 10, length * 9 / 10));
        self.speak(key, length);
        if let Some(after) = nod {
            self.later(after, Act::Nod(turn));
        }
        if let Some(after) = cut_in {
            self.later(after, Act::CutIn(turn));
        }
        if left > 1 {
            self.later(length + breath, Act::Phrase { turn, left: left - 1 });
        } else {
            self.later(length, Act::Yield(turn));
        }
    }

    /// The turn is over; after a pause somebody takes the next.
    pub(super) fn yield_floor(&mut self, turn: u64) {
        if self.floor.turn == turn {
            self.floor.holder = None;
            // Now and then everybody thinks.
            let thinks = self.floor.chance.percent(8);
            let (low, high) = if thinks { (2_000, 5_000) } else { (250, 1_800) };
            let pause = self.floor.chance.between(low, high);
            self.later(pause, Act::Turn);
        }
    }

    /// Somebody says a word of assent while another speaks.
    pub(super) fn nod(&mut self, turn: u64) {
        if let Some(key) = self.somebody_else(turn) {
            let length = self.floor.chance.between(250, 600);
            self.speak(key, length);
        }
    }

    /// Somebody begins before the speaker has ended. Mostly the first gives way, else the second.
    pub(super) fn cut_in(&mut self, turn: u64) {
        let (Some(first), Some(second)) = (self.floor.holder, self.somebody_else(turn)) else {
            return;
        };
        if self.floor.chance.percent(60) {
            let overlap = self.floor.chance.between(250, 700);
            let overlap = self.paced(overlap).unwrap_or(1);
            if let Some(stretch) = self.voices.shorten(first, self.now.saturating_add(overlap)) {
                self.schedule(overlap, Act::Hush { key: first, turn: stretch });
            }
            self.take_floor(second);
        } else {
            let length = self.floor.chance.between(500, 1_200);
            self.speak(second, length);
        }
    }

    /// Who could say something into this turn; nobody when it is over, in a breath, or when enough
    /// people speak already.
    fn somebody_else(&mut self, turn: u64) -> Option<u64> {
        let holder = self.floor.holder.filter(|_| self.floor.turn == turn)?;
        if !self.voices.is_talking(holder) || self.voices.speaking() >= AT_ONCE {
            return None;
        }
        let mut open = self.candidates();
        open.retain(|key| *key != holder && !self.voices.is_talking(*key));
        self.weigh(&open)
    }

    /// The next speaker among those with an open microphone.
    fn some_speaker(&mut self) -> Option<u64> {
        let open = self.candidates();
        if self.floor.chair.is_none_or(|key| !self.people.can_talk(key)) {
            self.floor.chair = open.iter().copied().max_by_key(|key| (self.eagerness(*key), *key));
        }
        let last = self.floor.last;
        if let Some(chair) = self.floor.chair
            && last != Some(chair)
            && self.floor.chance.percent(50)
        {
            return Some(chair);
        }
        let others: Vec<u64> = open.iter().copied().filter(|key| Some(*key) != last).collect();
        if others.is_empty() { self.weigh(&open) } else { self.weigh(&others) }
    }

    /// Somebody muted who wants to say something: mostly who raised a hand first.
    fn some_newcomer(&mut self) -> Option<u64> {
        let first = self.people.first_hand().filter(|_| self.floor.chance.percent(75));
        if first.is_some() {
            return first;
        }
        let closed = self.people.closed().some(CANDIDATES, &mut self.floor.chance);
        self.weigh(&closed)
    }

    fn candidates(&mut self) -> Vec<u64> {
        let mut open = self.people.open().some(CANDIDATES, &mut self.floor.chance);
        if let Some(chair) = self.floor.chair.filter(|key| self.people.open().contains(*key)) {
            open.push(chair);
        }
        open.retain(|key| self.floor.idle != Some(*key));
        open.sort_unstable();
        open.dedup();
        open
    }

    /// One of a list; who is eager to speak more often than others.
    fn weigh(&mut self, keys: &[u64]) -> Option<u64> {
        let weights: Vec<u64> = keys.iter().map(|key| self.eagerness(*key)).collect();
        let mut drawn = self.floor.chance.below(weights.iter().sum());
        for (key, weight) in keys.iter().zip(weights) {
            if drawn < weight {
                return Some(*key);
            }
            drawn -= weight;
        }
        None
    }

    fn eagerness(&self, key: u64) -> u64 {
        self.people.get(&key).map_or(0, |person| person.eagerness)
    }

    fn speak(&mut self, key: u64, length_ms: u64) {
        // Who was told to talk goes on as told.
        if self.voices.is_fixed(key) {
            return;
        }
        if let Some(length) = self.paced(length_ms) {
            let until = self.now.saturating_add(length);
            let speech = Sound::Speech(Stretch { since: self.now, until });
            let turn = self.voices.begin(key, speech);
            self.schedule(length, Act::Hush { key, turn });
        }
    }
}
