//! The envelope against a reference too simple to be wrong: a loop that walks in whole milliseconds
//! and moves the level a little each time. Events lie on whole milliseconds, where the walk is exact.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]
#![expect(clippy::float_cmp, reason = "ramps end exactly on target, and corners are exact times")]

use foldback_mix::{
    curve::{Point, Span, points},
    duck::{Ducking, Envelope},
    gain::Source,
    mix::ListenerMix,
};
use proptest::{collection::vec, option, prelude::*};

/// The walk: where the level is and what holds.
#[derive(Clone, Copy)]
struct Walk {
    settings: Ducking,
    on: bool,
    d: f64,
}

impl Walk {
    fn new(settings: Ducking) -> Self {
        Self { settings, on: false, d: f64::from(settings.upper) }
    }

    fn target(&self) -> f64 {
        f64::from(if self.on { self.settings.lower } else { self.settings.upper })
    }

    /// Percent per millisecond; none for a step.
    fn rate(&self) -> Option<f64> {
        let ramp =
            if self.on { self.settings.ramp_active_ms } else { self.settings.ramp_inactive_ms };
        let span = (f64::from(self.settings.upper) - f64::from(self.settings.lower)).abs();
        (ramp > 0 && span > 0.0).then(|| span / f64::from(ramp))
    }

    /// A step happens within its own millisecond, before anybody listens.
    fn settle_steps(&mut self) {
        if self.rate().is_none() {
            self.d = self.target();
        }
    }

    /// Walks one millisecond.
    fn walk(&mut self) {
        let target = self.target();
        match self.rate() {
            None => self.d = target,
            Some(rate) if self.d < target => self.d = (self.d + rate).min(target),
            Some(rate) => self.d = (self.d - rate).max(target),
        }
    }
}

/// Something happens.
#[derive(Clone, Debug)]
enum Happening {
    Switch(bool),
    Change(Ducking),
}

fn any_ducking() -> impl Strategy<Value = Ducking> {
    let ramp = || prop_oneof![2 => Just(0), 3 => 1..50_u16, 3 => 50..=5_000_u16];
    let level = || prop_oneof![1 => Just(0), 1 => Just(100), 4 => 0..=100_u8];
    (ramp(), ramp(), level(), level(), any::<bool>()).prop_map(|(a, i, lower, upper, equal)| {
        let upper = if equal && a % 7 == 0 { lower } else { upper };
        Ducking::new(a, i, lower, upper).unwrap()
    })
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => any::<bool>().prop_map(Happening::Switch),
        1 => any_ducking().prop_map(Happening::Change),
    ]
}

/// Happenings with the whole milliseconds between them (none at all, few or many).
fn script() -> impl Strategy<Value = Vec<(u32, Happening)>> {
    vec((prop_oneof![Just(0), 1..40_u32, 40..1_500_u32], happening()), 0..12)
}

fn apply(envelope: &mut Envelope, at_ms: f64, happening: &Happening) {
    match happening {
        Happening::Switch(on) => envelope.switch(at_ms, *on),
        Happening::Change(settings) => envelope.change(at_ms, *settings),
    }
}

/// Where a polyline is at `at_ms`, coming from the left or leaving to the right of a step.
fn on_line(points: &[Point], at_ms: f64, after: bool) -> f64 {
    let exact: Vec<&Point> = points.iter().filter(|p| p.at_ms == at_ms).collect();
    if let (Some(first), Some(last)) = (exact.first(), exact.last()) {
        return if after { last.percent } else { first.percent };
    }
    let next = points.iter().position(|p| p.at_ms > at_ms).unwrap();
    let (a, b) = (points[next - 1], points[next]);
    a.percent + (b.percent - a.percent) * (at_ms - a.at_ms) / (b.at_ms - a.at_ms)
}

