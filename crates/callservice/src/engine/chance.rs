//! Chance from a seed: the same seed gives the same ids, people and events on every machine.

use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// What a sequence of random numbers is for. Separate streams, so that one command more does not
/// change who talks next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Ids = 0,
    Cast = 1,
    Life = 2,
    Operations = 3,
    Floor = 4,
    /// Ids of ACS calls.
    AcsIds = 16,
}

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// A number below `n`; 0 when `n` is 0. The same on 32 and 64 bits.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(n);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `n` of a hundred cases.
    pub(super) fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    /// A place in a list of `length`.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of a list; none of an empty one.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.index(list.len());
        list.get(index)
    }

    /// Changes the order of a list.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            let j = self.index(i + 1);
            list.swap(i, j);
        }
    }

    /// Text in the form of a random UUID.
    pub(super) fn uuid(&mut self) -> String {
        let high = self.0.next_u64();
        let low = (self.0.next_u64() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    pub(super) fn call_id(&mut self) -> CallId {
        parsed(CallId::parse, &self.uuid())
    }

    pub(super) fn participant_id(&mut self) -> ParticipantId {
        parsed(ParticipantId::parse, &self.uuid())
    }

    pub(super) fn operation_id(&mut self) -> UpstreamOperationId {
        parsed(UpstreamOperationId::parse, &self.uuid())
    }
}

#[expect(clippy::expect_used, reason = "a UUID is within the alphabet and length of every id")]
fn parsed<T>(parse: fn(&str) -> Result<T, foldback_wire::Error>, uuid: &str) -> T {
    parse(uuid).expect("a UUID is an id")
}

/// Mixes three numbers into one that looks random: levels are computed, not drawn, so that they do
/// not depend on how often somebody looks.
pub(crate) fn blend(a: u64, b: u64, c: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ c.wrapping_mul(0xd1b5_4a32_d192_ed03);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_uuid_has_its_shape_and_is_an_id() {
        let mut chance = Chance::new(7, Stream::Ids);
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|_| chance.uuid()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            assert_eq!(ParticipantId::parse(&id).unwrap().as_str(), id);
            assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'), "{id}");
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Chance::new(seed, stream).uuid();
        assert_eq!(first(7, Stream::Ids), first(7, Stream::Ids));
        assert_ne!(first(7, Stream::Ids), first(7, Stream::Life));
        assert_ne!(first(7, Stream::Ids), first(8, Stream::Ids));
    }

    proptest! {
        #[test]
        fn numbers_stay_within_their_bounds(seed: u64, low in 0..1_000u64, more in 0..1_000u64) {
            let mut chance = Chance::new(seed, Stream::Cast);
            for _ in 0..20 {
                prop_assert!((low..=low + more).contains(&chance.between(low, low + more)));
            }
            prop_assert_eq!(chance.below(0), 0);
            prop_assert_eq!(chance.pick(&[] as &[u8]), None);
        }
    }
}
