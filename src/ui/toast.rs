//! Messages that are seen and stop nobody: a failure stays until somebody closes it, the others go by
//! themselves unless a pointer or the focus is on them.
//!
//! No live region: the page has one already, the status line.

use std::time::Duration;

use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element, Event, FocusEvent, HtmlElement, KeyboardEvent};

use super::{
    Button, Look, attr, fixed,
    focus::{WayBack, focus, has_focus},
    on,
};
use crate::{
    icon::Icon,
    reactive::{For, Local, RwSignal, Show, effect},
    view::view,
};

/// Milliseconds that a note can be read.
const STAY_MS: u32 = 6000;

/// Messages at a time.
const MOST: usize = 3;

const ID: &str = "messages";

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Worth knowing; goes by itself.
    Note,
    /// Something went wrong; stays until it is closed.
    Failure,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
}

/// The messages there are. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Toasts(RwSignal<(u32, Vec<Toast>)>);

impl Toasts {
    /// None yet.
    pub fn new() -> Self {
        Self(RwSignal::new((0, Vec::new())))
    }

    /// Shows a message. One that says the same goes; so does the oldest of too many.
    pub fn show(&self, tone: Tone, text: String) {
        self.0.update(|(last, shown)| {
            *last += 1;
            add(shown, Toast { id: *last, tone, text });
        });
    }

    fn close(&self, id: u32) {
        // A timer may outlive the page it was set for.
        if self.0.try_update_untracked(|(_, shown)| shown.retain(|it| it.id != id)).is_some() {
            self.0.notify();
        }
    }
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds a message; of more than [`MOST`] the oldest note goes first, then the oldest failure.
fn add(shown: &mut Vec<Toast>, toast: Toast) {
    shown.retain(|it| (it.tone, &it.text) != (toast.tone, &toast.text));
    shown.push(toast);
    if shown.len() > MOST {
        let older = shown.split_last().map_or(&[][..], |(_, older)| older);
        let at = older.iter().position(|it| it.tone == Tone::Note).unwrap_or(0);
        shown.remove(at);
    }
}

/// What the stack and its messages share. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
struct Stack {
    toasts: Toasts,
    way_back: WayBack,
    is_aside: RwSignal<bool>,
}

impl Stack {
    fn element() -> Option<Element> {
        document().get_element_by_id(ID)
    }

    /// What has the focus is not to be covered: then the stack stands at the other end. Told between two
    /// pictures of the page, so that nobody sees it try.
    fn give_way(self) {
        self.is_aside.try_set(false);
        request_animation_frame(move || {
            let active = document().active_element().filter(|it| it.tag_name() != "BODY");
            if let (Some(stack), Some(active)) = (Self::element(), active)
                && !stack.contains(Some(&active))
                && overlap(&stack.get_bounding_client_rect(), &active.get_bounding_client_rect())
            {
                self.is_aside.try_set(true);
            }
        });
    }

