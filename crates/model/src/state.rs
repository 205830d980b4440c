//! Everything confirmed about one call, as the fold of its facts.

use foldback_json::{Node, Read};
use serde::{Deserialize, Serialize};

use crate::{
    call::CallInfo,
    desk::Desk,
    fact::{Event, Fact},
    ids::Sequence,
    operation::Operations,
    roster::Roster,
    scene::{SavedScene, Scenes},
};

/// The snapshot of a call: what the proxy serves and the panel starts from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallState {
    /// The last fact folded in.
    pub sequence: Sequence,
    /// The call itself; none before the first fact about it.
    pub call: Option<CallInfo>,
    /// Who is in it.
    pub roster: Roster,
    /// What listeners hear.
    pub desk: Desk,
    /// Commands and their fate.
    pub operations: Operations,
    /// Desks under names.
    #[serde(default, skip_serializing_if = "Scenes::is_empty")]
    pub scenes: Scenes,
}

/// What [`CallState::apply`] did with a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It changed something.
    Changed,
    /// It was folded in and changed nothing.
    Unchanged,
    /// It was known already.
    Repeat,
    /// Facts before it are missing: take the snapshot again. Nothing was applied.
    Gap,
}

impl CallState {
    /// Folds one fact in.
    ///
    /// Facts known already are passed over; a fact whose `prev` lies beyond what was folded so far
    /// shows a gap and is refused.
    pub fn apply(&mut self, fact: &Fact) -> Applied {
        if fact.sequence <= self.sequence {
            return Applied::Repeat;
        }
        if fact.prev > self.sequence {
            return Applied::Gap;
        }
        self.sequence = fact.sequence;
        let changed = match &fact.event {
            Event::CallChanged(call) => {
                let changed = self.call.as_ref() != Some(call);
                self.call = Some(call.clone());
                changed
            }
            Event::RosterReplaced { participants, roster_sequence } => {
                self.roster.replace(participants, *roster_sequence)
            }
            Event::ParticipantsChanged { participants, roster_sequence } => {
                self.roster.upsert(participants, *roster_sequence)
            }
            Event::ParticipantsLeft { ids, .. } => self.roster.remove(ids),
            Event::OperationRequested(request) => {
                self.operations.request(fact.sequence, fact.at, &fact.by, request)
            }
            Event::OperationAccepted { operation, upstream_id } => {
                self.operations.accept(operation, upstream_id.as_ref())
            }
            Event::OperationFinished { operation, outcome } => {
                self.operations.finish(operation, fact.at, outcome)
            }
            Event::MixChanged(change) => self.desk.apply(change),
            Event::SceneSaved(scene) => {
                self.scenes.save(SavedScene {
                    scene: scene.clone(),
                    revision: fact.sequence,
                    by: fact.by.clone(),
                    at: fact.at,
                });
                true
            }
            Event::SceneDeleted { scene } => self.scenes.delete(scene),
        };
        if changed { Applied::Changed } else { Applied::Unchanged }
    }

    /// What of `event` would be news, or `None` when it would change nothing: the proxy journals only
    /// news, so that repeated and stale notifications leave no trace.
    pub fn news(&self, event: Event) -> Option<Event> {
        match event {
            Event::CallChanged(call) => {
                (self.call.as_ref() != Some(&call)).then_some(Event::CallChanged(call))
            }
            Event::ParticipantsChanged { participants, roster_sequence } => {
                let participants = self.roster.news(&participants, roster_sequence);
                (!participants.is_empty())
                    .then_some(Event::ParticipantsChanged { participants, roster_sequence })
            }
            Event::ParticipantsLeft { ids, reason } => {
                let ids: Vec<_> = ids.into_iter().filter(|id| !self.roster.has_left(id)).collect();
                (!ids.is_empty()).then_some(Event::ParticipantsLeft { ids, reason })
            }
            Event::RosterReplaced { participants, roster_sequence } => {
                let changed = self.roster.clone().replace(&participants, roster_sequence);
                changed.then_some(Event::RosterReplaced { participants, roster_sequence })
            }
            Event::OperationAccepted { operation, upstream_id } => self
                .operations
                .would_accept(&operation, upstream_id.as_ref())
                .then_some(Event::OperationAccepted { operation, upstream_id }),
            Event::OperationFinished { operation, outcome } => self
                .operations
                .would_finish(&operation, &outcome)
                .then_some(Event::OperationFinished { operation, outcome }),
            Event::MixChanged(change) => {
                let changed = self.desk.clone().apply(&change);
                changed.then_some(Event::MixChanged(change))
            }
            // Saved as it was is saved all the same: who and when are news.
            Event::SceneSaved(scene) => Some(Event::SceneSaved(scene)),
            Event::SceneDeleted { scene } => {
                self.scenes.get(&scene).is_some().then_some(Event::SceneDeleted { scene })
            }
            Event::OperationRequested(request) => self
                .operations
                .get(&request.operation)
                .is_none()
                .then_some(Event::OperationRequested(request)),
        }
    }
}

impl Read for CallState {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            sequence: node.field("sequence")?,
            call: node.field("call")?,
            roster: node.field("roster")?,
            desk: node.field("desk")?,
            operations: node.field("operations")?,
            scenes: node.field_or_default("scenes")?,
        })
    }
}
