//! One listener: which sources duck, and how loud each source is at any time.
//!
//! Sources are known by their place in the list; names and ids are the caller's. So is the rule
//! that a listener never hears itself: leave it out of the list.

use crate::{
    duck::{Ducking, Envelope, forward, to_sample},
    gain::{Source, percent_to_gain},
};

/// What one listener hears.
///
/// Ducking is on while any source ducks others, is active and has a base level above 0. The gain of
/// a source at `t` is `base` if it ducks others, else `base · d(t)`; without ducking `d` is 100 %.
///
/// Times follow the rules of [`Envelope`]: what happens in the past, or at no finite time, happens
/// now.
#[derive(Clone, Debug, PartialEq)]
pub struct ListenerMix {
    exclusive: bool,
    envelope: Option<Envelope>,
    /// Kept without an envelope too, so that one that comes later begins at the right time.
    now_ms: f64,
    sources: Vec<Source>,
}

impl ListenerMix {
    /// A mix that begins at time 0. Sources not listed by the mix belong into `sources` too, with
    /// `level: None`.
    pub fn new(exclusive: bool, ducking: Option<Ducking>, sources: Vec<Source>) -> Self {
        let mut mix =
            Self { exclusive, envelope: ducking.map(Envelope::new), now_ms: 0.0, sources };
        mix.follow(0.0);
        mix
    }

    /// Replaces the whole mix at `at_ms`; the envelope goes on as [`ListenerMix::set_ducking`] says.
    pub fn replace(
        &mut self,
        at_ms: f64,
        exclusive: bool,
        ducking: Option<Ducking>,
        sources: Vec<Source>,
    ) {
        self.exclusive = exclusive;
        self.sources = sources;
        self.set_ducking(at_ms, ducking);
    }

    /// Sets one source at `at_ms`. Answers whether there is a source at `index`.
    pub fn set_source(&mut self, at_ms: f64, index: usize, source: Source) -> bool {
        let found = self.sources.get_mut(index).map(|place| *place = source).is_some();
        self.follow(at_ms);
        found
    }

    /// Says at `at_ms` whether a source is speaking. Answers whether there is a source at `index`.
    pub fn set_active(&mut self, at_ms: f64, index: usize, active: bool) -> bool {
        let found = self.sources.get_mut(index).map(|source| source.active = active).is_some();
        self.follow(at_ms);
        found
    }

    /// Changes the ducking at `at_ms`: other settings move `d` from where it is; new ducking starts
    /// at its upper level; without ducking `d` is 100 % at once.
    pub fn set_ducking(&mut self, at_ms: f64, ducking: Option<Ducking>) {
        self.now_ms = forward(self.now_ms, at_ms);
        match (&mut self.envelope, ducking) {
            (Some(envelope), Some(settings)) => envelope.change(self.now_ms, settings),
            (place, settings) => {
                *place = settings.map(|settings| Envelope::new_at(self.now_ms, settings));
            }
        }
        self.follow(self.now_ms);
    }

    /// The sources in their order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Whether a source is ducking the others now. Without ducking settings nobody is.
    pub fn is_ducking(&self) -> bool {
        self.envelope.is_some_and(|envelope| envelope.is_on())
    }

    /// The places of the sources that hold the ducking on now.
    pub fn duckers(&self) -> impl Iterator<Item = usize> {
        let ducking = self.envelope.is_some();
        self.sources
            .iter()
            .enumerate()
            .filter(move |(_, source)| ducking && source.is_ducking(self.exclusive))
            .map(|(index, _)| index)
    }

    /// `d` at `at_ms` in percent, if nothing happens from now until then.
    pub fn duck_percent_at(&self, at_ms: f64) -> f64 {
        self.envelope.map_or(100.0, |envelope| envelope.percent_at(at_ms))
    }

    /// The gain (1 is unity) of a source at `at_ms`; 0 when there is none at `index`.
    pub fn gain_at(&self, index: usize, at_ms: f64) -> f64 {
        let Some(source) = self.sources.get(index) else {
            return 0.0;
        };
        let base = percent_to_gain(f64::from(source.base_percent(self.exclusive)));
        if source.ducks_others { base } else { base * percent_to_gain(self.duck_percent_at(at_ms)) }
    }

    /// Writes the duck gain of each sample and moves the clock; see [`Envelope::render`]. Hand the
    /// result to [`ListenerMix::gains`] for each source.
    pub fn render_duck(&mut self, duck: &mut [f32], sample_rate: f64) {
        if let Some(envelope) = &mut self.envelope {
            envelope.render(duck, sample_rate);
            self.now_ms = envelope.now_ms();
            return;
        }
        duck.fill(1.0);
        let step_ms = 1_000.0 / sample_rate;
        if step_ms.is_finite() && step_ms > 0.0 {
            let length_ms = duck.iter().fold(0.0, |sum, _| sum + step_ms);
            self.now_ms = forward(self.now_ms, self.now_ms + length_ms);
        }
    }

