//! From edits to requests: whom they reach, what leaves, what becomes of it.

use std::time::Duration;

use foldback_model::{Layer, ParticipantId, plan};
use foldback_wire::graph::{
    ConfigureMixer,
    ExclusiveMember::{Exclusive, ExclusiveMode},
};
use leptos::prelude::*;

use super::{
    Payload,
    body::pretty,
    edits::{Edits, Ticket},
    pace::MOVING_MS,
};
use crate::{
    link::Failure,
    session::{Session, now_ms, operations},
};

/// Most listeners whose request is shown anew at every move of the pointer; a longer text is shown
/// anew once in [`MOVING_MS`].
const SHOWN_AT_EVERY_MOVE: usize = 8;

/// Milliseconds after which an accepted request is looked at again: if no fact showed it, somebody
/// else has decided otherwise.
const LOOK_AGAIN_MS: u64 = super::edits::FACT_WAIT_MS + 100;

/// One request of a mix.
#[derive(Debug, Clone)]
pub struct Body {
    /// The JSON.
    pub text: String,
    /// Its correlation text.
    pub context: String,
    /// Whom it names.
    pub listeners: Vec<ParticipantId>,
}

impl Session {
    /// Listeners whose mix the layer's edits change.
    fn reached(&self, layer: &Layer) -> Vec<ParticipantId> {
        self.mixer.edits.with_untracked(|edits| self.reached_by(edits, layer))
    }

    fn reached_by(&self, edits: &Edits, layer: &Layer) -> Vec<ParticipantId> {
        let call = self.call.get_untracked();
        let roster = self.roster.get_untracked();
        // Edits for others may leave with this layer's.
        let everybody = plan::affected(&Layer::Everyone, &roster, call.as_ref());
        edits.reached(layer, &everybody, &self.desk.get_untracked())
    }

    /// The bodies that would leave for `layer` now, as they would leave.
    fn bodies(&self, layer: &Layer, listeners: &[ParticipantId]) -> Vec<Body> {
        self.mixer.edits.with_untracked(|edits| self.bodies_of(edits, layer, listeners))
    }

    fn bodies_of(&self, edits: &Edits, layer: &Layer, listeners: &[ParticipantId]) -> Vec<Body> {
        let desk = edits.to_send(layer, &self.desk.get_untracked());
        let roster = self.roster.get_untracked();
        let mut contexts = Vec::new();
        self.mixer.core.update_value(|core| {
            contexts = std::mem::take(&mut core.of(layer).contexts);
        });
        let mut n_used = 0;
        let requests = plan::requests(&desk, &roster, listeners, || {
            if n_used == contexts.len() {
                contexts.push(operations::client_context());
            }
            n_used += 1;
            contexts.get(n_used - 1).cloned().unwrap_or_default()
        });
        self.mixer.core.update_value(|core| {
            core.of(layer).contexts = contexts;
        });
        let other_name = self.config.with_untracked(|config| config.exclusive_mode);
        let member = if other_name { ExclusiveMode } else { Exclusive };
        // Requests name the listeners in their order.
        let mut listeners = listeners.iter();
        let body = |request: ConfigureMixer| Body {
            context: request.client_context.clone().unwrap_or_default(),
            listeners: listeners
                .by_ref()
                .take(request.participant_mixer_levels.len())
                .cloned()
                .collect(),
            text: pretty(&request.spelled(member)),
        };
        requests.into_iter().map(body).collect()
    }

    fn show(&self, bodies: &[Body], is_sent: bool) {
        if let Some(first) = bodies.first() {
            self.mixer.core.update_value(|core| core.shown_ms = now_ms());
            self.mixer.payload.set(Payload {
                text: first.text.clone(),
                n_parts: bodies.len(),
                is_sent,
            });
        }
    }

    /// Shows what would be sent now, unless it is: then it is shown as it leaves.
    pub(super) fn show_draft(&self, layer: &Layer) {
        let listeners = self.reached(layer);
        let now = now_ms();
        let is_live = self.connection.get_untracked().is_live();
        let (leaves, is_fresh) = self.mixer.core.with_value(|core| {
            let leaves = is_live && core.pace.lets_go(layer, &listeners, now);
            (leaves, now < core.shown_ms + MOVING_MS)
        });
        if !leaves && (listeners.len() <= SHOWN_AT_EVERY_MOVE || !is_fresh) {
            let bodies = self.bodies(layer, &listeners);
            self.show(&bodies, false);
        }
    }

    /// Shows what would be sent if the drafts were taken now.
    pub(super) fn show_drafts(&self) {
        let mut edits = self.mixer.edits.get_untracked();
        if let Some(layer) = edits.take_drafts() {
            let listeners = self.reached_by(&edits, &layer);
            let bodies = self.bodies_of(&edits, &layer, &listeners);
            self.show(&bodies, false);
        }
    }

