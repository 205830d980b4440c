//! How loud speech is from one moment to the next: onset, syllables, trailing off.
//!
//! Levels are computed from the moment, not drawn, so that they do not depend on how often somebody
//! looks, and with whole numbers only, so that they are the same on every machine.

use super::chance::blend;

/// How long a voice takes to come up, in milliseconds.
pub(super) const ONSET_MS: u64 = 240;

/// How long it takes to trail off.
pub(super) const TRAIL_MS: u64 = 700;

/// One stretch of speech between two breaths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// When it began, in milliseconds.
    pub(super) since: u64,
    /// When it will end.
    pub(super) until: u64,
}

/// The level of speaker `key` in percent of full scale, 3 to 100.
pub(super) fn level(seed: u64, key: u64, stretch: Stretch, now: u64) -> u8 {
    let gone = now.saturating_sub(stretch.since);
    let left = stretch.until.saturating_sub(now);
    // A person's own loudness and pace of syllables.
    let loud = 52 + blend(seed, key, 1) % 27;
    let pace = 170 + blend(seed, key, 2) % 110;
    let (syllable, within) = (gone / pace, gone % pace);
    let stress = 80 + blend(seed ^ stretch.since, key, 3 + syllable) % 41;
    // Up and down again within one syllable.
    let rise = (within * 200 / pace).min(200 - within * 200 / pace);
    let swing = stress * (70 + rise * 40 / 100) / 100;
    let onset = 35 + gone.min(ONSET_MS) * 65 / ONSET_MS;
    let trail = 30 + left.min(TRAIL_MS) * 70 / TRAIL_MS;
    let level = loud * swing * onset * trail / 1_000_000;
    u8::try_from(level.clamp(3, 100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mean(levels: impl Iterator<Item = u8>) -> u32 {
        let levels: Vec<u32> = levels.map(u32::from).collect();
        levels.iter().sum::<u32>() / u32::try_from(levels.len()).unwrap()
    }

    #[test]
    fn it_comes_up_moves_and_trails_off() {
        let stretch = Stretch { since: 5_000, until: 8_000 };
        let people = || 0..200;
        let at = |now| mean(people().map(|key| level(7, key, stretch, now)));
        let middle = mean(people().flat_map(|key| {
            (5_500..7_000).step_by(100).map(move |now| level(7, key, stretch, now))
        }));
        assert!((40..70).contains(&middle), "{middle}");
        assert!(at(5_000) * 2 < middle, "onset {} of {middle}", at(5_000));
        assert!(at(7_900) * 10 < middle * 6, "trail {} of {middle}", at(7_900));
        for key in people() {
            let levels: std::collections::BTreeSet<u8> =
                (5_300..7_200).step_by(100).map(|now| level(7, key, stretch, now)).collect();
            let range = levels.last().unwrap() - levels.first().unwrap();
            assert!(levels.len() >= 8 && range >= 12, "{key} drones: {levels:?}");
        }
    }

    #[test]
    fn people_are_not_equally_loud() {
        let stretch = Stretch { since: 0, until: 60_000 };
        let own = |key| mean((1_000..50_000).step_by(100).map(|now| level(7, key, stretch, now)));
        let loudness: Vec<u32> = (0..40).map(own).collect();
        let range = loudness.iter().max().unwrap() - loudness.iter().min().unwrap();
        assert!(range >= 12, "{loudness:?}");
    }

    proptest! {
        #[test]
        fn a_level_is_a_level(seed: u64, key: u64, since in 0..u64::MAX / 2, length: u32, now: u64) {
            let stretch = Stretch { since, until: since + u64::from(length) };
            prop_assert!((3..=100).contains(&level(seed, key, stretch, now)));
        }
    }
}
