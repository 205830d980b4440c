//! The calls open here: joined anew, or opened again from the journal.

pub mod join;
mod leave;
pub mod meeting;
mod over;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use foldback_model::{By, CallKey, CallKind, Event, OperationId, ParticipantId, call::CallPhase};
use serde::Serialize;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use crate::{
    access::CallAccess,
    app::App,
    call::Call,
    journal::{CallChange, JournalError, StoredCall},
    problem::Fault,
    reconcile,
    secret::{Fingerprint, Secret},
};
use join::{Meeting, Told};
pub use leave::leave;
pub use over::let_go;

/// How many bytes of notifications may wait for their turn in one call.
const WAITING_MAX: usize = 16 * 1024 * 1024;

/// How many calls are read at once after a start: each takes two requests or more.
const READ_AT_ONCE: usize = 8;

/// How long a start waits until calls are up to date: what is shown first should be so, and nobody should
/// look at nothing.
const FIRST_LOOK: Duration = Duration::from_millis(1_500);

/// Where notifications with one secret go. The lock keeps them in order; it is held while the call
/// is being joined, so that early ones wait.
#[derive(Debug)]
pub struct Slot {
    /// Whose notifications.
    service: CallKind,
    /// The call, once it is open.
    pub call: tokio::sync::Mutex<Option<Arc<Call>>>,
    /// Bytes of those that wait.
    waiting: AtomicUsize,
}

/// A place among the notifications that wait, given back when it is dropped.
#[derive(Debug)]
pub struct Room<'a> {
    waiting: &'a AtomicUsize,
    bytes: usize,
}

impl Slot {
    /// A place for a body of so many bytes, unless too many wait already.
    pub fn room(&self, bytes: usize) -> Option<Room<'_>> {
        // An empty one takes room too.
        let bytes = bytes.max(1_024);
        let fits = |waiting: usize| waiting.checked_add(bytes).filter(|sum| *sum <= WAITING_MAX);
        self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Room { waiting: &self.waiting, bytes })
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Calls {
    open: RwLock<BTreeMap<CallKey, Arc<Call>>>,
    slots: Mutex<HashMap<Fingerprint, Arc<Slot>>>,
    /// Of calls that somebody asked for to whom they are not open: the path that was named to the
    /// service then.
    beside: Mutex<HashMap<CallKey, Fingerprint>>,
    /// Held by whoever joins, from the service's answer until the call is open.
    turns: Mutex<HashMap<CallKey, Arc<tokio::sync::Mutex<()>>>>,
}

/// A call in the list.
#[derive(Debug, Serialize)]
pub struct Summary {
    id: String,
    kind: CallKind,
    subject: Option<String>,
    state: Option<CallPhase>,
    people: usize,
    rehearsal: bool,
}

impl Calls {
    /// An open call.
    ///
    /// # Errors
    /// 404 when it is not open here.
    pub fn get(&self, key: &CallKey) -> Result<Arc<Call>, Fault> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(key).cloned().ok_or_else(Fault::no_such_call)
    }

    /// All open calls.
    pub fn all(&self) -> Vec<Arc<Call>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Where notifications of this service with this secret go. Looked up by fingerprint, so that the time taken
    /// tells nothing about the secrets there are.
    pub fn slot(&self, service: CallKind, secret: &str) -> Option<Arc<Slot>> {
        let print = Fingerprint::of(secret);
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots
            .get_key_value(&print)
            .filter(|(known, slot)| known.matches(&print) && slot.service == service)
            .map(|(_, s)| s.clone())
    }

    fn add_slot(&self, service: CallKind, print: Fingerprint) -> Arc<Slot> {
        let (call, waiting) = (tokio::sync::Mutex::default(), AtomicUsize::new(0));
        let slot = Arc::new(Slot { service, call, waiting });
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.insert(print, Arc::clone(&slot));
        slot
    }

    fn drop_slot(&self, print: &Fingerprint) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(print);
    }

    /// Lets go of a call that is over and forgotten, and of the path of its notifications.
    pub fn forget(&self, key: &CallKey, secret: &Fingerprint) {
        self.drop_slot(secret);
        let beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        if let Some(print) = beside {
            self.drop_slot(&print);
        }
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Waits until nobody else is opening this call.
    async fn turn(&self, key: &CallKey) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(key.clone()).or_default())
        };
        turn.lock_owned().await
    }

    /// Keeps the path that somebody named to the service who may not see the call: it may have turned to
    /// that one. The call's own stays as well, and of such others only the newest.
    fn lead_beside(&self, key: &CallKey, print: Fingerprint) {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = beside.insert(key.clone(), print) {
            self.drop_slot(&older);
        }
    }

    fn add(&self, call: &Arc<Call>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(call.key.clone(), Arc::clone(call));
    }
}

