//! A round to listen to: music alone, a voice over it, music alone again.

use foldback_mix::{duck::Ducking, gain::Source, mix::ListenerMix};

use crate::{music::Music, voice::Voice};

/// Samples that are made at once: what an `AudioWorklet` asks for.
pub const BLOCK: usize = 128;

/// Milliseconds of music before the voice.
pub const LEAD_MS: u32 = 1_200;

/// Milliseconds of music after the way back is over.
pub const REST_MS: u32 = 1_000;

/// Shortest and longest speech, in milliseconds.
pub const SPEECH_MS: std::ops::RangeInclusive<u32> = 50..=60_000;

/// The sample rate when none that makes sense is given, in hertz.
const USUAL_RATE: f32 = 48_000.0;

/// Places in the mix.
const VOICE: usize = 0;
const MUSIC: usize = 1;

/// How loud both are in the end, so that together they never clip.
const VOLUME: f32 = 0.55;

/// What is listened to.
#[derive(Clone, Debug)]
pub struct Listen {
    sample_rate: f32,
    mix: ListenerMix,
    music: Music,
    voice: Voice,
    ducking: Ducking,
    speech_ms: u32,
    /// Samples of this round that are made.
    n_made: u32,
    percent: f32,
    duck: [f32; BLOCK],
    gain: [f32; BLOCK],
}

impl Listen {
    /// At the beginning of a round. `sample_rate` in hertz; one below 3,000, above 768,000 or none at
    /// all counts as 48,000.
    pub fn new(sample_rate: f32, ducking: Ducking, speech_ms: u32) -> Self {
        let usual = (3_000.0..=768_000.0).contains(&sample_rate);
        let sample_rate = if usual { sample_rate } else { USUAL_RATE };
        let voice = Source { level: None, ducks_others: true, muted: false, active: false };
        let music = Source { ducks_others: false, active: true, ..voice };
        Self {
            sample_rate,
            mix: ListenerMix::new(false, Some(ducking), vec![voice, music]),
            music: Music::new(sample_rate),
            voice: Voice::new(sample_rate),
            ducking,
            speech_ms: within(speech_ms),
            n_made: 0,
            percent: f32::from(ducking.upper),
            duck: [0.0; BLOCK],
            gain: [0.0; BLOCK],
        }
    }

    /// Other settings, from the next sample on: the duck gain moves from where it is. A length of
    /// speech that is over already ends the speech.
    pub fn set(&mut self, ducking: Ducking, speech_ms: u32) {
        self.ducking = ducking;
        self.speech_ms = within(speech_ms);
        self.mix.set_ducking(0.0, Some(ducking));
    }

    /// Milliseconds of this round that are over.
    pub fn at_ms(&self) -> f64 {
        f64::from(self.n_made) * 1_000.0 / f64::from(self.sample_rate)
    }

    /// The gain of the music at the last sample, in percent.
    pub fn duck_percent(&self) -> f32 {
        self.percent
    }

    /// Makes the next samples, within -1 and 1.
    pub fn render(&mut self, out: &mut [f32]) {
        let mut out = out;
        while !out.is_empty() {
            let (speaks, n_left) = self.phase();
            self.mix.set_active(0.0, VOICE, speaks);
            let n_now = usize::try_from(n_left).unwrap_or(BLOCK).clamp(1, BLOCK).min(out.len());
            let (now, later) = out.split_at_mut(n_now);
            self.piece(now, speaks);
            out = later;
        }
    }

    /// Whether somebody speaks at the next sample, and for how many samples that goes on. Begins the
    /// next round where one is over.
    fn phase(&mut self) -> (bool, u32) {
        let lead = self.samples(LEAD_MS);
        let speech = lead + self.samples(self.speech_ms);
        let end = speech + self.samples(u32::from(self.ducking.ramp_inactive_ms) + REST_MS);
        if self.n_made >= end {
            self.n_made = 0;
        }
        if self.n_made == lead {
            self.voice.begin();
        }
        let (speaks, until) = match self.n_made {
            at if at < lead => (false, lead),
            at if at < speech => (true, speech),
            _ => (false, end),
        };
        (speaks, until - self.n_made)
    }

    /// Makes at most [`BLOCK`] samples of one phase.
    fn piece(&mut self, out: &mut [f32], speaks: bool) {
        let Self { mix, music, voice, duck, gain, .. } = self;
        let (Some(duck), Some(gain)) = (duck.get_mut(..out.len()), gain.get_mut(..out.len()))
        else {
            return;
        };
        mix.render_duck(duck, f64::from(self.sample_rate));
        mix.gains(MUSIC, duck, gain);
        for (sample, gain) in out.iter_mut().zip(gain.iter()) {
            *sample = VOLUME * gain * music.step();
        }
        if speaks {
            mix.gains(VOICE, duck, gain);
            for (sample, gain) in out.iter_mut().zip(gain.iter()) {
                *sample += VOLUME * gain * voice.step();
            }
        }
        self.percent = duck.last().map_or(self.percent, |gain| gain * 100.0);
        let n_made = u32::try_from(out.len()).unwrap_or(0);
        self.n_made = self.n_made.saturating_add(n_made);
    }

