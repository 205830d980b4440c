//! Every control in every state, on one page: `#/kit`, in development builds only.
//!
//! Nothing here knows a call either: what a room would feed a control stands in its place.

mod buttons;
mod fields;
mod frames;
mod messages;

use leptos::{ev, prelude::*};

use crate::{
    app::notice::reload,
    icon::IconSheet,
    ui::{StatusLine, ToastStack, Tooltip},
    view::view,
};

/// The page's style, which a build for delivery does not carry.
const STYLE: &str = include_str!("kit/kit.css");

/// The address asks for this page.
pub fn is_asked() -> bool {
    window().location().hash().is_ok_and(|hash| hash.starts_with("#/kit"))
}

/// The page.
#[component]
pub fn Kit() -> impl IntoView {
    let left = window_event_listener(ev::hashchange, |_| {
        if !is_asked() {
            reload();
        }
    });
    on_cleanup(move || left.remove());
    let told = messages::Told::new();
    view! {
        <IconSheet/>
        <style>{STYLE}</style>
        <main class="kit">
            <h1>"Every control in every state"</h1>
            {buttons::all()}
            {fields::all()}
            {frames::all()}
            {messages::all(told)}
            <Tooltip/>
        </main>
        <ToastStack toasts=told.toasts stay_ms=messages::STAY_MS/>
        <StatusLine said=told.said/>
    }
}

/// One control: its name, and its states.
fn control(name: &'static str, states: Vec<AnyView>) -> AnyView {
    view! {
        <section class="kit-control" aria-labelledby=format!("kit-{name}")>
            <h2 id=format!("kit-{name}")>{name.replace('_', " ")}</h2>
            <div class="kit-states" data-control=name>
                {states}
            </div>
        </section>
    }
    .into_any()
}

/// One state, told above it.
fn state(name: &'static str, view: AnyView) -> AnyView {
    view! {
        <div class="kit-state" data-state-shown=name>
            <h3>{name}</h3>
            {view}
        </div>
    }
    .into_any()
}
