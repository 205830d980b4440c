//! Everybody in the call, found without searching: by key, by identity, by what they could do next.
//!
//! A call has up to 10,000 people and something happens in it several times a second, so nothing
//! that happens may look at everybody. Who was handed out for a change is sorted in again by
//! [`Crowd::sort`].

use std::collections::{BTreeMap, BTreeSet};

use super::{chance::Chance, person::Person};

/// Everybody by key, in the order they came, and indexes of them.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    people: BTreeMap<u64, Person>,
    identities: BTreeMap<String, u64>,
    humans: Pool,
    open: Pool,
    closed: Pool,
    lobby: BTreeSet<u64>,
    /// Raised hands in the order they were raised.
    hands: BTreeSet<(u64, u64)>,
    hand_of: BTreeMap<u64, u64>,
    unsorted: BTreeSet<u64>,
    #[cfg(test)]
    touched: std::cell::Cell<usize>,
}

#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "asked as the map it takes the place of")
)]
impl Crowd {
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// One person; looking costs the same in every call.
    pub(super) fn get(&self, key: &u64) -> Option<&Person> {
        self.touch(1);
        self.people.get(key)
    }

    /// One person to be changed. The indexes learn of it by [`Crowd::sort`].
    pub(super) fn get_mut(&mut self, key: &u64) -> Option<&mut Person> {
        self.touch(1);
        self.unsorted.insert(*key);
        self.people.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: u64, person: Person) {
        self.touch(1);
        self.identities.insert(person.identity.id.clone(), key);
        self.people.insert(key, person);
        self.unsorted.insert(key);
    }

    pub(super) fn remove(&mut self, key: &u64) -> Option<Person> {
        self.touch(1);
        let person = self.people.remove(key)?;
        if self.identities.get(&person.identity.id) == Some(key) {
            self.identities.remove(&person.identity.id);
        }
        self.unsorted.insert(*key);
        Some(person)
    }

    pub(super) fn contains_key(&self, key: &u64) -> bool {
        self.people.contains_key(key)
    }

    /// Takes out everybody of whom `stays` is not true.
    pub(super) fn retain(&mut self, mut stays: impl FnMut(&u64, &mut Person) -> bool) {
        self.touch(self.people.len());
        self.unsorted.extend(self.people.keys());
        self.people.retain(|key, person| stays(key, person));
        let people = &self.people;
        self.identities.retain(|_, key| people.contains_key(key));
    }

