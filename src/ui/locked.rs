//! Controls that are seen and cannot be used, with the reason: what is in it keeps its place, its values
//! and its focus, and hears neither pointer nor keys.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, KeyboardEvent};

use super::attr;
use crate::{
    reactive::{Local, NodeRef, Signal, effect},
    view::view,
};

/// What a control could be moved by.
const EVENTS: [&str; 6] = ["pointerdown", "click", "dblclick", "keydown", "beforeinput", "wheel"];

type Listener = Closure<dyn FnMut(Event)>;

/// Its children, usable while there is no reason why not. It takes no part in the layout.
#[component]
pub fn Locked(
    /// Why they cannot be used.
    #[prop(into)]
    why: Signal<Option<&'static str>>,
    /// The controls.
    children: Children,
) -> impl IntoView {
    let lock = NodeRef::<html::Div>::new();
    let listener = Local::new(None::<Listener>);
    effect(move || {
        let Some(lock) = lock.get() else { return };
        let hear = Listener::new(move |event: Event| {
            if why.get_untracked().is_some() {
                hold_back(&event);
            }
        });
        for name in EVENTS {
            // On the way down, before any control hears of it.
            let target: &web_sys::EventTarget = lock.as_ref();
            drop(target.add_event_listener_with_callback_and_bool(
                name,
                hear.as_ref().unchecked_ref(),
                true,
            ));
        }
        listener.set(Some(hear));
    });
    view! {
        <div
            node_ref=lock
            class="locked"
            {..attr("role", move || why.get().map(|_| "group".to_owned()))}
            {..attr("aria-disabled", move || why.get().map(|_| "true".to_owned()))}
            {..attr("aria-description", move || why.get().map(str::to_owned))}
        >
            {children()}
        </div>
    }
}

fn hold_back(event: &Event) {
    match event.type_().as_str() {
        // The page still scrolls, and the focus still comes.
        "pointerdown" | "wheel" => {}
        "keydown" if is_elsewhere(event.unchecked_ref()) => return,
        _ => event.prevent_default(),
    }
    event.stop_propagation();
}

/// A key that moves no control: the way through the page, and the keys of the page.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let is_letter =
        key.len() == 1 && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '?');
    let is_with_others = event.ctrl_key() || event.meta_key() || event.alt_key();
    is_letter || is_with_others || matches!(key.as_str(), "Tab" | "Escape" | "Shift")
}
