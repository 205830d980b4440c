//! A handle that lies over a drawing and moves along one axis of it.

use leptos::prelude::*;

use super::{
    attr,
    decimal::decimal,
    fixed,
    grip::{Axis, Change, Grip, Scale},
    text,
};
use crate::{
    reactive::{RwSignal, Signal},
    view::view,
};

/// Where a handle's label stands, so that it hides nothing of the drawing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LabelAt {
    /// Centered above.
    #[default]
    Above,
    /// Above, from the handle to the right.
    AboveRight,
    /// Centered below.
    Below,
    /// Below, from the handle to the right.
    BelowRight,
    /// Below, from the handle to the left.
    BelowLeft,
    /// The value is told elsewhere.
    Nowhere,
}

impl LabelAt {
    fn word(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::AboveRight => "above-right",
            Self::Below => "below",
            Self::BelowRight => "below-right",
            Self::BelowLeft => "below-left",
            Self::Nowhere => "nowhere",
        }
    }
}

/// A handle. It is placed by the custom properties `--x` and `--y`, fractions of its parent from the
/// lower left.
#[component]
pub fn Handle(
    /// Its accessible name, the same for its whole life.
    label: &'static str,
    /// The way it moves.
    axis: Axis,
    /// The values it goes through.
    scale: Scale,
    /// What narrows the scale now.
    #[prop(into)]
    limits: Signal<(i32, i32)>,
    /// The value.
    #[prop(into)]
    value: Signal<i32>,
    /// The value with its unit, for screen readers.
    #[prop(into)]
    words: Callback<i32, String>,
    /// The value with its unit, for eyes.
    #[prop(into)]
    figure: Callback<i32, String>,
    /// Where its label stands.
    #[prop(into, optional)]
    label_at: Signal<LabelAt>,
    /// Place from the left, 0 to 1.
    #[prop(into)]
    x: Signal<f64>,
    /// Place from below, 0 to 1.
    #[prop(into)]
    y: Signal<f64>,
    /// Pixels that the whole scale takes in the drawing.
    #[prop(into)]
    travel_px: Callback<(), f64>,
    /// A pointer holds it; shared by the handles of one drawing.
    #[prop(optional)]
    is_held: Option<RwSignal<bool>>,
    /// Gets every change.
    #[prop(into)]
    on_change: Callback<Change>,
) -> impl IntoView {
    let grip = Grip::new(axis, scale, value, limits, travel_px, on_change).telling(is_held);
    view! {
        <div
            class="handle"
            aria-label=label
            data-axis=axis.word()
            data-label=move || label_at.get().word()
            role="slider"
            tabindex="0"
            data-held=move || grip.is_held().then_some("true")
            {..fixed("aria-orientation", axis.word().to_owned())}
            {..fixed("aria-valuemin", scale.min.to_string())}
            {..fixed("aria-valuemax", scale.max.to_string())}
            {..attr("aria-valuenow", move || Some(grip.shown().to_string()))}
            {..attr("aria-valuetext", move || Some(words.run(grip.shown())))}
            style:--x=move || decimal(x.get(), 5)
            style:--y=move || decimal(y.get(), 5)
            {..grip.hears("pointerdown", Grip::pointer_down)}
            {..grip.hears("pointermove", Grip::pointer_move)}
            {..grip.hears("pointerup", Grip::pointer_up)}
            {..grip.hears("pointercancel", Grip::pointer_up)}
            {..grip.hears("lostpointercapture", Grip::pointer_up)}
            {..grip.hears("keydown", Grip::key_down)}
            {..grip.hears("keyup", Grip::key_up)}
            {..grip.hears("blur", Grip::key_up)}
            {..grip.hears("wheel", Grip::wheel)}
        >
            <span class="handle-dot"></span>
            <span class="handle-label" aria-hidden="true">
                <span class="handle-name">{label}</span>
                " "
                {text(move || figure.run(grip.shown()))}
            </span>
        </div>
    }
}
