//! What every listener hears, as the fold of accepted requests.
//!
//! The mixer can be written but not read, so Foldback remembers it: a base layer for everyone and a
//! sparse layer per listener. A listener hears the base overlaid by their own layer.

use std::collections::BTreeSet;

use foldback_json::{Node, Read};
use foldback_wire::{graph, ids::ParticipantId};
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::{
    map,
    mix::{Cell, CellChange, DuckingChoice, Heard, HeardSource, Layer, MixChange, Setting, UNITY},
};

/// What one layer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerMix {
    /// Cells that say something, by source.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty", deserialize_with = "map::read")]
    pub cells: LiteMap<ParticipantId, Cell>,
    /// Ducking, or nothing said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducking: Option<DuckingChoice>,
    /// Exclusive, or nothing said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
}

impl LayerMix {
    /// Says nothing.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.ducking.is_none() && self.exclusive.is_none()
    }

    /// What the layer says of `source`.
    pub fn cell(&self, source: &ParticipantId) -> Cell {
        self.cells.get(source).copied().unwrap_or_default()
    }

    fn set(&mut self, source: &ParticipantId, cell: Cell) {
        if cell.is_empty() {
            self.cells.remove(source);
        } else {
            self.cells.insert(source.clone(), cell);
        }
    }
}

/// The whole desk of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Desk {
    /// The layer under all others.
    #[serde(default)]
    pub base: LayerMix,
    /// Layers of single listeners, none of them empty.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty", deserialize_with = "map::read")]
    pub listeners: LiteMap<ParticipantId, LayerMix>,
}

impl Desk {
    /// What a layer says; an empty layer when nothing was ever said.
    pub fn layer(&self, layer: &Layer) -> LayerMix {
        match layer {
            Layer::Everyone => self.base.clone(),
            Layer::Listener(id) => self.listeners.get(id).cloned().unwrap_or_default(),
        }
    }

    /// Applies a change; false when it changes nothing.
    pub fn apply(&mut self, change: &MixChange) -> bool {
        let mut mix = self.layer(&change.layer);
        for CellChange { source, cell } in &change.cells {
            mix.set(source, *cell);
        }
        if let Some(ducking) = change.ducking {
            mix.ducking = ducking.into_option();
        }
        if let Some(exclusive) = change.exclusive {
            mix.exclusive = exclusive.into_option();
        }
        let changed = mix != self.layer(&change.layer);
        match &change.layer {
            Layer::Everyone => self.base = mix,
            Layer::Listener(id) if mix.is_empty() => {
                self.listeners.remove(id);
            }
            Layer::Listener(id) => {
                self.listeners.insert(id.clone(), mix);
            }
        }
        changed
    }

    /// What `listener` hears: the base overlaid by their own layer. Never lists the listener.
    pub fn heard(&self, listener: &ParticipantId) -> Heard {
        let own = self.layer(&Layer::Listener(listener.clone()));
        let mut heard = overlay(&self.base, &own);
        heard.sources.remove(listener);
        heard
    }

    /// What a listener without a layer of their own hears; drawn when "Everyone" is picked.
    pub fn heard_by_everyone(&self) -> Heard {
        overlay(&self.base, &LayerMix::default())
    }

    /// What a request, once accepted, changes: afterwards every named listener hears exactly what
    /// their entry says, as far as sources in `present` go.
    ///
    /// `layer` is what the sender says the request belongs to. Entries sent for everyone are taken
    /// apart again: what most listeners share goes into the base, what single ones have on top into
    /// their own layers; layers that already say so stay as they are.
    ///
    /// # Errors
    /// [`foldback_wire::Error`] when the request did not pass its check.
    pub fn changes(
        &self,
        everyone: bool,
        request: &graph::ConfigureMixer,
        present: &BTreeSet<ParticipantId>,
    ) -> Result<Vec<MixChange>, foldback_wire::Error> {
        let wanted = request
            .participant_mixer_levels
            .iter()
            .map(Heard::from_graph)
            .collect::<Result<Vec<_>, _>>()?;
        let mut desk = self.clone();
        let mut changes = Vec::new();
        if everyone {
            let base = self.base_change(&wanted, present);
            if desk.apply(&base) {
                changes.push(base);
            }
        }
        for (listener, want) in &wanted {
            let own = desk.listener_change(listener, want, present);
            if desk.apply(&own) {
                changes.push(own);
            }
        }
        Ok(changes)
    }

