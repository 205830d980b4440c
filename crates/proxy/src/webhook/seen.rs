//! Tokens that have been used: each vouches for what it came with, once.
//!
//! A token proves who sent it, not what. Where every notification has a token of its own, a token is
//! bound to the first body it came with; where a token lasts for many, each body is taken once with
//! it. Both are kept for as long as the token is good, leeway included.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use super::token::Proof;
use crate::secret::Fingerprint;

/// How many are kept at most. Beyond it those that end first are forgotten: what facts a repetition
/// would make are none, because rosters and operations know their own order.
const KEPT: usize = 100_000;

/// What was seen of a token and a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing, or a try that came to nothing.
    New,
    /// Both, and it was taken.
    Taken,
    /// The token came with another body.
    OtherBody,
}

/// A token, and the body where a token has many.
type Key = (Fingerprint, Option<Fingerprint>);

/// See the module.
#[derive(Debug)]
pub struct Seen {
    one_body: bool,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    ends: BTreeSet<(u64, Key)>,
}

#[derive(Debug)]
struct Entry {
    body: Fingerprint,
    taken: bool,
}

impl Seen {
    /// Nothing seen yet.
    pub fn new(one_body: bool) -> Self {
        Self { one_body, entries: Mutex::default() }
    }

    /// Looks a good token and its body up, and binds them when the token is new. `now` is in seconds
    /// since 1970.
    pub fn look(&self, proof: &Proof, body: Fingerprint, now: u64) -> Look {
        let key = self.key(proof, body);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.forget(now);
        if let Some(entry) = entries.by_key.get(&key) {
            return match (entry.body.matches(&body), entry.taken) {
                (false, _) => Look::OtherBody,
                (true, taken) => {
                    if taken {
                        Look::Taken
                    } else {
                        Look::New
                    }
                }
            };
        }
        entries.by_key.insert(key, Entry { body, taken: false });
        entries.ends.insert((proof.until, key));
        Look::New
    }

    /// What was [`Look::New`] is durable now.
    pub fn took(&self, proof: &Proof, body: Fingerprint) {
        let key = self.key(proof, body);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.by_key.get_mut(&key) {
            entry.taken = true;
        }
    }

    fn key(&self, proof: &Proof, body: Fingerprint) -> Key {
        (proof.print, (!self.one_body).then_some(body))
    }
}

impl Entries {
    fn forget(&mut self, now: u64) {
        while let Some((until, key)) = self.ends.first().copied() {
            if until >= now && self.by_key.len() < KEPT {
                return;
            }
            self.ends.remove(&(until, key));
            self.by_key.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(token: &str, until: u64) -> Proof {
        Proof { print: Fingerprint::of(token), until }
    }

    #[test]
    fn a_token_of_one_body_is_bound_to_it() {
        let (a, b) = (Fingerprint::of("a"), Fingerprint::of("b"));
        let seen = Seen::new(true);
        let token = proof("t", 100);
        assert_eq!(seen.look(&token, a, 1), Look::New);
        // It could not be kept: the next try is not a repetition, but the body stays the one.
        assert_eq!(seen.look(&token, a, 1), Look::New);
        assert_eq!(seen.look(&token, b, 1), Look::OtherBody);
        seen.took(&token, a);
        assert_eq!(seen.look(&token, a, 100), Look::Taken);
        assert_eq!(seen.look(&token, b, 100), Look::OtherBody);
        assert_eq!(seen.look(&proof("u", 100), b, 100), Look::New);
    }

    #[test]
    fn a_token_of_many_bodies_takes_each_once() {
        let (a, b) = (Fingerprint::of("a"), Fingerprint::of("b"));
        let seen = Seen::new(false);
        let token = proof("t", 100);
        for body in [a, b] {
            assert_eq!(seen.look(&token, body, 1), Look::New);
            seen.took(&token, body);
        }
        assert_eq!(seen.look(&token, a, 100), Look::Taken);
    }

    #[test]
    fn what_is_over_is_forgotten_and_memory_is_bounded() {
        let body = Fingerprint::of("a");
        let seen = Seen::new(true);
        seen.look(&proof("t", 100), body, 1);
        seen.took(&proof("t", 100), body);
        assert_eq!(seen.look(&proof("u", 200), body, 101), Look::New);
        let len = || {
            let entries = seen.entries.lock().unwrap();
            assert_eq!(entries.by_key.len(), entries.ends.len());
            entries.by_key.len()
        };
        assert_eq!(len(), 1);
        for number in 0..KEPT as u64 + 10 {
            seen.look(&proof(&number.to_string(), 1_000 + number), body, 101);
        }
        assert_eq!(len(), KEPT);
    }
}
