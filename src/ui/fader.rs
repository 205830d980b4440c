//! A vertical fader from 0 to 100 percent, with a decibel ruler, a number box and buttons for those
//! who cannot drag.

use leptos::{
    ev::{KeyboardEvent, PointerEvent, WheelEvent},
    html,
    prelude::*,
};
use web_sys::Event;

use super::{
    attr, fixed,
    grip::{Axis, Change, Grip, Scale},
    level,
    number_box::{NumberBox, Reader, Typing},
    on, text,
};
use crate::reactive::RwSignal;

/// Where the ruler has its marks: decibel and percent.
const MARKS: [(&str, f64); 6] =
    [("0", 100.0), ("3", 70.8), ("6", 50.1), ("10", 31.6), ("20", 10.0), ("∞", 0.0)];

const READER: Reader =
    Reader { read: level::read, hint: "0 to 100, a percent sign or dB behind it" };

/// The level a double click puts back.
const RESET: i32 = 100;

/// A fader.
#[component]
pub fn Fader(
    /// Its accessible name, such as `Ana level for Everyone`.
    #[prop(into)]
    label: Signal<String>,
    /// The level in percent.
    #[prop(into)]
    value: Signal<i32>,
    /// The level confirmed last, drawn as a ghost while it differs.
    #[prop(into)]
    confirmed: Signal<i32>,
    /// More for a screen reader, said after the level.
    #[prop(into, optional)]
    note: Signal<String>,
    /// Gets every change.
    #[prop(into)]
    on_change: Callback<Change>,
) -> impl IntoView {
    let rail = NodeRef::<html::Div>::new();
    let cap = NodeRef::<html::Span>::new();
    let entry = NodeRef::<html::Input>::new();
    let typing: Typing = RwSignal::new(None);
    let travel = Callback::new(move |()| {
        let rail = rail.get_untracked().map_or(0, |rail| rail.client_height());
        let cap = cap.get_untracked().map_or(0, |cap| cap.offset_height());
        f64::from(rail - cap)
    });
    let limits = Signal::stored((0, 100));
    let grip = Grip::new(Axis::Vertical, Scale::PERCENT, value, limits, travel, on_change);
    let on_key = move |event: KeyboardEvent| {
        if grip.key_down(&event) {
            return;
        }
        let Some(text) = entry_by_key(&event, value.get_untracked()) else { return };
        event.prevent_default();
        let is_replacing = event.key() == "Enter";
        typing.set(Some(text));
        if let Some(input) = entry.get_untracked() {
            drop(input.focus());
            if is_replacing {
                input.select();
            }
        }
    };
    let up = move |event: PointerEvent| grip.pointer_up(&event);
    let back = Callback::new(move |()| {
        if let Some(rail) = rail.get_untracked() {
            drop(rail.focus());
        }
    });
    let words = move || {
        let note = note.get();
        let level = level::in_words(grip.shown());
        if note.is_empty() { level } else { format!("{level}, {note}") }
    };
    let is_pending = move || grip.shown() != confirmed.get();
    view! {
        <div
            class="fader"
            data-held=move || grip.is_held().then_some("true")
            data-pending=move || is_pending().then_some("true")
        >
            <div class="fader-throw">
                <div
                    class="fader-rail"
                    role="slider"
                    tabindex="0"
                    node_ref=rail
                    aria-label=move || label.get()
                    {..fixed("aria-orientation", Axis::Vertical.word().to_owned())}
                    {..fixed("aria-valuemin", Scale::PERCENT.min.to_string())}
                    {..fixed("aria-valuemax", Scale::PERCENT.max.to_string())}
                    {..attr("aria-valuenow", move || Some(grip.shown().to_string()))}
                    {..attr("aria-valuetext", move || Some(words()))}
                    style:--level=move || share(grip.shown())
                    style:--ghost=move || share(confirmed.get())
                    {..on("pointerdown", move |event: PointerEvent| grip.pointer_down(&event))}
                    {..on("pointermove", move |event: PointerEvent| grip.pointer_move(&event))}
                    {..on("pointerup", up)}
                    {..on("pointercancel", up)}
                    {..on("lostpointercapture", up)}
                    {..on("keydown", on_key)}
                    {..on("keyup", move |_: Event| grip.key_up())}
                    {..on("blur", move |_: Event| grip.key_up())}
                    {..on("wheel", move |event: WheelEvent| grip.wheel(&event))}
                    {..on("dblclick", move |_: Event| grip.put(RESET))}
                >
                    <span class="fader-slot"></span>
                    <span class="fader-fill"></span>
                    <span class="fader-ghost"></span>
                    <span class="fader-cap" node_ref=cap></span>
                </div>
                <Ruler/>
            </div>
            <Entry label=label grip=grip on_change=on_change typing=typing node=entry on_done=back/>
            <p class="fader-db" aria-hidden="true">
                {text(move || format!("{}\u{202F}dB", level::db_shown(grip.shown())))}
            </p>
        </div>
    }
}

/// The text with which a key begins to type a number: Enter takes the present one, a figure or a
/// minus sign begins a new one.
fn entry_by_key(event: &KeyboardEvent, value: i32) -> Option<String> {
    let key = event.key();
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return None;
    }
    if key == "Enter" {
        return Some(value.to_string());
    }
    let is_figure = key.len() == 1 && key.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    is_figure.then_some(key)
}

/// The decibel marks beside the rail.
#[component]
fn Ruler() -> impl IntoView {
    view! {
        <div class="fader-ruler" aria-hidden="true">
            {MARKS
                .map(|(db, percent)| {
                    view! {
                        <span class="fader-mark" style:--at=format!("{:.4}", percent / 100.0)>
                            {db}
                        </span>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// The number box between a step down and a step up. The rail leads into it, so that none of them
/// takes a place in the tab order.
#[component]
fn Entry(
    /// The fader's name.
    label: Signal<String>,
    /// The hand on the fader.
    grip: Grip,
    /// Gets every change.
    on_change: Callback<Change>,
    /// What is typed.
    typing: Typing,
    /// The box.
    node: NodeRef<html::Input>,
    /// Runs when the typing ended.
    on_done: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="fader-entry">
            <button
                type="button"
                class="fader-step"
                tabindex="-1"
                aria-label=move || format!("Lower {}", label.get())
                {..on("click", move |_: Event| grip.nudge(-1))}
            >
                "\u{2212}"
            </button>
            <NumberBox
                label=Signal::derive(move || format!("{}, percent", label.get()))
                value=Signal::derive(move || grip.shown())
                scale=Scale::PERCENT
                reader=READER
                on_change=on_change
                unit="percent"
                typing=typing
                node=node
                is_entry=true
                on_done=on_done
            />
            <button
                type="button"
                class="fader-step"
                tabindex="-1"
                aria-label=move || format!("Raise {}", label.get())
                {..on("click", move |_: Event| grip.nudge(1))}
            >
                "+"
            </button>
        </div>
    }
}

/// Percent as the fraction that style sheets compute with.
fn share(percent: i32) -> String {
    format!("{:.2}", f64::from(percent) / 100.0)
}
