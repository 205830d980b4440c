//! What an operator asked for and has not been confirmed yet.
//!
//! Intents live in the panel only. They hold back (delay and cancel) and show; they never change
//! confirmed state. A mute is confirmed by the roster alone, a mix by its operation.

use foldback_wire::ids::ParticipantId;
use litemap::LiteMap;

use crate::{
    fact::{Event, Fact},
    operation::{OperationKind, Outcome},
    roster::Roster,
};

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The correlation text of its request; unique.
    pub client_context: String,
    /// What is asked.
    pub kind: OperationKind,
    /// Whom it is about.
    pub targets: Vec<ParticipantId>,
    /// How far it is.
    pub state: IntentState,
}

/// How far an intent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentState {
    /// Held back; it can still be cancelled.
    Held,
    /// On its way to the proxy.
    Sending,
    /// The service took it.
    Accepted,
    /// Confirmed facts show it.
    Confirmed,
    /// Nothing was applied.
    Failed {
        /// Words for the operator.
        message: String,
        /// Milliseconds until trying again makes sense.
        retry_ms: Option<u64>,
    },
    /// Nobody knows whether it was applied.
    Unconfirmed,
    /// Taken back before it was sent.
    Cancelled,
}

impl Intent {
    /// Neither confirmed, failed nor taken back.
    pub fn is_open(&self) -> bool {
        matches!(self.state, IntentState::Held | IntentState::Sending | IntentState::Accepted)
    }
}

/// All intents of this panel, by client context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intents {
    by_context: LiteMap<String, Intent>,
    /// Facts name operations; this leads back to the intent.
    context_of: LiteMap<crate::ids::OperationId, String>,
}

impl Intents {
    /// Takes in a new intent, replacing an older one about the same targets and of the same kind:
    /// the newest wish counts.
    pub fn add(&mut self, intent: Intent) {
        self.by_context.retain(|_, old| {
            old.kind != intent.kind || old.targets != intent.targets || old.is_open()
        });
        self.by_context.insert(intent.client_context.clone(), intent);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Intent> {
        self.by_context.values()
    }

    /// By its client context.
    pub fn get(&self, client_context: &str) -> Option<&Intent> {
        self.by_context.get(client_context)
    }

    /// The intent that says most about the microphone of `person`: an open one first, else a failed
    /// or unconfirmed one.
    pub fn of_microphone(&self, person: &ParticipantId) -> Option<&Intent> {
        let about = || {
            self.iter().filter(|intent| {
                intent.kind != OperationKind::ConfigureMixer && intent.targets.contains(person)
            })
        };
        about().find(|intent| intent.is_open()).or_else(|| {
            about().find(|intent| {
                matches!(intent.state, IntentState::Failed { .. } | IntentState::Unconfirmed)
            })
        })
    }

    /// The held-back time is over: it is being sent. False when it was cancelled or is unknown.
    pub fn sent(&mut self, client_context: &str) -> bool {
        self.step(client_context, |state| {
            (*state == IntentState::Held).then_some(IntentState::Sending)
        })
    }

    /// Takes a held intent back. False when it is too late.
    pub fn cancel(&mut self, client_context: &str) -> bool {
        self.step(client_context, |state| {
            (*state == IntentState::Held).then_some(IntentState::Cancelled)
        })
    }

    /// The proxy or the network refused it.
    pub fn refused(
        &mut self,
        client_context: &str,
        message: String,
        retry_ms: Option<u64>,
    ) -> bool {
        self.step(client_context, |state| {
            matches!(state, IntentState::Held | IntentState::Sending | IntentState::Accepted)
                .then_some(IntentState::Failed { message, retry_ms })
        })
    }

    /// The reply got lost on its way: facts will tell, or nobody knows.
    pub fn lost(&mut self, client_context: &str) -> bool {
        self.step(client_context, |state| {
            matches!(state, IntentState::Sending).then_some(IntentState::Unconfirmed)
        })
    }

    /// Follows a fact that was just folded; `roster` is the roster after it. True when anything
    /// changed.
    pub fn follow(&mut self, fact: &Fact, roster: &Roster) -> bool {
        let mut changed = false;
        match &fact.event {
            Event::OperationRequested(request) => {
                if let Some(context) = &request.client_context
                    && self.by_context.contains_key(context)
                {
                    self.context_of.insert(request.operation.clone(), context.clone());
                }
            }
            Event::OperationAccepted { operation, .. } => {
                changed |= self.step_operation(operation, |intent| {
                    matches!(intent.state, IntentState::Sending | IntentState::Unconfirmed)
                        .then_some(IntentState::Accepted)
                });
            }
            Event::OperationFinished { operation, outcome } => {
                changed |= self.step_operation(operation, |intent| match outcome {
                    Outcome::Failed { message, retry, .. } => {
                        Some(IntentState::Failed { message: message.clone(), retry_ms: *retry })
                    }
                    Outcome::Unconfirmed => Some(IntentState::Unconfirmed),
                    // The service calling a mute done does not make it true: the roster does.
                    Outcome::Completed if intent.kind == OperationKind::ConfigureMixer => {
                        Some(IntentState::Confirmed)
                    }
                    Outcome::Completed => Some(IntentState::Accepted),
                });
                if *outcome != Outcome::Unconfirmed {
                    self.context_of.remove(operation);
                }
            }
            Event::RosterReplaced { .. }
            | Event::ParticipantsChanged { .. }
            | Event::ParticipantsLeft { .. } => {}
            Event::CallChanged(_)
            | Event::MixChanged(_)
            | Event::SceneSaved(_)
            | Event::SceneDeleted { .. } => return false,
        }
        changed | self.confirm(roster)
    }

    /// After a fresh snapshot: what the roster shows is confirmed, what the snapshot's operations say
    /// is followed by [`Self::follow`] as facts arrive.
    pub fn confirm(&mut self, roster: &Roster) -> bool {
        let mut changed = false;
        for (_, intent) in &mut self.by_context {
            let shows = |id: &ParticipantId| match (roster.get(id), intent.kind) {
                (None, _) => roster.has_left(id),
                (Some(person), OperationKind::Mute | OperationKind::MuteSelf) => person.muted,
                (Some(person), OperationKind::UnmuteSelf) => !person.muted,
                (Some(_), OperationKind::ConfigureMixer) => false,
            };
            let waits = matches!(
                intent.state,
                IntentState::Sending | IntentState::Accepted | IntentState::Unconfirmed
            );
            if waits && !intent.targets.is_empty() && intent.targets.iter().all(shows) {
                intent.state = IntentState::Confirmed;
                changed = true;
            }
        }
        changed
    }

    /// Forgets what is over, keeping failures until the operator has dealt with them.
    pub fn forget_settled(&mut self) {
        self.by_context.retain(|_, intent| {
            !matches!(intent.state, IntentState::Confirmed | IntentState::Cancelled)
        });
    }

    fn step(
        &mut self,
        client_context: &str,
        next: impl FnOnce(&IntentState) -> Option<IntentState>,
    ) -> bool {
        let Some(intent) = self.by_context.get_mut(client_context) else { return false };
        next(&intent.state).is_some_and(|state| {
            intent.state = state;
            true
        })
    }

    fn step_operation(
        &mut self,
        operation: &crate::ids::OperationId,
        next: impl FnOnce(&Intent) -> Option<IntentState>,
    ) -> bool {
        let context = self.context_of.get(operation);
        let Some(intent) = context.and_then(|context| self.by_context.get_mut(context)) else {
            return false;
        };
        next(intent).is_some_and(|state| {
            let changed = intent.state != state;
            intent.state = state;
            changed
        })
    }
}
