//! One open call: its folded state, the only way to change it, and who is watching.

mod live;
pub mod mixes;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use foldback_model::{
    By, CallInfo, CallKey, CallState, Event, Fact, Live, OperationId, ParticipantId, Sequence,
    Timestamp, call::CallPhase, plan,
};
use foldback_wire::graph::ConfigureMixer;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    journal::{Append, Journal, JournalError, NewFact},
    metrics::Metrics,
};
use live::Passing;
pub use live::Watching;
use mixes::Mixes;

/// Facts a slow reader may lag behind before it is dropped.
pub const FACT_QUEUE: usize = 1_024;

/// Facts read from the journal at once.
pub const PAGE: usize = 500;

/// What is folded, and where the roster last changed.
#[derive(Debug, Default)]
pub struct Folded {
    /// The fold of all facts so far.
    pub state: CallState,
    /// The last fact about the roster.
    pub roster_at: Sequence,
}

/// A mix whose fate nobody knows yet; it becomes part of the desk if the service says it was done.
#[derive(Debug, Clone)]
pub struct SentMix {
    /// What was sent.
    pub request: ConfigureMixer,
    /// It belongs to the base layer.
    pub everyone: bool,
    /// The drag or bulk action.
    pub gesture: Option<foldback_model::GestureId>,
    /// Who asked.
    pub by: By,
}

/// Where the delta rosters stand.
#[derive(Debug, Default)]
struct Delta {
    last: Option<u64>,
    gap: bool,
}

/// See the module.
pub struct Call {
    /// Which call.
    pub key: CallKey,
    /// It runs inside the embedded service.
    pub rehearsal: bool,
    /// Mixes on their way.
    pub mixes: Mixes,
    /// Asks for a reading of the roster soon.
    pub doubt: Notify,
    /// Cancelled when the call is closed here.
    pub closed: CancellationToken,
    /// Who is leaving it, from before the service is asked: it may tell of the end before it answers.
    pub leaving: Mutex<Option<By>>,
    /// Mixes sent whose fate is unknown.
    pub unknown_mixes: Mutex<HashMap<OperationId, SentMix>>,
    delta: Mutex<Delta>,
    journal: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    writing: tokio::sync::Mutex<()>,
    folded: RwLock<Folded>,
    facts: broadcast::Sender<Arc<Fact>>,
    passing: Passing,
    joined: mpsc::UnboundedSender<ParticipantId>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What a stream starts from: everything after `head` comes through `facts`.
#[derive(Debug)]
pub struct Subscription {
    /// The last fact before the first one that `facts` gives.
    pub head: Sequence,
    /// Facts from then on.
    pub facts: broadcast::Receiver<Arc<Fact>>,
    /// Passing things from then on.
    pub live: broadcast::Receiver<Live>,
}

impl Call {
    /// Opens a call from its journal. The receiver gives people who joined while the base mix was
    /// not neutral.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn open(
        key: CallKey,
        rehearsal: bool,
        journal: Arc<dyn Journal>,
        metrics: Arc<Metrics>,
    ) -> Result<(Arc<Self>, mpsc::UnboundedReceiver<ParticipantId>), JournalError> {
        let (joined, joiners) = mpsc::unbounded_channel();
        let call = Self {
            key,
            rehearsal,
            mixes: Mixes::default(),
            doubt: Notify::new(),
            closed: CancellationToken::new(),
            leaving: Mutex::default(),
            unknown_mixes: Mutex::default(),
            delta: Mutex::default(),
            journal,
            metrics,
            writing: tokio::sync::Mutex::default(),
            folded: RwLock::default(),
            facts: broadcast::Sender::new(FACT_QUEUE),
            passing: Passing::default(),
            joined,
        };
        call.catch_up().await?;
        Ok((Arc::new(call), joiners))
    }

    /// The folded state, to be read and let go of at once.
    pub fn read(&self) -> RwLockReadGuard<'_, Folded> {
        self.folded.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes facts of what `make` finds to be news. Durable first, folded then, shown last.
    ///
    /// The events of one call of `make` are about different things: each is judged against the state
    /// before all of them. `make` runs again when somebody else has written meanwhile.
    ///
    /// # Errors
    /// When the journal cannot be written; nothing has changed then.
    pub async fn append(
        &self,
        make: impl Fn(&Folded) -> Vec<(By, Event)>,
    ) -> Result<Vec<Arc<Fact>>, JournalError> {
        let _writing = self.writing.lock().await;
        loop {
            let (expected, facts) = {
                let folded = self.read();
                let at = now();
                let news = make(&folded).into_iter().filter_map(|(by, event)| {
                    let event = folded.state.news(event)?;
                    let by = self.who_ended(&event).unwrap_or(by);
                    Some(NewFact { at, by, event })
                });
                (folded.state.sequence, news.collect::<Vec<_>>())
            };
            if facts.is_empty() {
                return Ok(Vec::new());
            }
            let append = Append {
                call: self.key.clone(),
                expected,
                dedup: uuid::Uuid::new_v4().to_string(),
                facts,
            };
            let written = match self.journal.append(append.clone()).await {
                // The first try may have been committed all the same: the same name finds it.
                Err(JournalError::Broken(_)) => self.journal.append(append).await,
                other => other,
            };
            match written {
                Ok(facts) => return Ok(self.fold(facts, true)),
                Err(JournalError::Conflict { .. }) => self.catch_up().await?,
                Err(error) => {
                    tracing::error!(call = %self.key, %error, "the journal cannot be written");
                    return Err(error);
                }
            }
        }
    }

