//! The drawing under the handles: the line, the bed below it, and the words that lie over a falling
//! bed.

use foldback_mix::curve::Span;
use leptos::prelude::*;

use super::Scene;
use crate::{
    reactive::part,
    ui::decimal::{decimal, shortest},
    view::view,
};

/// Size of the drawing in its own units; it stretches to whatever place it gets.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 400.0;

/// Marks of the level axis, in percent.
pub const LEVELS: [i32; 5] = [0, 25, 50, 75, 100];

/// The drawing.
#[component]
pub fn Drawing(
    /// What is drawn.
    scene: Scene,
) -> impl IntoView {
    let Scene { settings, axis, speech, .. } = scene;
    let corners = move || {
        let axis = axis.get();
        let curve = axis.curve(settings.get(), speech.get());
        curve.into_iter().map(|point| (axis.x(point.at_ms), point.percent)).collect::<Vec<_>>()
    };
    // The words that lie over a bed which is still falling.
    let masked = move || {
        let axis = axis.get();
        let settings = settings.get();
        let (lower, upper) = (settings.lower_level.into(), settings.upper_level.into());
        let Span { from_ms, to_ms } = speech.get();
        let from = axis.x(from_ms);
        let end = axis.active_x(settings).min(axis.x(to_ms));
        let reached = axis.reached(settings, speech.get());
        [(from, upper), (end, reached), (end, lower), (from, lower)]
    };
    // Where the handles stand beside the line: the whole fall and the whole return of a speech that is
    // over sooner.
    let guides = move || {
        let axis = axis.get();
        let settings = settings.get();
        let (lower, upper) = (settings.lower_level.into(), settings.upper_level.into());
        let span = speech.get();
        let to = axis.x(span.to_ms);
        let back = [(to, lower), (axis.inactive_x(settings, span), upper)];
        let valley = [(axis.active_x(settings), lower), (axis.lower_x(), lower)];
        let guide = |points: &[(f64, f64)]| {
            let points = coordinates(points);
            view! { <polyline class="curve-guide" points=points></polyline> }
        };
        let fall = [(to, axis.reached(settings, span)), (axis.active_x(settings), lower)];
        let fall = scene.is_cut_short().then(|| (guide(&fall), guide(&back)));
        let valley = (to < axis.lower_x()).then(|| guide(&valley));
        (fall, valley).into_any()
    };
    let spoken = move || {
        let axis = axis.get();
        let span = speech.get();
        let (from, to) = (axis.x(span.from_ms) * WIDTH, axis.x(span.to_ms) * WIDTH);
        view! {
            <rect class="curve-speech" x=at(from) y="0" width=at(to - from) height=at(HEIGHT)></rect>
        }
        .into_any()
    };
    let marks = move || {
        let mark = |(x, _)| {
            let x = at(x * WIDTH);
            view! { <line class="curve-grid" x1=x.clone() x2=x y1="0" y2=at(HEIGHT)></line> }
        };
        axis.get().marks(speech.get()).into_iter().map(mark).collect_view().into_any()
    };
    view! {
        <svg
            class="curve-drawing"
            role="img"
            aria-label="Ducking curve"
            aria-describedby="ducking-summary"
            viewBox=format!("0 0 {} {}", shortest(WIDTH), shortest(HEIGHT))
            preserveAspectRatio="none"
            data-speech-from-ms=move || shortest(speech.get().from_ms)
            data-speech-to-ms=move || shortest(speech.get().to_ms)
            data-until-ms=move || shortest(axis.get().until_ms())
        >
            {part(spoken)}
            {LEVELS
                .map(|percent| {
                    let y = at((1.0 - f64::from(percent) / 100.0) * HEIGHT);
                    view! { <line class="curve-grid" x1="0" x2=at(WIDTH) y1=y.clone() y2=y></line> }
                })
                .collect_view()}
            {part(marks)}
            <polygon
                class="curve-bed"
                points=move || {
                    let mut bed = corners();
                    bed.extend([(1.0, 0.0), (0.0, 0.0)]);
                    coordinates(&bed)
                }
            ></polygon>
            <polygon class="curve-masked" points=move || coordinates(&masked())></polygon>
            {part(guides)}
            <polyline class="curve-line" points=move || coordinates(&corners())></polyline>
        </svg>
    }
}

/// Points in the drawing's units, from fractions of the axis and percent.
fn coordinates(points: &[(f64, f64)]) -> String {
    let pairs = points
        .iter()
        .map(|(x, percent)| format!("{},{}", at(x * WIDTH), at((1.0 - percent / 100.0) * HEIGHT)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// A coordinate, exact to a hundredth of a unit.
fn at(value: f64) -> String {
    decimal(value, 2)
}
