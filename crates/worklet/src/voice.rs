//! A voice that says nothing: syllables with the formants of vowels, some with a hiss before them, in
//! the rhythm and the melody of speech.

use crate::tone::{Noise, Phase, Resonator};

/// One syllable.
#[derive(Clone, Copy, Debug)]
struct Syllable {
    /// Three formants in hertz.
    formants: [f32; 3],
    /// Seconds it sounds, and seconds of silence after it.
    sounds_s: f32,
    rests_s: f32,
    /// How loud the hiss before the vowel is.
    hiss: f32,
    /// Pitch as a multiple of the voice's own.
    pitch: f32,
}

const fn syllable(
    formants: [f32; 3],
    sounds_s: f32,
    rests_s: f32,
    hiss: f32,
    pitch: f32,
) -> Syllable {
    Syllable { formants, sounds_s, rests_s, hiss, pitch }
}

const A: [f32; 3] = [730.0, 1_090.0, 2_440.0];
const E: [f32; 3] = [530.0, 1_840.0, 2_480.0];
const I: [f32; 3] = [270.0, 2_290.0, 3_010.0];
const O: [f32; 3] = [570.0, 840.0, 2_410.0];
const U: [f32; 3] = [300.0, 870.0, 2_240.0];
const SCHWA: [f32; 3] = [490.0, 1_350.0, 1_690.0];

/// A sentence; it is said over and over.
const SENTENCE: [Syllable; 12] = [
    syllable(SCHWA, 0.13, 0.01, 0.0, 1.06),
    syllable(A, 0.21, 0.03, 0.5, 1.22),
    syllable(E, 0.14, 0.01, 0.0, 1.12),
    syllable(SCHWA, 0.12, 0.05, 0.3, 1.04),
    syllable(O, 0.20, 0.02, 0.0, 1.14),
    syllable(I, 0.17, 0.01, 0.6, 1.18),
    syllable(SCHWA, 0.11, 0.03, 0.0, 1.00),
    syllable(U, 0.18, 0.02, 0.2, 1.04),
    syllable(A, 0.19, 0.06, 0.0, 1.10),
    syllable(E, 0.15, 0.01, 0.7, 1.02),
    syllable(I, 0.14, 0.02, 0.0, 0.96),
    syllable(A, 0.26, 0.16, 0.3, 0.88),
];

/// The voice's own pitch, in hertz.
const PITCH: f32 = 124.0;

/// Seconds of hiss before a vowel, and seconds in which a syllable comes and goes.
const HISS_S: f32 = 0.06;
const RISE_S: f32 = 0.02;
const FALL_S: f32 = 0.05;

/// Widths of the formants in hertz, and how much of each is heard.
const WIDTHS: [f32; 3] = [80.0, 100.0, 140.0];
const SHARES: [f32; 3] = [1.0, 0.6, 0.3];

/// How loud it is in all: its loudest syllable reaches four fifths of full scale.
const LOUDNESS: f32 = 1.2;

/// The voice.
#[derive(Clone, Debug)]
pub struct Voice {
    sample_rate: f32,
    at: usize,
    in_syllable_s: f32,
    glottis: Phase,
    dull: f32,
    formants: [Resonator; 3],
    noise: Noise,
    /// The noise before, to take the low part out of it.
    hiss: f32,
}

impl Voice {
    /// At the beginning of its sentence; `sample_rate` in hertz.
    pub fn new(sample_rate: f32) -> Self {
        let mut voice = Self {
            sample_rate,
            at: 0,
            in_syllable_s: 0.0,
            glottis: Phase::default(),
            dull: 0.0,
            formants: [Resonator::default(); 3],
            noise: Noise::default(),
            hiss: 0.0,
        };
        voice.tune();
        voice
    }

    /// Goes back to the beginning of the sentence.
    pub fn begin(&mut self) {
        *self = Self::new(self.sample_rate);
    }

    /// The next sample, within -0.95 and 0.95.
    pub fn step(&mut self) -> f32 {
        let syllable = self.syllable();
        let (at, rate) = (self.in_syllable_s, self.sample_rate);
        let rise = (at / RISE_S).min(1.0);
        let fall = ((syllable.sounds_s - at) / FALL_S).clamp(0.0, 1.0);
        let swell = rise * fall;
        // The pitch falls a little within a syllable.
        let pitch = PITCH * syllable.pitch * (1.03 - 0.2 * at);
        let pulse = 1.0 - 2.0 * self.glottis.step(pitch, rate);
        self.dull += (pulse - self.dull) * (8_000.0 / rate).min(1.0);
        let source = self.dull * swell;
        let vowel: f32 = self
            .formants
            .iter_mut()
            .zip(SHARES)
            .map(|(formant, share)| share * formant.step(source))
            .sum();
        let noise = self.noise.step();
        let bright = noise - self.hiss;
        self.hiss = noise;
        let hissing = syllable.hiss * (1.0 - (at / HISS_S - 0.5).abs() * 2.0).max(0.0);
        self.count(&syllable);
        (LOUDNESS * vowel + 0.05 * hissing * bright).clamp(-0.95, 0.95)
    }

    fn count(&mut self, syllable: &Syllable) {
        self.in_syllable_s += 1.0 / self.sample_rate;
        if self.in_syllable_s >= syllable.sounds_s + syllable.rests_s {
            self.in_syllable_s = 0.0;
            self.at = (self.at + 1) % SENTENCE.len();
            self.tune();
        }
    }

    fn syllable(&self) -> Syllable {
        let [first, ..] = SENTENCE;
        SENTENCE.get(self.at).copied().unwrap_or(first)
    }

    fn tune(&mut self) {
        let (syllable, rate) = (self.syllable(), self.sample_rate);
        for ((formant, hertz), width) in self.formants.iter_mut().zip(syllable.formants).zip(WIDTHS)
        {
            formant.tune(hertz, width, rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_loud_as_speech_at_every_rate() {
        for rate in [8_000_u16, 16_000, 44_100, 48_000] {
            let mut voice = Voice::new(f32::from(rate));
            let samples: Vec<f32> = (0..u32::from(rate) * 4).map(|_| voice.step()).collect();
            let peak = samples.iter().fold(0.0_f32, |peak, it| peak.max(it.abs()));
            let n_samples = f32::from(rate) * 4.0;
            let mean = (samples.iter().map(|it| it * it).sum::<f32>() / n_samples).sqrt();
            assert!(peak < 0.95, "clipped at {rate} Hz: {peak}");
            assert!((0.05..0.25).contains(&mean), "{mean} at {rate} Hz");
        }
    }

    #[test]
    fn it_says_the_same_every_time() {
        let mut voice = Voice::new(48_000.0);
        let first: Vec<u32> = (0..20_000).map(|_| voice.step().to_bits()).collect();
        voice.begin();
        let second: Vec<u32> = (0..20_000).map(|_| voice.step().to_bits()).collect();
        assert_eq!(first, second);
    }
}
