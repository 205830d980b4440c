//! Who talks how loud: one signal a person, past everything else.

use foldback_model::{ParticipantId, Roster, live::Talk};
use leptos::prelude::*;
use litemap::LiteMap;

use crate::reactive::Signal;

/// Talk activity of the open call. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Talking {
    people: StoredValue<LiteMap<ParticipantId, ArcRwSignal<u8>>>,
}

impl Talking {
    /// Nobody talks.
    pub fn new() -> Self {
        Self { people: StoredValue::new(LiteMap::new()) }
    }

    /// One person's level in percent of full scale, 0 while silent. Somebody who talks without a
    /// level from the service counts as half.
    pub fn of(&self, person: &ParticipantId) -> Signal<u8> {
        let level = self.signal(person);
        Signal::derive(move || level.get())
    }

    /// Who talks now.
    pub fn now(&self) -> Vec<ParticipantId> {
        let talks = |(id, level): (&ParticipantId, &ArcRwSignal<u8>)| {
            (level.get_untracked() > 0).then(|| id.clone())
        };
        self.people.with_value(|people| people.iter().filter_map(talks).collect())
    }

    /// Takes in what changed.
    pub fn apply(&self, people: &[Talk]) {
        for talk in people {
            let level = match (talk.active, talk.level) {
                (false, _) => 0,
                (true, 0) => 50,
                (true, level) => level.min(100),
            };
            let signal = self.signal(&talk.id);
            if signal.get_untracked() != level {
                signal.set(level);
            }
        }
    }

    /// Nobody is known to talk any more: the stream broke, or another call opens.
    pub fn silence(&self) {
        let signals: Vec<_> = self.people.with_value(|people| people.values().cloned().collect());
        for signal in signals {
            signal.set(0);
        }
    }

    /// Forgets people who are not in the call.
    pub fn keep(&self, roster: &Roster) {
        self.people.update_value(|people| people.retain(|id, _| roster.contains(id)));
    }

    fn signal(&self, person: &ParticipantId) -> ArcRwSignal<u8> {
        if let Some(signal) = self.people.with_value(|people| people.get(person).cloned()) {
            return signal;
        }
        let signal = ArcRwSignal::new(0);
        self.people.update_value(|people| drop(people.insert(person.clone(), signal.clone())));
        signal
    }
}

impl Default for Talking {
    fn default() -> Self {
        Self::new()
    }
}
