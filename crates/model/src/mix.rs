//! Parts of a mix: cells, ducking, layers and changes of them.

use foldback_json::{Node, Read};
use foldback_wire::{graph, ids::ParticipantId};
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::ids::GestureId;

/// The level a source has where nothing says otherwise, in percent.
pub const UNITY: u8 = 100;

/// Whose mix a change belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layer {
    /// The base under every listener's own layer.
    Everyone,
    /// One listener's own layer.
    Listener(ParticipantId),
}

/// What one layer says of one source. Nothing said falls through to the layer below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// Percent of amplitude, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Whether the source lowers the others while it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducks_others: Option<bool>,
}

impl Cell {
    /// Says nothing, so that the layer below decides.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The new state of one cell, as a whole: an empty cell takes the override away.
/// Written as one flat object: `source`, `level`, `ducksOthers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CellRow", into = "CellRow")]
pub struct CellChange {
    /// Whose level.
    pub source: ParticipantId,
    /// What the layer says of it from now on.
    pub cell: Cell,
}

/// A [`CellChange`] as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CellRow {
    source: ParticipantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ducks_others: Option<bool>,
}

impl From<CellRow> for CellChange {
    fn from(CellRow { source, level, ducks_others }: CellRow) -> Self {
        Self { source, cell: Cell { level, ducks_others } }
    }
}

impl From<CellChange> for CellRow {
    fn from(CellChange { source, cell: Cell { level, ducks_others } }: CellChange) -> Self {
        Self { source, level, ducks_others }
    }
}

/// How ducked sources behave for a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ducking {
    /// Milliseconds to reach `lower_level`, 0 to 5,000.
    pub ramp_active: u16,
    /// Milliseconds to return to `upper_level`, 0 to 5,000.
    pub ramp_inactive: u16,
    /// Percent while ducking is on, 0 to 100.
    pub lower_level: u8,
    /// Percent while ducking is off, 0 to 100.
    pub upper_level: u8,
}

impl Ducking {
    /// The preset set with the first ducking key: a quick dip under a voice, a slower return.
    pub const VOICE_OVER: Self =
        Self { ramp_active: 280, ramp_inactive: 900, lower_level: 30, upper_level: 100 };
}

/// Whether a layer ducks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DuckingChoice {
    /// No ducking for the listeners of this layer.
    Off,
    /// Ducking with these settings.
    On(Ducking),
}

impl DuckingChoice {
    /// The settings, if on.
    pub fn settings(self) -> Option<Ducking> {
        match self {
            Self::Off => None,
            Self::On(settings) => Some(settings),
        }
    }
}

/// A changed setting of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Setting<T> {
    /// The layer says nothing of it any more.
    Unset,
    /// The layer says this.
    Set(T),
}

impl<T> Setting<T> {
    /// What the layer says afterwards.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Unset => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Setting<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Self::Set)
    }
}

/// The changed part of one layer. Members that did not change are absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MixChange {
    /// Which layer.
    pub layer: Layer,
    /// Changed cells only, no source twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellChange>,
    /// Present when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducking: Option<Setting<DuckingChoice>>,
    /// Present when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<Setting<bool>>,
    /// The drag or bulk action it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gesture: Option<GestureId>,
}

impl MixChange {
    /// A change of `layer` that changes nothing yet.
    pub fn new(layer: Layer) -> Self {
        Self { layer, cells: Vec::new(), ducking: None, exclusive: None, gesture: None }
    }

    /// Changes nothing.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.ducking.is_none() && self.exclusive.is_none()
    }

    /// What is left of this change once `newer`, a later change of the same gesture and layer, is in
    /// the journal: only what `newer` does not set again. `None` when nothing is left or the two do
    /// not belong together and this one stays whole is told by the `Some` being equal to `self`.
    pub fn superseded_by(&self, newer: &Self) -> Option<Self> {
        if self.layer != newer.layer || self.gesture.is_none() || self.gesture != newer.gesture {
            return Some(self.clone());
        }
        let mut rest = self.clone();
        rest.cells.retain(|old| !newer.cells.iter().any(|new| new.source == old.source));
        if newer.ducking.is_some() {
            rest.ducking = None;
        }
        if newer.exclusive.is_some() {
            rest.exclusive = None;
        }
        (!rest.is_empty()).then_some(rest)
    }
}

/// What one listener hears once the layers are laid over each other. Only sources that some layer
/// names are listed; the others are at [`UNITY`], or silent when `exclusive`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Sources that are not listed are silent.
    pub exclusive: bool,
    /// How ducked sources behave.
    pub ducking: Option<Ducking>,
    /// Listed sources.
    pub sources: LiteMap<ParticipantId, HeardSource>,
}

/// One listed source of a listener's mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardSource {
    /// Percent of amplitude, 0 to 100.
    pub level: u8,
    /// Lowers the others while active.
    pub ducks_others: bool,
}