    /// The change of `listener`'s own layer after which they hear `want`.
    fn listener_change(
        &self,
        listener: &ParticipantId,
        want: &Heard,
        present: &BTreeSet<ParticipantId>,
    ) -> MixChange {
        let layer = Layer::Listener(listener.clone());
        let own = self.layer(&layer);
        let mut change = MixChange::new(layer);
        if own.exclusive.or(self.base.exclusive).unwrap_or(false) != want.exclusive {
            let base = self.base.exclusive.unwrap_or(false);
            change.exclusive = Some((base != want.exclusive).then_some(want.exclusive).into());
        }
        let choice = want.ducking.map_or(DuckingChoice::Off, DuckingChoice::On);
        let base_choice = self.base.ducking.unwrap_or(DuckingChoice::Off);
        if own.ducking.unwrap_or(base_choice) != choice {
            change.ducking = Some((base_choice != choice).then_some(choice).into());
        }
        // What they hear once the settings are changed: the cells follow from that.
        let mut set = own.clone();
        set.exclusive = change.exclusive.map_or(own.exclusive, Setting::into_option);
        set.ducking = change.ducking.map_or(own.ducking, Setting::into_option);
        let heard = overlay(&self.base, &set);
        for source in self.sources_of(want, &own, present).filter(|source| *source != listener) {
            let wanted = want_of(want, source);
            let same = match (heard.sources.get(source), want.sources.get(source)) {
                (None, None) => true,
                (None, Some(_)) => false,
                (Some(now), _) => *now == wanted,
            };
            if same {
                continue;
            }
            let old = own.cell(source);
            let needed = over(self.base.cell(source), wanted);
            // What the listener's own layer says already, and rightly, it goes on saying. Without
            // ducking nothing is told about keys: they stay as they are.
            let silent = want.ducking.is_none();
            let cell = Cell {
                level: needed.level.or(old.level.filter(|level| *level == wanted.level)),
                ducks_others: if silent {
                    old.ducks_others
                } else {
                    let right = old.ducks_others.filter(|ducks| *ducks == wanted.ducks_others);
                    needed.ducks_others.or(right)
                },
            };
            if cell != old {
                change.cells.push(CellChange { source: source.clone(), cell });
            }
        }
        change
    }

    /// The change of the base after which most of `wanted` hear what they want through the base.
    fn base_change(
        &self,
        wanted: &[(ParticipantId, Heard)],
        present: &BTreeSet<ParticipantId>,
    ) -> MixChange {
        let mut change = MixChange::new(Layer::Everyone);
        let own = |listener: &ParticipantId| self.listeners.get(listener);

        let exclusive = most_common(wanted.iter().filter_map(|(listener, want)| {
            let decides = own(listener).is_some_and(|mix| mix.exclusive.is_some());
            (!decides).then_some(want.exclusive)
        }));
        if let Some(exclusive) = exclusive
            && exclusive != self.base.exclusive.unwrap_or(false)
        {
            change.exclusive = Some(Setting::Set(exclusive));
        }
        let ducking = most_common(wanted.iter().filter_map(|(listener, want)| {
            let decides = own(listener).is_some_and(|mix| mix.ducking.is_some());
            (!decides).then(|| want.ducking.map_or(DuckingChoice::Off, DuckingChoice::On))
        }));
        if let Some(ducking) = ducking
            && ducking != self.base.ducking.unwrap_or(DuckingChoice::Off)
        {
            change.ducking = Some(Setting::Set(ducking));
        }

        let choice = change.ducking.map_or(self.base.ducking, Setting::into_option);
        let ducks_at_all = choice.and_then(DuckingChoice::settings).is_some();
        let mut sources = BTreeSet::new();
        let nothing = LayerMix::default();
        for (_, want) in wanted {
            sources.extend(self.sources_of(want, &nothing, present));
        }
        for source in sources {
            let votes = wanted.iter().filter(|(listener, _)| listener != source);
            let old = self.base.cell(source);
            let level = most_common(votes.clone().filter_map(|(listener, want)| {
                let decides = own(listener).is_some_and(|mix| mix.cell(source).level.is_some());
                // A key is written with a level even where no layer sets one.
                let implied = |heard: &&HeardSource| {
                    old.level.is_none() && heard.ducks_others && heard.level == UNITY
                };
                let heard = want.sources.get(source).filter(|heard| !implied(heard));
                (!decides).then(|| heard.map(|heard| heard.level))
            }));
            let ducks = most_common(votes.filter_map(|(listener, want)| {
                let decides =
                    own(listener).is_some_and(|mix| mix.cell(source).ducks_others.is_some());
                // Without ducking nothing is told about keys.
                (!decides && want.ducking.is_some()).then(|| want.ducks_others(source))
            }));
            let mut cell = old;
            let keys = old.ducks_others.filter(|_| ducks_at_all);
            if let Some(level) = level {
                let says = heard_cell(Cell { ducks_others: keys, ..old }).map(|heard| heard.level);
                if says != level {
                    cell.level = level;
                }
            }
            if let Some(ducks) = ducks
                && ducks != old.ducks_others.unwrap_or(false)
            {
                cell.ducks_others = ducks.then_some(true);
            }
            if cell != old {
                change.cells.push(CellChange { source: source.clone(), cell });
            }
        }
        change
    }

