//! How a control is moved by hand: pointer, keys, wheel. Shared by faders and curve handles.
//!
//! A gesture is one drag, one held key or one click. While it lasts the control shows the hand's
//! value; Escape during a drag puts back what was there before. A second finger on the control makes
//! a drag as fine as Shift does. However many moves of the pointer arrive in a frame, the control moves
//! once, in that frame.

mod scale;
mod taper;

use leptos::{
    ev::{KeyboardEvent, PointerEvent, WheelEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

pub use scale::{Axis, Scale};
pub use taper::Taper;

use super::{
    drag::{Drag, whole},
    on,
};
use crate::{
    reactive::{RwSignal, Signal},
    view::Attribute,
};

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
    /// The second finger.
    second: Option<i32>,
    before: i32,
    value: i32,
    has_changed: bool,
}

/// Where the pointer is, and whether it moves finely.
#[derive(Debug, Clone, Copy)]
struct Moved {
    px: f64,
    is_fine: bool,
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
    /// The newest move of the pointer, until the frame is drawn.
    moved: StoredValue<Option<Moved>>,
    /// Told while a pointer holds the control.
    is_dragged: Option<RwSignal<bool>>,
    /// How values spread over the travel.
    taper: Option<Signal<Taper>>,
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
        let grip = Self {
            axis,
            scale,
            value,
            limits,
            travel_px,
            on_change,
            held,
            moved: StoredValue::new(None),
            is_dragged: None,
            taper: None,
        };
        // A control that goes away in mid-gesture is let go.
        on_cleanup(move || grip.let_go());
        grip
    }

    /// The same, telling `is_dragged` while a pointer holds the control.
    #[must_use]
    pub fn telling(self, is_dragged: Option<RwSignal<bool>>) -> Self {
        Self { is_dragged, ..self }
    }

    /// The same, with values spread over the travel as `taper` says.
    #[must_use]
    pub fn tapered(self, taper: Signal<Taper>) -> Self {
        Self { taper: Some(taper), ..self }
    }

    /// Hears an event of the element that is taken hold of.
    #[inline(never)]
    pub fn hears(self, name: &'static str, hear: fn(&Self, &Event)) -> Attribute {
        on(name, move |event| hear(&self, &event))
    }

    /// What the control shows: the hand's value while it is held.
    pub fn shown(&self) -> i32 {
        self.held.get().map_or_else(|| self.value.get(), |held| held.value)
    }

    /// Somebody holds it.
    pub fn is_held(&self) -> bool {
        self.held.with(Option::is_some)
    }

    /// Somebody holds it now.
    pub fn is_held_untracked(&self) -> bool {
        self.held.with_untracked(Option::is_some)
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

    /// `pointerdown`; of a second finger while the first one holds the control.
    pub fn pointer_down(&self, event: &Event) {
        let event: &PointerEvent = event.unchecked_ref();
        let held = self.held.get_untracked();
        let id = event.pointer_id();
        if event.button() != 0 || held.is_some_and(|held| held.pointer.is_none()) {
            return;
        }
        if let Some(element) = element(event) {
            // Where there is nothing to capture the pointer is gone, and no move will come.
            drop(element.set_pointer_capture(id));
            drop(element.focus());
        }
        if let Some(held) = held {
            self.held.set(Some(Held { second: held.second.or(Some(id)), ..held }));
            return;
        }
        // First, because what is held still is measured next.
        if let Some(is_dragged) = self.is_dragged {
            is_dragged.set(true);
        }
        let travel = self.travel_px.run(()).max(1.0);
        let per_px = f64::from(self.scale.max - self.scale.min) / travel;
        let value = self.value.get_untracked();
        let drag = Drag::new(self.position(event), self.place(value), per_px, event.shift_key());
        self.held.set(Some(Held {
            pointer: Some((id, drag)),
            second: None,
            before: value,
            value,
            has_changed: false,
        }));
    }

    /// `pointermove`.
    pub fn pointer_move(&self, event: &Event) {
        let event: &PointerEvent = event.unchecked_ref();
        let Some(held) = self.held.get_untracked() else { return };
        if held.pointer.is_none_or(|(id, _)| id != event.pointer_id()) {
            return;
        }
        let is_fine = event.shift_key() || held.second.is_some();
        let newest = Some(Moved { px: self.position(event), is_fine });
        let mut before = None;
        self.moved.update_value(|moved| before = std::mem::replace(moved, newest));
        if before.is_none() {
            let grip = *self;
            request_animation_frame(move || grip.follow());
        }
    }

    /// Goes where the pointer is.
    fn follow(&self) {
        // The control may be gone by now, or let go.
        let moved = self.moved.try_update_value(Option::take).flatten();
        let held = self.held.try_get_untracked().flatten();
        let (Some(Moved { px, is_fine }), Some(mut held)) = (moved, held) else { return };
        let Some((_, drag)) = &mut held.pointer else { return };
        let limits = self.limits.get_untracked();
        let places = (self.place(limits.0), self.place(limits.1));
        let value = drag
            .to(px, is_fine, places)
            .map_or(held.value, |place| whole(self.value_at(place), limits));
        if value == held.value {
            // Nothing is seen of it.
            self.held.try_update_untracked(|it| *it = Some(held));
            return;
        }
        let begins = !held.has_changed;
        held.value = value;
        held.has_changed = true;
        self.held.set(Some(held));
        self.on_change.run(Change { value, begins, ends: false });
    }

    /// `pointerup`, `pointercancel` and `lostpointercapture`: all of them let go.
    pub fn pointer_up(&self, event: &Event) {
        let event: &PointerEvent = event.unchecked_ref();
        self.follow();
        // The browser says so too when the control is taken out of the page, after its state is gone.
        let Some(held) = self.held.try_get_untracked().flatten() else { return };
        let id = Some(event.pointer_id());
        if held.pointer.map(|(id, _)| id) == id {
            self.let_go();
        } else if held.second == id {
            self.held.set(Some(Held { second: None, ..held }));
        }
    }

    /// `keydown`; a key that is one of ours does nothing else.
    pub fn key_down(&self, event: &Event) {
        let event: &KeyboardEvent = event.unchecked_ref();
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        let held = self.held.get_untracked();
        if let Some(held) = held.filter(|held| held.pointer.is_some()) {
            // Two hands on one control: the pointer's wins.
            event.prevent_default();
            event.stop_propagation();
            if key == "Escape" {
                self.end(held.before, held.has_changed);
            }
            return;
        }
        let from = held.map_or_else(|| self.value.get_untracked(), |held| held.value);
        let Some(value) = self.scale.by_key(&key, from).map(|value| self.clamp(value)) else {
            return;
        };
        event.prevent_default();
        if event.repeat() {
            let before = held.map_or(from, |held| held.before);
            let (pointer, second) = (None, None);
            self.held.set(Some(Held { pointer, second, before, value, has_changed: true }));
            if value != from {
                self.on_change.run(Change { value, begins: false, ends: false });
            }
        } else if value != from {
            self.on_change.run(Change::once(value));
        }
    }

    /// `keyup` and `blur`: a held key is let go.
    pub fn key_up(&self, _: &Event) {
        // A control that is taken out of the page loses the focus after its state is gone.
        let held = self.held.try_get_untracked().flatten();
        if held.is_some_and(|held| held.pointer.is_none()) {
            self.let_go();
        }
    }

    /// `wheel`: moves the control only while it has the focus, so that a page scrolled past it
    /// changes nothing.
    pub fn wheel(&self, event: &Event) {
        let event: &WheelEvent = event.unchecked_ref();
        let has_focus = element(event).is_some_and(|element| {
            document().active_element().is_some_and(|active| active == *element)
        });
        if !has_focus || event.ctrl_key() {
            return;
        }
        event.prevent_default();
        // With Shift some browsers report a vertical wheel as a horizontal one.
        let way = if event.delta_y() == 0.0 { event.delta_x() } else { event.delta_y() };
        if way == 0.0 || self.is_held_untracked() {
            return;
        }
        let by = if event.shift_key() { self.scale.step * 5 } else { self.scale.step };
        self.nudge(if way < 0.0 { by } else { -by });
    }

    fn let_go(&self) {
        let held = self.held.try_get_untracked().flatten();
        let Some(held) = held else { return };
        self.end(held.value, held.has_changed);
    }

    /// Ends the gesture at `value`.
    fn end(&self, value: i32, has_changed: bool) {
        self.moved.try_update_value(Option::take);
        // While a control goes away there may be nobody left to tell.
        self.held.try_set(None);
        if let Some(is_dragged) = self.is_dragged {
            is_dragged.try_set(false);
        }
        if has_changed {
            self.on_change.try_run(Change { value, begins: false, ends: true });
        }
    }

    /// Where a value lies on the travel, in units of the scale as they are on a linear one.
    fn place(&self, value: i32) -> f64 {
        self.bent(value.into(), Taper::place)
    }

    /// The value at a place on the travel.
    fn value_at(&self, place: f64) -> f64 {
        self.bent(place, Taper::share)
    }

    fn bent(&self, units: f64, bend: fn(Taper, f64) -> f64) -> f64 {
        let Some(taper) = self.taper.map(|taper| taper.get_untracked()) else { return units };
        let (min, max) = (f64::from(self.scale.min), f64::from(self.scale.max));
        min + bend(taper, ((units - min) / (max - min)).clamp(0.0, 1.0)) * (max - min)
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

fn element(event: &Event) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}
