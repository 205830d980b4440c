//! What people do by themselves besides talking: mute and unmute, raise hands, come and go.
//!
//! Everything here and in the conversation costs the same in every call: nothing looks at everybody.

use super::{Face, Rehearsal, acs, cast, command::Due, people::open_mics, person::Kind};

/// Something that happens at its time.
#[derive(Debug)]
pub(super) enum Act {
    /// The call is established after a join.
    Establish,
    /// A consequence of a command.
    Command(Due),
    /// A consequence of an ACS command.
    Acs(acs::Due),
    /// The floor is free.
    Turn,
    /// Somebody muted opens the microphone to speak.
    SpeakUp(u64),
    /// Somebody begins their turn.
    TakeFloor(u64),
    /// The speaker of a turn goes on after a breath.
    Phrase { turn: u64, left: u64 },
    /// A turn ends.
    Yield(u64),
    /// Somebody says a word of assent into a turn.
    Nod(u64),
    /// Somebody begins before the speaker of a turn has ended.
    CutIn(u64),
    /// One stretch of talk ends.
    Hush { key: u64, turn: u64 },
    /// Somebody mutes after having spoken.
    Tire(u64),
    /// Somebody opens or closes their microphone.
    Mics,
    /// Somebody raises a hand.
    Hand,
    /// The hand raised at this time goes down again.
    LowerHand { key: u64, at: u64 },
    /// Somebody comes, is let in, or goes.
    Door,
    /// Somebody whose connection broke returns.
    Return(String),
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
    pub(super) fn later(&mut self, after_ms: u64, act: Act) {
        if let Some(after_ms) = self.paced(after_ms) {
            self.schedule(after_ms, act);
        }
    }

    /// A time of life in milliseconds of the clock, at least 1; none when life is frozen.
    pub(super) fn paced(&self, span_ms: u64) -> Option<u64> {
        paced(span_ms, self.options.speed)
    }

    pub(super) fn start_life(&mut self) {
        self.later(400, Act::Turn);
        self.some_time(4_000, 9_000, Act::Mics);
        self.some_time(9_000, 20_000, Act::Door);
        // ACS has no member that could tell of it.
        if self.options.face == Face::Graph {
            self.some_time(6_000, 25_000, Act::Hand);
        }
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Establish => self.establish(),
            Act::Command(due) => self.due(due),
            Act::Acs(due) => self.acs_due(due),
            Act::Turn => self.turn(),
            Act::SpeakUp(key) => self.speak_up(key),
            Act::TakeFloor(key) => self.take_floor(key),
            Act::Phrase { turn, left } => self.phrase(turn, left),
            Act::Yield(turn) => self.yield_floor(turn),
            Act::Nod(turn) => self.nod(turn),
            Act::CutIn(turn) => self.cut_in(turn),
            Act::Hush { key, turn } => self.voices.end(key, turn, self.now),
            Act::Tire(key) => self.tire(key),
            Act::Mics => self.mics(),
            Act::Hand => self.hand(),
            Act::LowerHand { key, at } => {
                if self.people.get(&key).is_some_and(|person| person.hand == Some(at)) {
                    self.set_hand(key, false);
                }
            }
            Act::Door => self.door(),
            Act::Return(identity) => self.reconnect(&identity),
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
            self.some_time(30_000, 90_000, Act::Lift(key));
        }
    }

    /// More people do more, though not as many times more as they are: twice as much happens among
    /// a thousand as among a hundred, and four times as much among ten thousand.
    fn crowding(&self) -> u64 {
        let hundreds = u64::try_from(self.people.len() / 100).unwrap_or(u64::MAX);
        1 + u64::from(hundreds.checked_ilog2().unwrap_or(0)) / 2
    }

    fn some_time(&mut self, low_ms: u64, high_ms: u64, act: Act) {
        let after = self.life.between(low_ms, high_ms);
        self.later(after, act);
    }

    fn tire(&mut self, key: u64) {
        if self.voices.is_talking(key) || self.floor.is_busy(key) {
            self.some_time(1_500, 4_000, Act::Tire(key));
        } else if self.people.can_talk(key) {
            self.set_muted_self(key, true);
        }
    }

    fn mics(&mut self) {
        let open = self.people.open();
        if open.len() > open_mics(self.people.len()) {
            let key = open.draw(&mut self.life);
            if let Some(key) = key
                && !self.voices.is_talking(key)
                && !self.floor.is_busy(key)
            {
                self.set_muted_self(key, true);
            }
        } else if let Some(key) = self.people.closed().draw(&mut self.life) {
            self.floor.idles(key);
            self.set_muted_self(key, false);
        }
        self.some_time(4_000, 12_000, Act::Mics);
    }

    fn hand(&mut self) {
        let crowding = self.crowding();
        let most = usize::try_from(3 * crowding).unwrap_or(usize::MAX);
        if self.people.hands() < most
            && let Some(key) = self.people.humans().draw(&mut self.life)
            && self.people.get(&key).is_some_and(|person| {
                !person.in_lobby && person.hand.is_none() && person.identity.kind != Kind::Phone
            })
        {
            self.set_hand(key, true);
            let at = self.now;
            self.some_time(20_000, 90_000, Act::LowerHand { key, at });
        }
        self.some_time(15_000 / crowding, 45_000 / crowding, Act::Hand);
    }

    fn door(&mut self) {
        let full = self.options.participants;
        let here = self.people.len();
        let choice = self.life.below(100);
        if let Some(first) = self.people.first_in_lobby()
            && choice < 25
        {
            self.admit(first);
        } else if here >= full || (choice < 60 && here + 3 > full && here * 10 > full * 9) {
            self.somebody_goes();
        } else {
            self.arrive();
        }
        let crowding = self.crowding();
        self.some_time(12_000 / crowding, 35_000 / crowding, Act::Door);
    }

    /// Somebody hangs up, or their connection breaks and they return soon.
    fn somebody_goes(&mut self) {
        // Somebody stays to talk to.
        if self.people.humans().len() > 2
            && let Some(key) = self.people.humans().draw(&mut self.life)
        {
            let identity = self.people.get(&key).map(|person| person.identity.id.clone());
            self.leave(key);
            if let Some(identity) = identity
                && self.life.percent(35)
            {
                self.some_time(6_000, 40_000, Act::Return(identity));
            }
        }
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
        // A telephone line that is in the call already is not called twice.
        if !self.people.has(&identity.id) {
            self.newcomer(identity, in_lobby, muted);
        }
    }

    /// Who was cut off is back, past the lobby, unless they came back before or the call is full.
    fn reconnect(&mut self, identity: &str) {
        let place = self.away.iter().position(|away| away.id == identity);
        if self.people.len() < self.options.participants
            && let Some(identity) = place.and_then(|place| self.away.remove(place))
            && !self.people.has(&identity.id)
        {
            self.newcomer(identity, false, true);
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "spans are minutes at most and the speed is positive; a very low speed saturates"
)]
fn paced(span_ms: u64, speed: f64) -> Option<u64> {
    (speed > 0.0).then(|| ((span_ms as f64 / speed) as u64).max(1))
}
