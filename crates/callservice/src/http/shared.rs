//! What all handlers and tasks share: the calls, the clock, secrets, switches, what arrived.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use foldback_model::live::Talk;
use reqwest::Client;
use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Options, acs,
    calls::Calls,
    clock::Clock,
    faults::Faults,
    keys::Keys,
    post::{self, Outbox},
    record::Record,
    sign_in::Tokens,
    switches::Switches,
};
use crate::{engine::Rehearsal, error::Error};

/// How many messages of talk a slow reader may lag behind.
const TALK_KEPT: usize = 256;

/// Ids that never change while the service runs.
pub(super) struct Facts {
    pub(super) call_id: String,
    pub(super) client_id: String,
    pub(super) tenant: String,
    pub(super) connection_id: String,
    /// Immutable id of the ACS resource.
    pub(super) resource: String,
}

/// Holds secrets, so it cannot be printed.
pub(super) struct Shared {
    pub(super) calls: Mutex<Calls>,
    /// Held while a join looks for its call, so that two joins of one meeting meet.
    pub(super) joins: Mutex<()>,
    /// Tasks of the calls.
    pub(super) tasks: TaskTracker,
    /// Posts notifications.
    pub(super) client: Client,
    /// What waits to be posted.
    pub(super) burden: post::Burden,
    request_ids: AtomicU64,
    pub(super) clock: Clock,
    pub(super) facts: Facts,
    pub(super) base_url: String,
    pub(super) client_secret: String,
    /// Base64 of 32 bytes: the access key of the ACS resource.
    pub(super) access_key: String,
    /// What the ACS face remembers of requests.
    pub(super) acs: acs::Desk,
    pub(super) switches: Mutex<Switches>,
    pub(super) inspect: bool,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) record: Mutex<Record>,
    pub(super) faults: Mutex<Faults>,
    /// What was posted.
    pub(super) outbox: Mutex<Outbox>,
    /// What signs notifications.
    pub(super) keys: Keys,
    pub(super) talk: broadcast::Sender<Vec<Talk>>,
    pub(super) cancel: CancellationToken,
}

/// A lock whose holder panicked still guards good data: every change here is a single step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 256 random bits.
fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// 256 random bits in hexadecimal.
pub(super) fn secret() -> Result<String, getrandom::Error> {
    use std::fmt::Write as _;
    Ok(random()?.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

impl Shared {
    pub(super) fn new(
        graph: &Rehearsal,
        acs: &Rehearsal,
        address: SocketAddr,
        options: &Options,
        cancel: CancellationToken,
    ) -> Result<Self, Error> {
        Ok(Self {
            facts: Facts {
                call_id: graph.call_id().to_string(),
                client_id: graph.app_id().to_owned(),
                tenant: graph.tenant().to_owned(),
                connection_id: acs.call_id().to_string(),
                resource: acs.tenant().to_owned(),
            },
            calls: Mutex::default(),
            joins: Mutex::default(),
            tasks: TaskTracker::new(),
            client: post::client()?,
            burden: post::Burden::default(),
            request_ids: AtomicU64::new(1),
            clock: Clock::new(),
            base_url: format!("http://{address}"),
            client_secret: secret().map_err(Error::Randomness)?,
            acs: acs::Desk::default(),
            access_key: BASE64.encode(random().map_err(Error::Randomness)?),
            switches: Mutex::new(options.switches.clone()),
            inspect: options.inspect,
            tokens: Mutex::default(),
            record: Mutex::new(Record::new(options.inspect)),
            faults: Mutex::new(Faults::new(options.rehearsal.seed)),
            outbox: Mutex::new(Outbox::new(options.inspect)),
            keys: Keys::start().map_err(Error::Thread)?,
            talk: broadcast::channel(TALK_KEPT).0,
            cancel,
        })
    }

    /// Brings every call up to now.
    pub(super) fn catch_up(&self) {
        for leg in self.legs() {
            self.ask(&leg, |_| ());
        }
    }

    /// The switches as they stand.
    pub(super) fn switches(&self) -> Switches {
        lock(&self.switches).clone()
    }

    /// A number for one request, in the form of a UUID.
    pub(super) fn request_id(&self) -> String {
        let n = self.request_ids.fetch_add(1, Ordering::Relaxed);
        format!("f01dbac0-0000-4000-8000-{n:012x}")
    }
}
