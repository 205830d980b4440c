//! Scenes of the open call: what one would change, and how it is recalled, saved and deleted.

use foldback_model::{Desk, Layer, MixChange, Scene, SceneId, Sequence};
use leptos::task::spawn_local;

use super::{
    Right, Session,
    mixer::{Touch, edits::Wish, history::Deed},
    operations::client_context,
};
use crate::link::{self, Failure};

/// What a scene would change of a desk, knob by knob, of people who are in the call.
pub fn changes(scene: &Scene, desk: &Desk, roster: &foldback_model::Roster) -> Vec<(Layer, Wish)> {
    let mut wishes = Vec::new();
    for change in desk.difference(&scene.on(roster)) {
        let is_here = match &change.layer {
            Layer::Everyone => true,
            Layer::Listener(id) => roster.contains(id),
        };
        if is_here {
            put(&mut wishes, desk, change, roster);
        }
    }
    wishes
}

fn put(
    wishes: &mut Vec<(Layer, Wish)>,
    desk: &Desk,
    change: MixChange,
    roster: &foldback_model::Roster,
) {
    let MixChange { layer, cells, ducking, exclusive, .. } = change;
    let now = desk.layer(&layer);
    let mut push = |wish| wishes.push((layer.clone(), wish));
    // The service refuses keys without ducking, so ducking comes before them.
    if let Some(ducking) = ducking {
        push(Wish::Ducking(ducking.into_option()));
    }
    if let Some(exclusive) = exclusive {
        push(Wish::Exclusive(exclusive.into_option()));
    }
    for change in cells {
        if !roster.contains(&change.source) {
            continue;
        }
        let old = now.cell(&change.source);
        if old.level != change.cell.level {
            push(Wish::Level(change.source.clone(), change.cell.level));
        }
        if old.ducks_others != change.cell.ducks_others {
            push(Wish::DucksOthers(change.source, change.cell.ducks_others));
        }
    }
}

impl Session {
    /// Brings the desk to what a scene says: drafted while blind, else sent, with the fade that is
    /// chosen. One step back takes it back.
    pub fn recall(&self, scene: &Scene) {
        if !self.is_allowed(Right::Mix) {
            return;
        }
        let wanted = self.wanted_now();
        let after = changes(scene, &wanted, &self.roster.get_untracked());
        if after.is_empty() {
            self.note(format!("Nothing changes: the desk is {} already", scene.name));
            return;
        }
        let mut before = Vec::with_capacity(after.len());
        for (layer, wish) in &after {
            before.push((layer.clone(), wish.now(layer, &wanted)));
        }
        let deed = Deed::Recalled { scene: scene.name.clone(), before, after: after.clone() };
        self.remember(&Layer::Everyone, deed, Touch::ONCE);
        self.change_all(after, self.fade_ms.get_untracked());
        self.say(format!("Scene {}", scene.name));
    }

    /// Saves what is heard now under a name: as a new scene, or over the one that was seen. `on_saved`
    /// hears when it is.
    pub fn save_scene(
        &self,
        name: &str,
        over: Option<(SceneId, Sequence)>,
        on_saved: impl FnOnce() + 'static,
    ) {
        let (id, seen) = match over {
            Some((id, seen)) => (id.to_string(), Some(seen)),
            None => (client_context(), None),
        };
        let body = foldback_json::write(&mut |body| body.text("name", name));
        self.ask_scene("PUT", id, seen, body, format!("Scene {name} is saved"), Box::new(on_saved));
    }

    /// Deletes the scene that was seen.
    pub fn delete_scene(&self, name: &str, id: &SceneId, seen: Sequence) {
        let said = format!("Scene {name} is deleted");
        self.ask_scene("DELETE", id.to_string(), Some(seen), String::new(), said, Box::new(|| {}));
    }

    fn ask_scene(
        &self,
        method: &'static str,
        id: String,
        seen: Option<Sequence>,
        body: String,
        said: String,
        on_done: Box<dyn FnOnce()>,
    ) {
        let session = *self;
        let Some(key) = self.key.get_untracked() else { return };
        let base = self.config.with_untracked(|config| config.base.clone());
        spawn_local(async move {
            let url = format!("{base}/foldback/v1/calls/{key}/scenes/{id}");
            match link::change(method, &url, &body, seen).await {
                Ok(()) => {
                    session.say(said);
                    on_done();
                }
                Err(failure) => {
                    if failure == Failure::SignedOut {
                        session.connection.set(super::Connection::SignedOut);
                    }
                    session.tell(format!("The scene was not changed: {}", failure.message()));
                }
            }
        });
    }
}
