//! The time axis of the curve: before speech, a zone for the fall, speech going on, a zone for the
//! return, after. Both zones show the same stretch of time, from a few lengths that fit. Pure.

use foldback_mix::{
    curve::{Point, Span, points},
    duck,
};
use foldback_model::Ducking;

/// Lengths a zone can have, in milliseconds.
const ZONES_MS: [u16; 5] = [400, 800, 1500, 3000, 5000];

/// The other stretches, in zones.
const LEAD: f64 = 0.25;
const HOLD: f64 = 0.4;
const TAIL: f64 = 0.25;

/// One length of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeAxis {
    zone_ms: u16,
}

impl TimeAxis {
    /// The shortest axis on which the longer ramp leaves a fifth of its zone free to grow into.
    pub fn fit(settings: Ducking) -> Self {
        let longest = u32::from(settings.ramp_active.max(settings.ramp_inactive));
        let zone_ms = ZONES_MS
            .into_iter()
            .find(|zone| u32::from(*zone) * 5 >= longest * 6)
            .unwrap_or(duck::RAMP_MAX_MS);
        Self { zone_ms }
    }

    /// The longest ramp it can show.
    pub fn zone_ms(self) -> u16 {
        self.zone_ms
    }

    fn zones(self, n: f64) -> f64 {
        n * f64::from(self.zone_ms)
    }

    /// When somebody speaks.
    pub fn speech(self) -> Span {
        Span { from_ms: self.zones(LEAD), to_ms: self.zones(LEAD + 1.0 + HOLD) }
    }

    /// The end of the axis.
    pub fn until_ms(self) -> f64 {
        self.zones(LEAD + 1.0 + HOLD + 1.0 + TAIL)
    }

    /// A time as a fraction of the axis.
    pub fn x(self, at_ms: f64) -> f64 {
        at_ms / self.until_ms()
    }

    /// The part of the axis that a whole scale of ramps would take; more than 1 on a short axis.
    pub fn ramp_scale(self) -> f64 {
        self.x(f64::from(duck::RAMP_MAX_MS))
    }

    /// Where the four handles stand, as fractions of the axis.
    pub fn upper_x(self) -> f64 {
        self.x(self.zones(LEAD / 2.0))
    }

    /// The end of the fall.
    pub fn active_x(self, settings: Ducking) -> f64 {
        self.x(self.speech().from_ms + f64::from(settings.ramp_active.min(self.zone_ms)))
    }

    /// In the middle of the stretch where the fall is over for sure.
    pub fn lower_x(self) -> f64 {
        self.x(self.speech().to_ms - self.zones(HOLD / 2.0))
    }

    /// The end of the return.
    pub fn inactive_x(self, settings: Ducking) -> f64 {
        self.x(self.speech().to_ms + f64::from(settings.ramp_inactive.min(self.zone_ms)))
    }

    /// Marks of both zones: place, and time since speech starts or ends.
    pub fn marks(self) -> Vec<(f64, String)> {
        let Span { from_ms, to_ms } = self.speech();
        let mut marks = Vec::new();
        for (begin, word) in [(from_ms, "starts"), (to_ms, "ends")] {
            for part in [0.0, 0.5, 1.0] {
                let ms = self.zones(part);
                let text = if ms > 0.0 { time(ms) } else { word.to_owned() };
                marks.push((self.x(begin + ms), text));
            }
        }
        marks
    }

    /// The corners of the curve: fractions of the axis, and percent.
    pub fn curve(self, settings: Ducking) -> Vec<Point> {
        let Ducking { ramp_active, ramp_inactive, lower_level, upper_level } = settings;
        // Settings that reached the model are within the limits of the mix.
        let Ok(settings) = duck::Ducking::new(ramp_active, ramp_inactive, lower_level, upper_level)
        else {
            return Vec::new();
        };
        points(settings, &[self.speech()], self.until_ms())
    }
}

/// A time as a mark: `750 ms`, `1.5 s`.
fn time(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{} s", ms / 1000.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ramps(active: u16, inactive: u16) -> Ducking {
        Ducking { ramp_active: active, ramp_inactive: inactive, ..Ducking::VOICE_OVER }
    }

    #[test]
    fn the_axis_grows_with_the_ramps() {
        for (active, inactive, zone) in [
            (0, 0, 400),
            (50, 50, 400),
            (333, 0, 400),
            (334, 0, 800),
            (280, 900, 1500),
            (1000, 1300, 3000),
            (5000, 50, 5000),
        ] {
            assert_eq!(
                TimeAxis::fit(ramps(active, inactive)).zone_ms(),
                zone,
                "{active} {inactive}"
            );
        }
    }

    #[test]
    fn marks_are_short() {
        let marks: Vec<_> =
            TimeAxis { zone_ms: 1500 }.marks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(marks, ["starts", "750 ms", "1.5 s", "ends", "750 ms", "1.5 s"]);
    }

    proptest! {
        #[test]
        fn handles_stand_on_the_curve(active in 0..=5000_u16, inactive in 0..=5000_u16) {
            let settings = ramps(active, inactive);
            let axis = TimeAxis::fit(settings);
            let curve = axis.curve(settings);
            let stands = |x: f64, percent: f64| curve.iter().any(|point| {
                (axis.x(point.at_ms) - x).abs() < 1e-9 && (point.percent - percent).abs() < 1e-9
            });
            prop_assert!(stands(axis.active_x(settings), 30.0));
            prop_assert!(stands(axis.inactive_x(settings), 100.0));
            prop_assert!(axis.active_x(settings) < axis.lower_x());
            prop_assert!(axis.lower_x() < axis.inactive_x(settings));
            prop_assert!(axis.inactive_x(settings) < 1.0);
        }
    }
}
