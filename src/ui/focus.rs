//! Where the focus came from, so that a part of the page that goes can give it back.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, FocusOptions, HtmlElement, Node};

use crate::reactive::Local;

/// The element that had the focus before it came into a part of the page. A handle.
#[derive(Debug, Clone, Copy)]
pub struct WayBack(Local<Option<HtmlElement>>);

impl WayBack {
    /// Knows no way yet.
    pub fn new() -> Self {
        Self(Local::new(None))
    }

    /// Remembers whoever has the focus now, unless nobody has it.
    pub fn remember(&self) {
        self.keep(document().active_element());
    }

    /// Hears `focusin` of the part.
    pub fn hear(&self, event: &FocusEvent) {
        let part = event.current_target().and_then(|part| part.dyn_into::<Node>().ok());
        let from = event.related_target().and_then(|from| from.dyn_into::<Element>().ok());
        // Within the part it only goes from one control to the next.
        self.keep(from.filter(|from| part.is_some_and(|part| !part.contains(Some(from)))));
    }

    fn keep(&self, from: Option<Element>) {
        let from = from.filter(|from| from.tag_name() != "BODY");
        if let Some(from) = from.and_then(|from| from.dyn_into::<HtmlElement>().ok()) {
            self.0.set(Some(from));
        }
    }

    /// Gives the focus back, if who had it still stands in the page, and tells whether it does.
    pub fn give_back(&self) -> bool {
        let to = self.0.get().flatten().filter(|to| to.is_connected());
        if let Some(to) = &to {
            focus(to);
        }
        to.is_some()
    }
}

impl Default for WayBack {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives an element the focus without scrolling to it.
pub fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if element.focus_with_options(&options).is_err() {
        leptos::logging::warn!("an element did not take the focus");
    }
}

/// Whether a part of the page has the focus.
pub fn has_focus(part: &Node) -> bool {
    part.contains(document().active_element().as_deref())
}
