//! Coming and going, and what people do by hand: the levers of a test bench, and what life pulls.

use foldback_wire::{ids::ParticipantId, limits::ITEMS_MAX};

use super::{
    Face, Rehearsal, acs, cast,
    chance::blend,
    person::{Identity, Kind, Person},
    talk::Sound,
};
use crate::error::Error;

/// How many who left are remembered for their return.
const AWAY_KEPT: usize = 50;

/// Longest name given by hand, in characters.
const NAME_MAX: usize = 256;

impl Rehearsal {
    /// Somebody new joins with an open microphone, past the lobby. Without a name one is invented.
    ///
    /// # Errors
    /// [`Error::NotPossible`] when the call is full or the name longer than 256 characters.
    pub fn person_joins(&mut self, name: Option<String>) -> Result<ParticipantId, Error> {
        self.somebody_new(name, false)
    }

    /// Somebody new waits in the lobby. Without a name one is invented.
    ///
    /// # Errors
    /// As [`Rehearsal::person_joins`].
    pub fn person_waits(&mut self, name: Option<String>) -> Result<ParticipantId, Error> {
        self.somebody_new(name, true)
    }

    fn somebody_new(&mut self, name: Option<String>, lobby: bool) -> Result<ParticipantId, Error> {
        if name.as_ref().is_some_and(|name| name.chars().count() > NAME_MAX) {
            return Err(Error::NotPossible(format!("a name has at most {NAME_MAX} characters")));
        }
        self.room_for_one()?;
        let id = self.cast.uuid();
        let name = name.unwrap_or_else(|| cast::name(&mut self.cast));
        let key = self.newcomer(Identity { kind: Kind::User, id, name }, lobby, false);
        self.settle();
        let joined = self.people.get(&key).map(|person| person.id.clone());
        joined.ok_or_else(|| Error::NotPossible("they left at once".to_owned()))
    }

    /// Somebody leaves.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for the app itself.
    pub fn person_leaves(&mut self, id: &ParticipantId) -> Result<(), Error> {
        let key = self.somebody(id, "leaves by DELETE of the call")?;
        self.leave(key);
        self.settle();
        Ok(())
    }

    /// Somebody talks from now on at a fixed level (50 when none is given), or stops.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for the app, somebody muted or in the
    /// lobby, and a level above 100.
    pub fn person_talks(
        &mut self,
        id: &ParticipantId,
        active: bool,
        level: Option<u8>,
    ) -> Result<(), Error> {
        let key = self.somebody(id, "does not talk")?;
        let level = level.unwrap_or(50);
        if level > 100 {
            return Err(Error::NotPossible(format!("level {level}: a level is 0 to 100")));
        }
        let can = self.people.get(&key).is_some_and(Person::can_talk);
        if active && !can {
            return Err(Error::NotPossible(format!(
                "{id} is muted or in the lobby and cannot talk"
            )));
        }
        if active {
            self.voices.begin(key, Sound::Fixed(level));
        } else {
            self.voices.hush(key, self.now);
        }
        self.settle();
        Ok(())
    }

    /// Somebody mutes themselves.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for the app itself.
    pub fn person_mutes(&mut self, id: &ParticipantId) -> Result<(), Error> {
        let key = self.somebody(id, "is muted by POST …/mute")?;
        self.set_muted_self(key, true);
        self.settle();
        Ok(())
    }

    /// Somebody unmutes themselves, which lifts a mute by the server too.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for the app itself.
    pub fn person_unmutes(&mut self, id: &ParticipantId) -> Result<(), Error> {
        let key = self.somebody(id, "is unmuted by POST …/unmute")?;
        self.set_muted_self(key, false);
        self.settle();
        Ok(())
    }

    /// Somebody raises a hand, or takes it down. The first to raise one stays the first when told
    /// again.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for the app itself, for raising a hand in
    /// the lobby, and in an ACS call.
    pub fn person_raises_hand(&mut self, id: &ParticipantId, raised: bool) -> Result<(), Error> {
        if self.options.face == Face::Acs {
            return Err(Error::NotPossible("an ACS call does not tell of raised hands".to_owned()));
        }
        let key = self.somebody(id, "has no hand")?;
        if raised && self.people.get(&key).is_some_and(|person| person.in_lobby) {
            return Err(Error::NotPossible(format!(
                "{id} is in the lobby and cannot raise a hand yet; let them in first"
            )));
        }
        self.set_hand(key, raised);
        self.settle();
        Ok(())
    }

    fn somebody(&self, id: &ParticipantId, instead: &str) -> Result<u64, Error> {
        let (key, person) = self.find(id)?;
        if person.is_app() {
            return Err(Error::NotPossible(format!("{id} is the app itself, which {instead}")));
        }
        Ok(key)
    }