    fn close(self, id: u32) {
        if let Some(stack) = Self::element().filter(|stack| has_focus(stack)) {
            match other_close(&stack) {
                Some(next) => focus(&next),
                None => {
                    self.way_back.give_back();
                }
            }
        }
        self.toasts.close(id);
    }
}

/// The messages, one above the other; absent while there are none. Stands once in the page.
#[component]
pub fn ToastStack(
    /// What is shown.
    toasts: Toasts,
    /// Milliseconds a note stays.
    #[prop(default = STAY_MS)]
    stay_ms: u32,
) -> impl IntoView {
    let stack = Stack { toasts, way_back: WayBack::new(), is_aside: RwSignal::new(false) };
    let is_empty = move || toasts.0.with(|(_, shown)| shown.is_empty());
    effect(move || {
        if !is_empty() {
            stack.give_way();
        }
    });
    let moved = [
        window_event_listener(ev::focusin, move |_| stack.give_way()),
        window_event_listener(ev::focusout, move |_| stack.give_way()),
    ];
    on_cleanup(move || moved.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        <Show when=move || !is_empty()>
            <section
                id=ID
                class="toasts"
                aria-label="Messages"
                {..attr("data-aside", move || stack.is_aside.get().then(String::new))}
                {..on("focusin", move |event: FocusEvent| stack.way_back.hear(&event))}
            >
                <ul>
                    <For
                        each=move || toasts.0.with(|(_, shown)| shown.clone())
                        key=|toast: &Toast| toast.id.to_string()
                        let:toast
                    >
                        <Message toast stay_ms stack/>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Message(toast: Toast, stay_ms: u32, stack: Stack) -> impl IntoView {
    let Toast { id, tone, text } = toast;
    let (token, icon) = match tone {
        Tone::Note => ("note", "info"),
        Tone::Failure => ("failure", "triangle"),
    };
    let (hovered, focused) = (RwSignal::new(false), RwSignal::new(false));
    if tone == Tone::Note {
        stay(stay_ms, move || hovered.get() || focused.get(), move || stack.close(id));
    }
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            stack.close(id);
        }
    };
    let name = format!("Close message: {text}");
    view! {
        <li
            class="toast"
            {..fixed("data-tone", token.to_owned())}
            {..on("pointerenter", move |_: Event| hovered.set(true))}
            {..on("pointerleave", move |_: Event| hovered.try_set(false))}
            {..on("focusin", move |_: Event| focused.set(true))}
            {..on("focusout", move |_: Event| focused.try_set(false))}
            {..on("keydown", on_key)}
        >
            <Icon name=icon/>
            <p>{text}</p>
            <Button look=Look::Icon label=name on_press=move |()| stack.close(id)>
                <Icon name="cross"/>
            </Button>
        </li>
    }
}

/// Calls `end` after `ms` milliseconds; they count anew once `is_paused` holds no more.
fn stay(ms: u32, is_paused: impl Fn() -> bool + 'static, end: impl Fn() + Copy + 'static) {
    let timer = Local::new(None::<TimeoutHandle>);
    let stop = move || {
        timer.with(|timer| timer.take().iter().for_each(TimeoutHandle::clear));
    };
    effect(move || {
        stop();
        if !is_paused() {
            timer.set(set_timeout_with_handle(end, Duration::from_millis(ms.into())).ok());
        }
    });
    on_cleanup(stop);
}

/// Another message's way to close it, for the focus to go to.
fn other_close(stack: &Element) -> Option<HtmlElement> {
    let all = stack.query_selector_all("button").ok()?;
    (0..all.length())
        .filter_map(|at| all.item(at)?.dyn_into::<HtmlElement>().ok())
        .find(|it| !has_focus(it))
}

fn overlap(one: &DomRect, other: &DomRect) -> bool {
    one.left() < other.right()
        && other.left() < one.right()
        && one.top() < other.bottom()
        && other.top() < one.bottom()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toast(id: u32, tone: Tone, text: &str) -> Toast {
        Toast { id, tone, text: text.to_owned() }
    }

    fn ids(shown: &[Toast]) -> Vec<u32> {
        shown.iter().map(|it| it.id).collect()
    }

    #[test]
    fn of_too_many_notes_go_before_failures() {
        let mut shown = Vec::new();
        for (id, tone) in [(1, Tone::Failure), (2, Tone::Note), (3, Tone::Failure)] {
            add(&mut shown, toast(id, tone, &id.to_string()));
        }
        add(&mut shown, toast(4, Tone::Failure, "4"));
        assert_eq!(ids(&shown), [1, 3, 4]);
        add(&mut shown, toast(5, Tone::Note, "5"));
        assert_eq!(ids(&shown), [3, 4, 5]);
    }

    #[test]
    fn what_is_said_twice_is_shown_once() {
        let mut shown = vec![toast(1, Tone::Failure, "no"), toast(2, Tone::Failure, "never")];
        add(&mut shown, toast(3, Tone::Failure, "no"));
        assert_eq!(ids(&shown), [2, 3]);
        add(&mut shown, toast(4, Tone::Note, "no"));
        assert_eq!(ids(&shown), [2, 3, 4]);
    }
}