    /// A time in samples.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 67 s at 768 kHz, and never negative"
    )]
    fn samples(&self, ms: u32) -> u32 {
        (f64::from(ms) * f64::from(self.sample_rate) / 1_000.0).round() as u32
    }
}

fn within(speech_ms: u32) -> u32 {
    speech_ms.clamp(*SPEECH_MS.start(), *SPEECH_MS.end())
}

#[cfg(test)]
mod tests {
    use foldback_mix::duck::Envelope;
    use proptest::prelude::*;

    use super::*;

    const RATE: f32 = 48_000.0;

    fn ducking() -> Ducking {
        Ducking::new(300, 900, 20, 100).unwrap()
    }

    fn samples(listen: &mut Listen, ms: usize) -> Vec<f32> {
        let mut out = vec![0.0; ms * 48];
        out.chunks_mut(BLOCK).for_each(|block| listen.render(block));
        out
    }

    /// What is heard besides the voice is music times the envelope, sample by sample.
    #[test]
    fn the_music_follows_the_envelope_exactly() {
        let mut listen = Listen::new(RATE, ducking(), 2_000);
        let (mut music, mut voice) = (Music::new(RATE), Voice::new(RATE));
        let mut envelope = Envelope::new(ducking());
        let heard = samples(&mut listen, 6_000);
        for (n, heard) in heard.iter().enumerate() {
            let at_ms = f64::from(u32::try_from(n).unwrap()) / 48.0;
            let speaks = (1_200.0..3_200.0).contains(&at_ms);
            // The next round begins after lead, speech, way back and rest.
            if at_ms >= 5_100.0 {
                break;
            }
            envelope.switch(at_ms, speaks);
            let duck = envelope.percent_at(at_ms) / 100.0;
            let voice = if speaks { f64::from(voice.step()) } else { 0.0 };
            let wanted = f64::from(VOLUME) * (duck * f64::from(music.step()) + voice);
            assert!((f64::from(*heard) - wanted).abs() < 1e-4, "at {at_ms} ms");
        }
    }

    #[test]
    fn rounds_go_on_and_say_where_they_are() {
        let mut listen = Listen::new(RATE, ducking(), 500);
        // Lead 1,200, speech 500, way back 900, rest 1,000.
        samples(&mut listen, 3_599);
        assert!((listen.at_ms() - 3_599.0).abs() < 1e-6);
        assert!((listen.duck_percent() - 100.0).abs() < 1e-3);
        samples(&mut listen, 1_801);
        assert!((listen.at_ms() - 1_800.0).abs() < 1e-6, "{}", listen.at_ms());
        let during = listen.duck_percent();
        assert!(during < 100.0, "the second round ducks, too: {during}");
    }

    #[test]
    fn rates_that_make_no_sense_are_not_taken() {
        for rate in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e9] {
            let mut listen = Listen::new(rate, ducking(), 500);
            samples(&mut listen, 100);
            assert!((listen.at_ms() - 100.0).abs() < 1e-6, "{rate}");
        }
    }

    prop_compose! {
        fn settings()(
            active in 0..=5_000_u16, inactive in 0..=5_000_u16, lower in 0..=100_u8,
            upper in 0..=100_u8,
        ) -> Ducking {
            Ducking::new(active, inactive, lower, upper).unwrap()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_is_set_and_when_nothing_clips_or_jumps(
            first in settings(),
            changes in prop::collection::vec((settings(), 0..4_000_u32, 1..40_usize), 0..12),
            rate in prop::sample::select(vec![8_000.0_f32, 44_100.0, 48_000.0, 96_000.0]),
        ) {
            let mut listen = Listen::new(rate, first, 400);
            let mut percent = None;
            for (ducking, speech_ms, n_blocks) in changes {
                listen.set(ducking, speech_ms);
                let mut block = [0.0; BLOCK];
                for _ in 0..n_blocks {
                    listen.render(&mut block);
                    prop_assert!(block.iter().all(|it| it.is_finite() && it.abs() <= 1.0));
                    // A ramp of 0 ms is a step; a longer one is not.
                    let is_step = ducking.ramp_active_ms < 50 || ducking.ramp_inactive_ms < 50
                        || ducking.lower == ducking.upper;
                    if let Some(before) = percent.filter(|_| !is_step) {
                        let moved: f32 = listen.duck_percent() - before;
                        let block_ms = 128_000.0 / rate;
                        prop_assert!(moved.abs() <= 100.0 * block_ms / 50.0 + 0.01);
                    }
                    percent = Some(listen.duck_percent());
                }
            }
        }
    }
}
