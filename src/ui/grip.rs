//! How a control is moved by hand: pointer, keys, wheel. Shared by faders and curve handles.
//!
//! A gesture is one drag, one held key or one click. While it lasts the control shows the hand's
//! value; Escape during a drag puts back what was there before.

use leptos::{
    ev::{KeyboardEvent, PointerEvent, WheelEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::drag::{Drag, whole};
use crate::reactive::RwSignal;

/// Which way the value grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Upward.
    Vertical,
    /// To the right.
    Horizontal,
}

impl Axis {
    /// The word for `aria-orientation`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vertical => "vertical",
            Self::Horizontal => "horizontal",
        }
    }
}

/// The whole numbers a control goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Lowest value.
    pub min: i32,
    /// Highest value.
    pub max: i32,
    /// What an arrow key moves.
    pub step: i32,
    /// What a page key moves.
    pub page: i32,
}

impl Scale {
    /// Levels: 0 to 100 percent by 1 and 10.
    pub const PERCENT: Self = Self { min: 0, max: 100, step: 1, page: 10 };
    /// Ramps: 0 to 5,000 milliseconds by 10 and 100.
    pub const RAMP_MS: Self = Self { min: 0, max: 5000, step: 10, page: 100 };

    /// Where a key leads from `value`, or none for a key that moves nothing.
    pub fn by_key(self, key: &str, value: i32) -> Option<i32> {
        Some(match key {
            "ArrowUp" | "ArrowRight" => value.saturating_add(self.step),
            "ArrowDown" | "ArrowLeft" => value.saturating_sub(self.step),
            "PageUp" => value.saturating_add(self.page),
            "PageDown" => value.saturating_sub(self.page),
            "Home" => self.min,
            "End" => self.max,
            _ => return None,
        })
    }
}

/// One change of a gesture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The new value.
    pub value: i32,
    /// The first change of the gesture.
    pub begins: bool,
    /// The control was let go; the value may be the same as before.
    pub ends: bool,
}

impl Change {
    /// A gesture of one change.
    pub fn once(value: i32) -> Self {
        Self { value, begins: true, ends: true }
    }
}

#[derive(Debug, Clone, Copy)]
struct Held {
    /// The drag and its pointer; none while a key is held.
    pointer: Option<(i32, Drag)>,
    before: i32,
    value: i32,
    has_changed: bool,
}

/// The hand on one control.
#[derive(Debug, Clone, Copy)]
pub struct Grip {
    axis: Axis,
    scale: Scale,
    value: Signal<i32>,
    limits: Signal<(i32, i32)>,
    /// Length of the whole scale on the screen, in pixels.
    travel_px: Callback<(), f64>,
    on_change: Callback<Change>,
    held: RwSignal<Option<Held>>,
}

impl Grip {
    /// A grip on a control that stands at `value`. `limits` narrow the scale, for example where one
    /// value may not pass another.
    pub fn new(
        axis: Axis,
        scale: Scale,
        value: Signal<i32>,
        limits: Signal<(i32, i32)>,
        travel_px: Callback<(), f64>,
        on_change: Callback<Change>,
    ) -> Self {
        let held = RwSignal::new(None);
        let grip = Self { axis, scale, value, limits, travel_px, on_change, held };
        // A control that goes away in mid-gesture is let go.
        on_cleanup(move || grip.let_go());
        grip
    }

    /// What the control shows: the hand's value while it is held.
    pub fn shown(&self) -> i32 {
        self.held.get().map_or_else(|| self.value.get(), |held| held.value)
    }

    /// Somebody holds it.
    pub fn is_held(&self) -> bool {
        self.held.with(Option::is_some)
    }

    /// A pointer holds it now.
    pub fn is_dragged_untracked(&self) -> bool {
        self.held.try_get_untracked().flatten().is_some_and(|held| held.pointer.is_some())
    }

    /// Sets a value at once.
    pub fn put(&self, value: i32) {
        let value = self.clamp(value);
        self.on_change.run(Change::once(value));
    }

    /// Moves by so much at once.
    pub fn nudge(&self, by: i32) {
        self.put(self.value.get_untracked().saturating_add(by));
    }

    /// `pointerdown`.
    pub fn pointer_down(&self, event: &PointerEvent) {
        if event.button() != 0 || self.held.with_untracked(Option::is_some) {
            return;
        }
        if let Some(element) = element(event) {
            // Where there is nothing to capture the pointer is gone, and no move will come.
            drop(element.set_pointer_capture(event.pointer_id()));
            drop(element.focus());
        }
        let travel = self.travel_px.run(()).max(1.0);
        let per_px = f64::from(self.scale.max - self.scale.min) / travel;
        let value = self.value.get_untracked();
        let drag = Drag::new(self.position(event), value, per_px, event.shift_key());
        self.held.set(Some(Held {
            pointer: Some((event.pointer_id(), drag)),
            before: value,
            value,
            has_changed: false,
        }));
    }