    /// Everybody with their keys, in the order they came. Only for what is about everybody.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&u64, &Person)> {
        self.touch(self.people.len());
        self.people.iter()
    }

    /// A copy of everybody as they are now.
    pub(super) fn copy(&self) -> BTreeMap<u64, Person> {
        self.touch(self.people.len());
        self.people.clone()
    }

    /// As [`Crowd::iter`], without keys.
    pub(super) fn values(&self) -> impl Iterator<Item = &Person> {
        self.touch(self.people.len());
        self.people.values()
    }

    /// Sorts in who was changed, came or left since the last time, and names them.
    pub(super) fn sort(&mut self) -> BTreeSet<u64> {
        let changed = std::mem::take(&mut self.unsorted);
        for key in &changed {
            self.sort_in(*key);
        }
        changed
    }

    fn sort_in(&mut self, key: u64) {
        self.touch(1);
        let person = self.people.get(&key);
        let human = person.filter(|person| !person.is_app());
        self.humans.set(key, human.is_some());
        self.open.set(key, human.is_some_and(Person::can_talk));
        self.closed.set(key, human.is_some_and(Person::may_unmute));
        if human.is_some_and(|person| person.in_lobby) {
            self.lobby.insert(key);
        } else {
            self.lobby.remove(&key);
        }
        let hand = human.and_then(|person| person.hand);
        let before = match hand {
            Some(at) => self.hand_of.insert(key, at),
            None => self.hand_of.remove(&key),
        };
        if before != hand {
            if let Some(at) = before {
                self.hands.remove(&(at, key));
            }
            if let Some(at) = hand {
                self.hands.insert((at, key));
            }
        }
    }

    /// Whether somebody may be heard.
    pub(super) fn can_talk(&self, key: u64) -> bool {
        self.get(&key).is_some_and(Person::can_talk)
    }

    /// Whether somebody of this identity is in the call.
    pub(super) fn has(&self, identity: &str) -> bool {
        self.identities.contains_key(identity)
    }

    /// Everybody but the app.
    pub(super) fn humans(&self) -> &Pool {
        &self.humans
    }

    /// People with an open microphone, without the app.
    pub(super) fn open(&self) -> &Pool {
        &self.open
    }

    /// People in the conversation who muted themselves and may unmute at will.
    pub(super) fn closed(&self) -> &Pool {
        &self.closed
    }

    /// Who has waited longest in the lobby.
    pub(super) fn first_in_lobby(&self) -> Option<u64> {
        self.lobby.first().copied()
    }

    /// Who raised a hand first and may unmute at will.
    pub(super) fn first_hand(&self) -> Option<u64> {
        // Few hands are up at a time, and the first of them is nearly always free to speak.
        self.hands.iter().map(|(_, key)| *key).take(8).find(|key| self.closed.contains(*key))
    }

    /// How many hands are raised.
    pub(super) fn hands(&self) -> usize {
        self.hands.len()
    }

    #[cfg(test)]
    fn touch(&self, people: usize) {
        self.touched.set(self.touched.get() + people);
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only tests count")]
    fn touch(&self, _people: usize) {}

    /// How many people were looked at, changed or gone through since the last time.
    #[cfg(test)]
    pub(super) fn take_touched(&self) -> usize {
        self.touched.take()
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &u64> {
        self.people.keys()
    }
}

/// Some of the people; one of them can be drawn without looking at the others.
#[derive(Debug, Default)]
pub(super) struct Pool {
    list: Vec<u64>,
    at: BTreeMap<u64, usize>,
}

impl Pool {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn contains(&self, key: u64) -> bool {
        self.at.contains_key(&key)
    }

    fn set(&mut self, key: u64, member: bool) {
        match (self.at.get(&key).copied(), member) {
            (None, true) => {
                self.at.insert(key, self.list.len());
                self.list.push(key);
            }
            (Some(place), false) => {
                self.at.remove(&key);
                self.list.swap_remove(place);
                if let Some(moved) = self.list.get(place) {
                    self.at.insert(*moved, place);
                }
            }
            _ => {}
        }
    }

    /// One of them; none when there is nobody.
    pub(super) fn draw(&self, chance: &mut Chance) -> Option<u64> {
        chance.pick(&self.list).copied()
    }

    /// All of them when they are `most` or fewer, else `most` drawn, perhaps one twice.
    pub(super) fn some(&self, most: usize, chance: &mut Chance) -> Vec<u64> {
        if self.list.len() <= most {
            return self.list.clone();
        }
        (0..most).filter_map(|_| self.draw(chance)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::{
        chance::Stream,
        person::{Identity, Kind},
    };

    fn somebody(key: u64) -> Person {
        let mut chance = Chance::new(key, Stream::Ids);
        let kind = if key.is_multiple_of(7) { Kind::Application } else { Kind::User };
        let identity = Identity { kind, id: chance.uuid(), name: "Somebody".to_owned() };
        Person::new(chance.participant_id(), identity, key)
    }

    proptest! {
        /// The indexes say what a search through everybody would say, whatever happened.
        #[test]
        fn indexes_agree_with_a_search(steps in prop::collection::vec((0..12_u64, 0..6_u8, any::<bool>()), 0..120)) {
            let mut crowd = Crowd::default();
            for (at, (key, what, flag)) in steps.into_iter().enumerate() {
                match what {
                    0 => { crowd.remove(&key); }
                    1 if crowd.get(&key).is_none() => crowd.insert(key, somebody(key)),
                    _ => if let Some(person) = crowd.get_mut(&key) {
                        match what {
                            2 => person.muted_self = flag,
                            3 => person.muted_by_server = flag,
                            4 => person.in_lobby = flag,
                            _ => person.hand = flag.then_some(at as u64),
                        }
                    }
                }
                crowd.sort();
                let found = |which: &dyn Fn(&Person) -> bool| -> BTreeSet<u64> {
                    let people = crowd.people.iter().filter(|(_, p)| !p.is_app() && which(p));
                    people.map(|(key, _)| *key).collect()
                };
                let listed = |pool: &Pool| -> BTreeSet<u64> { pool.list.iter().copied().collect() };
                prop_assert_eq!(listed(&crowd.humans), found(&|_| true));
                prop_assert_eq!(listed(&crowd.open), found(&Person::can_talk));
                prop_assert_eq!(listed(&crowd.closed), found(&|p| !p.in_lobby && p.muted_self && !p.muted_by_server));
                prop_assert_eq!(&crowd.lobby, &found(&|p| p.in_lobby));
                let raised: BTreeSet<u64> = crowd.hands.iter().map(|(_, key)| *key).collect();
                prop_assert_eq!(raised, found(&|p| p.hand.is_some()));
                for pool in [&crowd.humans, &crowd.open, &crowd.closed] {
                    prop_assert_eq!(pool.list.len(), pool.at.len());
                }
                for person in crowd.people.values() {
                    prop_assert!(crowd.has(&person.identity.id));
                }
                prop_assert_eq!(crowd.identities.len(), crowd.people.len());
            }
        }
    }
}