impl Heard {
    /// The level of `source` before ducking, in percent.
    pub fn level(&self, source: &ParticipantId) -> u8 {
        match self.sources.get(source) {
            Some(heard) => heard.level,
            None if self.exclusive => 0,
            None => UNITY,
        }
    }

    /// Whether `source` ducks others here.
    pub fn ducks_others(&self, source: &ParticipantId) -> bool {
        self.sources.get(source).is_some_and(|heard| heard.ducks_others)
    }

    /// Says nothing that the service would not do by itself.
    pub fn is_neutral(&self) -> bool {
        !self.exclusive
            && self.ducking.is_none()
            && self.sources.values().all(|s| s.level == UNITY && !s.ducks_others)
    }

    /// Writes the mix as `listener`'s entry of a configureMixer request; sources in id order.
    pub fn to_graph(&self, listener: &ParticipantId) -> graph::ParticipantMixerLevel {
        graph::ParticipantMixerLevel {
            participant: listener.as_str().to_owned(),
            exclusive: Some(self.exclusive),
            exclusive_mode: None,
            ducking: self.ducking.map(|ducking| graph::AudioDuckingConfiguration {
                ramp_active: i64::from(ducking.ramp_active),
                ramp_inactive: i64::from(ducking.ramp_inactive),
                lower_level: i64::from(ducking.lower_level),
                upper_level: i64::from(ducking.upper_level),
                extra: graph::Extra::new(),
            }),
            source_levels: self
                .sources
                .iter()
                .map(|(source, heard)| graph::AudioSourceLevel {
                    participant: source.as_str().to_owned(),
                    level: Some(i64::from(heard.level)),
                    duck_others: Some(heard.ducks_others),
                    extra: graph::Extra::new(),
                })
                .collect(),
            extra: graph::Extra::new(),
        }
    }

    /// Reads one entry of a request that passed [`graph::ConfigureMixer::check`].
    ///
    /// # Errors
    /// [`foldback_wire::Error`] when an id or a number is outside its limit after all.
    pub fn from_graph(
        entry: &graph::ParticipantMixerLevel,
    ) -> Result<(ParticipantId, Self), foldback_wire::Error> {
        let listener = ParticipantId::parse(&entry.participant)?;
        let mut sources = LiteMap::new();
        for source in &entry.source_levels {
            let level = percent("level", source.level.unwrap_or(i64::from(UNITY)))?;
            let ducks_others = source.duck_others.unwrap_or(false);
            sources.insert(
                ParticipantId::parse(&source.participant)?,
                HeardSource { level, ducks_others },
            );
        }
        let ducking = match &entry.ducking {
            None => None,
            Some(wire) => Some(Ducking {
                ramp_active: ramp("rampActive", wire.ramp_active)?,
                ramp_inactive: ramp("rampInactive", wire.ramp_inactive)?,
                lower_level: percent("lowerLevel", wire.lower_level)?,
                upper_level: percent("upperLevel", wire.upper_level)?,
            }),
        };
        Ok((listener, Self { exclusive: entry.is_exclusive(), ducking, sources }))
    }
}

fn percent(path: &str, value: i64) -> Result<u8, foldback_wire::Error> {
    u8::try_from(value).ok().filter(|level| *level <= UNITY).ok_or_else(|| {
        foldback_wire::Error::out_of_limit(path, value, "a level is a whole percent from 0 to 100")
    })
}

fn ramp(path: &str, value: i64) -> Result<u16, foldback_wire::Error> {
    u16::try_from(value)
        .ok()
        .filter(|ms| i64::from(*ms) <= foldback_wire::limits::RAMP_MAX_MS)
        .ok_or_else(|| {
            foldback_wire::Error::out_of_limit(path, value, "a ramp takes 0 to 5000 milliseconds")
        })
}

impl Read for Layer {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["everyone", "listener"])?;
        Ok(match at {
            0 => Self::Everyone,
            _ => Self::Listener(Read::read(content)?),
        })
    }
}

impl Read for Cell {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self { level: node.field("level")?, ducks_others: node.field("ducksOthers")? })
    }
}

impl Read for CellChange {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self { source: node.field("source")?, cell: Read::read(node)? })
    }
}

impl Read for Ducking {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            ramp_active: node.field("rampActive")?,
            ramp_inactive: node.field("rampInactive")?,
            lower_level: node.field("lowerLevel")?,
            upper_level: node.field("upperLevel")?,
        })
    }
}

impl Read for DuckingChoice {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["off", "on"])?;
        Ok(match at {
            0 => Self::Off,
            _ => Self::On(Read::read(content)?),
        })
    }
}

impl<T: Read> Read for Setting<T> {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["unset", "set"])?;
        Ok(match at {
            0 => Self::Unset,
            _ => Self::Set(Read::read(content)?),
        })
    }
}

impl Read for MixChange {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            layer: node.field("layer")?,
            cells: node.field_or_default("cells")?,
            ducking: node.field("ducking")?,
            exclusive: node.field("exclusive")?,
            gesture: node.field("gesture")?,
        })
    }
}
