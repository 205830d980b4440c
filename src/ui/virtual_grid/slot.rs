//! The place of one row in the page: what its element needs to be part of the grid.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::View;
use crate::{
    reactive::{Memo, NodeRef, effect},
    ui::{attr, fixed, focus::focus, on},
    view::Attribute,
};

/// One row's place. A handle: copying it copies no state.
#[derive(Clone, Copy)]
pub struct Slot {
    /// The row's element.
    pub element: NodeRef<html::Div>,
    /// Where it stands, counted from 0; its last place once it is not listed any more.
    pub at: Memo<usize>,
    key: StoredValue<String>,
    view: View,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slot({:?})", self.key.get_value())
    }
}

impl Slot {
    pub(super) fn new(view: View, key: String) -> Self {
        let key = StoredValue::new(key);
        let element = NodeRef::<html::Div>::new();
        let at = Memo::new(move |before: Option<&usize>| {
            let here = key.with_value(|key| {
                view.drawn.with(|all| all.iter().find(|(_, it)| it == key).map(|(at, _)| *at))
            });
            here.or(before.copied()).unwrap_or_default()
        });
        effect(move || {
            let wanted = key.with_value(|key| view.grab.with(|it| it.as_ref() == Some(key)));
            if let (true, Some(element)) = (wanted, element.get()) {
                focus(&element);
                view.grab.set(None);
            }
        });
        Self { element, at, key, view }
    }

    /// The row's key.
    pub fn key(&self) -> String {
        self.key.get_value()
    }

    /// What makes an element this row; besides them it takes `element` as its `node_ref` and the custom
    /// property `--at`.
    pub fn attributes(&self) -> Vec<Attribute> {
        let Self { view, key, at, .. } = *self;
        let slot = *self;
        let is_stop = Memo::new(move |_| {
            key.with_value(|key| view.tab_stop.with(|stop| stop.as_ref() == Some(key)))
        });
        let tabindex = move || if is_stop.get() { "0" } else { "-1" };
        vec![
            fixed("role", "row".to_owned()),
            attr("aria-rowindex", move || Some((at.get() + 1).to_string())),
            attr("tabindex", move || Some(tabindex().to_owned())),
            on("focusin", move |_: Event| view.current.set(Some(key.get_value()))),
            on("keydown", move |event: KeyboardEvent| slot.key_down(&event)),
        ]
    }

    /// An event came to the row itself and to nothing in it.
    pub fn is_target(&self, event: &Event) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let row = self.element.get_untracked();
        target.zip(row).is_some_and(|(target, row)| &target == row.unchecked_ref::<Element>())
    }

    fn key_down(&self, event: &KeyboardEvent) {
        let step = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        self.step_inside(step);
    }

    /// Moves the focus among a row's buttons; before the first stands the row itself.
    fn step_inside(&self, step: i32) {
        let Some(row) = self.element.get_untracked() else { return };
        let Ok(buttons) = row.query_selector_all("button") else { return };
        let buttons: Vec<HtmlElement> =
            (0..buttons.length()).filter_map(|n| buttons.item(n)?.dyn_into().ok()).collect();
        let active = document().active_element();
        let at = buttons
            .iter()
            .position(|button| active.as_ref() == Some(button.unchecked_ref::<Element>()));
        let to = match (at, step) {
            (None, 1) => Some(0),
            (Some(at), 1) => Some((at + 1).min(buttons.len().saturating_sub(1))),
            (Some(at), _) => at.checked_sub(1),
            (None, _) => None,
        };
        match to {
            Some(to) => buttons.get(to).into_iter().for_each(focus),
            None => focus(&row),
        }
    }
}
