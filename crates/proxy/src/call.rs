//! One open call: its folded state, the only way to change it, and who is watching.

mod append;
mod live;
pub mod mixes;
mod present;
mod told;

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use foldback_model::{
    By, CallKey, CallState, Event, Fact, Live, OperationId, ParticipantId, Sequence, Timestamp,
    call::CallPhase, plan,
};
use foldback_wire::graph::ConfigureMixer;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    access::CallAccess,
    answer::Packed,
    journal::{Journal, JournalError},
    metrics::Metrics,
    session::Session,
};
use append::Ahead;
use live::Passing;
use mixes::Mixes;
pub use present::Watching;
pub use told::Told;

/// Facts a slow reader may lag behind before it is dropped.
pub const FACT_QUEUE: usize = 1_024;

/// Facts read from the journal at once.
pub const PAGE: usize = 500;

/// What is folded, and where the roster last changed.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The fold of all facts so far.
    pub state: CallState,
    /// The last fact about the roster.
    pub roster_at: Sequence,
}

impl Folded {
    fn apply(&mut self, fact: &Fact) {
        self.state.apply(fact);
        let of_the_roster = matches!(
            fact.event,
            Event::RosterReplaced { .. }
                | Event::ParticipantsChanged { .. }
                | Event::ParticipantsLeft { .. }
        );
        if of_the_roster {
            self.roster_at = fact.sequence;
        }
    }

    /// Whether the call has ended.
    pub fn is_over(&self) -> bool {
        self.state.call.as_ref().is_some_and(|info| info.state == CallPhase::Ended)
    }
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
    /// Who is leaving it and from where, from before the service is asked: it may tell of the end
    /// before it answers.
    pub leaving: Mutex<Option<(By, Option<IpAddr>)>>,
    /// Held while somebody leaves it or says who may see it: one at a time, in one order for the audit,
    /// the journal and what stands here.
    pub changing: tokio::sync::Mutex<()>,
    /// Mixes sent whose fate is unknown.
    pub unknown_mixes: Mutex<HashMap<OperationId, SentMix>>,
    /// Who may see it: administrators alone until somebody says.
    access: RwLock<CallAccess>,
    delta: Mutex<Delta>,
    journal: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    /// What is with the journal, ahead of `folded`.
    ahead: Mutex<Ahead>,
    /// Whose facts are folded next, in the order in which the journal got them.
    turn: tokio::sync::Mutex<()>,
    folded: RwLock<Folded>,
    /// What [`Self::snapshot`] wrote last, and after which fact.
    snapshot: Mutex<Option<(Sequence, Arc<Packed>)>>,
    facts: broadcast::Sender<Arc<Told<Arc<Fact>>>>,
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
    pub facts: broadcast::Receiver<Arc<Told<Arc<Fact>>>>,
    /// Passing things from then on.
    pub live: broadcast::Receiver<Arc<Told<Live>>>,
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
            changing: tokio::sync::Mutex::default(),
            unknown_mixes: Mutex::default(),
            access: RwLock::default(),
            delta: Mutex::default(),
            journal,
            metrics,
            ahead: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            folded: RwLock::default(),
            snapshot: Mutex::default(),
            facts: broadcast::Sender::new(FACT_QUEUE),
            passing: Passing::default(),
            joined,
        };
        call.catch_up(Sequence(u64::MAX), false).await?;
        call.begin_anew(0);
        Ok((Arc::new(call), joiners))
    }

    /// The folded state, to be read and let go of at once.
    pub fn read(&self) -> RwLockReadGuard<'_, Folded> {
        self.folded.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folded state as JSON, written once for all who ask before the next fact: after a restart
    /// every panel asks at once.
    ///
    /// # Errors
    /// When the state is no JSON.
    pub fn snapshot(&self) -> Result<Arc<Packed>, serde_json::Error> {
        let mut written = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        let folded = self.read();
        let at = folded.state.sequence;
        if let Some((_, snapshot)) = written.as_ref().filter(|(of, _)| *of == at) {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(Packed::new(&folded.state)?);
        *written = Some((at, Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    /// Who may see it.
    pub fn access(&self) -> CallAccess {
        self.access.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether this session may see it.
    pub fn admits(&self, session: &Session) -> bool {
        self.access.read().unwrap_or_else(PoisonError::into_inner).admits(session)
    }

    /// Says who may see it. Whoever has a stream open is to look again afterwards.
    pub fn set_access(&self, access: CallAccess) {
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = access;
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

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.facts.receiver_count() > 0
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
            if fact.sequence <= folded.state.sequence {
                // Known already: it was written at a first try that seemed to fail.
                shown.push(Arc::new(fact));
                continue;
            }
            let candidates = if ours { candidates(&folded.state, &fact.event) } else { Vec::new() };
            folded.apply(&fact);
            for id in candidates {
                self.look_after(&folded.state, id);
            }
            if folded.is_over() {
                self.closed.cancel();
            }
            self.metrics.facts.inc();
            let fact = Arc::new(fact);
            // Nobody listening is fine.
            drop(self.facts.send(Arc::new(Told::new(Arc::clone(&fact)))));
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
