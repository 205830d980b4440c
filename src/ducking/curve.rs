//! The curve: what the other sources do from before speech until after it, exact at its corners,
//! with a handle on each of the four settings.

use foldback_model::Ducking;
use leptos::{html, prelude::*};

use super::{Control, axis::TimeAxis, settings::Knob};
use crate::{
    reactive::{Memo, RwSignal, part},
    ui::{Change, Handle, text},
};

/// Size of the drawing in its own units; it stretches to whatever place it gets.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 400.0;

/// Marks of the level axis, in percent.
const LEVELS: [i32; 5] = [0, 25, 50, 75, 100];

/// The curve with its handles.
#[component]
pub fn Curve(
    /// What it shows and sets.
    control: Control,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let settings = control.settings;
    let is_held = RwSignal::new(false);
    // The axis fits the ramps, but holds still while a hand is on a handle.
    let axis = Memo::new(move |old: Option<&TimeAxis>| match old {
        Some(old) if is_held.get() => *old,
        _ => TimeAxis::fit(settings.get()),
    });
    let speech = move || {
        let axis = axis.get();
        let span = axis.speech();
        (axis.x(span.from_ms), axis.x(span.to_ms))
    };
    view! {
        <div class="curve">
            <div class="curve-levels" aria-hidden="true">
                {LEVELS
                    .map(|percent| {
                        let y = format!("{:.2}", f64::from(percent) / 100.0);
                        view! { <span style:--y=y>{format!("{percent}\u{202F}%")}</span> }
                    })
                    .collect_view()}
            </div>
            <div class="curve-plot" node_ref=plot>
                <Drawing axis=axis settings=settings/>
                <p
                    class="curve-note"
                    aria-hidden="true"
                    style:--x=move || format!("{:.4}", speech().0)
                    style:--w=move || format!("{:.4}", speech().1 - speech().0)
                >
                    "Speech"
                </p>
                {Knob::ALL
                    .map(|knob| {
                        view! {
                            <CurveHandle control=control knob=knob axis=axis is_held=is_held plot=plot/>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="curve-times" aria-hidden="true">
                {part(move || {
                    axis.get()
                        .marks()
                        .into_iter()
                        .map(|(x, text)| view! { <span style:--x=format!("{x:.4}")>{text}</span> })
                        .collect_view()
                        .into_any()
                })}
            </div>
            <p class="curve-legend" aria-hidden="true">
                <span class="curve-legend-masked"></span>
                {text(move || match settings.get().ramp_active {
                    0 => "No word lies over a falling bed".to_owned(),
                    ms => format!("The first {ms} ms of speech lie over a bed that is still falling"),
                })}
            </p>
        </div>
    }
}

/// The drawing alone.
#[component]
fn Drawing(
    /// The time axis.
    axis: Memo<TimeAxis>,
    /// What is drawn.
    settings: Memo<Ducking>,
) -> impl IntoView {
    let corners = move || {
        let axis = axis.get();
        let curve = axis.curve(settings.get());
        curve.into_iter().map(|point| (axis.x(point.at_ms), point.percent)).collect::<Vec<_>>()
    };
    // The words that lie over a bed which is still falling.
    let masked = move || {
        let axis = axis.get();
        let settings = settings.get();
        let (lower, upper) = (settings.lower_level.into(), settings.upper_level.into());
        let from = axis.x(axis.speech().from_ms);
        coordinates(&[(from, upper), (axis.active_x(settings), lower), (from, lower)])
    };
    let speech = move || {
        let axis = axis.get();
        let span = axis.speech();
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
        axis.get().marks().into_iter().map(mark).collect_view().into_any()
    };
    view! {
        <svg
            class="curve-drawing"
            role="img"
            aria-label="Ducking curve"
            aria-describedby="ducking-summary"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            data-speech-from-ms=move || axis.get().speech().from_ms.to_string()
            data-speech-to-ms=move || axis.get().speech().to_ms.to_string()
            data-until-ms=move || axis.get().until_ms().to_string()
        >
            {part(speech)}
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
            <polygon class="curve-masked" points=masked></polygon>
            <polyline class="curve-line" points=move || coordinates(&corners())></polyline>
        </svg>
    }
}

/// The handle of one setting, where the curve turns on it.
#[component]
fn CurveHandle(
    /// What it shows and sets.
    control: Control,
    /// Which setting.
    knob: Knob,
    /// The time axis.
    axis: Memo<TimeAxis>,
    /// A pointer holds one of the handles.
    is_held: RwSignal<bool>,
    /// What the handles lie over.
    plot: NodeRef<html::Div>,
) -> impl IntoView {
    let settings = control.settings;
    let x = Signal::derive(move || {
        let axis = axis.get();
        let settings = settings.get();
        match knob {
            Knob::UpperLevel => axis.upper_x(),
            Knob::RampActive => axis.active_x(settings),
            Knob::LowerLevel => axis.lower_x(),
            Knob::RampInactive => axis.inactive_x(settings),
        }
    });
    let y = Signal::derive(move || {
        let settings = settings.get();
        f64::from(match knob {
            Knob::UpperLevel | Knob::RampInactive => settings.upper_level,
            Knob::LowerLevel | Knob::RampActive => settings.lower_level,
        }) / 100.0
    });
    let limits = Signal::derive(move || {
        let (min, max) = knob.limits(settings.get());
        if knob.is_ramp() && is_held.get() {
            // A drag ends where the axis does; let go, it fits anew and leaves place to go on.
            (min, max.min(axis.get().zone_ms().into()))
        } else {
            (min, max)
        }
    });
    let travel = Callback::new(move |()| {
        let Some(plot) = plot.get_untracked() else { return 0.0 };
        if knob.is_ramp() {
            f64::from(plot.client_width()) * axis.get_untracked().ramp_scale()
        } else {
            f64::from(plot.client_height())
        }
    });
    view! {
        <Handle
            label=knob.name()
            axis=knob.axis()
            scale=knob.scale()
            limits=limits
            value=control.value(knob)
            words=Callback::new(move |value| knob.words(value))
            figure=Callback::new(move |value| format!("{value}\u{202F}{}", knob.unit()))
            x=x
            y=y
            travel_px=travel
            is_held=is_held
            on_change=Callback::new(move |change: Change| control.change(knob, change))
        />
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
    format!("{value:.2}")
}