/// A call as the list shows it.
pub fn summary(call: &Call) -> Summary {
    let folded = call.read();
    let info = folded.state.call.as_ref();
    Summary {
        id: call.key.to_string(),
        kind: call.key.kind(),
        subject: info.and_then(|info| info.subject.clone()),
        state: info.map(|info| info.state),
        people: folded.state.roster.len(),
        rehearsal: call.rehearsal,
    }
}

/// Joins a call that is to be open to `access`. Where notifications go and in which form is ours to say.
/// A call that is open here already stays open to whom it was, and nothing of it changes for somebody
/// whom `admit` refuses.
///
/// # Errors
/// What the service or `admit` refused, or that the journal cannot be written.
pub async fn enter(
    app: &Arc<App>,
    meeting: Meeting,
    access: CallAccess,
    admit: impl Fn(&Call) -> Result<(), Fault> + Send,
) -> Result<Arc<Call>, Fault> {
    let secret = Secret::random().map_err(|error| {
        tracing::error!(%error, "the system gives no randomness");
        Fault::internal()
    })?;
    let print = secret.digest();
    let slot = app.calls.add_slot(meeting.service(), print);
    let mut waiting = slot.call.lock().await;
    let joined = join::ask(app, meeting, &secret).await;
    let opened = match joined {
        Ok((key, told)) => {
            // Whoever asks for the same call meanwhile finds it open then.
            let _turn = app.calls.turn(&key).await;
            let here = app.calls.get(&key).ok();
            // Nobody says meanwhile who may see it: the whole of it is written anew.
            let _unchanged = match &here {
                Some(call) => Some(call.changing.lock().await),
                None => None,
            };
            if let Some(call) = &here
                && let Err(fault) = admit(call)
            {
                *waiting = Some(Arc::clone(call));
                app.calls.lead_beside(&key, print);
                // After a restart the newest is the one that is known.
                let change = CallChange::Secret(print);
                if let Err(error) = app.journal.change_call(key, change).await {
                    tracing::warn!(%error, "where notifications come to cannot be stored");
                }
                return Err(fault);
            }
            let access = here.as_ref().map_or(access, |call| call.access());
            let stored = StoredCall {
                key: key.clone(),
                secret: print,
                subject: told.subject(),
                ended: false,
                access: Some(access.clone()),
            };
            let stored = app.journal.store_call(stored).await.map_err(|error| journal(&error));
            let opened = match stored {
                Ok(()) => open(app, key.clone(), &told, access).await,
                Err(fault) => Err(fault),
            };
            if opened.is_err() && app.calls.get(&key).is_err() {
                join::abandon(app, &key).await;
            }
            opened
        }
        Err(fault) => Err(fault),
    };
    match opened {
        Ok(call) => {
            *waiting = Some(Arc::clone(&call));
            Ok(call)
        }
        Err(fault) => {
            app.calls.drop_slot(&print);
            Err(fault)
        }
    }
}

/// Says who may see a call, now and after a restart, and has open streams look again. Whoever asks
/// holds [`Call::changing`].
///
/// # Errors
/// That the journal cannot be written; nothing has changed then.
pub async fn open_to(app: &App, call: &Call, access: CallAccess) -> Result<(), Fault> {
    let change = CallChange::Access(access.clone());
    let stored = app.journal.change_call(call.key.clone(), change).await;
    stored.map_err(|error| journal(&error))?;
    call.set_access(access);
    app.sessions.changed();
    Ok(())
}