    /// Writes the gain of each sample of one source, given the duck gains of the same block. The
    /// shorter of the two slices counts; a place without source is silent.
    pub fn gains(&self, index: usize, duck: &[f32], out: &mut [f32]) {
        let source = self.sources.get(index).copied();
        let base = source.map_or(0, |source| source.base_percent(self.exclusive));
        let base = to_sample(percent_to_gain(f64::from(base)));
        let ducked = source.is_some_and(|source| !source.ducks_others);
        for (gain, duck) in out.iter_mut().zip(duck) {
            *gain = if ducked { base * duck } else { base };
        }
    }

    /// Lets the envelope follow the duckers.
    fn follow(&mut self, at_ms: f64) {
        self.now_ms = forward(self.now_ms, at_ms);
        let on = self.duckers().next().is_some();
        if let Some(envelope) = &mut self.envelope {
            envelope.switch(self.now_ms, on);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICE: Source =
        Source { level: Some(80), ducks_others: true, muted: false, active: false };
    const MUSIC: Source =
        Source { level: Some(50), ducks_others: false, muted: false, active: true };
    const UNLISTED: Source =
        Source { level: None, ducks_others: false, muted: false, active: false };

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    fn mix() -> ListenerMix {
        let ducking = Ducking::new(100, 200, 20, 100).unwrap();
        ListenerMix::new(false, Some(ducking), vec![VOICE, MUSIC, UNLISTED, VOICE])
    }

    #[test]
    fn a_ducker_lowers_the_others_and_not_itself() {
        let mut mix = mix();
        assert!(mix.set_active(1_000.0, 0, true));
        assert!(mix.is_ducking());
        for (index, gain) in [(0, 0.8), (1, 0.5 * 0.6), (2, 0.6), (3, 0.8), (4, 0.0)] {
            assert!(close(mix.gain_at(index, 1_050.0), gain), "{index}");
        }
    }

    #[test]
    fn ducking_lasts_as_long_as_any_ducker() {
        let mut mix = mix();
        mix.set_active(0.0, 0, true);
        mix.set_active(50.0, 3, true);
        assert_eq!(mix.duckers().collect::<Vec<_>>(), [0, 3]);
        mix.set_active(500.0, 0, false);
        assert!(close(mix.duck_percent_at(900.0), 20.0));
        mix.set_source(1_000.0, 3, Source { muted: true, active: true, ..VOICE });
        assert!(close(mix.duck_percent_at(1_100.0), 60.0) && !mix.is_ducking());
        mix.set_source(1_200.0, 3, Source { level: Some(0), active: true, ..VOICE });
        assert_eq!(mix.duckers().next(), None);
    }

    #[test]
    fn exclusive_silences_what_is_not_listed() {
        let ducking = Ducking::new(0, 0, 0, 100).unwrap();
        let silent = Source { level: None, active: true, ..VOICE };
        let mix = ListenerMix::new(true, Some(ducking), vec![silent, MUSIC]);
        assert!(!mix.is_ducking());
        assert!(close(mix.gain_at(0, 0.0), 0.0) && close(mix.gain_at(1, 0.0), 0.5));
        let open = ListenerMix::new(false, Some(ducking), vec![silent, MUSIC]);
        assert!(open.is_ducking() && close(open.gain_at(1, 0.0), 0.0));
    }

    #[test]
    fn ducking_comes_and_goes() {
        let talking = Source { active: true, ..VOICE };
        let mut mix = ListenerMix::new(false, None, vec![talking, UNLISTED]);
        assert!(!mix.is_ducking() && close(mix.gain_at(1, 5.0), 1.0));
        let mut block = [0.0; 100];
        mix.render_duck(&mut block, 1_000.0);
        // The ducking begins where the block ended, at its upper level, and goes down at once.
        mix.set_ducking(0.0, Some(Ducking::new(100, 100, 0, 50).unwrap()));
        assert!(close(mix.duck_percent_at(100.0), 50.0) && close(mix.duck_percent_at(150.0), 25.0));
        mix.replace(150.0, false, Some(Ducking::new(100, 100, 0, 100).unwrap()), vec![MUSIC]);
        assert!(close(mix.duck_percent_at(150.0), 25.0) && close(mix.duck_percent_at(175.0), 50.0));
        mix.set_ducking(160.0, None);
        assert!(close(mix.duck_percent_at(160.0), 100.0) && !mix.is_ducking());
    }

    #[test]
    fn places_without_source_change_nothing() {
        let mut mix = mix();
        assert!(!mix.set_active(0.0, 4, true) && !mix.set_source(0.0, 9, VOICE));
        assert_eq!(mix.sources(), [VOICE, MUSIC, UNLISTED, VOICE]);
        let mut out = [1.0_f32; 2];
        mix.gains(9, &[1.0; 2], &mut out);
        assert!(out.iter().all(|gain| gain.abs() < f32::MIN_POSITIVE));
    }
}
