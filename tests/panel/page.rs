//! A fresh place in the page for every test, and a hand to use it with.

use js_sys::{Function, Promise};
use leptos::{mount::UnmountHandle, prelude::*, task::tick};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// Frames to wait for something: ten seconds.
const FRAMES: u32 = 600;

/// One mounted view; taken out of the page when dropped.
pub struct Page {
    root: HtmlElement,
    _mounted: Box<dyn std::any::Any>,
}

impl Page {
    /// Mounts a view.
    pub async fn mount<N, F>(view: F) -> Self
    where
        F: FnOnce() -> N + 'static,
        N: IntoView + 'static,
    {
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&root).unwrap();
        let mounted: UnmountHandle<_> = mount_to(root.clone(), view);
        tick().await;
        Self { root, _mounted: Box::new(mounted) }
    }

    /// Waits, frame by frame, until something holds.
    pub async fn until(&self, holds: impl Fn() -> bool) {
        let comes = self.comes_within(FRAMES, holds).await;
        assert!(comes, "never in {}", self.root.text_content().unwrap_or_default());
    }

    /// Whether something holds within so many frames.
    pub async fn comes_within(&self, frames: u32, holds: impl Fn() -> bool) -> bool {
        for _ in 0..frames {
            if holds() {
                return true;
            }
            let frame = Promise::new(&mut |resolve, _| {
                window().request_animation_frame(&resolve).unwrap();
            });
            JsFuture::from(frame).await.unwrap();
        }
        holds()
    }

    /// The only element that a selector finds.
    pub fn find(&self, selector: &str) -> Hand {
        let found = self.root.query_selector_all(selector).unwrap();
        assert_eq!(
            found.length(),
            1,
            "{selector} in {}",
            self.root.text_content().unwrap_or_default()
        );
        Hand { element: found.item(0).unwrap().unchecked_into() }
    }

    /// How many elements a selector finds.
    pub fn count(&self, selector: &str) -> u32 {
        self.root.query_selector_all(selector).unwrap().length()
    }

    /// All elements that a selector finds.
    pub fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length()).map(|at| found.item(at).unwrap().unchecked_into()).collect()
    }

    /// The control with this role and accessible name.
    pub fn role(&self, role: &str, name: &str) -> Hand {
        self.find(&format!("[role='{role}'][aria-label='{name}']"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.root.remove();
    }
}

/// A hand on one element.
pub struct Hand {
    pub element: HtmlElement,
}

impl Hand {
    /// One attribute, empty when absent.
    pub fn get(&self, attribute: &str) -> String {
        self.element.get_attribute(attribute).unwrap_or_default()
    }

    /// The value a slider tells.
    pub fn value(&self) -> i32 {
        self.get("aria-valuenow").parse().unwrap()
    }

    /// What stands in an input.
    pub fn text(&self) -> String {
        self.element.unchecked_ref::<HtmlInputElement>().value()
    }

    /// Presses and releases keys, one after the other.
    pub async fn keys(&self, keys: &[&str]) {
        self.element.focus().unwrap();
        for key in keys {
            self.key("keydown", key, false);
            self.key("keyup", key, false);
            tick().await;
        }
    }

    /// One event of a key.
    pub fn key(&self, kind: &str, key: &str, repeat: bool) {
        self.dispatch(
            "new KeyboardEvent(a, {key: b, repeat: c, bubbles: true, cancelable: true})",
            &[kind.into(), key.into(), repeat.into()],
        );
    }

    /// Types a text in place of what stands in an input.
    pub async fn type_text(&self, text: &str) {
        self.element.focus().unwrap();
        self.element.unchecked_ref::<HtmlInputElement>().set_value(text);
        self.dispatch("new InputEvent('input', {bubbles: true})", &[]);
        tick().await;
    }

    /// One event of the pointer, at a place in the page.
    pub async fn pointer(&self, kind: &str, x: i32, y: i32, shift: bool) {
        self.dispatch(
            "new PointerEvent(a, {clientX: b, clientY: c, shiftKey: d, pointerId: 1, button: 0, \
             bubbles: true, cancelable: true})",
            &[kind.into(), x.into(), y.into(), shift.into()],
        );
        seen(kind).await;
    }

    /// One event of a finger; the first finger is 1.
    pub async fn finger(&self, finger: i32, kind: &str, y: i32) {
        self.dispatch(
            "new PointerEvent(a, {clientX: 0, clientY: b, pointerId: c, isPrimary: c === 1, \
             pointerType: 'touch', button: 0, bubbles: true, cancelable: true})",
            &[kind.into(), y.into(), finger.into()],
        );
        seen(kind).await;
    }

    /// Any other event.
    pub async fn event(&self, kind: &str) {
        self.dispatch("new Event(a, {bubbles: true, cancelable: true})", &[kind.into()]);
        tick().await;
    }

    /// One notch of the wheel; true when the page does not scroll for it.
    pub async fn wheel(&self, delta: i32, shift: bool) -> bool {
        let taken = self.dispatch(
            "new WheelEvent('wheel', {deltaY: a, shiftKey: b, bubbles: true, cancelable: true})",
            &[delta.into(), shift.into()],
        );
        tick().await;
        taken
    }

    /// Whether this element has the focus.
    pub fn has_focus(&self) -> bool {
        document().active_element() == Some(self.element.clone().unchecked_into::<Element>())
    }

    /// Dispatches what a script makes; true when its default was prevented.
    fn dispatch(&self, script: &str, arguments: &[JsValue]) -> bool {
        let script = format!("return !el.dispatchEvent({script})");
        let function = Function::new_with_args("el,a,b,c,d", &script);
        let all = js_sys::Array::of1(&self.element);
        for argument in arguments {
            all.push(argument);
        }
        function.apply(&JsValue::NULL, &all).unwrap().is_truthy()
    }
}

/// Once the page shows what a pointer did: moves are seen in the next frame.
async fn seen(kind: &str) {
    if kind == "pointermove" {
        let frame = Promise::new(&mut |done, _| {
            window().request_animation_frame(&done).unwrap();
        });
        JsFuture::from(frame).await.unwrap();
    }
    tick().await;
}
