//! One scene: what it holds, what recalling it would change, and what can be done with it.

use foldback_model::{Roster, SavedScene, Scene};
use leptos::prelude::*;

use super::{slots::SlotToggle, words};
use crate::{
    desk::View,
    icon::Icon,
    reactive::{Memo, Signal},
    session::{Session, scenes, slots::Slot, use_session},
    ui::{Button, Locked, Look, attr, text},
    view::view,
    withheld::Withheld,
};

/// Seconds in which a deletion can be taken back.
const HOLD_S: usize = 2;

/// Deletes a scene for everybody, unless that is taken back.
fn remove(session: Session, saved: StoredValue<SavedScene>, removal: Withheld) {
    let SavedScene { scene, revision, .. } = saved.get_value();
    let what = format!("Deleting {} for everybody", scene.name);
    removal.hold("Deleting a scene", what, HOLD_S, move || {
        session.delete_scene(&scene.name, &scene.id, revision);
    });
}

/// A card.
#[component]
pub fn Card(
    /// The scene as the call holds it.
    saved: StoredValue<SavedScene>,
    /// The room's view.
    view: View,
    /// Deletes it.
    removal: Withheld,
) -> impl IntoView {
    let session = use_session();
    let name = saved.with_value(|saved| saved.scene.name.clone());
    let (summary, author) =
        saved.with_value(|saved| (words::summary(&saved.scene), words::author(&saved.by)));
    let effect = Memo::new(move |_| {
        let roster = session.roster.get();
        saved.with_value(|saved| {
            let n_changes = scenes::changes(&saved.scene, &view.wanted.get(), &roster).len();
            (n_changes, n_gone(&saved.scene, &roster))
        })
    });
    let label = |verb: &str| Signal::stored(format!("{verb} {name}"));
    let (recall, over, delete) = (label("Recall"), label("Save over"), label("Delete"));
    view! {
        <li
            class="scene"
            {..attr("data-now", move || effect.with(|(n, _)| (*n == 0).then(String::new)))}
        >
            <h3 class="scene-name"><bdi>{name.clone()}</bdi></h3>
            <p class="scene-says">{summary}</p>
            <p class="scene-effect">
                {text(move || effect.with(|(n_changes, n_gone)| words::effect(*n_changes, *n_gone)))}
            </p>
            <p class="scene-by">{author}</p>
            <Locked why=view.hindrance>
            <div class="scene-does">
                <Button
                    look=Look::Primary
                    label=recall
                    on_press=move |()| saved.with_value(|saved| session.recall(&saved.scene))
                >
                    "Recall"
                </Button>
                {Slot::ALL
                    .map(|slot| view! { <SlotToggle place=slot saved/> })
                    .collect_view()}
                <Button
                    label=over
                    tip="Keeps what everybody hears now under this name"
                    on_press=move |()| saved.with_value(|saved| {
                        let over = (saved.scene.id.clone(), saved.revision);
                        session.save_scene(&saved.scene.name, Some(over), || {});
                    })
                >
                    "Save over"
                </Button>
                <Button
                    look=Look::Icon
                    label=delete
                    tip="For everybody, after two seconds"
                    on_press=move |()| remove(session, saved, removal)
                >
                    <Icon name="cross"/>
                </Button>
            </div>
            </Locked>
        </li>
    }
}

/// How many people a scene names who are not in the call.
fn n_gone(scene: &Scene, roster: &Roster) -> usize {
    let mut here: Vec<_> = roster.iter().map(|it| &it.person).collect();
    here.sort_unstable();
    let mut gone = Vec::new();
    for layer in &scene.layers {
        gone.extend(&layer.listener);
        gone.extend(layer.cells.iter().map(|cell| &cell.source));
    }
    gone.retain(|person| here.binary_search(person).is_err());
    gone.sort_unstable();
    gone.dedup();
    gone.len()
}
