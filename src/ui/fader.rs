//! A vertical fader from 0 to 100 percent, with a decibel ruler, a number box and buttons for those
//! who cannot drag.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use web_sys::Event;

use super::{
    attr,
    decimal::decimal,
    fixed,
    grip::{Axis, Change, Grip, Scale, Taper},
    level,
    number_box::{NumberBox, Reader, Typing},
    on, text,
};
use crate::{
    reactive::{NodeRef, RwSignal, Signal},
    view::view,
};

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
    /// How levels spread over the travel; the level itself does not change with it.
    #[prop(into, optional)]
    taper: Signal<Taper>,
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
    let grip =
        Grip::new(Axis::Vertical, Scale::PERCENT, value, limits, travel, on_change).tapered(taper);
    let on_key = move |event: KeyboardEvent| {
        // Two hands on one fader: the pointer's wins.
        if grip.is_held_untracked() {
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
    view! {
        <div
            class="fader"
            data-travel=move || taper.get().word()
            data-held=move || grip.is_held().then_some("true")
            data-pending=move || (grip.shown() != confirmed.get()).then_some("true")
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
                    style:--level=move || place(grip.shown(), taper.get())
                    style:--ghost=move || place(confirmed.get(), taper.get())
                    {..grip.hears("pointerdown", Grip::pointer_down)}
                    {..grip.hears("pointermove", Grip::pointer_move)}
                    {..grip.hears("pointerup", Grip::pointer_up)}
                    {..grip.hears("pointercancel", Grip::pointer_up)}
                    {..grip.hears("lostpointercapture", Grip::pointer_up)}
                    {..grip.hears("keydown", Grip::key_down)}
                    {..grip.hears("keyup", Grip::key_up)}
                    {..grip.hears("blur", Grip::key_up)}
                    {..grip.hears("wheel", Grip::wheel)}
                    {..on("keydown", on_key)}
                    {..on("dblclick", move |_: Event| grip.put(RESET))}
                >
                    <span class="fader-slot"></span>
                    <span class="fader-fill"></span>
                    <span class="fader-ghost"></span>
                    <span class="fader-cap" node_ref=cap></span>
                </div>
                // The style sheet knows their places, on either travel.
                <div class="fader-ruler" aria-hidden="true">
                    <span>"0"</span>
                    <span>"3"</span>
                    <span>"6"</span>
                    <span>"10"</span>
                    <span>"20"</span>
                    <span>"∞"</span>
                </div>
            </div>
            <Entry label=label grip=grip on_change=on_change typing=typing node=entry on_done=back/>
            <p class="fader-db" data-tip="if linear gain" aria-hidden="true">
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
            {step(grip, label, "Lower", "\u{2212}", -1)}
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
            {step(grip, label, "Raise", "+", 1)}
        </div>
    }
}

/// A button that moves the fader by so much.
fn step(
    grip: Grip,
    label: Signal<String>,
    verb: &'static str,
    sign: &'static str,
    by: i32,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="fader-step"
            tabindex="-1"
            {..attr("aria-label", move || Some(format!("{verb} {}", label.get())))}
            {..on("click", move |_: Event| grip.nudge(by))}
        >
            {sign}
        </button>
    }
}

/// Where a level lies on the travel, as the fraction that style sheets compute with.
fn place(percent: i32, taper: Taper) -> String {
    let place = taper.place(f64::from(percent) / 100.0);
    decimal(place, if taper == Taper::Linear { 2 } else { 4 })
}
