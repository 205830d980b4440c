//! The ducking envelope: the level `d(t)` of a listener's ducked sources.
//!
//! With `target = lower` while ducking is on and `upper` while it is off, `d` moves linearly in
//! percent toward its target at `|upper - lower| / ramp` per millisecond, where `ramp` is the active
//! one while on and the inactive one while off. It turns round mid-ramp from where it is.
//!
//! A ramp of 0 ms is a step. So is any move while `upper = lower`: the rate would be zero and a
//! change of settings would never arrive.

use crate::{Error, gain::percent_to_gain};

/// Longest ramp in milliseconds.
pub const RAMP_MAX_MS: u16 = 5_000;

/// How ducked sources behave for one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ducking {
    /// Milliseconds from `upper` to `lower`, 0 to 5,000.
    pub ramp_active_ms: u16,
    /// Milliseconds from `lower` to `upper`, 0 to 5,000.
    pub ramp_inactive_ms: u16,
    /// Percent while ducking is on, 0 to 100.
    pub lower: u8,
    /// Percent while ducking is off, 0 to 100. The services do not forbid it to be below `lower`.
    pub upper: u8,
}

impl Ducking {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`Error::RampTooLong`] above [`RAMP_MAX_MS`], [`Error::LevelTooHigh`] above 100.
    pub fn new(
        ramp_active_ms: u16,
        ramp_inactive_ms: u16,
        lower: u8,
        upper: u8,
    ) -> Result<Self, Error> {
        for (name, ms) in [("rampActive", ramp_active_ms), ("rampInactive", ramp_inactive_ms)] {
            if ms > RAMP_MAX_MS {
                return Err(Error::RampTooLong { name, ms });
            }
        }
        for (name, percent) in [("lowerLevel", lower), ("upperLevel", upper)] {
            if percent > 100 {
                return Err(Error::LevelTooHigh { name, percent });
            }
        }
        Ok(Self { ramp_active_ms, ramp_inactive_ms, lower, upper })
    }

    /// Where `d` goes, in percent.
    fn target(self, on: bool) -> f64 {
        f64::from(if on { self.lower } else { self.upper })
    }

    /// How long `d` takes for `distance` percent, in milliseconds; 0 is a step.
    fn duration_ms(self, on: bool, distance: f64) -> f64 {
        let ramp_ms = if on { self.ramp_active_ms } else { self.ramp_inactive_ms };
        let span = f64::from(self.upper.abs_diff(self.lower));
        if span > 0.0 { distance * f64::from(ramp_ms) / span } else { 0.0 }
    }
}

/// The level `d(t)` of one listener's ducked sources.
///
/// The envelope has one clock that only goes forward, moved by [`Envelope::switch`],
/// [`Envelope::change`] and [`Envelope::render`]. Something said to happen before the clock, or at a
/// time that is not finite, happens now, so that `d` never jumps back. To switch within a block of
/// samples, render the part before it first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope {
    settings: Ducking,
    on: bool,
    now_ms: f64,
    /// The current move: from `from` at `start_ms`, at its target from `end_ms` on.
    start_ms: f64,
    end_ms: f64,
    from: f64,
}

impl Envelope {
    /// An envelope at time 0, off and at its upper level.
    pub fn new(settings: Ducking) -> Self {
        Self::new_at(0.0, settings)
    }

    /// As [`Envelope::new`], beginning at another time. A time that is not finite counts as 0.
    pub fn new_at(at_ms: f64, settings: Ducking) -> Self {
        let at_ms = if at_ms.is_finite() { at_ms } else { 0.0 };
        let from = settings.target(false);
        Self { settings, on: false, now_ms: at_ms, start_ms: at_ms, end_ms: at_ms, from }
    }

    /// Turns ducking on or off at `at_ms`. Saying again what holds already only moves the clock.
    pub fn switch(&mut self, at_ms: f64, on: bool) {
        self.now_ms = forward(self.now_ms, at_ms);
        if on != self.on {
            self.depart(self.settings, on);
        }
    }

