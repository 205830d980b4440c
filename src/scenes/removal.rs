//! Deleting a scene: held back while it can be taken back, then done for everybody.

use std::time::Duration;

use foldback_model::{SavedScene, SceneId, Sequence};
use leptos::prelude::*;

use crate::{
    reactive::{Memo, RwSignal, Show},
    session::{Session, use_session},
    ui::{Hold, HoldBar},
    view::view,
};

/// Seconds in which it can be taken back.
const HOLD_S: u32 = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    name: String,
    id: SceneId,
    seen: Sequence,
    seconds_left: u32,
}

/// What is about to be deleted. A handle: copying it copies no state. With the room it goes, and
/// nothing is deleted.
#[derive(Debug, Clone, Copy)]
pub struct Removal {
    session: Session,
    held: RwSignal<Option<Held>>,
}

impl Removal {
    /// Nothing is.
    pub fn new() -> Self {
        Self { session: use_session(), held: RwSignal::new(None) }
    }

    /// Deletes a scene unless it is taken back. One that is held back already is taken back by it.
    pub fn hold(self, saved: &SavedScene) {
        let held = Held {
            name: saved.scene.name.clone(),
            id: saved.scene.id.clone(),
            seen: saved.revision,
            seconds_left: HOLD_S,
        };
        self.session.say(words(&held));
        self.held.set(Some(held.clone()));
        self.wait(held);
    }

    fn wait(self, held: Held) {
        let tick = move || {
            if self.held.try_get_untracked().flatten().as_ref() != Some(&held) {
                return;
            }
            if held.seconds_left > 1 {
                let next = Held { seconds_left: held.seconds_left - 1, ..held };
                self.held.set(Some(next.clone()));
                self.wait(next);
            } else {
                self.held.set(None);
                self.session.delete_scene(&held.name, &held.id, held.seen);
            }
        };
        set_timeout(tick, Duration::from_secs(1));
    }
}

fn words(held: &Held) -> String {
    format!("Deleting {} for everybody in {} s", held.name, held.seconds_left)
}

/// The bar; takes no place while nothing is held.
#[component]
pub fn RemovalBar(
    /// What it shows.
    removal: Removal,
) -> impl IntoView {
    let removed = removal.held;
    let hold = Memo::new(move |_| {
        removed.get().map_or_else(Hold::default, |held| Hold {
            words: words(&held),
            done: HOLD_S.saturating_sub(held.seconds_left).try_into().unwrap_or_default(),
            total: HOLD_S.try_into().unwrap_or_default(),
            ..Hold::default()
        })
    });
    view! {
        <Show when=move || removed.with(Option::is_some)>
            <HoldBar
                label="Deleting a scene"
                hold
                on_cancel=move |()| removed.set(None)
                on_retry=|()| {}
                on_dismiss=|()| {}
            />
        </Show>
    }
}
