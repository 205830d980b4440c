//! Who has a call open, and when the others are told.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use foldback_model::{Live, OperatorId, live::Presence};
use tokio::{runtime::Handle, time::sleep};

use super::{Call, told::Told};
use crate::session::Operator;

/// Least time between two tellings.
const REST: Duration = Duration::from_millis(250);

/// Added to it for each operator and stream: everybody is told of everybody, which for thousands who
/// come back at once is gigabytes. With 1,000 of both it is 5 seconds.
const REST_MORE: Duration = Duration::from_micros(5);

/// Most time between two tellings.
const REST_MOST: Duration = Duration::from_secs(10);

/// The operators who have one call open.
#[derive(Debug, Default)]
pub(super) struct Present(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Arrivals so far.
    arrivals: u64,
    streams: usize,
    operators: HashMap<OperatorId, Here>,
    /// What was told last.
    told: Option<Arc<Told<Live>>>,
    pace: Pace,
}

/// One of them, with any number of streams.
#[derive(Debug)]
struct Here {
    name: String,
    /// Which arrival was theirs.
    since: u64,
    streams: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// A change is told at once.
    #[default]
    Ready,
    /// It was told a moment ago.
    Resting,
    /// As [`Self::Resting`], and something changed since.
    Due,
}

impl Present {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether the others see a change.
    fn arrive(&mut self, operator: &Operator) -> bool {
        self.arrivals += 1;
        self.streams += 1;
        let here = self.operators.entry(operator.id.clone()).or_insert_with(|| Here {
            name: String::new(),
            since: self.arrivals,
            streams: 0,
        });
        here.streams += 1;
        let is_news = here.name != operator.name || here.streams == 1;
        if is_news {
            here.name.clone_from(&operator.name);
        }
        is_news
    }

    /// Whether the others see a change.
    fn leave(&mut self, operator: &OperatorId) -> bool {
        self.streams = self.streams.saturating_sub(1);
        let Some(here) = self.operators.get_mut(operator) else { return false };
        here.streams = here.streams.saturating_sub(1);
        let is_gone = here.streams == 0;
        if is_gone {
            self.operators.remove(operator);
        }
        is_gone
    }

    fn operators(&self) -> Vec<Presence> {
        let mut here: Vec<_> = self.operators.iter().collect();
        here.sort_unstable_by_key(|(_, here)| here.since);
        let presence =
            |(id, here): (&OperatorId, &Here)| Presence { id: id.clone(), name: here.name.clone() };
        here.into_iter().map(presence).collect()
    }

    fn rest(&self) -> Duration {
        let pairs = self.operators.len().saturating_mul(self.streams);
        let more = REST_MORE.saturating_mul(u32::try_from(pairs).unwrap_or(u32::MAX));
        REST.saturating_add(more).min(REST_MOST)
    }
}

impl Call {
    /// Somebody watches from now on, until the guard is dropped. The others are told when it is not
    /// only one more window of somebody who is there.
    pub fn arrive(self: &Arc<Self>, operator: &Operator) -> Watching {
        let is_news = self.passing.present.inner().arrive(operator);
        if is_news {
            self.presence_changed();
        }
        Watching { call: Arc::clone(self), operator: operator.id.clone() }
    }

    /// The operators who have the call open, each once, in the order they came.
    pub fn present(&self) -> Vec<Presence> {
        self.passing.present.inner().operators()
    }

    /// What everybody was told last of who is here; what changed since is told soon.
    pub fn presence(&self) -> Option<Arc<Told<Live>>> {
        self.passing.present.inner().told.clone()
    }

    fn presence_changed(self: &Arc<Self>) {
        let runtime = Handle::try_current();
        let mut present = self.passing.present.inner();
        if present.pace != Pace::Ready {
            present.pace = Pace::Due;
            return;
        }
        self.tell_presence(&mut present);
        // Without a runtime there is nothing that could tell later.
        if let Ok(runtime) = runtime {
            present.pace = Pace::Resting;
            runtime.spawn(tell_later(Arc::downgrade(self), present.rest()));
        }
    }

    fn tell_presence(&self, present: &mut Inner) {
        let told = Arc::new(Told::new(Live::Presence { operators: present.operators() }));
        present.told = Some(Arc::clone(&told));
        self.say(told);
    }
}

/// Tells what changed during each rest, until nothing did.
async fn tell_later(call: Weak<Call>, mut rest: Duration) {
    loop {
        sleep(rest).await;
        let Some(call) = call.upgrade() else { return };
        let mut present = call.passing.present.inner();
        if present.pace != Pace::Due {
            present.pace = Pace::Ready;
            return;
        }
        present.pace = Pace::Resting;
        call.tell_presence(&mut present);
        rest = present.rest();
    }
}

/// Somebody has the call open. Dropping it says that they left.
#[derive(Debug)]
pub struct Watching {
    call: Arc<Call>,
    operator: OperatorId,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let is_news = self.call.passing.present.inner().leave(&self.operator);
        if is_news {
            self.call.presence_changed();
        }
    }
}
