//! Texts, attributes and event listeners whose closures are boxed before Leptos sees them, so that
//! controls with very many of them cost the bundle one instantiation of each kind.

use std::sync::{Arc, Mutex};

use leptos::{
    ev::Custom,
    prelude::{AnyView, IntoAny},
    tachys::{
        html::{
            attribute::{
                any_attribute::{AnyAttribute, IntoAnyAttribute},
                custom::custom_attribute,
            },
            event,
        },
        reactive_graph::SharedReactiveFunction,
    },
};
use wasm_bindgen::JsCast;
use web_sys::Event;

/// Text that is written anew when what it reads changes.
pub fn text(write: impl FnMut() -> String + Send + 'static) -> AnyView {
    let write: SharedReactiveFunction<String> = Arc::new(Mutex::new(write));
    write.into_any()
}

/// An attribute that is written anew when what it reads changes, and absent while there is no value.
pub fn attr(
    name: &'static str,
    value: impl FnMut() -> Option<String> + Send + 'static,
) -> AnyAttribute {
    written(name, Arc::new(Mutex::new(value)))
}

#[inline(never)]
fn written(name: &'static str, value: SharedReactiveFunction<Option<String>>) -> AnyAttribute {
    custom_attribute(name, value).into_any_attr()
}

/// An attribute that stays as it is.
#[inline(never)]
pub fn fixed(name: &'static str, value: String) -> AnyAttribute {
    custom_attribute(name, value).into_any_attr()
}

/// Hears an event. `E` is its type by the standard: `PointerEvent` for `pointerdown`.
pub fn on<E: JsCast + 'static>(
    name: &'static str,
    mut hear: impl FnMut(E) + 'static,
) -> AnyAttribute {
    listener(name, Box::new(move |event| hear(event.unchecked_into())))
}

#[inline(never)]
fn listener(name: &'static str, hear: Box<dyn FnMut(Event)>) -> AnyAttribute {
    event::on(Custom::<Event>::new(name), hear).into_any_attr()
}

/// The two words of a state that an attribute always tells.
pub fn truth(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}
