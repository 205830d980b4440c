//! What people do by themselves: talk in turns, mute and unmute, come and go.

use super::{Rehearsal, acs, cast, command::Due, people::open_mics, person::Person};

/// Something that happens at its time.
#[derive(Debug)]
pub(super) enum Act {
    /// The call is established after a join.
    Establish,
    /// A consequence of a command.
    Command(Due),
    /// A consequence of an ACS command.
    Acs(acs::Due),
    /// Somebody takes the floor.
    Turn,
    /// Somebody says a word while another talks.
    Aside,
    /// One stretch of talk ends.
    Hush { key: u64, turn: u64 },
    /// Somebody mutes after having spoken.
    Tire(u64),
    /// Somebody opens or closes their microphone.
    Mics,
    /// Somebody comes, is let in, or goes.
    Door,
    /// Somebody muted by the server unmutes themselves.
    Lift(u64),
    /// A lie about the roster ends.
    Truth(u64),
}

impl Rehearsal {
    pub(super) fn schedule(&mut self, after_ms: u64, act: Act) {
        self.next_act += 1;
        self.agenda.insert((self.now.saturating_add(after_ms), self.next_act), act);
    }

    /// As [`Rehearsal::schedule`], in the rehearsal's own pace; never when it is frozen.
    fn later(&mut self, after_ms: u64, act: Act) {
        if let Some(after_ms) = paced(after_ms, self.options.speed) {
            self.schedule(after_ms, act);
        }
    }

    pub(super) fn start_life(&mut self) {
        self.later(400, Act::Turn);
        let after = self.life.between(4_000, 9_000);
        self.later(after, Act::Mics);
        let after = self.life.between(9_000, 20_000);
        self.later(after, Act::Door);
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Establish => self.establish(),
            Act::Command(due) => self.due(due),
            Act::Acs(due) => self.acs_due(due),
            Act::Turn => self.turn(),
            Act::Aside => self.aside(),
            Act::Hush { key, turn } => self.voices.end(key, turn),
            Act::Tire(key) => {
                if !self.voices.is_talking(key) {
                    self.set_muted_self(key, true);
                }
            }
            Act::Mics => self.mics(),
            Act::Door => self.door(),
            Act::Truth(number) => self.tell_truth(number),
            Act::Lift(key) => {
                if self.people.get(&key).is_some_and(|person| person.muted_by_server) {
                    self.set_muted_self(key, false);
                }
            }
        }
    }

    /// Half of those muted by the server unmute themselves after a while.
    pub(super) fn may_lift(&mut self, key: u64) {
        if self.options.speed > 0.0 && self.life.percent(50) {
            let after = self.life.between(30_000, 90_000);
            self.later(after, Act::Lift(key));
        }
    }

    fn turn(&mut self) {
        let mut length = self.life.between(1_500, 9_000);
        let unmutes = self.life.percent(25);
        let speaker = if unmutes { self.some_muted() } else { None };
        let speaker = match speaker {
            Some(key) => {
                self.set_muted_self(key, false);
                if self.life.percent(80) {
                    let after = length + self.life.between(1_000, 4_000);
                    self.later(after, Act::Tire(key));
                }
                Some(key)
            }
            None => self.some_open(self.last_speaker),
        };
        match speaker {
            Some(key) => {
                self.last_speaker = Some(key);
                self.speak(key, length);
                if self.life.percent(25) {
                    let after = self.life.between(300, length.saturating_sub(300));
                    self.later(after, Act::Aside);
                }
            }
            None => length = 1_000,
        }
        let pause = self.life.between(250, 1_800);
        self.later(length + pause, Act::Turn);
    }

    fn aside(&mut self) {
        if let Some(key) = self.some_open(self.last_speaker) {
            let length = self.life.between(400, 1_300);
            self.speak(key, length);
        }
    }

    fn speak(&mut self, key: u64, length_ms: u64) {
        let turn = self.voices.begin(key, None);
        self.later(length_ms, Act::Hush { key, turn });
    }

    fn mics(&mut self) {
        let open = self.count(|person| person.can_talk() && !person.is_app());
        if open > open_mics(self.people.len()) {
            let quiet: Vec<u64> = self
                .keys_of(|person| person.can_talk() && !person.is_app())
                .into_iter()
                .filter(|key| !self.voices.is_talking(*key))
                .collect();
            if let Some(key) = self.life.pick(&quiet).copied() {
                self.set_muted_self(key, true);
            }
        } else if let Some(key) = self.some_muted() {
            self.set_muted_self(key, false);
        }
        let after = self.life.between(4_000, 12_000);
        self.later(after, Act::Mics);
    }

    fn door(&mut self) {
        let full = self.options.participants;
        let here = self.people.len();
        let waiting = self.keys_of(|person| person.in_lobby);
        let choice = self.life.below(100);
        if let Some(first) = waiting.first().copied()
            && choice < 25
        {
            self.admit(first);
        } else if here >= full || (choice < 60 && here + 3 > full && here * 10 > full * 9) {
            let people = self.keys_of(|person| !person.is_app());
            // Somebody stays to talk to.
            if people.len() > 2
                && let Some(key) = self.life.pick(&people).copied()
            {
                self.leave(key);
            }
        } else {
            self.arrive();
        }
        let after = self.life.between(12_000, 35_000);
        self.later(after, Act::Door);
    }

    pub(super) fn admit(&mut self, key: u64) {
        if let Some(person) = self.people.get_mut(&key) {
            person.in_lobby = false;
            person.muted_self = true;
            self.changed(key);
        }
    }

    /// Somebody comes back, or somebody new comes; some wait in the lobby first.
    fn arrive(&mut self) {
        let returning = if self.life.percent(60) { self.away.pop_front() } else { None };
        let identity = returning.unwrap_or_else(|| cast::newcomer(&mut self.life));
        let in_lobby = self.life.percent(30);
        let muted = !in_lobby && self.life.percent(85);
        if self.people.values().any(|person| person.identity.id == identity.id) {
            // A telephone line that is in the call already.
            return;
        }
        self.newcomer(identity, in_lobby, muted);
    }

    fn some_open(&mut self, but: Option<u64>) -> Option<u64> {
        let mut open = self.keys_of(|person| person.can_talk() && !person.is_app());
        if open.len() > 1 {
            open.retain(|key| Some(*key) != but);
        }
        self.life.pick(&open).copied()
    }

    /// Somebody who muted themselves and may unmute at will.
    fn some_muted(&mut self) -> Option<u64> {
        let muted =
            self.keys_of(|p| !p.in_lobby && p.muted_self && !p.muted_by_server && !p.is_app());
        self.life.pick(&muted).copied()
    }

    fn keys_of(&self, which: impl Fn(&Person) -> bool) -> Vec<u64> {
        self.people.iter().filter(|(_, person)| which(person)).map(|(key, _)| *key).collect()
    }

    fn count(&self, which: impl Fn(&Person) -> bool) -> usize {
        self.people.values().filter(|person| which(person)).count()
    }
}

/// A time of life in milliseconds of the clock, at least 1; none when life is frozen.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "spans are minutes at most and the speed is positive; a very low speed saturates"
)]
fn paced(span_ms: u64, speed: f64) -> Option<u64> {
    (speed > 0.0).then(|| ((span_ms as f64 / speed) as u64).max(1))
}
