//! What happened: the only thing that changes confirmed state.

use serde::{Deserialize, Serialize};

use crate::{
    by::By,
    call::CallInfo,
    ids::{OperationId, Sequence, Timestamp},
    mix::MixChange,
    operation::{OperationRequest, Outcome},
    participant::Participant,
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
}
