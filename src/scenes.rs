//! Scenes: desks under names, shared by all operators of the call. One is recalled by a press, two by
//! turns.

mod card;
mod slots;
mod words;

use foldback_model::SavedScene;
use leptos::prelude::*;

use self::{card::Card, slots::SlotKeys};
use crate::{
    desk::{Bars, BlindSwitch, FadeChoice, Hindered, History, View},
    reactive::{For, RwSignal, Show, Signal, part},
    session::use_session,
    ui::{Button, Locked, Look, TextField},
    view::view,
    withheld::use_withheld,
};

/// The room.
#[component]
pub fn Scenes() -> impl IntoView {
    let view = View::new();
    view! {
        <section class="scenes" aria-label="Scenes" {..view.blind()}>
            <header class="desk-bar">
                <Show when=move || view.obstacle.get().is_none()>
                    <Locked why=view.hindrance>
                        <SlotKeys wanted=view.wanted/>
                    </Locked>
                    <Show when=move || !view.session().mixer.blind.get()>
                        <FadeChoice/>
                    </Show>
                </Show>
                <History/>
                <Show when=move || view.obstacle.get().is_none()>
                    <BlindSwitch view/>
                </Show>
            </header>
            <Bars view/>
            {part(move || match view.obstacle.get() {
                Some(obstacle) => view! { <Hindered obstacle=obstacle/> }.into_any(),
                None => view! { <List view/> }.into_any(),
            })}
        </section>
    }
}

#[component]
fn List(
    /// The room's view.
    view: View,
) -> impl IntoView {
    let session = use_session();
    let removal = use_withheld();
    // By name, so that a scene is where it was however often it is saved again.
    let scenes = move || {
        let mut scenes: Vec<SavedScene> = session.scenes.read().iter().cloned().collect();
        scenes.sort_by(|a, b| (&a.scene.name, &a.scene.id).cmp(&(&b.scene.name, &b.scene.id)));
        scenes
    };
    view! {
        <div class="scene-room">
            <Locked why=view.hindrance>
                <Save/>
            </Locked>
            <Show when=move || session.scenes.read().is_empty()>
                <p class="room-empty">
                    "No scenes yet. Save what is heard now, change the desk, and come back by one press."
                </p>
            </Show>
            <ul class="scene-list">
                <For
                    each=scenes
                    key=|saved: &SavedScene| format!("{} {}", saved.scene.id, saved.revision)
                    let:saved
                >
                    <Card saved=StoredValue::new(saved) view removal/>
                </For>
            </ul>
        </div>
    }
}

/// A name, and what is heard now under it.
#[component]
fn Save() -> impl IntoView {
    let session = use_session();
    let typed = RwSignal::new(String::new());
    let name = move || typed.with(|typed| typed.trim().to_owned());
    let hindrance = Signal::derive(move || name().is_empty().then_some("it needs a name"));
    let save = move || {
        let name = untrack(name);
        if name.is_empty() {
            session.note("A scene needs a name");
        } else {
            // What is typed stays until it is saved; the room may be gone by then.
            session.save_scene(&name, None, move || typed.try_set(String::new()));
        }
    };
    view! {
        <div class="scene-save" role="group" aria-label="New scene">
            <TextField label="Scene name" text=typed on_enter=move |()| save()/>
            <Button
                look=Look::Primary
                tip="Keeps what everybody hears now under this name"
                hindrance
                on_hindered=move |()| save()
                on_press=move |()| save()
            >
                "Save scene"
            </Button>
        </div>
    }
}
