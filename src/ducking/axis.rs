//! The time axis of the curve: before speech, a zone for the fall, speech going on, a zone for the
//! return, after. Both zones show the same stretch of time, from a few lengths that fit. How long the
//! speech goes on is the operator's to try: it is no setting and never sent. Pure.

use foldback_mix::{
    curve::{Point, Span, points},
    duck,
};
use foldback_model::Ducking;

use crate::ui::{
    decimal::{decimal, shortest},
    drag,
};

/// Lengths a zone can have, in milliseconds.
const ZONES_MS: [u16; 5] = [400, 800, 1500, 3000, 5000];

/// The shortest speech that can be tried, in milliseconds.
pub const SPEECH_MIN_MS: i32 = 50;

/// The longest, on the longest axis: [`TimeAxis::speech_max_ms`].
pub const SPEECH_MAX_MS: i32 = 7000;

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

    /// The longest speech it can show, in milliseconds.
    pub fn speech_max_ms(self) -> i32 {
        drag::whole(self.zones(1.0 + HOLD), (SPEECH_MIN_MS, SPEECH_MAX_MS))
    }

    /// When somebody speaks, for `speech_ms` or as long as the axis shows.
    pub fn speech(self, speech_ms: i32) -> Span {
        let from_ms = self.zones(LEAD);
        Span { from_ms, to_ms: from_ms + f64::from(speech_ms.min(self.speech_max_ms())) }
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

    /// The end of a whole fall.
    pub fn active_x(self, settings: Ducking) -> f64 {
        self.x(self.zones(LEAD) + f64::from(settings.ramp_active.min(self.zone_ms)))
    }

    /// In the stretch where the longest fall is over for sure.
    pub fn lower_x(self) -> f64 {
        self.x(self.zones(LEAD + 1.0 + HOLD / 2.0))
    }

    /// The end of a whole return.
    pub fn inactive_x(self, settings: Ducking, speech: Span) -> f64 {
        self.x(speech.to_ms + f64::from(settings.ramp_inactive.min(self.zone_ms)))
    }

    /// Marks since speech starts and since it ends: place, and time. Those since the start stop where
    /// speech does.
    pub fn marks(self, speech: Span) -> Vec<(f64, String)> {
        let mut marks = Vec::new();
        for (begin, word) in [(speech.from_ms, "starts"), (speech.to_ms, "ends")] {
            for part in [0.0, 0.5, 1.0] {
                let ms = self.zones(part);
                // A mark needs some place before the next.
                let is_free =
                    begin > speech.from_ms || begin + ms + self.zones(0.25) < speech.to_ms;
                if is_free || part == 0.0 {
                    let text = if ms > 0.0 { time(ms) } else { word.to_owned() };
                    marks.push((self.x(begin + ms), text));
                }
            }
        }
        marks
    }

    /// Where the others are when speech ends, in percent: above the lower level when it was over
    /// before the fall was.
    pub fn reached(self, settings: Ducking, speech: Span) -> f64 {
        let curve = self.curve(settings, speech);
        // The first of two where the return is a step.
        let at_end = curve.iter().find(|point| point.at_ms >= speech.to_ms);
        at_end.map_or(settings.lower_level.into(), |point| point.percent)
    }

    /// The corners of the curve: fractions of the axis, and percent.
    pub fn curve(self, settings: Ducking, speech: Span) -> Vec<Point> {
        let Ducking { ramp_active, ramp_inactive, lower_level, upper_level } = settings;
        // Settings that reached the model are within the limits of the mix.
        let Ok(settings) = duck::Ducking::new(ramp_active, ramp_inactive, lower_level, upper_level)
        else {
            return Vec::new();
        };
        points(settings, &[speech], self.until_ms())
    }
}

/// A time as a mark: `750 ms`, `1.5 s`.
pub fn time(ms: f64) -> String {
    if ms < 1000.0 {
        format!("{} ms", decimal(ms, 0))
    } else {
        format!("{} s", shortest(ms / 1000.0))
    }
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
        let axis = TimeAxis { zone_ms: 1500 };
        let marks = |speech_ms| {
            let marks = axis.marks(axis.speech(speech_ms));
            marks.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(axis.speech_max_ms(), 2100);
        assert_eq!(marks(9000), ["starts", "750 ms", "1.5 s", "ends", "750 ms", "1.5 s"]);
        assert_eq!(marks(1200), ["starts", "750 ms", "ends", "750 ms", "1.5 s"]);
        assert_eq!(marks(100), ["starts", "ends", "750 ms", "1.5 s"]);
    }

    #[test]
    fn a_short_speech_is_over_before_the_fall() {
        let settings = ramps(400, 900);
        let axis = TimeAxis::fit(settings);
        assert!((axis.reached(settings, axis.speech(9000)) - 30.0).abs() < 1e-9);
        assert!((axis.reached(settings, axis.speech(400)) - 30.0).abs() < 1e-9);
        assert!((axis.reached(settings, axis.speech(100)) - 82.5).abs() < 1e-9);
        let step = ramps(0, 900);
        assert!((axis.reached(step, axis.speech(SPEECH_MIN_MS)) - 30.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn handles_stand_on_the_curve(active in 0..=5000_u16, inactive in 0..=5000_u16) {
            let settings = ramps(active, inactive);
            let axis = TimeAxis::fit(settings);
            let speech = axis.speech(SPEECH_MAX_MS);
            let curve = axis.curve(settings, speech);
            let stands = |x: f64, percent: f64| curve.iter().any(|point| {
                (axis.x(point.at_ms) - x).abs() < 1e-9 && (point.percent - percent).abs() < 1e-9
            });
            prop_assert!(stands(axis.active_x(settings), 30.0));
            prop_assert!(stands(axis.inactive_x(settings, speech), 100.0));
            prop_assert!(axis.active_x(settings) < axis.lower_x());
            prop_assert!(axis.lower_x() < axis.inactive_x(settings, speech));
            prop_assert!(axis.inactive_x(settings, speech) < 1.0);
        }
    }
}