    /// Changes the settings at `at_ms`: `d` moves on from where it is, toward the new target at the
    /// new rate.
    pub fn change(&mut self, at_ms: f64, settings: Ducking) {
        self.now_ms = forward(self.now_ms, at_ms);
        if settings != self.settings {
            self.depart(settings, self.on);
        }
    }

    /// `d` at `at_ms` in percent, if nothing happens from now until then.
    ///
    /// A time before the last switch or change, minus infinity and not-a-number count as the time of
    /// that switch or change; at infinity `d` is at its target.
    pub fn percent_at(&self, at_ms: f64) -> f64 {
        let target = self.settings.target(self.on);
        let at_ms = at_ms.max(self.start_ms);
        if at_ms >= self.end_ms {
            return target;
        }
        let part = (at_ms - self.start_ms) / (self.end_ms - self.start_ms);
        let percent = self.from + (target - self.from) * part;
        // Rounding may overshoot by the last bit.
        percent.clamp(self.from.min(target), self.from.max(target))
    }

    /// Writes the gain of each sample (1 is unity) from the clock on and moves the clock behind the
    /// last one. `sample_rate` is in hertz; with one that is not positive and finite, time stands
    /// still.
    pub fn render(&mut self, out: &mut [f32], sample_rate: f64) {
        let step_ms = 1_000.0 / sample_rate;
        let step_ms = if step_ms.is_finite() && step_ms > 0.0 { step_ms } else { 0.0 };
        let mut n_samples = 0.0;
        for sample in out {
            *sample =
                to_sample(percent_to_gain(self.percent_at(self.now_ms + n_samples * step_ms)));
            n_samples += 1.0;
        }
        self.now_ms = forward(self.now_ms, self.now_ms + n_samples * step_ms);
    }

    /// When the present move reaches its target; `None` when it has.
    pub fn settles_at(&self) -> Option<f64> {
        (self.now_ms < self.end_ms).then_some(self.end_ms)
    }

    /// The clock, in milliseconds: the time of the next sample.
    pub fn now_ms(&self) -> f64 {
        self.now_ms
    }

    /// Whether ducking is on.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// The settings that hold now.
    pub fn settings(&self) -> Ducking {
        self.settings
    }

    /// Begins a new move from where `d` is now.
    fn depart(&mut self, settings: Ducking, on: bool) {
        self.from = self.percent_at(self.now_ms);
        self.settings = settings;
        self.on = on;
        self.start_ms = self.now_ms;
        let distance = (settings.target(on) - self.from).abs();
        self.end_ms = self.start_ms + settings.duration_ms(on, distance);
    }
}

/// The clock moved to `at_ms`, unless that is no finite time or lies behind it.
pub(crate) fn forward(now_ms: f64, at_ms: f64) -> f64 {
    if at_ms.is_finite() { now_ms.max(at_ms) } else { now_ms }
}

