//! What passes by in a call and is never stored: who talks, and who has it open (see `present`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use foldback_model::{Live, ParticipantId, live::Talk};
use tokio::sync::broadcast;

use super::{Call, present::Present, told::Told};

/// See the module.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) live: broadcast::Sender<Arc<Told<Live>>>,
    pub(super) present: Present,
    talk: Mutex<BTreeMap<ParticipantId, Talk>>,
}

impl Default for Passing {
    fn default() -> Self {
        Self {
            live: broadcast::Sender::new(64),
            present: Present::default(),
            talk: Mutex::default(),
        }
    }
}

impl Call {
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
            self.say(Arc::new(Told::new(Live::Talk { people: changed })));
        }
    }

    /// Tells that the service is left alone, or asked again.
    pub fn service(&self, paused: bool) {
        self.say(Arc::new(Told::new(Live::Service { paused })));
    }

    /// Everybody who talks now.
    pub fn talking(&self) -> Vec<Talk> {
        let known = self.passing.talk.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }

    pub(super) fn say(&self, live: Arc<Told<Live>>) {
        // Nobody listening is fine.
        drop(self.passing.live.send(live));
    }
}
