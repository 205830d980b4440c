//! What is set: combobox, search box, number box, fader, handle.

use leptos::{html, prelude::*};

use super::{control, state};
use crate::{
    reactive::{Memo, NodeRef, RwSignal, effect},
    ui::{
        Axis, Change, Choice, Combobox, Fader, Handle, NumberBox, Scale, SearchBox, TextField,
        level, number_box::Reader,
    },
    view::view,
};

/// The sections.
pub fn all() -> AnyView {
    vec![
        control("combobox", combobox()),
        control("search_box", search_box()),
        control("text_field", text_field()),
        control("number_box", number_box()),
        control("fader", fader()),
        control("handle", handle()),
    ]
    .into_any()
}

fn text_field() -> Vec<AnyView> {
    let field = |label: &'static str, words: &str| {
        let text = RwSignal::new(words.to_owned());
        view! { <TextField label text on_enter=|()| {}/> }.into_any()
    };
    let link = "https://teams.example/meet/1";
    vec![state("empty", field("Passcode", "")), state("typed", field("Meeting link", link))]
}

fn combobox() -> Vec<AnyView> {
    let choices = || {
        let all = [("", "Everyone", ""), ("a", "Ana", "own mix"), ("b", "Bo Lind", "")];
        let all = all.map(|(key, name, hint)| Choice {
            key: key.to_owned(),
            name: name.to_owned(),
            hint: hint.to_owned(),
        });
        Memo::new(move |_| all.to_vec())
    };
    let one = |name: &'static str, label: &'static str, id: &'static str, open: bool| {
        let picked = RwSignal::new(String::new());
        let frame = NodeRef::<html::Div>::new();
        effect(move || {
            let input = frame.get().and_then(|it| it.query_selector("input").ok().flatten());
            if let (true, Some(input)) = (open, input) {
                send(&input, "click");
            }
        });
        let view = view! {
            <div class="kit-choice" node_ref=frame>
                <Combobox
                    label
                    id
                    choices=choices()
                    picked=Memo::new(move |_| picked.get())
                    finds=|typed, name| name.to_lowercase().contains(&typed.to_lowercase())
                    on_pick=move |key| picked.set(key)
                />
            </div>
        };
        state(name, view.into_any())
    };
    vec![one("closed", "Listener", "kit-a", false), one("open", "Call", "kit-b", true)]
}

fn send(to: &web_sys::Element, event: &str) {
    let sent = web_sys::Event::new(event).and_then(|event| to.dispatch_event(&event));
    if sent.is_err() {
        leptos::logging::warn!("no {event} came to {}", to.tag_name());
    }
}

fn search_box() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, typed: &str| {
        let text = RwSignal::new(typed.to_owned());
        state(name, view! { <SearchBox label text/> }.into_any())
    };
    vec![one("empty", "Search participants", ""), one("typed", "Search sources", "ana")]
}

fn number_box() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, typed: Option<&str>| {
        let value = RwSignal::new(280);
        let typing = RwSignal::new(typed.map(str::to_owned));
        let reader = Reader { read: level::read_number, hint: "0 to 5000 milliseconds" };
        let view = view! {
            <div class="kit-number">
                <NumberBox
                    label=label.to_owned()
                    value=value
                    scale=Scale::RAMP_MS
                    reader
                    on_change=move |change: Change| value.set(change.value)
                    unit="milliseconds"
                    typing
                />
            </div>
        };
        state(name, view.into_any())
    };
    vec![
        one("a number", "Ramp active", None),
        one("being typed", "Ramp inactive", Some("64")),
        one("a mistake", "Ramp mistaken", Some("soon")),
    ]
}

fn fader() -> Vec<AnyView> {
    let one =
        |name: &'static str, label: &'static str, (at, was): (i32, i32), note: &'static str| {
            let value = RwSignal::new(at);
            let frame = NodeRef::<html::Div>::new();
            effect(move || {
                // Held looks so as long as a hand is on it; here there is none.
                let fader = frame.get().and_then(|it| it.query_selector(".fader").ok().flatten());
                if let (true, Some(fader)) = (name == "held", fader) {
                    drop(fader.set_attribute("data-held", "true"));
                }
            });
            let view = view! {
                <div class="kit-fader" node_ref=frame>
                    <Fader
                        label=label.to_owned()
                        value=value
                        confirmed=RwSignal::new(was)
                        note=note.to_owned()
                        on_change=move |change: Change| value.set(change.value)
                    />
                </div>
            };
            state(name, view.into_any())
        };
    vec![
        one("neutral", "Ana level for Everyone", (100, 100), ""),
        one("pending", "Bo level for Everyone", (40, 70), ""),
        one("held", "Chen level for Everyone", (55, 55), ""),
        one("silent", "Dara level for Everyone", (0, 0), ""),
        one("muted", "Eve level for Everyone", (80, 80), "muted"),
    ]
}

fn handle() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, axis: Axis| {
        let value = RwSignal::new(40);
        let share = move || f64::from(value.get()) / 100.0;
        let is_across = axis == Axis::Horizontal;
        let view = view! {
            <div class="kit-drawing">
                <Handle
                    label
                    axis
                    scale=Scale::PERCENT
                    limits=RwSignal::new((0, 100))
                    value=value
                    words=level::in_words
                    figure=|value: i32| format!("{value} %")
                    x=Signal::derive(move || if is_across { share() } else { 0.5 })
                    y=Signal::derive(move || if is_across { 0.5 } else { share() })
                    travel_px=move |()| if is_across { 256.0 } else { 160.0 }
                    on_change=move |change: Change| value.set(change.value)
                />
            </div>
        };
        state(name, view.into_any())
    };
    vec![
        one("upright", "Lower level", Axis::Vertical),
        one("sideways", "Ramp active handle", Axis::Horizontal),
    ]
}