proptest! {
    /// Reversals mid-ramp, zero ramps, equal levels, settings changed at any moment.
    #[test]
    fn the_envelope_is_where_the_walk_is(start in any_ducking(), script in script()) {
        let mut envelope = Envelope::new(start);
        let mut walk = Walk::new(start);
        let mut now = 0_u32;
        let tail = (6_000, Happening::Switch(false));
        for (wait, happening) in script.iter().chain([&tail]) {
            for ms in now..now + wait {
                let found = envelope.percent_at(f64::from(ms));
                prop_assert!((found - walk.d).abs() < 1e-6, "{ms}: {found} is not {}", walk.d);
                walk.walk();
            }
            now += wait;
            apply(&mut envelope, f64::from(now), happening);
            match happening {
                Happening::Switch(on) => walk.on = *on,
                Happening::Change(settings) => walk.settings = *settings,
            }
            walk.settle_steps();
        }
    }

    /// Between happenings: within bounds, one direction only, exactly on target from the announced
    /// moment on; at happenings: no jump, unless the new move is a step.
    #[test]
    fn ramps_are_monotone_bounded_and_end_on_target(start in any_ducking(), script in script()) {
        let mut envelope = Envelope::new(start);
        let mut on = false;
        let mut settings = start;
        let mut now = 0.0;
        for (wait, happening) in &script {
            now += f64::from(*wait) + 0.37;
            let before = envelope.percent_at(now);
            let was = (settings, on);
            apply(&mut envelope, now, happening);
            match happening {
                Happening::Switch(new) => on = *new,
                Happening::Change(new) => settings = *new,
            }
            let target = f64::from(if on { settings.lower } else { settings.upper });
            let ramp = if on { settings.ramp_active_ms } else { settings.ramp_inactive_ms };
            let step = ramp == 0 || settings.upper == settings.lower;
            let after = envelope.percent_at(now);
            if was == (settings, on) || !step {
                prop_assert!((after - before).abs() < 1e-9, "jump from {before} to {after}");
            } else {
                prop_assert_eq!(after, target);
            }
            let end = envelope.settles_at().unwrap_or(now);
            prop_assert_eq!(envelope.percent_at(end), target);
            prop_assert_eq!(envelope.percent_at(f64::INFINITY), target);
            let mut last = after;
            for i in 1..=64 {
                let d = envelope.percent_at(now + (end - now) * f64::from(i) / 64.0);
                prop_assert!((after.min(target)..=after.max(target)).contains(&d));
                let onward = if target >= after { d >= last } else { d <= last };
                prop_assert!(onward, "{last} then {d} on the way to {target}");
                last = d;
            }
        }
    }

    /// Sound and picture: every sample is what `percent_at` says for its time.
    #[test]
    fn rendered_samples_are_the_envelope(
        start in any_ducking(),
        script in vec((0..3_000_usize, happening()), 0..8),
        rate in prop_oneof![Just(48_000.0), Just(44_100.0), Just(16_000.0), 100.0..200_000.0_f64],
    ) {
        let mut envelope = Envelope::new(start);
        for (length, happening) in &script {
            let begin = envelope.now_ms();
            apply(&mut envelope, begin, happening);
            let ahead = envelope;
            let mut block = vec![f32::NAN; *length];
            // In two parts, so that a block border inside a ramp is seen too.
            let (one, two) = block.split_at_mut(length / 3);
            envelope.render(one, rate);
            envelope.render(two, rate);
            for (i, sample) in block.iter().enumerate() {
                let at_ms = begin + f64::from(u32::try_from(i).unwrap()) * 1_000.0 / rate;
                let expected = ahead.percent_at(at_ms) / 100.0;
                // A step or corner may fall on either side of a sample by the clock's last bit.
                let near = (ahead.percent_at(at_ms + 1e-7) - ahead.percent_at(at_ms - 1e-7)).abs();
                let error = (f64::from(*sample) - expected).abs();
                prop_assert!(error <= 1e-6 + near / 100.0, "sample {i}: {sample}, {expected}");
            }
            let length = f64::from(u32::try_from(*length).unwrap());
            prop_assert!((envelope.now_ms() - begin - length * 1_000.0 / rate).abs() < 1e-6);
        }
    }

    /// The drawn curve: in order, from 0 to the end, on the envelope at and between its corners.
    #[test]
    fn the_curve_is_the_envelope(
        settings in any_ducking(),
        speech in vec((0.0..4_000.0_f64, prop_oneof![0.0..50.0_f64, 0.0..3_000.0_f64]), 0..6),
        until in 1.0..9_000.0_f64,
    ) {
        let speech: Vec<Span> = speech
            .into_iter()
            .map(|(from_ms, length)| Span { from_ms, to_ms: from_ms + length })
            .collect();
        let points = points(settings, &speech, until);
        prop_assert_eq!(points[0], Point { at_ms: 0.0, percent: f64::from(settings.upper) });
        prop_assert_eq!(points.last().unwrap().at_ms, until);
        prop_assert!(points.windows(2).all(|p| p[0].at_ms <= p[1].at_ms && p[0] != p[1]));
        // Two corners a happening, one more for a step: never samples.
        prop_assert!(points.len() <= 2 + 6 * speech.len());

        // Replay: at every begin and end, ducking is on while any span holds.
        let mut edges: Vec<f64> =
            speech.iter().flat_map(|s| [s.from_ms, s.to_ms]).filter(|t| *t <= until).collect();
        edges.sort_by(f64::total_cmp);
        let mut envelope = Envelope::new(settings);
        let mut begin = 0.0;
        for edge in edges.into_iter().chain([until]) {
            let corners = points.iter().map(|p| p.at_ms).filter(|t| (begin..edge).contains(t));
            let between = (1..20).map(|i| begin + (edge - begin) * f64::from(i) / 20.0);
            for at_ms in corners.chain(between.filter(|t| *t > begin && *t < edge)) {
                let (found, expected) = (on_line(&points, at_ms, true), envelope.percent_at(at_ms));
                prop_assert!((found - expected).abs() < 1e-6, "{at_ms}: {found}, {expected}");
            }
            let (found, expected) = (on_line(&points, edge, false), envelope.percent_at(edge));
            prop_assert!((found - expected).abs() < 1e-6, "before {edge}: {found}, {expected}");
            let on = speech.iter().any(|s| s.from_ms <= edge && edge < s.to_ms);
            envelope.switch(edge, on);
            begin = edge;
        }
    }

    /// Several duckers with changing levels, mutes and speech, against the rule written out.
    #[test]
    fn a_listener_hears_what_the_rule_says(
        exclusive in any::<bool>(),
        ducking in option::weighted(0.9, any_ducking()),
        sources in vec(source(), 1..6),
        script in vec((0..400_u32, any::<prop::sample::Index>(), source()), 0..12),
    ) {
        let mut mix = ListenerMix::new(exclusive, ducking, sources.clone());
        let mut sources = sources;
        let mut walk = ducking.map(Walk::new);
        let rule = |walk: &mut Option<Walk>, sources: &[Source]| {
            if let Some(walk) = walk {
                walk.on = sources.iter().any(|s| {
                    let heard = match s.level {
                        Some(level) => level > 0,
                        None => !exclusive,
                    };
                    s.ducks_others && s.active && !s.muted && heard
                });
                walk.settle_steps();
            }
        };
        rule(&mut walk, &sources);
        let mut now = 0_u32;
        for (wait, index, source) in script {
            for ms in now..now + wait {
                let d = walk.map_or(100.0, |walk| walk.d);
                for (i, s) in sources.iter().enumerate() {
                    let level = s.level.map_or(if exclusive { 0.0 } else { 100.0 }, f64::from);
                    let base = if s.muted { 0.0 } else { level / 100.0 };
                    let expected = if s.ducks_others { base } else { base * d / 100.0 };
                    let found = mix.gain_at(i, f64::from(ms));
                    prop_assert!((found - expected).abs() < 1e-8, "{ms} ms, source {i}: {s:?}");
                }
                if let Some(walk) = &mut walk {
                    walk.walk();
                }
            }
            now += wait;
            let index = index.index(sources.len());
            sources[index] = source;
            prop_assert!(mix.set_source(f64::from(now), index, source));
            rule(&mut walk, &sources);
            prop_assert_eq!(mix.is_ducking(), walk.is_some_and(|walk| walk.on));
        }
    }

    /// The blocks of a listener are its gains.
    #[test]
    fn a_listeners_blocks_are_its_gains(
        exclusive in any::<bool>(),
        ducking in option::of(any_ducking()),
        sources in vec(source(), 1..4),
        length in 0..600_usize,
    ) {
        let mut mix = ListenerMix::new(exclusive, ducking, sources.clone());
        let ahead = mix.clone();
        let (mut duck, mut out) = (vec![0.0_f32; length], vec![0.0_f32; length]);
        mix.render_duck(&mut duck, 48_000.0);
        for index in 0..sources.len() {
            mix.gains(index, &duck, &mut out);
            for (i, gain) in out.iter().enumerate() {
                let at_ms = f64::from(u32::try_from(i).unwrap()) / 48.0;
                prop_assert!((f64::from(*gain) - ahead.gain_at(index, at_ms)).abs() <= 1e-6);
            }
        }
    }

    /// Whatever the clock says, nothing panics and every answer is a level between the settings'.
    #[test]
    fn odd_times_never_break_it(
        start in any_ducking(),
        script in vec((odd_time(), happening(), odd_time(), odd_time()), 0..12),
    ) {
        let mut envelope = Envelope::new(start);
        let (mut low, mut high) = (start.lower.min(start.upper), start.lower.max(start.upper));
        for (at_ms, happening, rate, ask) in &script {
            let clock = envelope.now_ms();
            apply(&mut envelope, *at_ms, happening);
            if let Happening::Change(settings) = happening {
                low = low.min(settings.lower).min(settings.upper);
                high = high.max(settings.lower).max(settings.upper);
            }
            let mut block = [f32::NAN; 16];
            envelope.render(&mut block, *rate);
            prop_assert!(envelope.now_ms().is_finite() && envelope.now_ms() >= clock);
            let range = f64::from(low)..=f64::from(high);
            prop_assert!(range.contains(&envelope.percent_at(*ask)), "{ask}");
            for gain in block {
                let percent = f64::from(gain) * 100.0;
                prop_assert!(percent >= f64::from(low) - 1e-4 && percent <= f64::from(high) + 1e-4);
            }
            let spans = [Span { from_ms: *at_ms, to_ms: *rate }, Span { from_ms: *rate, to_ms: *ask }];
            for point in points(envelope.settings(), &spans, *ask) {
                prop_assert!(point.at_ms.is_finite() && (0.0..=100.0).contains(&point.percent));
            }
        }
    }
}

fn source() -> impl Strategy<Value = Source> {
    (option::of(prop_oneof![Just(0), 0..=100_u8]), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(level, ducks_others, muted, active)| Source {
            level,
            ducks_others,
            muted,
            active,
        })
}

fn odd_time() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -1e4..1e4_f64,
        proptest::sample::select(vec![
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            0.0,
            -0.0,
        ]),
    ]
}