    fn room_for_one(&self) -> Result<(), Error> {
        if self.people.len() < ITEMS_MAX {
            return Ok(());
        }
        Err(Error::NotPossible(format!("the call is full: it holds {ITEMS_MAX} participants")))
    }

    /// The first cast: the app, people with few open microphones, the last two in the lobby.
    pub(super) fn fill(&mut self) {
        let acs = self.options.face == Face::Acs;
        let count = self.options.participants.saturating_sub(usize::from(!acs));
        let people = if acs {
            acs::people(&mut self.cast, &self.tenant, count)
        } else {
            cast::people(&mut self.cast, count)
        };
        let in_lobby = if count >= 5 && !acs { 2 } else { 0 };
        let open = open_mics(count);
        // Somebody on a telephone forgets the mute key first.
        let phone = people.iter().position(|person| person.kind == Kind::Phone);
        let mut order: Vec<usize> = (0..count.saturating_sub(in_lobby)).collect();
        self.cast.shuffle(&mut order);
        if let Some(at) = order.iter().position(|index| Some(*index) == phone) {
            order.swap(0, at);
        }
        order.truncate(open);
        let open: std::collections::BTreeSet<usize> = order.into_iter().collect();
        if !acs {
            let app = self.app.clone();
            let me = self.add(app, false, false);
            self.me = Some(me);
            self.changed(me);
        }
        for (index, identity) in people.into_iter().enumerate() {
            let lobby = index + in_lobby >= count;
            let key = self.add(identity, lobby, !lobby && !open.contains(&index));
            self.changed(key);
        }
    }

    pub(super) fn app_joins(&mut self) -> Result<(), Error> {
        self.room_for_one()?;
        let app = self.app.clone();
        let key = self.add(app, false, false);
        self.me = Some(key);
        self.changed(key);
        Ok(())
    }

    /// Adds somebody and tells of it.
    pub(super) fn newcomer(&mut self, identity: Identity, in_lobby: bool, muted: bool) -> u64 {
        if let Some(key) = self.already_here(&identity) {
            return key;
        }
        let in_lobby = in_lobby && self.options.face == Face::Graph;
        let key = self.add(identity, in_lobby, muted);
        self.changed(key);
        key
    }

    /// Adds somebody without telling; the caller says that they changed.
    pub(super) fn add(&mut self, identity: Identity, in_lobby: bool, muted: bool) -> u64 {
        let key = self.next_key;
        self.next_key += 1;
        let (identity, id) = self.named_by_face(identity);
        let id = id.unwrap_or_else(|| self.ids.participant_id());
        let camera = identity.kind == Kind::User && self.cast.percent(40);
        self.keys.insert(id.clone(), key);
        let mut person = Person::new(id, identity, key);
        person.in_lobby = in_lobby;
        person.muted_self = muted;
        person.video = camera.then_some(key * 2 + 2);
        person.eagerness = eagerness(self.options.seed, &person.identity.id);
        self.people.insert(key, person);
        key
    }

    pub(super) fn leave(&mut self, key: u64) {
        if let Some(person) = self.people.remove(&key) {
            self.keys.remove(&person.id);
            if self.away.len() >= AWAY_KEPT {
                self.away.pop_front();
            }
            self.away.push_back(person.identity.clone());
            self.removed(person, "left");
        }
    }

    pub(super) fn set_muted_self(&mut self, key: u64, muted: bool) {
        if let Some(person) = self.people.get_mut(&key) {
            let before = (person.muted_self, person.muted_by_server);
            person.muted_self = muted;
            person.muted_by_server &= muted;
            if before != (person.muted_self, person.muted_by_server) {
                self.changed(key);
            }
        }
    }

    /// Raises or lowers a hand; nothing when it is so already.
    pub(super) fn set_hand(&mut self, key: u64, raised: bool) {
        let now = self.now;
        if self.people.get(&key).is_some_and(|person| person.hand.is_some() != raised)
            && let Some(person) = self.people.get_mut(&key)
        {
            person.hand = raised.then_some(now);
            self.changed(key);
        }
    }

    /// Sorts in who changed; who may not talk any more falls silent.
    pub(super) fn hush_the_muted(&mut self) {
        for key in self.people.sort() {
            if self.voices.is_talking(key) && !self.people.can_talk(key) {
                self.voices.hush(key, self.now);
            }
        }
    }
}

/// How much more often than the most silent somebody speaks: a few much, some a little.
fn eagerness(seed: u64, identity: &str) -> u64 {
    let person = identity.bytes().fold(1, |sum, byte| blend(seed, sum, u64::from(byte)));
    match blend(seed, person, 0) % 100 {
        0..10 => 24,
        10..35 => 6,
        _ => 1,
    }
}

/// How many of `count` people have their microphone open: five of forty-two, and never a crowd.
pub(super) fn open_mics(count: usize) -> usize {
    count.div_ceil(9).clamp(1, 16)
}
