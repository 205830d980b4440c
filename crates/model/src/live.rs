//! What passes by and is never stored: talk activity, presence, who holds which fader.

use foldback_json::{Node, Read};
use foldback_wire::ids::ParticipantId;
use serde::{Deserialize, Serialize};

use crate::{ids::OperatorId, mix::Layer};

/// One `event: live` of the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Live {
    /// People whose talking changed; at most ten of these a second for a call.
    Talk {
        /// Changed people only.
        people: Vec<Talk>,
    },
    /// The operators who have this call open, as a whole.
    Presence {
        /// Everybody, in the order they came.
        operators: Vec<Presence>,
    },
    /// The service that carries the call keeps failing and is left alone, or is asked again.
    Service {
        /// Nothing is sent to it.
        paused: bool,
    },
    /// Somebody took or let go of a fader.
    Hold {
        /// Who.
        operator: OperatorId,
        /// Which, or none when it was let go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fader: Option<FaderName>,
    },
}

/// One person's talk activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Talk {
    /// Who.
    pub id: ParticipantId,
    /// Talking now.
    pub active: bool,
    /// Loudness in percent of full scale, 0 when silent or when the service gives none.
    pub level: u8,
}

/// One operator who has the call open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Stable within the sign-in.
    pub id: OperatorId,
    /// Shown name.
    pub name: String,
}

/// One fader of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaderName {
    /// Whose mix.
    pub layer: Layer,
    /// Whose level.
    pub source: ParticipantId,
}

impl Read for Live {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["talk", "presence", "service", "hold"])?;
        Ok(match at {
            0 => Self::Talk { people: content.field("people")? },
            1 => Self::Presence { operators: content.field("operators")? },
            2 => Self::Service { paused: content.field("paused")? },
            _ => {
                Self::Hold { operator: content.field("operator")?, fader: content.field("fader")? }
            }
        })
    }
}

impl Read for Talk {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            id: node.field("id")?,
            active: node.field("active")?,
            level: node.field("level")?,
        })
    }
}

impl Read for Presence {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self { id: node.field("id")?, name: node.field("name")? })
    }
}

impl Read for FaderName {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self { layer: node.field("layer")?, source: node.field("source")? })
    }
}
