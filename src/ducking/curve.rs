//! The curve: what the other sources do from before speech until after it, exact at its corners,
//! with a handle on each of the four settings and one on the end of the speech.

mod drawing;

use foldback_mix::curve::Span;
use foldback_model::Ducking;
use leptos::{html, prelude::*};

use super::{
    Control,
    axis::{SPEECH_MAX_MS, SPEECH_MIN_MS, TimeAxis, time},
    listen::Listen,
    settings::Knob,
};
use crate::{
    reactive::{Memo, NodeRef, RwSignal, Signal, part},
    ui::{Axis, Change, Handle, LabelAt, Locked, Scale, decimal::decimal, text},
    view::view,
};
use drawing::{Drawing, LEVELS};

/// Lengths of speech to try: as finely as ramps are set.
const SPEECH_MS: Scale = Scale { min: SPEECH_MIN_MS, max: SPEECH_MAX_MS, step: 10, page: 100 };

/// Below this difference of the levels, in percent, a short fall's label would lie over that of the
/// upper level.
const CLOSE: u8 = 10;

/// What is drawn. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    pub settings: Memo<Ducking>,
    axis: Memo<TimeAxis>,
    pub speech: Memo<Span>,
    /// A pointer holds one of the handles.
    is_held: RwSignal<bool>,
    /// What the handles lie over.
    plot: NodeRef<html::Div>,
    /// Milliseconds since the speech began that is listened to.
    pub heard_ms: RwSignal<Option<f64>>,
}

impl Scene {
    /// The speech is over before the fall is.
    fn is_cut_short(&self) -> bool {
        let Span { from_ms, to_ms } = self.speech.get();
        to_ms - from_ms < f64::from(self.settings.get().ramp_active)
    }

    /// Where the sound is that is listened to, as a fraction of the axis; none while it is beyond it.
    fn now(&self) -> Option<f64> {
        let x = self.axis.get().x(self.speech.get().from_ms + self.heard_ms.get()?);
        (0.0..=1.0).contains(&x).then_some(x)
    }
}

/// The curve with its handles.
#[component]
pub fn Curve(
    /// What it shows and sets.
    control: Control,
) -> impl IntoView {
    let settings = control.settings;
    let is_held = RwSignal::new(false);
    // The axis fits the ramps, but holds still while a hand is on a handle.
    let axis = Memo::new(move |old: Option<&TimeAxis>| match old {
        Some(old) if is_held.get() => *old,
        _ => TimeAxis::fit(settings.get()),
    });
    let tried_ms = RwSignal::new(SPEECH_MAX_MS);
    let speech = Memo::new(move |_| axis.get().speech(tried_ms.get()));
    let heard_ms = RwSignal::new(None);
    let scene = Scene { settings, axis, speech, is_held, plot: NodeRef::new(), heard_ms };
    view! {
        <div class="curve">
            <div class="curve-levels" aria-hidden="true">
                {LEVELS
                    .map(|percent| {
                        let y = decimal(f64::from(percent) / 100.0, 2);
                        view! { <span style:--y=y>{format!("{percent}\u{202F}%")}</span> }
                    })
                    .collect_view()}
            </div>
            <div class="curve-plot" node_ref=scene.plot>
                <Drawing scene=scene/>
                <Locked why=control.view.hindrance>
                    {Knob::ALL
                        .map(|knob| view! { <CurveHandle control=control knob=knob scene=scene/> })
                        .collect_view()}
                </Locked>
                {part(move || scene.now().map_or_else(|| ().into_any(), |x| {
                    view! { <i class="curve-now" style:--x=decimal(x, 4)></i> }.into_any()
                }))}
            </div>
            <SpeechLane scene=scene tried_ms=tried_ms/>
            <div class="curve-times" aria-hidden="true">
                {part(move || {
                    axis.get()
                        .marks(speech.get())
                        .into_iter()
                        .map(|(x, text)| view! { <span style:--x=decimal(x, 4)>{text}</span> })
                        .collect_view()
                        .into_any()
                })}
            </div>
            <div class="curve-foot">
                <Listen scene=scene/>
                <p class="curve-legend">
                    <span
                        class="curve-legend-masked"
                        aria-hidden="true"
                        hidden=move || {
                            let settings = settings.get();
                            settings.ramp_active == 0 || settings.lower_level == settings.upper_level
                        }
                    ></span>
                    {text(move || {
                        let settings = settings.get();
                        let speech = speech.get();
                        if settings.lower_level == settings.upper_level {
                            "The others do not move".to_owned()
                        } else if scene.is_cut_short() {
                            let reached = decimal(axis.get().reached(settings, speech), 0);
                            format!("A speech this short ends first: the others turn round at {reached}\u{202F}%")
                        } else if settings.ramp_active == 0 {
                            "No word lies over a falling bed".to_owned()
                        } else {
                            let ms = settings.ramp_active;
                            format!("The first {ms} ms of speech lie over a bed that is still falling")
                        }
                    })}
                </p>
            </div>
        </div>
    }
}

