//! What all handlers and tasks share: the engine behind its lock, the clock, the queue of notifications.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldback_model::live::Talk;
use foldback_wire::graph::Call;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::{clock::Clock, faults::Faults, post::Post, record::Record, sign_in::Tokens};
use crate::{
    engine::{Form, Rehearsal},
    error::Error,
};

/// How many messages of talk a slow reader may lag behind.
const TALK_KEPT: usize = 256;

/// The engine is not asked more often than this.
const SHORTEST_TICK_MS: u64 = 20;

/// Ids that never change while the service runs.
pub(super) struct Facts {
    pub(super) call_id: String,
    pub(super) client_id: String,
    pub(super) tenant: String,
}

/// Holds secrets, so it cannot be printed.
pub(super) struct Shared {
    engine: Mutex<Rehearsal>,
    wake: Notify,
    post: Post,
    request_ids: AtomicU64,
    pub(super) clock: Clock,
    pub(super) facts: Facts,
    pub(super) base_url: String,
    pub(super) client_secret: String,
    pub(super) inspect: bool,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) record: Mutex<Record>,
    pub(super) faults: Mutex<Faults>,
    pub(super) talk: broadcast::Sender<Vec<Talk>>,
    pub(super) cancel: CancellationToken,
}

/// A lock whose holder panicked still guards good data: every change here is a single step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 256 random bits in hexadecimal.
pub(super) fn secret() -> Result<String, getrandom::Error> {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

impl Shared {
    pub(super) fn new(
        rehearsal: Rehearsal,
        address: SocketAddr,
        inspect: bool,
        cancel: CancellationToken,
    ) -> Result<Self, Error> {
        Ok(Self {
            facts: Facts {
                call_id: rehearsal.call_id().to_string(),
                client_id: rehearsal.app_id().to_owned(),
                tenant: rehearsal.tenant().to_owned(),
            },
            engine: Mutex::new(rehearsal),
            wake: Notify::new(),
            post: Post::new()?,
            request_ids: AtomicU64::new(1),
            clock: Clock::new(),
            base_url: format!("http://{address}"),
            client_secret: secret().map_err(Error::Randomness)?,
            inspect,
            tokens: Mutex::default(),
            record: Mutex::default(),
            faults: Mutex::default(),
            talk: broadcast::channel(TALK_KEPT).0,
            cancel,
        })
    }

    /// Brings the engine up to now, asks it something, and sends on what followed, in order.
    pub(super) fn engine<T>(&self, ask: impl FnOnce(&mut Rehearsal) -> T) -> T {
        let mut engine = lock(&self.engine);
        engine.advance(self.clock.now_ms());
        // What was due before the question stands before what the question causes.
        self.send_on(&mut engine);
        let answer = ask(&mut engine);
        self.send_on(&mut engine);
        drop(engine);
        self.wake.notify_one();
        answer
    }

    fn send_on(&self, engine: &mut Rehearsal) {
        let mut faults = lock(&self.faults);
        for notification in engine.take_notifications() {
            self.post.push(faults.disturb(notification));
        }
        drop(faults);
        let talk = engine.take_talk();
        if !talk.is_empty() {
            // Fails only when nobody listens, and then nobody misses it.
            let _ = self.talk.send(talk);
        }
    }

    /// Joins the call for this callback; the one before is told nothing more.
    pub(super) fn join(&self, callback: &str, form: Form) -> Result<Call, Error> {
        self.engine(|engine| {
            self.post.readdress(callback);
            engine.join(form)
        })
    }

    /// The callback of whoever joined last.
    pub(super) fn callback(&self) -> Option<String> {
        self.post.address()
    }

    /// Forgets all faults; a notification held back is sent now.
    pub(super) fn clear_faults(&self) {
        let held = lock(&self.faults).clear();
        self.post.push(held.into_iter().collect());
    }

    /// A number for one request, in the form of a UUID.
    pub(super) fn request_id(&self) -> String {
        let n = self.request_ids.fetch_add(1, Ordering::Relaxed);
        format!("f01dbac0-0000-4000-8000-{n:012x}")
    }

    /// Moves the rehearsal whenever something is due.
    pub(super) async fn tick(self: Arc<Self>) {
        loop {
            let due = lock(&self.engine).next_at();
            let wait = due.map(|at| at.saturating_sub(self.clock.now_ms()).max(SHORTEST_TICK_MS));
            let sleep = async {
                match wait {
                    Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.cancel.cancelled() => return,
                () = self.wake.notified() => {}
                () = sleep => self.engine(|_| ()),
            }
        }
    }

    /// Posts notifications until the service stops.
    pub(super) async fn deliver(self: Arc<Self>) {
        self.cancel.run_until_cancelled(self.post.deliver()).await;
    }
}
