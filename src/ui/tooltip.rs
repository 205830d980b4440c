//! The page's one tooltip. It shows the `aria-description` of a control, the `data-tip` of anything
//! else, or a text that is cut off (`data-tip-cut`): soon after the pointer came, at once when keys
//! bring the focus. It never covers what it explains and leaves with Escape.
//!
//! One element and a few listeners serve every control; a finger has none of it, and hears and sees
//! the reason when it presses.

pub mod place;

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, DomRect, Element, Event, KeyboardEvent, PointerEvent};

use self::place::{Sides, place};
use super::decimal::decimal;
use crate::{
    reactive::{Local, NodeRef},
    view::view,
};

/// Milliseconds a pointer rests on something before it is explained.
const SOON_MS: u64 = 500;

/// Milliseconds the pointer may be elsewhere, on its way to the tooltip.
const GRACE_MS: u64 = 150;

const ID: &str = "tooltip";
const EXPLAINED: &str = "[aria-description], [data-tip], [data-tip-cut]";
const EVENTS: [&str; 8] =
    ["pointerover", "pointerdown", "focusin", "focusout", "input", "keydown", "scroll", "resize"];

#[derive(Default)]
struct State {
    /// What is explained, or will be when the timer ends.
    about: Option<Element>,
    is_shown: bool,
    timer: Option<TimeoutHandle>,
}

/// The tooltip's state. A handle: copying it copies no state.
#[derive(Clone, Copy)]
struct Tip {
    element: NodeRef<html::Div>,
    state: Local<State>,
}

/// The tooltip; stands once in the page.
#[component]
pub fn Tooltip() -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    let tip = Tip { element, state: Local::new(State::default()) };
    let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| tip.hear(&event));
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    options.set_passive(true);
    for name in EVENTS {
        let function = heard.as_ref().unchecked_ref();
        let added = window().add_event_listener_with_callback_and_add_event_listener_options(
            name, function, &options,
        );
        if added.is_err() {
            leptos::logging::warn!("no tooltip on {name}");
        }
    }
    let heard = Local::new(Some(heard));
    on_cleanup(move || {
        tip.wait(0, None);
        if let Some(heard) = heard.with(Option::take).flatten() {
            for name in EVENTS {
                let function = heard.as_ref().unchecked_ref();
                drop(window().remove_event_listener_with_callback_and_bool(name, function, true));
            }
        }
    });
    view! {
        <div class="tooltip" node_ref=element id=ID role="tooltip" hidden></div>
    }
}

impl Tip {
    fn hear(self, event: &Event) {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        match event.type_().as_str() {
            "pointerover" => {
                let event: &PointerEvent = event.unchecked_ref();
                if event.pointer_type() != "touch" {
                    self.pointer_over(target);
                }
            }
            "focusin" => {
                let by_keys = target.filter(|it| it.matches(":focus-visible").unwrap_or(false));
                if let Some(it) = by_keys.filter(|it| it.matches(EXPLAINED).unwrap_or(false)) {
                    self.show(it);
                }
            }
            // What is wrong with what is typed is explained while it is typed, as soon as it is known.
            "input" => {
                let Some(box_) = target else { return };
                self.wait(0, Some(box_));
            }
            "keydown" => {
                let event: &KeyboardEvent = event.unchecked_ref();
                if matches!(event.key().as_str(), "Escape" | "Enter" | " ") {
                    self.hide();
                }
            }
            _ => self.hide(),
        }
    }

    fn pointer_over(self, target: Option<Element>) {
        let about = target.as_ref().and_then(|it| it.closest(EXPLAINED).ok().flatten());
        let state = self.state.with(|state| (state.about == about, state.is_shown));
        let Some((same, is_shown)) = state else { return };
        let on_tip = target.is_some_and(|it| it.id() == ID);
        if on_tip || (same && is_shown) {
            // It stays as long as the pointer is on it or on what it explains.
            self.stop();
        } else if about.is_some() {
            if is_shown {
                self.hide();
            }
            if !same || is_shown {
                self.wait(SOON_MS, about);
            }
        } else if is_shown {
            self.wait(GRACE_MS, None);
        } else {
            self.hide();
        }
    }

    fn stop(self) {
        self.state.with(|state| {
            state.timer.take().iter().for_each(TimeoutHandle::clear);
        });
    }

    /// Shows after a while what `about` is about, or hides.
    fn wait(self, ms: u64, about: Option<Element>) {
        self.stop();
        let next = about.clone();
        let end = move || match next {
            Some(about) => self.show(about),
            None => self.hide(),
        };
        let timer = set_timeout_with_handle(end, Duration::from_millis(ms)).ok();
        self.state.with(|state| {
            state.timer = timer;
            if about.is_some() {
                state.about = about;
            }
        });
    }

    fn show(self, about: Element) {
        self.hide();
        let Some(element) = self.element.try_get_untracked() else { return };
        let Some(text) = text_of(&about).filter(|_| about.is_connected()) else { return };
        element.set_text_content(Some(&text));
        element.set_hidden(false);
        let size = (f64::from(element.offset_width()), f64::from(element.offset_height()));
        let (x, y) = place(sides(&about.get_bounding_client_rect()), size, window_size());
        let style = web_sys::HtmlElement::style(&element);
        for (name, px) in [("--x", x), ("--y", y)] {
            drop(style.set_property(name, &format!("{}px", decimal(px, 0))));
        }
        // Some controls say it in their name or have a description elsewhere.
        let is_named = about.get_attribute("aria-label").as_deref() == Some(text.as_str());
        if !is_named && !about.has_attribute("aria-describedby") {
            drop(about.set_attribute("aria-describedby", ID));
        }
        self.state.with(|state| {
            state.about = Some(about);
            state.is_shown = true;
        });
    }

    fn hide(self) {
        self.stop();
        let mut about = None;
        self.state.with(|state| {
            about = state.about.take().filter(|_| std::mem::take(&mut state.is_shown));
        });
        let Some(about) = about else { return };
        if about.get_attribute("aria-describedby").as_deref() == Some(ID) {
            drop(about.remove_attribute("aria-describedby"));
        }
        if let Some(element) = self.element.try_get_untracked() {
            element.set_hidden(true);
        }
    }
}

/// What there is to say of an element.
fn text_of(about: &Element) -> Option<String> {
    let said = about.get_attribute("aria-description").or_else(|| about.get_attribute("data-tip"));
    said.or_else(|| is_cut(about).then(|| about.text_content()).flatten())
        .filter(|text| !text.is_empty())
}

fn is_cut(about: &Element) -> bool {
    about.has_attribute("data-tip-cut")
        && (about.scroll_width() > about.client_width()
            || about.scroll_height() > about.client_height())
}

fn sides(rect: &DomRect) -> Sides {
    Sides { left: rect.left(), top: rect.top(), right: rect.right(), bottom: rect.bottom() }
}

fn window_size() -> (f64, f64) {
    let size = |it: Result<wasm_bindgen::JsValue, _>| it.ok().and_then(|it| it.as_f64());
    (
        size(window().inner_width()).unwrap_or_default(),
        size(window().inner_height()).unwrap_or_default(),
    )
}
