//! A and B: two scenes at hand.

use std::sync::Arc;

use foldback_model::{Desk, SavedScene};
use leptos::prelude::*;

use crate::{
    reactive::{Memo, Signal},
    session::{scenes, slots::Slot, use_session},
    ui::{Toggle, text},
    view::view,
};

/// The keys A and B: a press recalls what stands there. The one that is heard now is down.
#[component]
pub fn SlotKeys(
    /// The desk as this operator wants it.
    wanted: Memo<Arc<Desk>>,
) -> impl IntoView {
    let session = use_session();
    let key = move |slot: Slot| {
        let saved: Memo<Option<SavedScene>> = Memo::new(move |_| {
            let slots = session.slots.read();
            slots.get(slot).and_then(|id| session.scenes.read().get(id).cloned())
        });
        let name = move || {
            saved.with(|it| match it {
                Some(saved) => format!("{}: {}", slot.name(), saved.scene.name),
                None => format!("{}: nothing", slot.name()),
            })
        };
        let is_now = move || {
            saved.with(|it| {
                it.as_ref().is_some_and(|saved| {
                    let roster = session.roster.get();
                    scenes::changes(&saved.scene, &wanted.get(), &roster).is_empty()
                })
            })
        };
        let recall = move |_: bool| match saved.get_untracked() {
            Some(saved) => session.recall(&saved.scene),
            None => session.note(format!(
                "Nothing stands in {0} yet: press {0} on a scene below",
                slot.name()
            )),
        };
        view! {
            <Toggle label=Signal::derive(name) is_on=Signal::derive(is_now) on_toggle=recall>
                {text(name)}
            </Toggle>
        }
    };
    view! {
        <div class="slot-keys" role="group" aria-label="A and B">
            {Slot::ALL.map(key).collect_view()}
        </div>
    }
}

/// Puts a scene into a slot, or takes it out.
#[component]
pub fn SlotToggle(
    /// Which slot.
    place: Slot,
    /// The scene.
    saved: StoredValue<SavedScene>,
) -> impl IntoView {
    let session = use_session();
    let (id, name) = saved.with_value(|it| (it.scene.id.clone(), it.scene.name.clone()));
    let id = StoredValue::new(id);
    let is_in = move || id.with_value(|id| session.slots.read().get(place) == Some(id));
    let put = move |on: bool| session.put_in_slot(place, on.then(|| id.get_value()));
    view! {
        <Toggle
            label=format!("{name} on {}", place.name())
            is_on=Signal::derive(is_in)
            on_toggle=put
        >
            {place.name()}
        </Toggle>
    }
}