    /// Who asked for the end that an event tells, when it is one and somebody did.
    fn who_ended(&self, event: &Event) -> Option<By> {
        let Event::CallChanged(CallInfo { state: CallPhase::Ended, .. }) = event else {
            return None;
        };
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As [`Self::append`] for one event.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub async fn append_one(&self, by: By, event: Event) -> Result<Vec<Arc<Fact>>, JournalError> {
        self.append(|_| vec![(by.clone(), event.clone())]).await
    }

    /// Starts watching: no fact is missed and none comes twice.
    pub fn subscribe(&self) -> Subscription {
        let folded = self.read();
        Subscription {
            head: folded.state.sequence,
            facts: self.facts.subscribe(),
            live: self.passing.live.subscribe(),
        }
    }

    /// Facts of the journal after `after` and up to `until`, at most [`PAGE`].
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn replay(
        &self,
        after: Sequence,
        until: Sequence,
    ) -> Result<Vec<Fact>, JournalError> {
        self.journal.read(self.key.clone(), after, until, PAGE).await
    }

    /// Notes the number of a delta roster. The first one, and one that does not follow the last,
    /// show that something is missing: a reading is asked for.
    pub fn saw_delta(&self, number: u64) {
        let mut delta = self.delta.lock().unwrap_or_else(PoisonError::into_inner);
        let follows = delta.last.is_some_and(|last| number <= last.saturating_add(1));
        delta.last = Some(delta.last.map_or(number, |last| last.max(number)));
        if !follows {
            delta.gap = true;
            drop(delta);
            self.doubt.notify_one();
        }
    }

    /// Whether a gap was seen since the last time this was asked.
    pub fn take_gap(&self) -> bool {
        let mut delta = self.delta.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut delta.gap)
    }

    /// Folds what others wrote into the journal.
    async fn catch_up(&self) -> Result<(), JournalError> {
        loop {
            let after = self.read().state.sequence;
            let facts = self.replay(after, Sequence(u64::MAX)).await?;
            if facts.is_empty() {
                return Ok(());
            }
            self.fold(facts, false);
        }
    }

    /// A mix for everyone was accepted: who came while it was on its way is not named in it, and was
    /// neutral by the base of before.
    pub fn look_after_newcomers(&self, before: &BTreeSet<ParticipantId>) {
        let folded = self.read();
        for person in folded.state.roster.iter().filter(|person| !before.contains(&person.id)) {
            self.look_after(&folded.state, person.id.clone());
        }
    }

    /// Has a listener sent what the desk holds for them, unless that is nothing.
    fn look_after(&self, state: &CallState, id: ParticipantId) {
        let person = state.roster.get(&id);
        let listens = person.is_some_and(|it| plan::is_listener(it, state.call.as_ref()));
        if listens && !plan::mix_for(&state.desk, &state.roster, &id).is_neutral() {
            // The receiver is gone only when the call is closed.
            drop(self.joined.send(id));
        }
    }

    /// Folds and shows durable facts. Subscribing waits meanwhile, so that a new reader gets each of
    /// them either from the journal or from here. People who joined are looked after by whoever
    /// wrote the fact (`ours`).
    fn fold(&self, facts: Vec<Fact>, ours: bool) -> Vec<Arc<Fact>> {
        let mut folded = self.folded.write().unwrap_or_else(PoisonError::into_inner);
        let mut shown = Vec::with_capacity(facts.len());
        for fact in facts {
            let candidates = if ours { candidates(&folded.state, &fact.event) } else { Vec::new() };
            folded.state.apply(&fact);
            if matches!(
                fact.event,
                Event::RosterReplaced { .. }
                    | Event::ParticipantsChanged { .. }
                    | Event::ParticipantsLeft { .. }
            ) {
                folded.roster_at = fact.sequence;
            }
            for id in candidates {
                self.look_after(&folded.state, id);
            }
            if folded.state.call.as_ref().is_some_and(|info| info.state == CallPhase::Ended) {
                self.closed.cancel();
            }
            self.metrics.facts.inc();
            let fact = Arc::new(fact);
            // Nobody listening is fine.
            drop(self.facts.send(Arc::clone(&fact)));
            shown.push(fact);
        }
        shown
    }
}

/// People in `event` who were no listeners before it.
fn candidates(before: &CallState, event: &Event) -> Vec<ParticipantId> {
    let (Event::RosterReplaced { participants, .. }
    | Event::ParticipantsChanged { participants, .. }) = event
    else {
        return Vec::new();
    };
    if before.sequence == Sequence(0) {
        return Vec::new();
    }
    let listened = |id: &ParticipantId| {
        let known = before.roster.get(id);
        known.is_some_and(|person| plan::is_listener(person, before.call.as_ref()))
    };
    let new = participants.iter().filter(|person| !listened(&person.id));
    new.map(|person| person.id.clone()).collect()
}

/// The wall time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