    /// Sends whatever may leave now and sets the clock for what may leave later.
    pub(super) fn pump(&self) {
        if !self.connection.get_untracked().is_live() {
            if self.mixer.edits.with_untracked(|edits| edits != &Edits::default()) {
                self.mixer.edits.update(Edits::keep_unsent);
            }
            return;
        }
        let mixer = self.mixer;
        loop {
            let mut due = None;
            mixer.core.with_value(|core| {
                due = core.pace.due(now_ms(), |layer| self.reached(layer));
            });
            let Some((layer, listeners)) = due else { break };
            self.send_layer(&layer, listeners);
        }
        let mut wait_ms = None;
        mixer.core.update_value(|core| {
            let now = now_ms();
            let wake = core.pace.wake_ms(now).filter(|_| !core.is_timer_set);
            core.is_timer_set |= wake.is_some();
            wait_ms = wake.map(|at| at.saturating_sub(now));
        });
        if let Some(ms) = wait_ms {
            let session = *self;
            let wake = move || {
                session.mixer.core.update_value(|core| core.is_timer_set = false);
                session.pump();
            };
            set_timeout(wake, Duration::from_millis(ms));
        }
    }

    fn send_layer(&self, layer: &Layer, listeners: Vec<ParticipantId>) {
        let mixer = self.mixer;
        if !mixer.edits.with_untracked(|edits| edits.is_unsent(layer)) {
            mixer.core.update_value(|core| core.pace.settle(layer));
            return;
        }
        if listeners.is_empty() {
            mixer.core.update_value(|core| core.pace.settle(layer));
            mixer.edits.update(|edits| edits.drop_unsent(layer));
            self.note("Nothing was sent: this changes what nobody hears");
            return;
        }
        let bodies = self.bodies(layer, &listeners);
        self.show(&bodies, true);
        let mut gesture = None;
        let mut ticket = Ticket(0);
        mixer.core.update_value(|core| {
            let memory = core.of(layer);
            memory.contexts.clear();
            gesture.clone_from(&memory.gesture);
            ticket = core.pace.start(layer, listeners, bodies.len(), now_ms());
        });
        mixer.edits.update(|edits| edits.carry(layer, ticket));
        for body in bodies {
            let session = *self;
            self.send_mixer(body, gesture.clone(), layer.clone(), move |outcome| {
                session.landed(ticket, outcome);
            });
        }
    }

    /// One part of a request was answered.
    fn landed(&self, ticket: Ticket, outcome: Result<(), Failure>) {
        let mixer = self.mixer;
        let mut last = false;
        let mut failure = None;
        mixer.core.update_value(|core| {
            if let Err(failure) = outcome {
                core.failures.retain(|(of, _)| *of != ticket);
                core.failures.push((ticket, failure));
            }
            last = core.pace.landed(ticket);
            if last && let Some(at) = core.failures.iter().position(|(of, _)| *of == ticket) {
                failure = Some(core.failures.swap_remove(at).1);
            }
        });
        if !last {
            return;
        }
        let confirmed = self.desk.get_untracked();
        mixer.edits.update(|edits| match &failure {
            None => {
                edits.accepted(ticket, now_ms());
                edits.confirm(&confirmed, now_ms());
            }
            Some(Failure::Lost(_)) => edits.lost(ticket),
            Some(_) => edits.refused(ticket),
        });
        match failure {
            None => {
                let session = *self;
                let look = move || session.settle_edits(&session.desk.get_untracked());
                set_timeout(look, Duration::from_millis(LOOK_AGAIN_MS));
            }
            Some(Failure::Lost(_)) => {
                self.tell("The connection broke: a mix change may not have arrived");
            }
            Some(failure) => {
                self.tell(format!("The mix was not changed: {}", failure.message()));
            }
        }
        self.pump();
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::{
        Desk, Ducking, DuckingChoice, Participant, PersonKey, PersonKind, Roster,
    };

    use super::*;
    use crate::session::mixer::edits::Wish;

    fn person(id: &str) -> Participant {
        Participant {
            id: ParticipantId::parse(id).unwrap(),
            person: PersonKey { tenant: String::new(), kind: "user".into(), id: id.into() },
            name: id.to_owned(),
            kind: PersonKind::User,
            muted: false,
            server_muted: false,
            in_lobby: false,
            roster_sequence: None,
        }
    }

    #[test]
    fn no_request_gives_ducking_sources_to_who_has_no_ducking() {
        let people = ["ada", "bob", "cyd"].map(person);
        let mut roster = Roster::default();
        roster.upsert(&people, None);
        let [ada, bob, cyd] = people.map(|person| person.id);
        let mut desk = Desk::default();
        Wish::DucksOthers(bob.clone(), Some(true)).apply(&Layer::Everyone, &mut desk);
        Wish::Ducking(Some(DuckingChoice::On(Ducking::VOICE_OVER)))
            .apply(&Layer::Everyone, &mut desk);
        Wish::Ducking(Some(DuckingChoice::Off)).apply(&Layer::Listener(ada.clone()), &mut desk);
        let requests = plan::requests(&desk, &roster, &[ada, cyd], String::new);
        let [request] = requests.as_slice() else { panic!("one request names both") };
        assert!(request.check().is_ok());
        let ducks: Vec<_> = request
            .participant_mixer_levels
            .iter()
            .map(|entry| {
                let mut levels = entry.source_levels.iter();
                levels.any(|it| it.participant == bob.as_str() && it.duck_others == Some(true))
            })
            .collect();
        assert_eq!(ducks, [false, true]);
    }
}
