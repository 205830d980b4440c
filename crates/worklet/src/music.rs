//! Music to be ducked: four chords that go round, held softly and played note by note. It never
//! pauses, so that a fall of its level is always heard.

use crate::tone::{Phase, sine};

/// The chords, as three notes each, in hertz.
const CHORDS: [[f32; 3]; 4] = [
    [220.00, 261.63, 329.63],
    [174.61, 220.00, 261.63],
    [196.00, 261.63, 329.63],
    [196.00, 246.94, 293.66],
];

/// How long a chord lasts and how long a played note does, in seconds. One is a multiple of the
/// other.
const CHORD_S: f32 = 2.4;
const NOTE_S: f32 = 0.3;

/// How loud the held and the played notes are.
const HELD: f32 = 0.055;
const PLAYED: f32 = 0.16;

/// How fast a played note fades, and how soon a sound has come or gone, per second.
const FADE: f32 = 7.0;
const SOFT: f32 = 60.0;

/// Music without end.
#[derive(Clone, Debug)]
pub struct Music {
    sample_rate: f32,
    /// Seconds since the chord began.
    in_chord_s: f32,
    chord: usize,
    held: [Phase; 3],
    over: [Phase; 3],
    /// What is held now: it follows the chord without a click.
    swell: f32,
    note: Phase,
    octave: Phase,
    in_note_s: f32,
    n_notes: usize,
}

impl Music {
    /// Begins with the first chord; `sample_rate` in hertz.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            in_chord_s: 0.0,
            chord: 0,
            held: [Phase::default(); 3],
            over: [Phase::default(); 3],
            swell: 0.0,
            note: Phase::default(),
            octave: Phase::default(),
            in_note_s: 0.0,
            n_notes: 0,
        }
    }

    /// The next sample, within -0.8 and 0.8.
    pub fn step(&mut self) -> f32 {
        let rate = self.sample_rate;
        let notes = CHORDS.get(self.chord).copied().unwrap_or_default();
        // The chord dips for a moment where it changes.
        let to_edge = self.in_chord_s.min(CHORD_S - self.in_chord_s).max(0.0);
        self.swell = (to_edge * SOFT / 4.0).min(1.0);
        let mut sum = 0.0;
        for ((hertz, held), over) in notes.iter().zip(&mut self.held).zip(&mut self.over) {
            let low = sine(held.step(*hertz, rate));
            let high = sine(over.step(hertz * 2.003, rate));
            sum += HELD * self.swell * (low + 0.4 * high);
        }
        // Up the chord and down again, an octave higher.
        let pitch = 2.0 * [0, 1, 2, 1].get(self.n_notes % 4).map_or(0.0, |it| nth(notes, *it));
        let rise = (self.in_note_s * SOFT * 4.0).min(1.0);
        let fade = (-FADE * self.in_note_s).exp() * (1.0 - self.in_note_s / NOTE_S).max(0.0);
        let tone =
            sine(self.note.step(pitch, rate)) + 0.3 * sine(self.octave.step(2.0 * pitch, rate));
        sum += PLAYED * rise * fade * tone;
        self.count();
        sum
    }

    fn count(&mut self) {
        self.in_note_s += 1.0 / self.sample_rate;
        self.in_chord_s += 1.0 / self.sample_rate;
        if self.in_note_s >= NOTE_S {
            self.in_note_s -= NOTE_S;
            self.n_notes = (self.n_notes + 1) % 4;
        }
        if self.in_chord_s >= CHORD_S {
            self.in_chord_s -= CHORD_S;
            self.chord = (self.chord + 1) % CHORDS.len();
        }
    }
}

fn nth(notes: [f32; 3], index: usize) -> f32 {
    notes.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_pauses_and_never_shouts() {
        let mut music = Music::new(48_000.0);
        for second in 0..20 {
            for tenth in 0..10 {
                let samples: Vec<f32> = (0..4_800).map(|_| music.step()).collect();
                assert!(samples.iter().all(|it| it.abs() <= 0.8));
                let mean = samples.iter().map(|it| it * it).sum::<f32>() / 4_800.0;
                assert!(mean.sqrt() > 0.03, "quiet at {second}.{tenth} s: {}", mean.sqrt());
            }
        }
    }

    #[test]
    fn it_does_not_click() {
        let mut music = Music::new(48_000.0);
        let mut before = music.step();
        for _ in 0..480_000 {
            let now = music.step();
            assert!((now - before).abs() < 0.08, "{before} to {now}");
            before = now;
        }
    }
}
