//! Who is heard, how loud, and what of that is news.

use std::collections::BTreeMap;

use foldback_model::live::Talk;
use foldback_wire::ids::ParticipantId;

use super::chance::blend;

/// Shortest time between two reports of talking, in milliseconds.
pub(super) const REPORT_MS: u64 = 100;

/// One person talking.
#[derive(Debug, Clone, Copy)]
struct Voice {
    /// Tells this stretch of talk from a later one of the same person.
    turn: u64,
    /// A level set by hand; otherwise it moves as speech does.
    fixed: Option<u8>,
}

/// Everybody talking, and what was last reported.
#[derive(Debug)]
pub(super) struct Voices {
    seed: u64,
    turns: u64,
    talking: BTreeMap<u64, Voice>,
    reported: BTreeMap<u64, (ParticipantId, u8)>,
    reported_at: Option<u64>,
}

impl Voices {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            turns: 0,
            talking: BTreeMap::new(),
            reported: BTreeMap::new(),
            reported_at: None,
        }
    }

    /// Somebody begins to talk; the number ends exactly this stretch.
    pub(super) fn begin(&mut self, key: u64, fixed: Option<u8>) -> u64 {
        self.turns += 1;
        self.talking.insert(key, Voice { turn: self.turns, fixed });
        self.turns
    }

    /// Ends one stretch; a later one goes on.
    pub(super) fn end(&mut self, key: u64, turn: u64) {
        if self.talking.get(&key).is_some_and(|voice| voice.turn == turn) {
            self.talking.remove(&key);
        }
    }

    pub(super) fn hush(&mut self, key: u64) {
        self.talking.remove(&key);
    }

    pub(super) fn is_talking(&self, key: u64) -> bool {
        self.talking.contains_key(&key)
    }

    /// Keeps only those who may talk.
    pub(super) fn keep(&mut self, mut may: impl FnMut(u64) -> bool) {
        self.talking.retain(|key, _| may(*key));
    }

    /// When the next report is due; none when nothing moves.
    pub(super) fn next_at(&self, now: u64) -> Option<u64> {
        let moving = self.talking.values().any(|voice| voice.fixed.is_none())
            || self.talking.keys().ne(self.reported.keys())
            || self.talking.iter().any(|(key, voice)| {
                voice.fixed.is_some() && self.reported.get(key).map(|(_, l)| *l) != voice.fixed
            });
        moving.then(|| self.reported_at.map_or(now, |at| at + REPORT_MS))
    }

    /// Adds to `news` whose talking changed, unless the last report is too young.
    pub(super) fn measure(
        &mut self,
        now: u64,
        id: impl Fn(u64) -> Option<ParticipantId>,
        news: &mut Vec<Talk>,
    ) {
        if self.reported_at.is_some_and(|at| now < at + REPORT_MS) {
            return;
        }
        let before = news.len();
        let mut heard = BTreeMap::new();
        for (key, voice) in &self.talking {
            let Some(id) = id(*key) else { continue };
            let level = voice.fixed.unwrap_or_else(|| self.level(*key, now));
            if self.reported.get(key).is_none_or(|(_, last)| *last != level) {
                news.push(Talk { id: id.clone(), active: true, level });
            }
            heard.insert(*key, (id, level));
        }
        for (key, (id, _)) in &self.reported {
            if !heard.contains_key(key) {
                news.push(Talk { id: id.clone(), active: false, level: 0 });
            }
        }
        self.reported = heard;
        if news.len() > before {
            self.reported_at = Some(now);
        }
    }

    /// A level that moves as speech does: a person's own loudness, syllables around it.
    fn level(&self, key: u64, now: u64) -> u8 {
        let own = 45 + blend(self.seed, key, 1) % 30;
        let syllable = blend(self.seed, key, 2 + now / REPORT_MS) % 41;
        let level = (own + syllable).saturating_sub(20).clamp(5, 100);
        u8::try_from(level).unwrap_or(100)
    }
}
