//! A desk under a name, to come back to.
//!
//! Participant ids change when people leave and return, so a scene names persons. On a roster it
//! becomes a desk again: of whoever is there.

use foldback_json::{Node, Read};
use foldback_wire::ids::ParticipantId;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::{
    by::By,
    desk::{Desk, LayerMix},
    ids::{SceneId, Sequence, Timestamp},
    map,
    mix::{Cell, CellChange, DuckingChoice, Layer, MixChange, Setting},
    participant::PersonKey,
    roster::Roster,
};

/// Most scenes of one call.
pub const SCENES_MAX: usize = 200;

/// A whole desk under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scene {
    /// Made by the proxy; stays when the scene is saved again.
    pub id: SceneId,
    /// Cleaned, never empty.
    pub name: String,
    /// The layers that say something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<SceneLayer>,
}

/// One layer of a scene.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SceneLayer {
    /// Whose; none for everyone's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<PersonKey>,
    /// What it says of sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<SceneCell>,
    /// Ducking, or nothing said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducking: Option<DuckingChoice>,
    /// Exclusive, or nothing said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
}

/// What a layer of a scene says of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SceneCell {
    /// Who.
    pub source: PersonKey,
    /// Percent of amplitude, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Whether the source lowers the others while it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducks_others: Option<bool>,
}

/// A scene as the call holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedScene {
    /// The scene.
    pub scene: Scene,
    /// The fact that saved it: whoever saves it again says which one they saw.
    pub revision: Sequence,
    /// Who saved it last.
    pub by: By,
    /// When, in UTC milliseconds.
    pub at: Timestamp,
}

/// The scenes of a call, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scenes(#[serde(deserialize_with = "map::read")] LiteMap<SceneId, SavedScene>);

impl Scene {
    /// What `desk` says now, of people who are in the call.
    pub fn of(id: SceneId, name: String, desk: &Desk, roster: &Roster) -> Self {
        let layer = |listener: Option<PersonKey>, mix: &LayerMix| {
            let cells = mix.cells.iter().filter_map(|(source, cell)| {
                let source = roster.get(source)?.person.clone();
                Some(SceneCell { source, level: cell.level, ducks_others: cell.ducks_others })
            });
            let cells = cells.collect();
            SceneLayer { listener, cells, ducking: mix.ducking, exclusive: mix.exclusive }
        };
        let mut layers = Vec::new();
        if !desk.base.is_empty() {
            layers.push(layer(None, &desk.base));
        }
        for (listener, mix) in desk.listeners.iter() {
            if let Some(person) = roster.get(listener) {
                layers.push(layer(Some(person.person.clone()), mix));
            }
        }
        Self { id, name, layers }
    }

    /// The desk that the scene means for whoever is in the call. Somebody who is in it twice gets
    /// twice what the scene says of them.
    pub fn on(&self, roster: &Roster) -> Desk {
        // Ordered once: a scene of a large call names many.
        let mut people: Vec<_> = roster.iter().map(|it| (&it.person, &it.id)).collect();
        people.sort_unstable();
        let ids = |person: &PersonKey| -> Vec<ParticipantId> {
            let from = people.partition_point(|(it, _)| *it < person);
            let them = people.iter().skip(from).take_while(|(it, _)| *it == person);
            them.map(|(_, id)| (*id).clone()).collect()
        };
        let mut desk = Desk::default();
        for layer in &self.layers {
            let mut whose = vec![Layer::Everyone];
            if let Some(person) = &layer.listener {
                whose = ids(person).into_iter().map(Layer::Listener).collect();
            }
            for whose in whose {
                let mut change = MixChange::new(whose);
                for cell in &layer.cells {
                    let says = Cell { level: cell.level, ducks_others: cell.ducks_others };
                    for source in ids(&cell.source) {
                        change.cells.push(CellChange { source, cell: says });
                    }
                }
                change.ducking = layer.ducking.map(Setting::Set);
                change.exclusive = layer.exclusive.map(Setting::Set);
                desk.apply(&change);
            }
        }
        desk
    }
}

impl Desk {
    /// What has to change until this desk says what `to` says; a layer at most once, everyone's first.
    pub fn difference(&self, to: &Self) -> Vec<MixChange> {
        let mut layers = vec![Layer::Everyone];
        for listener in self.listeners.keys().chain(to.listeners.keys()) {
            let layer = Layer::Listener(listener.clone());
            if !layers.contains(&layer) {
                layers.push(layer);
            }
        }
        let mut changes = Vec::new();
        for layer in layers {
            let (now, then) = (self.layer(&layer), to.layer(&layer));
            let mut change = MixChange::new(layer);
            for (source, _) in now.cells.iter() {
                if !then.cells.contains_key(source) {
                    let cell = Cell::default();
                    change.cells.push(CellChange { source: source.clone(), cell });
                }
            }
            for (source, cell) in then.cells.iter() {
                if now.cell(source) != *cell {
                    change.cells.push(CellChange { source: source.clone(), cell: *cell });
                }
            }
            if now.ducking != then.ducking {
                change.ducking = Some(then.ducking.into());
            }
            if now.exclusive != then.exclusive {
                change.exclusive = Some(then.exclusive.into());
            }
            if !change.is_empty() {
                changes.push(change);
            }
        }
        changes
    }
}

impl Scenes {
    /// One of them.
    pub fn get(&self, id: &SceneId) -> Option<&SavedScene> {
        self.0.get(id)
    }

    /// All, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &SavedScene> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn save(&mut self, saved: SavedScene) {
        self.0.insert(saved.scene.id.clone(), saved);
    }

    pub(crate) fn delete(&mut self, id: &SceneId) -> bool {
        self.0.remove(id).is_some()
    }
}

impl Read for Scene {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            id: node.field("id")?,
            name: node.field("name")?,
            layers: node.field_or_default("layers")?,
        })
    }
}

impl Read for SceneLayer {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            listener: node.field("listener")?,
            cells: node.field_or_default("cells")?,
            ducking: node.field("ducking")?,
            exclusive: node.field("exclusive")?,
        })
    }
}

impl Read for SceneCell {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            source: node.field("source")?,
            level: node.field("level")?,
            ducks_others: node.field("ducksOthers")?,
        })
    }
}

impl Read for SavedScene {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            scene: node.field("scene")?,
            revision: node.field("revision")?,
            by: node.field("by")?,
            at: node.field("at")?,
        })
    }
}

impl Read for Scenes {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Read::read(node).map(Self)
    }
}
