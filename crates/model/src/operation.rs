//! Commands sent upstream and what became of them.

use std::sync::Arc;

use foldback_json::{Node, Read};
use foldback_wire::ids::{ParticipantId, UpstreamOperationId};
use litemap::LiteMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    by::By,
    ids::{GestureId, OperationId, Sequence, Timestamp},
};

/// Finished operations kept in memory and snapshots at least; older ones stay in the journal.
pub const KEPT: usize = 500;

/// So many more are kept before all beyond [`KEPT`] are forgotten at once: each time those that stay
/// move up.
pub const FORGOTTEN_TOGETHER: usize = 64;

/// What is written before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationRequest {
    /// Foldback's own id, made before sending.
    pub operation: OperationId,
    /// The drag or bulk action it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gesture: Option<GestureId>,
    /// What is asked.
    pub kind: OperationKind,
    /// Whom it is about: the muted, or the listeners of a mix.
    pub targets: Vec<ParticipantId>,
    /// The correlation text of the request, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
}

/// What an operation asks of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// Mute one participant.
    Mute,
    /// Mute the app's own leg.
    MuteSelf,
    /// Unmute the app's own leg.
    UnmuteSelf,
    /// Set what listeners hear.
    ConfigureMixer,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// The service says it is done.
    Completed,
    /// Nothing was applied.
    Failed {
        /// HTTP-like status, of the reply or of the result info.
        status: u16,
        /// The service's or Foldback's code.
        code: String,
        /// Words for people: what was wrong and what to do.
        message: String,
        /// Milliseconds until trying again makes sense, when the service said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry: Option<u64>,
    },
    /// It may or may not have been applied; a later notification can still tell.
    Unconfirmed,
}

/// How far an operation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationState {
    /// In the journal; being sent.
    Requested,
    /// The service took it.
    Accepted,
    /// Over.
    Finished(Outcome),
}

/// One operation as the facts tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The fact that asked for it; operations are ordered by it.
    pub sequence: Sequence,
    /// What was asked.
    pub request: OperationRequest,
    /// Who asked.
    pub by: By,
    /// When it was written down.
    pub requested_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The service's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_id: Option<UpstreamOperationId>,
    /// How far it is.
    pub state: OperationState,
}

impl Operation {
    /// Still waiting for its end.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, OperationState::Finished(_))
    }

    /// Milliseconds from asking to the end, once it ended.
    pub fn latency_ms(&self) -> Option<u64> {
        self.finished_at.map(|end| end.since(self.requested_at))
    }
}

/// All operations of a call that are still of interest, in the order they were asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operations {
    /// Shared, because a panel copies all of them for every frame in which one changes, and one mix
    /// names everybody in the call.
    by_sequence: LiteMap<Sequence, Arc<Operation>>,
    by_id: LiteMap<OperationId, Sequence>,
    finished: usize,
}

