//! Percent, gain and decibel, and the base gain of a source before ducking.
//!
//! Whatever is not a number, or lies below silence, is silence: a wrong figure must not be loud.

/// One source as its listener has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The explicit level in percent, 0 to 100; `None` when the mix does not list the source.
    pub level: Option<u8>,
    /// Whether the source, while active, lowers the listener's other sources.
    pub ducks_others: bool,
    /// Whether the service drops what the source says.
    pub muted: bool,
    /// Whether the source is speaking now.
    pub active: bool,
}

impl Source {
    /// The base level of this source, in percent; see [`base_percent`].
    pub fn base_percent(&self, exclusive: bool) -> u8 {
        base_percent(self.level, exclusive, self.muted)
    }

    /// Whether the source holds the ducking on: it ducks others, is active and can be heard.
    pub fn is_ducking(&self, exclusive: bool) -> bool {
        self.ducks_others && self.active && self.base_percent(exclusive) > 0
    }
}

/// The level of a source before ducking, in percent, 0 to 100.
///
/// Its level if listed; else 0 if the mix is exclusive, else 100. A muted source is 0. A level above
/// 100 counts as 100.
pub fn base_percent(level: Option<u8>, exclusive: bool, muted: bool) -> u8 {
    match level {
        _ if muted => 0,
        Some(level) => level.min(100),
        None if exclusive => 0,
        None => 100,
    }
}

/// `gain = percent / 100`. Not a number, or below 0, gives 0.
pub fn percent_to_gain(percent: f64) -> f64 {
    // `f64::max` answers the other operand for NaN.
    percent.max(0.0) / 100.0
}

/// `dB = 20 · log10(percent / 100)`. Silence (0, below, or not a number) gives minus infinity.
pub fn percent_to_db(percent: f64) -> f64 {
    20.0 * percent_to_gain(percent).log10()
}

/// `percent = 100 · 10^(dB / 20)`. Minus infinity or not a number gives 0.
pub fn db_to_percent(db: f64) -> f64 {
    if db.is_nan() { 0.0 } else { 100.0 * 10.0_f64.powf(db / 20.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_law() {
        for (percent, db) in
            [(100.0, 0.0), (50.0, -6.020_6), (10.0, -20.0), (1.0, -40.0), (200.0, 6.020_6)]
        {
            assert!((percent_to_db(percent) - db).abs() < 1e-4, "{percent}");
            assert!((db_to_percent(db) - percent).abs() < 1e-3, "{db}");
        }
        for silent in [0.0, -0.0, -5.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(percent_to_gain(silent).to_bits() << 1, 0, "{silent}");
            assert!(percent_to_db(silent).is_infinite() && percent_to_db(silent) < 0.0, "{silent}");
        }
        assert!(db_to_percent(f64::NEG_INFINITY).abs() < f64::MIN_POSITIVE);
        assert!(db_to_percent(f64::NAN).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn the_base() {
        for (level, exclusive, muted, expected) in [
            (Some(30), false, false, 30),
            (Some(30), true, false, 30),
            (Some(0), false, false, 0),
            (None, false, false, 100),
            (None, true, false, 0),
            (Some(30), false, true, 0),
            (None, false, true, 0),
            (Some(255), false, false, 100),
        ] {
            assert_eq!(base_percent(level, exclusive, muted), expected, "{level:?} {exclusive}");
        }
    }

    #[test]
    fn a_ducker_must_be_heard() {
        let ducker = Source { level: Some(1), ducks_others: true, muted: false, active: true };
        assert!(ducker.is_ducking(true) && ducker.is_ducking(false));
        for silent in [
            Source { level: Some(0), ..ducker },
            Source { muted: true, ..ducker },
            Source { active: false, ..ducker },
            Source { ducks_others: false, ..ducker },
        ] {
            assert!(!silent.is_ducking(false), "{silent:?}");
        }
        let unlisted = Source { level: None, ..ducker };
        assert!(unlisted.is_ducking(false) && !unlisted.is_ducking(true));
    }

    proptest! {
        #[test]
        fn there_and_back(percent in 1e-6..1e6_f64) {
            let back = db_to_percent(percent_to_db(percent));
            prop_assert!((back - percent).abs() <= 1e-9 * percent);
        }

        #[test]
        fn louder_is_louder(a in 0.0..200.0_f64, more in 1e-6..200.0_f64) {
            let b = a + more;
            prop_assert!(percent_to_gain(a) < percent_to_gain(b));
            prop_assert!(percent_to_db(a) <= percent_to_db(b));
        }
    }
}
