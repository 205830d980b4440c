//! What happened: the only thing that changes confirmed state.

use foldback_json::{Node, Read};
use serde::{Deserialize, Serialize};

use crate::{
    by::By,
    call::CallInfo,
    ids::{OperationId, SceneId, Sequence, Timestamp},
    mix::MixChange,
    operation::{OperationRequest, Outcome},
    participant::Participant,
    scene::Scene,
};
use foldback_wire::ids::{ParticipantId, UpstreamOperationId};

/// One event in a call's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its place in the journal.
    pub sequence: Sequence,
    /// The place of the fact before it that the journal held when this one was read. A reader whose
    /// cursor is below `prev` has missed something.
    pub prev: Sequence,
    /// When the proxy wrote it, in UTC milliseconds.
    pub at: Timestamp,
    /// Who made it happen.
    pub by: By,
    /// What happened.
    pub event: Event,
}

/// A neutral event, translated once at the proxy's edge. Written as `{"name": {members}}`: a tag beside
/// the members would have to be buffered to be read, which costs the panel many kilobytes of code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The call's own state, as a whole.
    CallChanged(CallInfo),
    /// An authoritative reading of the whole roster: who is not in it has left.
    RosterReplaced {
        /// Everybody.
        participants: Vec<Participant>,
        /// The list's own number, where the service gives one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roster_sequence: Option<u64>,
    },
    /// People who are new or changed; nobody is removed by it.
    ParticipantsChanged {
        /// The new state of each.
        participants: Vec<Participant>,
        /// Stands in for people without a number of their own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roster_sequence: Option<u64>,
    },
    /// People who left, for good under these ids.
    ParticipantsLeft {
        /// Who.
        ids: Vec<ParticipantId>,
        /// The service's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Written before anything is sent.
    OperationRequested(OperationRequest),
    /// The service took it.
    OperationAccepted {
        /// Which.
        operation: OperationId,
        /// The service's own name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upstream_id: Option<UpstreamOperationId>,
    },
    /// What became of it.
    OperationFinished {
        /// Which.
        operation: OperationId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The changed part of a mix, after the service accepted it.
    MixChanged(MixChange),
    /// A scene, new or saved again.
    SceneSaved(Scene),
    /// A scene is gone.
    SceneDeleted {
        /// Which.
        scene: SceneId,
    },
}

impl Read for Fact {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            sequence: node.field("sequence")?,
            prev: node.field("prev")?,
            at: node.field("at")?,
            by: node.field("by")?,
            event: node.field("event")?,
        })
    }
}

impl Read for Event {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&[
            "callChanged",
            "rosterReplaced",
            "participantsChanged",
            "participantsLeft",
            "operationRequested",
            "operationAccepted",
            "operationFinished",
            "mixChanged",
            "sceneSaved",
            "sceneDeleted",
        ])?;
        Ok(match at {
            0 => Self::CallChanged(Read::read(content)?),
            1 => Self::RosterReplaced {
                participants: content.field("participants")?,
                roster_sequence: content.field("rosterSequence")?,
            },
            2 => Self::ParticipantsChanged {
                participants: content.field("participants")?,
                roster_sequence: content.field("rosterSequence")?,
            },
            3 => Self::ParticipantsLeft {
                ids: content.field("ids")?,
                reason: content.field("reason")?,
            },
            4 => Self::OperationRequested(Read::read(content)?),
            5 => Self::OperationAccepted {
                operation: content.field("operation")?,
                upstream_id: content.field("upstreamId")?,
            },
            6 => Self::OperationFinished {
                operation: content.field("operation")?,
                outcome: content.field("outcome")?,
            },
            7 => Self::MixChanged(Read::read(content)?),
            8 => Self::SceneSaved(Read::read(content)?),
            _ => Self::SceneDeleted { scene: content.field("scene")? },
        })
    }
}