impl Operations {
    /// In the order they were asked for.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Operation> {
        self.by_sequence.values().map(Arc::as_ref)
    }

    /// By Foldback's own id.
    pub fn get(&self, id: &OperationId) -> Option<&Operation> {
        self.by_sequence.get(self.by_id.get(id)?).map(Arc::as_ref)
    }

    /// The newest operation that a notification is about: by the service's id, else by its client
    /// context, since a notification can overtake the reply that carries the id.
    pub fn find(
        &self,
        upstream_id: Option<&UpstreamOperationId>,
        client_context: Option<&str>,
    ) -> Option<&Operation> {
        let by_id = upstream_id
            .and_then(|id| self.iter().rev().find(|op| op.upstream_id.as_ref() == Some(id)));
        by_id.or_else(|| {
            let context = client_context?;
            self.iter().rev().find(|op| op.request.client_context.as_deref() == Some(context))
        })
    }

    /// Those that have not ended.
    pub fn open(&self) -> impl Iterator<Item = &Operation> {
        self.iter().filter(|operation| operation.is_open())
    }

    /// Adds a request; false when it is known already.
    pub fn request(
        &mut self,
        sequence: Sequence,
        at: Timestamp,
        by: &By,
        request: &OperationRequest,
    ) -> bool {
        if self.by_id.contains_key(&request.operation) {
            return false;
        }
        self.by_id.insert(request.operation.clone(), sequence);
        self.by_sequence.insert(
            sequence,
            Arc::new(Operation {
                sequence,
                request: request.clone(),
                by: by.clone(),
                requested_at: at,
                finished_at: None,
                upstream_id: None,
                state: OperationState::Requested,
            }),
        );
        true
    }

    /// The service took it; false when that changes nothing. An end that came first stays.
    pub fn accept(&mut self, id: &OperationId, upstream_id: Option<&UpstreamOperationId>) -> bool {
        let Some(operation) = self.get_mut(id) else { return false };
        let mut changed = false;
        if operation.upstream_id.is_none() && upstream_id.is_some() {
            operation.upstream_id = upstream_id.cloned();
            changed = true;
        }
        if operation.state == OperationState::Requested {
            operation.state = OperationState::Accepted;
            changed = true;
        }
        changed
    }

    /// It ended; false when that changes nothing. The first end stays, but "unconfirmed" gives way to
    /// what the service says later.
    pub fn finish(&mut self, id: &OperationId, at: Timestamp, outcome: &Outcome) -> bool {
        if !self.would_finish(id, outcome) {
            return false;
        }
        let Some(operation) = self.get_mut(id) else { return false };
        let was_open = operation.is_open();
        operation.state = OperationState::Finished(outcome.clone());
        operation.finished_at = Some(at);
        if was_open {
            self.finished += 1;
            self.forget_oldest();
        }
        true
    }

    /// Whether [`Self::finish`] would change anything.
    pub fn would_finish(&self, id: &OperationId, outcome: &Outcome) -> bool {
        self.get(id).is_some_and(|operation| match &operation.state {
            OperationState::Finished(Outcome::Unconfirmed) => *outcome != Outcome::Unconfirmed,
            OperationState::Finished(_) => false,
            OperationState::Requested | OperationState::Accepted => true,
        })
    }

    /// Whether [`Self::accept`] would change anything.
    pub fn would_accept(
        &self,
        id: &OperationId,
        upstream_id: Option<&UpstreamOperationId>,
    ) -> bool {
        self.get(id).is_some_and(|operation| {
            operation.state == OperationState::Requested
                || (operation.upstream_id.is_none() && upstream_id.is_some())
        })
    }

    fn get_mut(&mut self, id: &OperationId) -> Option<&mut Operation> {
        self.by_sequence.get_mut(self.by_id.get(id)?).map(Arc::make_mut)
    }

    fn forget_oldest(&mut self) {
        let mut over = self.finished.saturating_sub(KEPT);
        if over < FORGOTTEN_TOGETHER {
            return;
        }
        self.finished -= over;
        let Self { by_sequence, by_id, .. } = self;
        by_sequence.retain(|_, operation| {
            let goes = over > 0 && !operation.is_open();
            over -= usize::from(goes);
            !goes
        });
        by_id.retain(|_, sequence| by_sequence.contains_key(sequence));
    }
}

/// Written as a plain array in order.
impl Serialize for Operations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl From<Vec<Operation>> for Operations {
    fn from(all: Vec<Operation>) -> Self {
        let mut operations = Self::default();
        for operation in all {
            operations.by_id.insert(operation.request.operation.clone(), operation.sequence);
            operations.finished += usize::from(!operation.is_open());
            operations.by_sequence.insert(operation.sequence, Arc::new(operation));
        }
        operations
    }
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Vec::<Operation>::into)
    }
}

impl Read for Operations {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Vec::read(node).map(Vec::<Operation>::into)
    }
}

impl Read for OperationRequest {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            operation: node.field("operation")?,
            gesture: node.field("gesture")?,
            kind: node.field("kind")?,
            targets: node.field("targets")?,
            client_context: node.field("clientContext")?,
        })
    }
}

impl Read for OperationKind {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, _) = node.choice(&["mute", "muteSelf", "unmuteSelf", "configureMixer"])?;
        Ok(match at {
            0 => Self::Mute,
            1 => Self::MuteSelf,
            2 => Self::UnmuteSelf,
            _ => Self::ConfigureMixer,
        })
    }
}

impl Read for Outcome {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["completed", "failed", "unconfirmed"])?;
        Ok(match at {
            0 => Self::Completed,
            1 => Self::Failed {
                status: content.field("status")?,
                code: content.field("code")?,
                message: content.field("message")?,
                retry: content.field("retry")?,
            },
            _ => Self::Unconfirmed,
        })
    }
}

impl Read for OperationState {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["requested", "accepted", "finished"])?;
        Ok(match at {
            0 => Self::Requested,
            1 => Self::Accepted,
            _ => Self::Finished(Read::read(content)?),
        })
    }
}

impl Read for Operation {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            sequence: node.field("sequence")?,
            request: node.field("request")?,
            by: node.field("by")?,
            requested_at: node.field("requestedAt")?,
            finished_at: node.field("finishedAt")?,
            upstream_id: node.field("upstreamId")?,
            state: node.field("state")?,
        })
    }
}
