//! Confirmed state ahead of the signals: facts are folded as they come, signals follow once a frame.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use foldback_model::{
    By, CallKey, CallState, Event, Fact, IntentState, OperationKind, call::CallPhase,
    state::Applied,
};
use leptos::prelude::*;
use web_sys::AbortController;

use super::{Connection, Session};
use crate::link::pause::Pause;

/// What the parts of following a call share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) session: Session,
    pub(super) key: CallKey,
    pub(super) fold: RefCell<Fold>,
    pub(super) pause: Pause,
    pub(super) abort: RefCell<Option<AbortController>>,
    pub(super) stopped: RefCell<bool>,
}

/// Confirmed state ahead of the signals, which follow once a frame.
#[derive(Debug, Default)]
pub(super) struct Fold {
    pub(super) state: CallState,
    dirty: Dirty,
    /// A snapshot was taken.
    pub(super) begun: bool,
    scheduled: bool,
}

#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "any of the six signals may have to follow")]
struct Dirty {
    call: bool,
    roster: bool,
    desk: bool,
    operations: bool,
    intents: bool,
    scenes: bool,
}

impl Dirty {
    const ALL: Self = Self {
        call: true,
        roster: true,
        desk: true,
        operations: true,
        intents: true,
        scenes: true,
    };

    fn by(&mut self, event: &Event) {
        match event {
            Event::CallChanged(_) => self.call = true,
            Event::RosterReplaced { .. }
            | Event::ParticipantsChanged { .. }
            | Event::ParticipantsLeft { .. } => self.roster = true,
            Event::OperationRequested(_)
            | Event::OperationAccepted { .. }
            | Event::OperationFinished { .. } => self.operations = true,
            Event::MixChanged(_) => self.desk = true,
            Event::SceneSaved(_) | Event::SceneDeleted { .. } => self.scenes = true,
        }
    }
}

impl Shared {
    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    pub(super) fn abort_attempt(&self) {
        if let Some(controller) = self.abort.take() {
            controller.abort();
        }
    }

    pub(super) fn connection(&self, connection: Connection) {
        if !self.is_stopped() && self.session.connection.get_untracked() != connection {
            self.session.connection.set(connection);
        }
    }

    /// Folds a fact; false when facts before it are missing.
    pub(super) fn take(self: &Rc<Self>, fact: &Fact) -> bool {
        let (applied, moved) = {
            let mut fold = self.fold.borrow_mut();
            let applied = fold.state.apply(fact);
            if applied == Applied::Changed {
                fold.dirty.by(&fact.event);
            }
            let mut moved = false;
            if matches!(applied, Applied::Changed | Applied::Unchanged) {
                // Intents must see every fact in order, so they follow before the signals do.
                let roster = &fold.state.roster;
                moved = self
                    .session
                    .intents
                    .try_update_untracked(|intents| intents.follow(fact, roster))
                    .unwrap_or(false);
                fold.dirty.intents |= moved;
            }
            (applied, moved)
        };
        self.schedule();
        self.announce(fact, moved);
        applied != Applied::Gap
    }

    /// What became true of a wish, and what another operator did, is said to screen readers.
    fn announce(&self, fact: &Fact, moved: bool) {
        let fold = self.fold.borrow();
        let roster = &fold.state.roster;
        match &fact.event {
            Event::ParticipantsChanged { participants, .. } if moved => {
                let intents = self.session.intents.read_untracked();
                // A bulk mute has its own words.
                let bulk = self.session.bulk.read_untracked();
                let is_bulk = |context: &str| {
                    bulk.iter().flat_map(|bulk| &bulk.people).any(|(_, it)| it == context)
                };
                let confirmed = intents.iter().filter(|intent| {
                    intent.state == IntentState::Confirmed && !is_bulk(&intent.client_context)
                });
                for person in confirmed.flat_map(|intent| &intent.targets) {
                    let listed = participants.iter().any(|it| it.id == *person);
                    if let Some(person) = roster.get(person).filter(|_| listed) {
                        let word = if person.muted { "muted" } else { "unmuted" };
                        self.session.say(format!("{} {word}", person.name));
                    }
                }
            }
            Event::OperationRequested(request) if request.kind == OperationKind::Mute => {
                let By::Operator { id, name } = &fact.by else { return };
                let target = request.targets.first().and_then(|id| roster.get(id));
                if let Some(target) = target.filter(|_| !self.session.is_me(id)) {
                    self.session.say(format!("{name} mutes {}", target.name));
                }
            }
            _ => {}
        }
    }

    /// Signals change once a frame however many facts arrive; hidden pages have no frames.
    pub(super) fn schedule(self: &Rc<Self>) {
        if std::mem::replace(&mut self.fold.borrow_mut().scheduled, true) {
            return;
        }
        let shared = Rc::clone(self);
        if document().hidden() {
            set_timeout(move || shared.flush(), Duration::from_millis(100));
        } else {
            request_animation_frame(move || shared.flush());
        }
    }

    fn flush(&self) {
        if self.is_stopped() {
            return;
        }
        let session = self.session;
        let (dirty, call, roster, desk, operations, scenes) = {
            let mut fold = self.fold.borrow_mut();
            fold.scheduled = false;
            let dirty = std::mem::take(&mut fold.dirty);
            let state = &fold.state;
            (
                dirty,
                dirty.call.then(|| state.call.clone()),
                dirty.roster.then(|| Arc::new(state.roster.clone())),
                dirty.desk.then(|| Arc::new(state.desk.clone())),
                dirty.operations.then(|| Arc::new(state.operations.clone())),
                dirty.scenes.then(|| Arc::new(state.scenes.clone())),
            )
        };
        if let Some(call) = call {
            if call.as_ref().is_some_and(|call| call.state == CallPhase::Ended) {
                self.connection(Connection::Ended);
            }
            session.call.set(call);
        }
        if let Some(roster) = roster {
            session.talking.keep(&roster);
            session.roster.set(roster);
        }
        if let Some(desk) = desk {
            session.desk.set(desk);
        }
        if let Some(operations) = operations {
            session.operations.set(operations);
        }
        if let Some(scenes) = scenes {
            session.scenes.set(scenes);
        }
        if dirty.intents {
            session.intents.notify();
        }
    }

    /// Starts from a snapshot.
    pub(super) fn begin(self: &Rc<Self>, state: CallState) {
        {
            let mut fold = self.fold.borrow_mut();
            self.session.intents.try_update_untracked(|intents| {
                intents.confirm(&state.roster);
                intents.forget_settled();
            });
            fold.state = state;
            fold.dirty = Dirty::ALL;
            fold.begun = true;
        }
        self.schedule();
    }
}
