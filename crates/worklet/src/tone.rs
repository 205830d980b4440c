//! The parts that sounds are made of.

use std::f32::consts::TAU;

/// A place in a period that goes on with every sample, from 0 up to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phase(f32);

impl Phase {
    /// The place of this sample; the next one is `hertz / sample_rate` further on.
    pub fn step(&mut self, hertz: f32, sample_rate: f32) -> f32 {
        let now = self.0;
        self.0 = (now + hertz / sample_rate).fract();
        now
    }
}

/// One period of a sine, for a place from 0 to 1.
pub fn sine(place: f32) -> f32 {
    (place * TAU).sin()
}

/// Lets through what swings near one frequency: a formant of a voice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resonator {
    input: f32,
    back: [f32; 2],
    before: [f32; 2],
}

impl Resonator {
    /// Moves it to `hertz`, `width` wide. What rings goes on ringing.
    pub fn tune(&mut self, hertz: f32, width: f32, sample_rate: f32) {
        let radius = (-TAU / 2.0 * width / sample_rate).exp();
        // Near half the sample rate it would ring at another frequency.
        let turn = TAU * hertz.min(sample_rate * 0.45) / sample_rate;
        self.back = [2.0 * radius * turn.cos(), -radius * radius];
        // What swings at its frequency passes as loud as it came, at any rate and of any width.
        let across = 1.0 - 2.0 * radius * (2.0 * turn).cos() + radius * radius;
        self.input = (1.0 - radius) * across.max(0.0).sqrt();
    }

    /// The next sample.
    pub fn step(&mut self, sample: f32) -> f32 {
        let [one, two] = self.before;
        let out = self.input * sample + self.back[0] * one + self.back[1] * two;
        self.before = [out, one];
        out
    }
}

/// Noise that is the same every time.
#[derive(Clone, Copy, Debug)]
pub struct Noise(u32);

impl Default for Noise {
    fn default() -> Self {
        Self(0x9E37_79B9)
    }
}

impl Noise {
    /// A number from -1 up to 1.
    #[expect(clippy::cast_precision_loss, reason = "noise needs no last bit")]
    pub fn step(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / (u32::MAX / 2) as f32 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resonator_prefers_its_frequency() {
        let loudness = |hertz: f32| {
            let (mut resonator, mut phase) = (Resonator::default(), Phase::default());
            resonator.tune(700.0, 90.0, 48_000.0);
            let sum: f32 = (0..48_000)
                .map(|_| resonator.step(sine(phase.step(hertz, 48_000.0))))
                .map(|sample| sample * sample)
                .sum();
            sum.sqrt()
        };
        // A sine's own: the root of half the samples.
        assert!((loudness(700.0) - 24_000.0_f32.sqrt()).abs() < 5.0, "{}", loudness(700.0));
        assert!(loudness(700.0) > 5.0 * loudness(300.0));
        assert!(loudness(700.0) > 5.0 * loudness(1_500.0));
    }

    #[test]
    fn noise_is_even_and_bounded() {
        let mut noise = Noise::default();
        let samples: Vec<f32> = (0..100_000).map(|_| noise.step()).collect();
        assert!(samples.iter().all(|it| it.abs() <= 1.0));
        assert!(samples.iter().sum::<f32>().abs() < 1_000.0);
    }
}