/// How long somebody speaks, to be tried: a bar under the drawing with a handle at its end.
#[component]
fn SpeechLane(
    /// What is drawn.
    scene: Scene,
    /// The length that is wanted, in milliseconds; the axis may show less.
    tried_ms: RwSignal<i32>,
) -> impl IntoView {
    let Scene { axis, speech, is_held, plot, .. } = scene;
    let x = move |ms: f64| axis.get().x(ms);
    let shown_ms = Signal::derive(move || tried_ms.get().min(axis.get().speech_max_ms()));
    let travel = Callback::new(move |()| {
        let width = plot.get_untracked().map_or(0, |plot| plot.client_width());
        f64::from(width) * axis.get_untracked().x(f64::from(SPEECH_MS.max - SPEECH_MS.min))
    });
    view! {
        <span class="curve-lane-name" aria-hidden="true">"Speech"</span>
        <div class="curve-lane">
            <div
                class="curve-span"
                aria-hidden="true"
                data-short=move || {
                    let Span { from_ms, to_ms } = speech.get();
                    (x(to_ms) - x(from_ms) < 0.18).then_some("true")
                }
                style:--x=move || decimal(x(speech.get().from_ms), 5)
                style:--w=move || decimal(x(speech.get().to_ms) - x(speech.get().from_ms), 5)
            >
                <span class="curve-span-time">{text(move || time(shown_ms.get().into()))}</span>
            </div>
            <Handle
                label="Speech length"
                axis=Axis::Horizontal
                scale=SPEECH_MS
                limits=Signal::derive(move || (SPEECH_MS.min, axis.get().speech_max_ms()))
                value=shown_ms
                words=Callback::new(|value: i32| format!("{value} ms, a try: it is not sent"))
                figure=Callback::new(|value: i32| time(value.into()))
                label_at=Signal::stored(LabelAt::Nowhere)
                x=Signal::derive(move || x(speech.get().to_ms))
                y=Signal::stored(0.5)
                travel_px=travel
                is_held=is_held
                on_change=Callback::new(move |change: Change| tried_ms.set(change.value))
            />
        </div>
    }
}

/// The handle of one setting, where the curve turns on it.
#[component]
fn CurveHandle(
    /// What it shows and sets.
    control: Control,
    /// Which setting.
    knob: Knob,
    /// What is drawn.
    scene: Scene,
) -> impl IntoView {
    let Scene { settings, axis, speech, is_held, plot, .. } = scene;
    let x = Signal::derive(move || {
        let axis = axis.get();
        let settings = settings.get();
        match knob {
            Knob::UpperLevel => axis.upper_x(),
            Knob::RampActive => axis.active_x(settings),
            Knob::LowerLevel => axis.lower_x(),
            Knob::RampInactive => axis.inactive_x(settings, speech.get()),
        }
    });
    let y = Signal::derive(move || {
        let settings = settings.get();
        f64::from(match knob {
            Knob::UpperLevel | Knob::RampInactive => settings.upper_level,
            Knob::LowerLevel | Knob::RampActive => settings.lower_level,
        }) / 100.0
    });
    // Beside the line, never over it: the fall comes from the left, the return from below.
    let label_at = Signal::derive(move || {
        let Ducking { lower_level, upper_level, ramp_active, .. } = settings.get();
        match knob {
            Knob::UpperLevel | Knob::RampInactive => LabelAt::Above,
            Knob::LowerLevel => LabelAt::Below,
            Knob::RampActive => {
                let zone_ms = axis.get().zone_ms();
                let is_slow = u32::from(ramp_active) * 6 > u32::from(zone_ms) * 5;
                let is_steep = ramp_active < zone_ms / 6;
                if is_slow || scene.is_cut_short() {
                    LabelAt::BelowLeft
                } else if is_steep && upper_level.abs_diff(lower_level) < CLOSE {
                    LabelAt::BelowRight
                } else {
                    LabelAt::AboveRight
                }
            }
        }
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
            label_at=label_at
            x=x
            y=y
            travel_px=travel
            is_held=is_held
            on_change=Callback::new(move |change: Change| control.change(knob, change))
        />
    }
}
