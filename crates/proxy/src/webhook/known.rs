//! Signatures that were found good: arithmetic that was done before is not done again.
//!
//! All that is kept is that one key signed these very bytes, which stays true whatever happens. Nothing
//! else of a token is believed for it: whether its key is still published, who issued it, for whom, until
//! when and whether it was revoked is looked at each time, as if nothing were known.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::secret::Fingerprint;

/// Signatures of a generation; two generations are kept. That many tokens are in use at once nowhere, and
/// all of them take half a megabyte.
const GENERATION: usize = 4_096;

/// See the module. Who brings many good tokens has older ones forgotten, which are then verified anew.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Generations>);

/// What was used since the present generation began, and what was used in the one before.
#[derive(Debug, Default)]
struct Generations {
    present: HashSet<Fingerprint>,
    before: HashSet<Fingerprint>,
}

impl Known {
    /// Whether the key `n`, `e` signed the message: as it was found before, else as `verify` says. What
    /// is not good is not kept.
    pub(super) fn signed(
        &self,
        [n, e]: [&[u8]; 2],
        message: &[u8],
        signature: &[u8],
        verify: impl FnOnce() -> bool,
    ) -> bool {
        let print = Fingerprint::of_parts([n, e, message, signature]);
        if self.has(&print) {
            return true;
        }
        let good = verify();
        if good {
            self.generations().keep(print);
        }
        good
    }

    fn has(&self, print: &Fingerprint) -> bool {
        let mut generations = self.generations();
        if generations.present.contains(print) {
            return true;
        }
        let old = generations.before.remove(print);
        if old {
            generations.keep(*print);
        }
        old
    }

    fn generations(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn keep(&mut self, print: Fingerprint) {
        if self.present.len() >= GENERATION {
            self.before = std::mem::take(&mut self.present);
        }
        self.present.insert(print);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [&[u8]; 2] = [b"n", b"e"];

    /// Whether something was looked up rather than computed.
    fn is_known(known: &Known, key: [&[u8]; 2], message: &[u8], signature: &[u8]) -> bool {
        known.signed(key, message, signature, || false)
    }

    #[test]
    fn what_was_good_is_computed_once_and_what_was_not_each_time() {
        let known = Known::default();
        for _ in 0..2 {
            assert!(!known.signed(KEY, b"m", b"s", || false));
        }
        assert!(known.signed(KEY, b"m", b"s", || true));
        assert!(known.signed(KEY, b"m", b"s", || panic!("it was good before")));
    }

    #[test]
    fn one_byte_makes_another_signature() {
        let known = Known::default();
        let (message, signature) = ([7_u8; 40], [9_u8; 32]);
        assert!(known.signed(KEY, &message, &signature, || true));
        for at in 0..signature.len() {
            for bit in 0..8 {
                let mut other = signature;
                other[at] ^= 1 << bit;
                assert!(!is_known(&known, KEY, &message, &other));
            }
        }
        for at in 0..message.len() {
            let mut other = message;
            other[at] ^= 1;
            assert!(!is_known(&known, KEY, &other, &signature));
        }
        // Another key, a piece that moved from one part into the next, and a piece that is missing.
        assert!(!is_known(&known, [b"m", b"e"], &message, &signature));
        assert!(!is_known(&known, [b"n", b"f"], &message, &signature));
        assert!(!is_known(&known, [b"ne", b""], &message, &signature));
        assert!(!is_known(&known, KEY, &message[1..], &signature));
        let moved = [&message[..], &signature[..1]].concat();
        assert!(!is_known(&known, KEY, &moved, &signature[1..]));
        assert!(is_known(&known, KEY, &message, &signature));
    }

    #[test]
    fn many_tokens_drive_out_older_ones_and_memory_is_bounded() {
        let known = Known::default();
        let number = |number: usize| number.to_be_bytes();
        for token in 0..4 * GENERATION {
            assert!(known.signed(KEY, &number(token), b"s", || true));
            // Whoever goes on asking is not driven out by others.
            assert!(known.signed(KEY, &number(0), b"s", || token == 0));
            let generations = known.generations();
            assert!(generations.present.len() <= GENERATION);
            assert!(generations.before.len() <= GENERATION);
        }
        assert!(!is_known(&known, KEY, &number(1), b"s"));
    }
}
