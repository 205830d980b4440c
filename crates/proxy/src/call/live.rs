//! What passes by in a call and is never stored: who has it open, who talks.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use foldback_model::{
    Live, ParticipantId,
    live::{Presence, Talk},
};
use tokio::sync::broadcast;

use super::Call;
use crate::session::Operator;

/// See the module.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) live: broadcast::Sender<Live>,
    presence: Mutex<(u64, BTreeMap<u64, Presence>)>,
    talk: Mutex<BTreeMap<ParticipantId, Talk>>,
}

impl Default for Passing {
    fn default() -> Self {
        Self {
            live: broadcast::Sender::new(64),
            presence: Mutex::default(),
            talk: Mutex::default(),
        }
    }
}

impl Call {
    /// Somebody watches from now on, until the guard is dropped.
    pub fn arrive(self: &Arc<Self>, operator: &Operator) -> Watching {
        let presence = Presence { id: operator.id.clone(), name: operator.name.clone() };
        let number = {
            let mut present = self.passing.presence.lock().unwrap_or_else(PoisonError::into_inner);
            present.0 += 1;
            let number = present.0;
            present.1.insert(number, presence);
            number
        };
        self.tell_presence();
        Watching { call: Arc::clone(self), number }
    }

    /// The operators who have the call open, each once, in the order they came.
    pub fn present(&self) -> Vec<Presence> {
        let present = self.passing.presence.lock().unwrap_or_else(PoisonError::into_inner);
        let mut operators: Vec<Presence> = Vec::new();
        for operator in present.1.values() {
            if !operators.contains(operator) {
                operators.push(operator.clone());
            }
        }
        operators
    }

    /// Passes on who talks now; only what changed goes out.
    pub fn talk(&self, people: impl IntoIterator<Item = Talk>) {
        let mut known = self.passing.talk.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Vec::new();
        for talk in people {
            if known.get(&talk.id) != Some(&talk) {
                if talk.active || talk.level > 0 {
                    known.insert(talk.id.clone(), talk.clone());
                } else if known.remove(&talk.id).is_none() {
                    continue;
                }
                changed.push(talk);
            }
        }
        drop(known);
        if !changed.is_empty() {
            self.say(Live::Talk { people: changed });
        }
    }

    /// Tells that the service is left alone, or asked again.
    pub fn service(&self, paused: bool) {
        self.say(Live::Service { paused });
    }

    /// Everybody who talks now.
    pub fn talking(&self) -> Vec<Talk> {
        let known = self.passing.talk.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }

    fn say(&self, live: Live) {
        // Nobody listening is fine.
        drop(self.passing.live.send(live));
    }

    fn tell_presence(&self) {
        self.say(Live::Presence { operators: self.present() });
    }
}

/// Somebody has the call open. Dropping it says that they left.
#[derive(Debug)]
pub struct Watching {
    call: Arc<Call>,
    number: u64,
}

impl Drop for Watching {
    fn drop(&mut self) {
        {
            let present = &self.call.passing.presence;
            let mut present = present.lock().unwrap_or_else(PoisonError::into_inner);
            present.1.remove(&self.number);
        }
        self.call.tell_presence();
    }
}