    /// `pointermove`.
    pub fn pointer_move(&self, event: &PointerEvent) {
        let Some(mut held) = self.held.get_untracked() else { return };
        let Some((id, drag)) = &mut held.pointer else { return };
        if *id != event.pointer_id() {
            return;
        }
        let limits = self.limits.get_untracked();
        let value = drag
            .to(self.position(event), event.shift_key(), limits)
            .map_or(held.value, |value| whole(value, limits));
        let begins = value != held.value && !held.has_changed;
        let moves = value != held.value;
        held.value = value;
        held.has_changed |= moves;
        self.held.set(Some(held));
        if moves {
            self.on_change.run(Change { value, begins, ends: false });
        }
    }

    /// `pointerup`, `pointercancel` and `lostpointercapture`: all of them let go.
    pub fn pointer_up(&self, event: &PointerEvent) {
        // The browser says so too when the control is taken out of the page, after its state is gone.
        let held = self.held.try_get_untracked().flatten();
        let pointer = held.and_then(|held| held.pointer);
        if pointer.is_some_and(|(id, _)| id == event.pointer_id()) {
            self.let_go();
        }
    }

    /// `keydown`; true when the key was one of ours.
    pub fn key_down(&self, event: &KeyboardEvent) -> bool {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return false;
        }
        let key = event.key();
        let held = self.held.get_untracked();
        if let Some(held) = held.filter(|held| held.pointer.is_some()) {
            let is_escape = key == "Escape";
            if is_escape {
                self.held.set(None);
                if held.has_changed {
                    let value = held.before;
                    self.on_change.run(Change { value, begins: false, ends: true });
                }
            }
            // Two hands on one control: the pointer's wins.
            if is_escape || self.scale.by_key(&key, 0).is_some() {
                event.prevent_default();
                event.stop_propagation();
            }
            return is_escape;
        }
        let from = held.map_or_else(|| self.value.get_untracked(), |held| held.value);
        let Some(value) = self.scale.by_key(&key, from).map(|value| self.clamp(value)) else {
            return false;
        };
        event.prevent_default();
        if event.repeat() {
            let before = held.map_or(from, |held| held.before);
            self.held.set(Some(Held { pointer: None, before, value, has_changed: true }));
            if value != from {
                self.on_change.run(Change { value, begins: false, ends: false });
            }
        } else if value != from {
            self.on_change.run(Change::once(value));
        }
        true
    }

    /// `keyup` and `blur`: a held key is let go.
    pub fn key_up(&self) {
        // A control that is taken out of the page loses the focus after its state is gone.
        let held = self.held.try_get_untracked().flatten();
        if held.is_some_and(|held| held.pointer.is_none()) {
            self.let_go();
        }
    }

    /// `wheel`: moves the control only while it has the focus, so that a page scrolled past it
    /// changes nothing.
    pub fn wheel(&self, event: &WheelEvent) {
        let has_focus = element(event).is_some_and(|element| {
            document().active_element().is_some_and(|active| active == *element)
        });
        if !has_focus || event.ctrl_key() {
            return;
        }
        event.prevent_default();
        // With Shift some browsers report a vertical wheel as a horizontal one.
        let way = if event.delta_y() == 0.0 { event.delta_x() } else { event.delta_y() };
        if way == 0.0 || self.held.with_untracked(Option::is_some) {
            return;
        }
        let by = if event.shift_key() { self.scale.step * 5 } else { self.scale.step };
        self.nudge(if way < 0.0 { by } else { -by });
    }

    fn let_go(&self) {
        let held = self.held.try_get_untracked().flatten();
        let Some(held) = held else { return };
        // While a control goes away there may be nobody left to tell.
        self.held.try_set(None);
        if held.has_changed {
            self.on_change.try_run(Change { value: held.value, begins: false, ends: true });
        }
    }

    fn clamp(&self, value: i32) -> i32 {
        let (min, max) = self.limits.get_untracked();
        value.clamp(min, max.max(min))
    }

    fn position(&self, event: &PointerEvent) -> f64 {
        match self.axis {
            Axis::Vertical => -f64::from(event.client_y()),
            Axis::Horizontal => f64::from(event.client_x()),
        }
    }
}

fn element(event: &web_sys::Event) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_where_the_slider_pattern_says() {
        for (key, value) in [
            ("ArrowUp", 41),
            ("ArrowRight", 41),
            ("ArrowDown", 39),
            ("ArrowLeft", 39),
            ("PageUp", 50),
            ("PageDown", 30),
            ("Home", 0),
            ("End", 100),
        ] {
            assert_eq!(Scale::PERCENT.by_key(key, 40), Some(value), "{key}");
        }
        assert_eq!(Scale::PERCENT.by_key("a", 40), None);
        assert_eq!(Scale::RAMP_MS.by_key("PageDown", 280), Some(180));
    }
}
