//! A box to type a number into: `spinbutton`. Typing is the operator's own until Enter or leaving the
//! box; Escape puts back what was there.

use leptos::{ev::KeyboardEvent, html, prelude::*};

use web_sys::Event;

use super::{
    attr, fixed,
    grip::{Change, Scale},
    on,
};
use crate::{
    reactive::{NodeRef, RwSignal, Signal},
    view::view,
};

/// What can be typed into a box.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Reads a value; none is a mistake.
    pub read: fn(&str) -> Option<i32>,
    /// What may be typed, shown with a mistake.
    pub hint: &'static str,
}

/// The text in a box while it is being typed; kept outside so that another control can begin it.
pub type Typing = RwSignal<Option<String>>;

/// A number box.
#[component]
pub fn NumberBox(
    /// Its accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// The value.
    #[prop(into)]
    value: Signal<i32>,
    /// The numbers it goes through.
    scale: Scale,
    /// How typed text is read.
    reader: Reader,
    /// Gets the new value.
    #[prop(into)]
    on_change: Callback<Change>,
    /// The unit in words, for screen readers.
    unit: &'static str,
    /// The typed text, when another control may begin it.
    #[prop(optional)]
    typing: Option<Typing>,
    /// The element, when another control may focus it.
    #[prop(optional)]
    node: Option<NodeRef<html::Input>>,
    /// Left out of the tab order, when another control leads into it.
    #[prop(optional)]
    is_entry: bool,
    /// Runs when Enter or Escape ended the typing.
    #[prop(optional, into)]
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let typing = typing.unwrap_or_else(|| RwSignal::new(None));
    let node = node.unwrap_or_default();
    let is_wrong =
        move || typing.with(|text| text.as_ref().is_some_and(|text| (reader.read)(text).is_none()));
    // True when there was nothing to read, or it could be read.
    let commit = move || {
        // Taken out of the page, the box loses the focus after its state is gone.
        let Some(text) = typing.try_get_untracked().flatten() else { return true };
        let Some(number) = (reader.read)(&text) else { return false };
        typing.set(None);
        let number = number.clamp(scale.min, scale.max);
        if number != value.get_untracked() {
            on_change.run(Change::once(number));
        }
        true
    };
    let done = move || {
        if let Some(on_done) = on_done {
            on_done.run(());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        match key.as_str() {
            "Enter" => {
                event.prevent_default();
                if commit() {
                    done();
                }
            }
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                typing.set(None);
                done();
            }
            "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown" => {
                event.prevent_default();
                if !commit() {
                    return;
                }
                if let Some(next) = scale.by_key(&key, value.get_untracked()) {
                    on_change.run(Change::once(next.clamp(scale.min, scale.max)));
                }
            }
            _ => {}
        }
    };
    let on_blur = move |_: Event| {
        if !commit() {
            typing.set(None);
        }
    };
    view! {
        <input
            class="number-box"
            type="text"
            role="spinbutton"
            autocomplete="off"
            spellcheck="false"
            node_ref=node
            tabindex=if is_entry { "-1" } else { "0" }
            aria-label=move || label.get()
            {..fixed("inputmode", "decimal".to_owned())}
            {..fixed("aria-valuemin", scale.min.to_string())}
            {..fixed("aria-valuemax", scale.max.to_string())}
            {..attr("aria-valuenow", move || Some(value.get().to_string()))}
            {..attr("aria-valuetext", move || Some(format!("{} {unit}", value.get())))}
            {..attr("aria-invalid", move || is_wrong().then(|| "true".to_owned()))}
            {..attr("aria-description", move || is_wrong().then(|| reader.hint.to_owned()))}
            prop:value=move || typing.get().unwrap_or_else(|| value.get().to_string())
            {..on("input", move |event: Event| typing.set(Some(event_target_value(&event))))}
            {..on("keydown", on_key)}
            {..on("blur", on_blur)}
        />
    }
}
