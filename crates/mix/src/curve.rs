//! The envelope as a polyline for drawing: computed breakpoints, never samples.

use crate::duck::{Ducking, Envelope};

/// A stretch of speech: ducking is on from `from_ms` and off at `to_ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Begin, in milliseconds.
    pub from_ms: f64,
    /// End, in milliseconds; infinity for one that does not end.
    pub to_ms: f64,
}

/// A corner of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Time in milliseconds.
    pub at_ms: f64,
    /// Level of ducked sources in percent.
    pub percent: f64,
}

/// The curve of `d(t)` from 0 to `until_ms`, both included, starting settled at the upper level.
///
/// Points are in the order of time; a step is two points at the same time. Spans may come in any
/// order and overlap: ducking is on while any of them lasts. A span that is empty, reversed, over
/// before 0 or not a number says nothing. An `until_ms` that is not finite or not above 0 counts as 0.
pub fn points(settings: Ducking, speech: &[Span], until_ms: f64) -> Vec<Point> {
    let until_ms = if until_ms.is_finite() { until_ms.max(0.0) } else { 0.0 };
    let mut line = Line { points: Vec::new(), envelope: Envelope::new(settings) };
    line.point(0.0);
    for Span { from_ms, to_ms } in joined(speech) {
        line.switch(from_ms, until_ms, true);
        line.switch(to_ms, until_ms, false);
    }
    line.run(until_ms);
    line.points
}

/// The union of the spans after 0, in order, without touching neighbors.
fn joined(speech: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = speech
        .iter()
        .filter(|span| !span.from_ms.is_nan() && span.to_ms > 0.0)
        .map(|span| Span { from_ms: span.from_ms.max(0.0), to_ms: span.to_ms })
        .filter(|span| span.from_ms < span.to_ms)
        .collect();
    spans.sort_by(|a, b| a.from_ms.total_cmp(&b.from_ms));
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from_ms <= last.to_ms => last.to_ms = last.to_ms.max(span.to_ms),
            _ => joined.push(span),
        }
    }
    joined
}

struct Line {
    points: Vec<Point>,
    envelope: Envelope,
}

impl Line {
    /// Adds where `d` is at `at_ms`, unless the line is there already.
    fn point(&mut self, at_ms: f64) {
        let point = Point { at_ms, percent: self.envelope.percent_at(at_ms) };
        if self.points.last() != Some(&point) {
            self.points.push(point);
        }
    }

    /// Draws up to `at_ms`, with the corner where a ramp ends on the way.
    fn run(&mut self, at_ms: f64) {
        if let Some(end_ms) = self.envelope.settles_at().filter(|end_ms| *end_ms <= at_ms) {
            self.point(end_ms);
        }
        self.point(at_ms);
    }

    fn switch(&mut self, at_ms: f64, until_ms: f64, on: bool) {
        if at_ms <= until_ms {
            self.run(at_ms);
            self.envelope.switch(at_ms, on);
            self.point(at_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        settings: (u16, u16, u8, u8),
        speech: &[(f64, f64)],
        until: f64,
        expected: &[(f64, f64)],
    ) {
        let (active, inactive, lower, upper) = settings;
        let settings = Ducking::new(active, inactive, lower, upper).unwrap();
        let speech: Vec<Span> =
            speech.iter().map(|&(from_ms, to_ms)| Span { from_ms, to_ms }).collect();
        let expected: Vec<Point> =
            expected.iter().map(|&(at_ms, percent)| Point { at_ms, percent }).collect();
        assert_eq!(points(settings, &speech, until), expected, "{settings:?} {speech:?}");
    }

    #[test]
    fn corners() {
        let slow = (100, 200, 10, 50);
        check(slow, &[], 1_000.0, &[(0.0, 50.0), (1_000.0, 50.0)]);
        check(
            slow,
            &[(100.0, 400.0)],
            1_000.0,
            &[
                (0.0, 50.0),
                (100.0, 50.0),
                (200.0, 10.0),
                (400.0, 10.0),
                (600.0, 50.0),
                (1_000.0, 50.0),
            ],
        );
        // Turned round half-way, and cut off mid-ramp by the end of the picture.
        check(
            slow,
            &[(100.0, 150.0)],
            200.0,
            &[(0.0, 50.0), (100.0, 50.0), (150.0, 30.0), (200.0, 40.0)],
        );
        // A pause that ends exactly when the ramp does has one corner there.
        check(slow, &[(0.0, 100.0)], 300.0, &[(0.0, 50.0), (100.0, 10.0), (300.0, 50.0)]);
    }

    #[test]
    fn steps_are_two_points_at_one_time() {
        check(
            (0, 0, 10, 50),
            &[(100.0, 200.0)],
            200.0,
            &[(0.0, 50.0), (100.0, 50.0), (100.0, 10.0), (200.0, 10.0), (200.0, 50.0)],
        );
        check((0, 100, 10, 50), &[(0.0, 9e9)], 100.0, &[(0.0, 50.0), (0.0, 10.0), (100.0, 10.0)]);
    }

    #[test]
    fn spans_are_joined_and_cleaned() {
        let one = [
            (0.0, 50.0),
            (100.0, 50.0),
            (200.0, 10.0),
            (500.0, 10.0),
            (700.0, 50.0),
            (900.0, 50.0),
        ];
        let slow = (100, 200, 10, 50);
        check(slow, &[(100.0, 500.0)], 900.0, &one);
        check(slow, &[(300.0, 500.0), (100.0, 300.0)], 900.0, &one);
        check(
            slow,
            &[(100.0, 500.0), (200.0, 300.0), (f64::NAN, 5.0), (5.0, f64::NAN)],
            900.0,
            &one,
        );
        check(slow, &[(100.0, 500.0), (7.0, 7.0), (9.0, 8.0), (-5.0, 0.0)], 900.0, &one);
        let open = [(0.0, 50.0), (100.0, 10.0), (900.0, 10.0)];
        check(slow, &[(f64::NEG_INFINITY, f64::INFINITY)], 900.0, &open);
        for until in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            check(slow, &[(0.0, 10.0)], until, &[(0.0, 50.0)]);
        }
    }
}