    /// Sources that `want`, the base or `own` name and that are still in the call.
    fn sources_of<'a>(
        &'a self,
        want: &'a Heard,
        own: &'a LayerMix,
        present: &'a BTreeSet<ParticipantId>,
    ) -> impl Iterator<Item = &'a ParticipantId> {
        let named: BTreeSet<_> =
            want.sources.keys().chain(self.base.cells.keys()).chain(own.cells.keys()).collect();
        named.into_iter().filter(|source| present.contains(*source))
    }
}

/// The base overlaid by a listener's own layer.
fn overlay(base: &LayerMix, own: &LayerMix) -> Heard {
    let sources: BTreeSet<_> = base.cells.keys().chain(own.cells.keys()).collect();
    let ducking = own.ducking.or(base.ducking).and_then(DuckingChoice::settings);
    Heard {
        exclusive: own.exclusive.or(base.exclusive).unwrap_or(false),
        ducking,
        sources: sources
            .into_iter()
            .filter_map(|source| {
                let (below, above) = (base.cell(source), own.cell(source));
                // The service refuses keys without ducking; they come back with it.
                let keys = above.ducks_others.or(below.ducks_others);
                let cell = Cell {
                    level: above.level.or(below.level),
                    ducks_others: keys.filter(|_| ducking.is_some()),
                };
                Some((source.clone(), heard_cell(cell)?))
            })
            .collect(),
    }
}

/// How a cell is written: a source that ducks needs a level, a cell that only denies ducking is
/// nothing to write.
fn heard_cell(cell: Cell) -> Option<HeardSource> {
    let ducks_others = cell.ducks_others.unwrap_or(false);
    let level = cell.level.or(ducks_others.then_some(UNITY))?;
    Some(HeardSource { level, ducks_others })
}

/// What must be heard of `source`, with an unlisted source's level made explicit.
fn want_of(want: &Heard, source: &ParticipantId) -> HeardSource {
    HeardSource { level: want.level(source), ducks_others: want.ducks_others(source) }
}

/// The smallest cell that, laid over `below`, is heard as `want`.
fn over(below: Cell, want: HeardSource) -> Cell {
    let ducks_below = below.ducks_others.unwrap_or(false);
    let ducks_others = (want.ducks_others != ducks_below).then_some(want.ducks_others);
    let level = (heard_cell(below).map(|heard| heard.level) != Some(want.level)
        || (below.level.is_none() && ducks_others == Some(false)))
    .then_some(want.level);
    Cell { level, ducks_others }
}

/// The value most of `votes` have; the smaller one on a tie, so that the answer depends on nothing
/// else.
fn most_common<T: Ord + Copy>(votes: impl Iterator<Item = T>) -> Option<T> {
    let mut counts = LiteMap::<T, usize>::new();
    for vote in votes {
        *counts.entry(vote).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(vote, _)| vote)
}

impl Read for LayerMix {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            cells: node.field_or_default("cells")?,
            ducking: node.field("ducking")?,
            exclusive: node.field("exclusive")?,
        })
    }
}

impl Read for Desk {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            base: node.field_or_default("base")?,
            listeners: node.field_or_default("listeners")?,
        })
    }
}