/// Samples are single precision, as the audio hardware's are.
#[expect(clippy::cast_possible_truncation, reason = "a gain is far inside the range of f32")]
pub(crate) fn to_sample(gain: f64) -> f32 {
    gain as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn limits() {
        assert!(Ducking::new(5_000, 0, 0, 100).is_ok());
        assert!(Ducking::new(0, 5_000, 100, 0).is_ok());
        for (found, message) in [
            (Ducking::new(5_001, 0, 0, 0), "rampActive is 5001 ms; a ramp has at most 5000 ms"),
            (Ducking::new(0, 65_535, 0, 0), "rampInactive is 65535 ms; a ramp has at most 5000 ms"),
            (Ducking::new(0, 0, 101, 0), "lowerLevel is 101 %; a level has at most 100 %"),
            (Ducking::new(0, 0, 0, 255), "upperLevel is 255 %; a level has at most 100 %"),
        ] {
            assert_eq!(found.unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_whole_ramp_and_a_reversal() {
        let mut envelope = Envelope::new(Ducking::new(100, 400, 20, 100).unwrap());
        assert!(close(envelope.percent_at(99.0), 100.0));
        envelope.switch(1_000.0, true);
        assert!(close(envelope.percent_at(1_050.0), 60.0));
        assert_eq!(envelope.settles_at(), Some(1_100.0));
        envelope.switch(1_050.0, false);
        assert!(close(envelope.percent_at(1_050.0), 60.0));
        assert!(close(envelope.percent_at(1_150.0), 80.0));
        assert_eq!(envelope.settles_at(), Some(1_250.0));
        assert!(close(envelope.percent_at(f64::INFINITY), 100.0));
    }

    #[test]
    fn a_step_holds_from_its_own_time() {
        let mut envelope = Envelope::new(Ducking::new(0, 0, 20, 100).unwrap());
        envelope.switch(5.0, true);
        assert!(close(envelope.percent_at(5.0), 20.0));
        assert_eq!(envelope.settles_at(), None);
    }

    #[test]
    fn settings_change_while_settled_and_mid_ramp() {
        let mut envelope = Envelope::new(Ducking::new(100, 100, 0, 100).unwrap());
        // Settled at 100: toward 60 at |60 - 20| / 400 = 0.1 % per ms.
        envelope.change(0.0, Ducking::new(200, 400, 20, 60).unwrap());
        assert!(close(envelope.percent_at(100.0), 90.0));
        assert_eq!(envelope.settles_at(), Some(400.0));
        // Mid-ramp at 90, on: toward 20 at |60 - 20| / 200 = 0.2 % per ms.
        envelope.switch(100.0, true);
        assert!(close(envelope.percent_at(200.0), 70.0));
        assert_eq!(envelope.settles_at(), Some(450.0));
        // Equal levels have no rate: a step.
        envelope.change(200.0, Ducking::new(200, 400, 30, 30).unwrap());
        assert!(close(envelope.percent_at(200.0), 30.0));
    }

    #[test]
    fn odd_times_happen_now() {
        let settings = Ducking::new(100, 100, 0, 100).unwrap();
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5.0, 50.0] {
            let mut envelope = Envelope::new(settings);
            envelope.switch(100.0, true);
            envelope.switch(150.0, false);
            assert!(close(envelope.percent_at(150.0), 50.0));
            envelope.switch(odd, true);
            assert!(close(envelope.now_ms(), 150.0), "{odd}");
            assert!(close(envelope.percent_at(175.0), 25.0), "{odd}");
        }
        let envelope = Envelope::new_at(f64::NAN, settings);
        assert!(close(envelope.now_ms(), 0.0));
        assert!(close(envelope.percent_at(f64::NAN), 100.0));
    }

    #[test]
    fn a_switch_before_rendered_samples_does_not_jump() {
        let mut envelope = Envelope::new(Ducking::new(100, 100, 0, 100).unwrap());
        envelope.switch(0.0, true);
        let mut block = [0.0_f32; 48];
        envelope.render(&mut block, 1_000.0);
        assert!((block[47] - 0.53).abs() < 1e-6);
        envelope.switch(10.0, false);
        envelope.render(&mut block, 1_000.0);
        assert!((block[0] - 0.52).abs() < 1e-6 && (block[1] - 0.53).abs() < 1e-6);
    }

    #[test]
    fn a_useless_sample_rate_stops_time() {
        for rate in [0.0, -48_000.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE / 4.0] {
            let mut envelope = Envelope::new(Ducking::new(100, 100, 0, 100).unwrap());
            envelope.switch(0.0, true);
            let mut block = [9.0_f32; 8];
            envelope.render(&mut block, rate);
            assert!(block.iter().all(|gain| (gain - 1.0).abs() < 1e-6), "{rate}: {block:?}");
            assert!(close(envelope.now_ms(), 0.0), "{rate}");
        }
    }
}
