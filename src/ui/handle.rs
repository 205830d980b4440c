//! A handle that lies over a drawing and moves along one axis of it.

use leptos::{
    ev::{KeyboardEvent, PointerEvent, WheelEvent},
    prelude::*,
};
use web_sys::Event;

use super::{
    attr, fixed,
    grip::{Axis, Change, Grip, Scale},
    on, text,
};
use crate::reactive::RwSignal;

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
    let grip = Grip::new(axis, scale, value, limits, travel_px, on_change);
    let hold = move |holds: bool| {
        if let Some(is_held) = is_held
            && is_held.try_get_untracked().is_some_and(|held| held != holds)
        {
            is_held.set(holds);
        }
    };
    let down = move |event: PointerEvent| {
        // First, because what is held still is measured next.
        hold(true);
        grip.pointer_down(&event);
        hold(grip.is_dragged_untracked());
    };
    let up = move |event: PointerEvent| {
        grip.pointer_up(&event);
        hold(grip.is_dragged_untracked());
    };
    let on_key = move |event: KeyboardEvent| {
        grip.key_down(&event);
        if event.key() == "Escape" {
            hold(grip.is_dragged_untracked());
        }
    };
    view! {
        <div
            class="handle"
            aria-label=label
            role="slider"
            tabindex="0"
            data-axis=axis.word()
            data-held=move || grip.is_held().then_some("true")
            {..fixed("aria-orientation", axis.word().to_owned())}
            {..fixed("aria-valuemin", scale.min.to_string())}
            {..fixed("aria-valuemax", scale.max.to_string())}
            {..attr("aria-valuenow", move || Some(grip.shown().to_string()))}
            {..attr("aria-valuetext", move || Some(words.run(grip.shown())))}
            style:--x=move || format!("{:.5}", x.get())
            style:--y=move || format!("{:.5}", y.get())
            {..on("pointerdown", down)}
            {..on("pointermove", move |event: PointerEvent| grip.pointer_move(&event))}
            {..on("pointerup", up)}
            {..on("pointercancel", up)}
            {..on("lostpointercapture", up)}
            {..on("keydown", on_key)}
            {..on("keyup", move |_: Event| grip.key_up())}
            {..on("blur", move |_: Event| grip.key_up())}
            {..on("wheel", move |event: WheelEvent| grip.wheel(&event))}
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
