//! Texts, attributes and event listeners whose closures are boxed before Leptos sees them, so that
//! controls with very many of them cost the bundle one instantiation of each kind.

use std::sync::{Arc, Mutex};

use leptos::{
    prelude::{AnyView, IntoAny},
    tachys::reactive_graph::SharedReactiveFunction,
};
use wasm_bindgen::JsCast;

use crate::view::Attribute;

/// Text that is written anew when what it reads changes.
pub fn text(write: impl FnMut() -> String + Send + 'static) -> AnyView {
    let write: SharedReactiveFunction<String> = Arc::new(Mutex::new(write));
    write.into_any()
}

/// An attribute that is written anew when what it reads changes, and absent while there is no value.
pub fn attr(name: &'static str, value: impl FnMut() -> Option<String> + 'static) -> Attribute {
    Attribute::live(name, value)
}

/// An attribute that stays as it is.
pub fn fixed(name: &'static str, value: String) -> Attribute {
    Attribute::once(name, value)
}

/// Hears an event. `E` is its type by the standard: `PointerEvent` for `pointerdown`.
pub fn on<E: JsCast + 'static>(name: &'static str, hear: impl FnMut(E) + 'static) -> Attribute {
    Attribute::on(name, hear)
}

/// The two words of a state that an attribute always tells.
pub fn truth(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}
