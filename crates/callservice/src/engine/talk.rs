//! Who is heard, how loud, and what of that is news.

use std::collections::{BTreeMap, BTreeSet};

use foldback_model::live::Talk;
use foldback_wire::ids::ParticipantId;

use super::speech::{self, Stretch};

/// Shortest time between two reports of talking, in milliseconds.
pub(super) const REPORT_MS: u64 = 100;

/// How a voice sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    /// A level set by hand, until it is ended by hand.
    Fixed(u8),
    /// Speech, whose level moves.
    Speech(Stretch),
}

/// One person talking.
#[derive(Debug, Clone, Copy)]
struct Voice {
    /// Tells this stretch of talk from a later one of the same person.
    turn: u64,
    sound: Sound,
}

/// Everybody talking, and what was last reported.
#[derive(Debug)]
pub(super) struct Voices {
    seed: u64,
    turns: u64,
    talking: BTreeMap<u64, Voice>,
    /// Who speaks: their level is news at every report.
    speaking: BTreeSet<u64>,
    /// Whose voice began or ended since the last report.
    unreported: BTreeSet<u64>,
    reported: BTreeMap<u64, (ParticipantId, u8)>,
    /// When it was last looked whose talking changed.
    reported_at: Option<u64>,
    /// Since when nobody speaks.
    quiet_since: u64,
}

impl Voices {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            turns: 0,
            talking: BTreeMap::new(),
            speaking: BTreeSet::new(),
            unreported: BTreeSet::new(),
            reported: BTreeMap::new(),
            reported_at: None,
            quiet_since: 0,
        }
    }

    /// Somebody begins to talk; the number ends exactly this stretch.
    pub(super) fn begin(&mut self, key: u64, sound: Sound) -> u64 {
        self.turns += 1;
        self.talking.insert(key, Voice { turn: self.turns, sound });
        if matches!(sound, Sound::Speech(_)) {
            self.speaking.insert(key);
        } else {
            self.speaking.remove(&key);
        }
        self.unreported.insert(key);
        self.turns
    }

    /// Lets a speaker trail off sooner than they meant to; the number of the stretch that then ends.
    pub(super) fn shorten(&mut self, key: u64, until: u64) -> Option<u64> {
        let voice = self.talking.get_mut(&key)?;
        if let Sound::Speech(stretch) = &mut voice.sound {
            stretch.until = stretch.until.min(until);
        }
        Some(voice.turn)
    }

    /// Ends one stretch; a later one goes on.
    pub(super) fn end(&mut self, key: u64, turn: u64, now: u64) {
        if self.talking.get(&key).is_some_and(|voice| voice.turn == turn) {
            self.hush(key, now);
        }
    }

    pub(super) fn hush(&mut self, key: u64, now: u64) {
        if self.talking.remove(&key).is_some() {
            self.unreported.insert(key);
            if self.speaking.remove(&key) {
                self.quiet_since = now;
            }
        }
    }

    pub(super) fn is_talking(&self, key: u64) -> bool {
        self.talking.contains_key(&key)
    }

    /// Whether somebody talks because they were told to.
    pub(super) fn is_fixed(&self, key: u64) -> bool {
        self.is_talking(key) && !self.speaking.contains(&key)
    }

    /// How many people speak at once, without those told to.
    pub(super) fn speaking(&self) -> usize {
        self.speaking.len()
    }

    /// For how long nobody has been speaking, in milliseconds; 0 while somebody does.
    pub(super) fn quiet_for(&self, now: u64) -> u64 {
        if self.speaking.is_empty() { now.saturating_sub(self.quiet_since) } else { 0 }
    }

    /// When the next report is due; none when nothing moves.
    pub(super) fn next_at(&self, now: u64) -> Option<u64> {
        let moving = !self.speaking.is_empty() || !self.unreported.is_empty();
        moving.then(|| self.reported_at.map_or(now, |at| at.saturating_add(REPORT_MS)))
    }

    /// Adds to `news` whose talking changed, unless the last report is too young.
    pub(super) fn measure(
        &mut self,
        now: u64,
        id: impl Fn(u64) -> Option<ParticipantId>,
        news: &mut Vec<Talk>,
    ) {
        if self.reported_at.is_some_and(|at| now < at.saturating_add(REPORT_MS)) {
            return;
        }
        let mut due = std::mem::take(&mut self.unreported);
        due.extend(&self.speaking);
        if !due.is_empty() {
            self.reported_at = Some(now);
        }
        for key in due {
            let voice = self.talking.get(&key);
            let heard = voice.and_then(|voice| Some((id(key)?, self.level(key, voice, now))));
            match heard {
                Some((id, level)) => {
                    let last = self.reported.insert(key, (id.clone(), level));
                    if last.is_none_or(|(_, last)| last != level) {
                        news.push(Talk { id, active: true, level });
                    }
                }
                None => {
                    if let Some((id, _)) = self.reported.remove(&key) {
                        news.push(Talk { id, active: false, level: 0 });
                    }
                }
            }
        }
    }

    fn level(&self, key: u64, voice: &Voice, now: u64) -> u8 {
        match voice.sound {
            Sound::Fixed(level) => level,
            Sound::Speech(stretch) => speech::level(self.seed, key, stretch, now),
        }
    }
}
