//! What is pressed: button, toggle, switch, filter button, mute button.

use leptos::prelude::*;

use super::{control, state};
use crate::{
    icon::Icon,
    reactive::{Memo, RwSignal, Signal},
    ui::{Button, FilterButton, Locked, Look, Mute, MuteButton, Switch, Toggle, Wish},
    view::view,
};

/// The sections.
pub fn all() -> AnyView {
    vec![
        control("button", button()),
        control("toggle", toggle()),
        control("switch", switch()),
        control("filter_button", filter_button()),
        control("mute_button", mute_button()),
        control("locked", locked()),
    ]
    .into_any()
}

fn button() -> Vec<AnyView> {
    let looks = [("plain", Look::Plain, "Send now"), ("primary", Look::Primary, "Mute all others")];
    let mut states: Vec<_> = looks
        .into_iter()
        .map(|(name, look, words)| {
            state(name, view! { <Button look on_press=|()| {}>{words}</Button> }.into_any())
        })
        .collect();
    states.push(state(
        "icon",
        view! {
            <Button look=Look::Icon label="Copy the request body" on_press=|()| {}>
                <Icon name="copy"/>
            </Button>
        }
        .into_any(),
    ));
    for (name, look, words) in [
        ("plain, hindered", Look::Plain, "Sort"),
        ("primary, hindered", Look::Primary, "Mute nobody"),
    ] {
        let why = Signal::stored(Some("Why it cannot be pressed"));
        let view = view! { <Button look on_press=|()| {} hindrance=why>{words}</Button> };
        states.push(state(name, view.into_any()));
    }
    states
}

fn toggle() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, on: bool| {
        let is_on = RwSignal::new(on);
        let view = view! {
            <Toggle label is_on=Signal::from(is_on) on_toggle=move |on| is_on.set(on)>
                "Ducks"
            </Toggle>
        };
        state(name, view.into_any())
    };
    let me = RwSignal::new(true);
    let icon = view! {
        <Toggle label="This is me: Ana" is_on=Signal::from(me) on_toggle=move |on| me.set(on)>
            <Icon name="me"/>
        </Toggle>
    };
    vec![
        one("up", "Ana ducks others", false),
        one("down", "Bo ducks others", true),
        state("a symbol", icon.into_any()),
    ]
}

fn switch() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, on: bool| {
        let is_on = RwSignal::new(on);
        let state_of = Memo::new(move |_| is_on.get());
        let view = view! { <Switch label is_on=state_of on_toggle=move |on| is_on.set(on)/> };
        state(name, view.into_any())
    };
    vec![one("off", "Exclusive", false), one("on", "Ducking", true)]
}

fn locked() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, why: Option<&'static str>| {
        let is_on = RwSignal::new(true);
        let view = view! {
            <Locked why=Signal::stored(why)>
                <Toggle label is_on=Signal::from(is_on) on_toggle=move |on| is_on.set(on)>
                    "Ducks"
                </Toggle>
            </Locked>
        };
        state(name, view.into_any())
    };
    vec![
        one("open", "Gil ducks others", None),
        one("shut", "Hal ducks others", Some("takes a producer")),
    ]
}

fn filter_button() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, on: bool, n: usize| {
        let is_on = RwSignal::new(on);
        let state_of = Memo::new(move |_| is_on.get());
        let count = Memo::new(move |_| n);
        let view =
            view! { <FilterButton label count is_on=state_of on_toggle=move |on| is_on.set(on)/> };
        state(name, view.into_any())
    };
    vec![
        one("off", "Open mics", false, 12),
        one("on", "Muted", true, 31),
        one("nobody", "Failed", false, 0),
    ]
}

fn mute_button() -> Vec<AnyView> {
    let live = Mute::default();
    let muted = Mute { is_muted: true, ..live };
    let only_they = Some("already muted here; only they can unmute themselves");
    [
        ("live", "Ana", live),
        ("muted by themselves", "Bo", muted),
        ("muted from here", "Chen", Mute { hindrance: only_they, ..muted }),
        ("pending", "Dara", Mute { wish: Wish::Pending, ..live }),
        ("failed", "Eve", Mute { wish: Wish::Failed, ..live }),
        ("cannot be muted", "Fay", Mute { hindrance: Some("left the call"), ..live }),
        ("the app, live", "Foldback", Mute { opens: true, ..live }),
        ("the app, muted", "Foldback", Mute { opens: true, ..muted }),
    ]
    .into_iter()
    .map(|(name, person, mute)| {
        let mute = Memo::new(move |_| mute);
        let view = view! { <MuteButton name=person.to_owned() mute on_press=|()| {}/> };
        state(name, view.into_any())
    })
    .collect()
}
