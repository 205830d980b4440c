//! Where a value lies on its travel. A way to look at values, never a change of them. Pure.

/// How steep the logarithmic travel is: with 40, half of it is spent between 100 and 14 percent and a
/// tenth of it below 1 percent, so that quiet levels have room and silence is still at the end.
const STEEPNESS: f64 = 40.0;

/// How values spread over the travel of a control.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Taper {
    /// Evenly: every percent takes the same way.
    #[default]
    Linear,
    /// As the ear hears: equal ways are about equal steps in decibels, down to silence.
    Log,
}

impl Taper {
    /// The place of a share of the scale (0 to 1) on the travel (0 to 1): `ln(1 + k·s) / ln(1 + k)`.
    pub fn place(self, share: f64) -> f64 {
        match self {
            Self::Linear => share,
            Self::Log => (STEEPNESS * share).ln_1p() / STEEPNESS.ln_1p(),
        }
    }

    /// The share of the scale at a place on the travel; what [`Self::place`] undoes.
    pub fn share(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => (place * STEEPNESS.ln_1p()).exp_m1() / STEEPNESS,
        }
    }

    /// The word for attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_own_place_and_is_found_there_again() {
        for taper in [Taper::Linear, Taper::Log] {
            let mut before = -1.0;
            for percent in 0..=100 {
                let place = taper.place(f64::from(percent) / 100.0);
                assert!(place > before && (0.0..=1.0).contains(&place), "{taper:?} {percent}");
                assert!((taper.share(place) * 100.0 - f64::from(percent)).abs() < 1e-9);
                before = place;
            }
            assert_eq!((taper.place(0.0), taper.place(1.0)), (0.0, 1.0));
        }
    }

    #[test]
    fn quiet_levels_have_room() {
        // The places of the style sheet's decibel marks: -3, -6, -10 and -20 dB.
        for (share, place) in [(0.708, 0.91), (0.501, 0.82), (0.316, 0.704), (0.1, 0.433)] {
            assert!((Taper::Log.place(share) - place).abs() < 0.001, "{share}");
        }
        assert!((Taper::Log.share(0.5) - 0.135).abs() < 0.001);
    }
}