/// Opens the calls the journal remembers, as they stand there, and brings each up to date, for which
/// nothing is sent but readings. Nobody waits longer than [`FIRST_LOOK`] for that: the service may be slow
/// or away, and it goes on in the background.
///
/// # Errors
/// When the journal cannot be read.
pub async fn reopen(app: &Arc<App>) -> Result<(), JournalError> {
    let turns = Arc::new(Semaphore::new(READ_AT_ONCE));
    let (looking, mut looked) = mpsc::channel::<()>(1);
    for stored in app.journal.calls().await? {
        if stored.ended {
            continue;
        }
        let access = stored.access.unwrap_or_else(|| app.new_calls.access.clone());
        match load(app, stored.key.clone(), access).await {
            Ok(loaded) => {
                reconcile::give_up_mixes(&loaded.call, &loaded.left).await;
                let slot = app.calls.add_slot(stored.key.kind(), stored.secret);
                *slot.call.lock().await = Some(Arc::clone(&loaded.call));
                app.calls.add(&loaded.call);
                let (app_of_task, turns, looking) =
                    (Arc::clone(app), Arc::clone(&turns), looking.clone());
                app.tasks.spawn(loaded.follow(app_of_task, turns, looking));
            }
            Err(fault) => {
                tracing::error!(call = %stored.key, %fault, "a call could not be opened again");
            }
        }
    }
    drop(looking);
    // Nothing is ever sent: it ends when the last of them has looked.
    if timeout(FIRST_LOOK, looked.recv()).await.is_err() {
        tracing::warn!("the service is slow; calls are shown as they were until it has answered");
    }
    Ok(())
}

/// A call as its journal has it.
struct Loaded {
    call: Arc<Call>,
    joiners: mpsc::UnboundedReceiver<ParticipantId>,
    /// Operations that were under way when nobody followed it any more.
    left: BTreeSet<OperationId>,
}

impl Loaded {
    /// Follows it, and brings it up to date when it is its turn; lets go of `looking` then.
    async fn follow(self, app: Arc<App>, turns: Arc<Semaphore>, looking: mpsc::Sender<()>) {
        let Self { call, joiners, left } = self;
        let read = async {
            // Nobody closes it.
            let turn = turns.acquire().await;
            reconcile::bring_up_to_date(&app, &call, &left).await;
            drop((turn, looking));
            tracing::info!(call = %call.key, people = people(&call), "call opened again");
        };
        // People who come meanwhile are looked after at once.
        let follow = reconcile::follow(Arc::clone(&app), Arc::clone(&call), joiners);
        tokio::join!(app.stopping.run_until_cancelled(read), follow);
    }
}

async fn load(app: &Arc<App>, key: CallKey, access: CallAccess) -> Result<Loaded, Fault> {
    let (journal_of_call, metrics) = (Arc::clone(&app.journal), Arc::clone(&app.metrics));
    let opened = Call::open(key, app.rehearsal, journal_of_call, metrics).await;
    let (call, joiners) = opened.map_err(|error| journal(&error))?;
    call.set_access(access);
    let left = call.read().state.operations.open().map(|it| it.request.operation.clone()).collect();
    Ok(Loaded { call, joiners, left })
}

/// Opens a call from its journal, brings it up to date and keeps it so. A call that is open stays
/// the one it is.
async fn open(
    app: &Arc<App>,
    key: CallKey,
    told: &Told,
    access: CallAccess,
) -> Result<Arc<Call>, Fault> {
    let (call, left, joiners) = if let Ok(call) = app.calls.get(&key) {
        // What is under way has somebody who waits for it.
        (call, BTreeSet::new(), None)
    } else {
        let Loaded { call, joiners, left } = load(app, key, access).await?;
        (call, left, Some(joiners))
    };
    let info = told.info(call.read().state.call.as_ref(), call.rehearsal);
    call.append_one(By::Service, Event::CallChanged(info))
        .await
        .map_err(|error| journal(&error))?;
    reconcile::bring_up_to_date(app, &call, &left).await;
    app.calls.add(&call);
    if let Some(joiners) = joiners {
        let (app_of_task, call_of_task) = (Arc::clone(app), Arc::clone(&call));
        app.tasks.spawn(reconcile::follow(app_of_task, call_of_task, joiners));
    }
    tracing::info!(call = %call.key, people = people(&call), "call opened");
    Ok(call)
}

fn people(call: &Call) -> usize {
    call.read().state.roster.len()
}

fn journal(error: &JournalError) -> Fault {
    tracing::error!(%error, "the journal failed");
    Fault::journal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_its_room_comes_back() {
        let calls = Calls::default();
        let secret = Secret::new("s");
        calls.add_slot(CallKind::Graph, secret.digest());
        assert!(calls.slot(CallKind::Acs, "s").is_none(), "the other service's path");
        assert!(calls.slot(CallKind::Graph, "t").is_none());
        let slot = calls.slot(CallKind::Graph, "s").unwrap();
        let half = slot.room(WAITING_MAX / 2).unwrap();
        let rest = slot.room(WAITING_MAX / 2).unwrap();
        assert!(slot.room(0).is_none(), "an empty one takes room too");
        drop(rest);
        assert!(slot.room(WAITING_MAX).is_none());
        drop(half);
        assert!(slot.room(WAITING_MAX).is_some());
    }
}
