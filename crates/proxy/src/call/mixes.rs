//! Mixes on their way to the service: one after the other, and who is waited for.

use std::collections::BTreeSet;

use foldback_model::ParticipantId;
use tokio::sync::{Mutex, MutexGuard, watch};

/// The mixes of one call.
#[derive(Debug, Default)]
pub struct Mixes {
    /// Held while a mix is on its way, so that an older one never follows a newer one.
    turn: Mutex<()>,
    queue: watch::Sender<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    last: u64,
    waiting: Vec<(u64, BTreeSet<ParticipantId>)>,
}

/// A mix that waits for its turn or has it, until it is dropped.
#[derive(Debug)]
pub struct Queued<'a> {
    mixes: &'a Mixes,
    number: u64,
    listeners: BTreeSet<ParticipantId>,
}

impl Mixes {
    /// Queues a mix for these listeners.
    pub fn queue(&self, listeners: BTreeSet<ParticipantId>) -> Queued<'_> {
        let mut number = 0;
        self.queue.send_modify(|queue| {
            queue.last += 1;
            number = queue.last;
            queue.waiting.push((number, listeners.clone()));
        });
        Queued { mixes: self, number, listeners }
    }

    /// Waits until no other mix is on its way.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl Queued<'_> {
    /// Comes back once a newer mix for one of the same listeners is queued: what this one says of
    /// them is not wanted any more.
    pub async fn superseded(&self) {
        let newer = |queue: &Queue| {
            queue.waiting.iter().any(|(number, listeners)| {
                *number > self.number && !listeners.is_disjoint(&self.listeners)
            })
        };
        // The sender lives as long as this.
        drop(self.mixes.queue.subscribe().wait_for(newer).await);
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.mixes.queue.send_modify(|queue| {
            queue.waiting.retain(|(number, _)| *number != self.number);
        });
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn only_newer_mixes_for_the_same_listeners_count() {
        let people = |ids: &[&str]| {
            ids.iter().map(|id| ParticipantId::parse(id).unwrap()).collect::<BTreeSet<_>>()
        };
        let mixes = Mixes::default();
        let _older = mixes.queue(people(&["a", "b"]));
        let this = mixes.queue(people(&["a", "b"]));
        assert_eq!(this.superseded().now_or_never(), None);
        let _other = mixes.queue(people(&["c"]));
        assert_eq!(this.superseded().now_or_never(), None);
        let newer = mixes.queue(people(&["b", "d"]));
        assert_eq!(this.superseded().now_or_never(), Some(()));
        drop(newer);
        assert_eq!(this.superseded().now_or_never(), None);
    }
}
