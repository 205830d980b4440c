//! A call's notifications on their way: one queue and one task a call, strictly in order but for what
//! a fault disturbs.

mod burden;
mod deliver;
mod outbox;
mod write;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Bytes;
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use tokio::{sync::Notify, time::Instant};

use super::{
    calls::Leg,
    faults::Disturbance,
    keys::Flaw,
    shared::{Shared, lock},
};
use crate::{engine::Notice, error::Error};
pub(super) use burden::Burden;
use burden::Part;
pub(super) use deliver::deliver;
pub(super) use outbox::Outbox;
use outbox::{Label, Outcome};
pub(super) use write::chain_id;

/// How long the receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// More waiting notifications than this, and the oldest are dropped.
const WAITING_MAX: usize = 1_000;

/// More bytes of waiting notifications than this, and the oldest are dropped; the newest always waits.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// When more bytes than this wait in all queues together, those that hold more than their share give
/// way: a hundred calls whose callbacks are dead must not fill the memory.
const ALL_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What a queue may always hold: the share of one among the two queues of a hundred calls of either
/// service.
const SHARE: usize = ALL_BYTES_MAX / 400;

/// One notification in the queue, written already: the bytes are smaller than what they say.
#[derive(Debug)]
struct Parcel {
    body: Bytes,
    /// Taken off the burden with the notification.
    #[expect(dead_code, reason = "it is there to be dropped")]
    part: Part,
    /// Resource of a Graph notification, type of a `CloudEvent`.
    about: Arc<str>,
    /// Where it goes instead of the call's callback.
    to: Option<Arc<str>>,
    /// What is wrong with its token.
    flaw: Option<Flaw>,
    /// Its number in the call; a repetition has the same.
    message: u64,
    /// Its number in the outbox.
    number: usize,
}

/// The queue of a call.
pub(super) struct Post {
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    address: Option<Arc<str>>,
    waiting: VecDeque<Parcel>,
    /// Held back by a fault until the next one has gone.
    held: Option<Parcel>,
    /// Held back by a fault until their time, others overtaking them.
    late: Vec<(Instant, Parcel)>,
    /// Numbers of those that were for somebody who does not want them any more.
    abandoned: Vec<usize>,
    /// How many notifications there were.
    messages: u64,
}

/// What the task has to do next.
enum Next {
    Send(Arc<str>, Parcel),
    /// Nobody is there to be told.
    Abandon(usize),
    /// Nothing before this time, unless it is woken.
    Wait(Option<Instant>),
}

/// The client that posts for all calls.
///
/// # Errors
/// [`Error::Client`].
pub(super) fn client() -> Result<Client, Error> {
    // Fails only when a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(Error::Client)
}

impl Queue {
    /// Takes the oldest late one that is due, else the first in the queue.
    fn next(&mut self, now: Instant) -> Next {
        let earliest = (0..self.late.len()).min_by_key(|i| self.late.get(*i).map(|(at, _)| *at));
        let due = earliest.and_then(|i| self.late.get(i).map(|(at, _)| (i, *at)));
        let parcel = match due {
            Some((index, at)) if at <= now => self.late.remove(index).1,
            _ => match self.waiting.pop_front() {
                Some(parcel) => parcel,
                None => return Next::Wait(due.map(|(_, at)| at)),
            },
        };
        match parcel.to.as_ref().or(self.address.as_ref()) {
            Some(address) => Next::Send(Arc::clone(address), parcel),
            None => Next::Abandon(parcel.number),
        }
    }

    /// Lets go what waits for a next notification that will not come.
    fn release(&mut self) {
        self.waiting.extend(self.held.take());
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.held.is_none() && self.late.is_empty()
    }

    /// Drops the oldest when too many wait.
    fn shorten(&mut self, mut all_bytes: usize) -> Vec<Parcel> {
        let mut bytes: usize = self.waiting.iter().map(|parcel| parcel.body.len()).sum();
        let mut dropped = Vec::new();
        while self.waiting.len() > WAITING_MAX
            || (self.waiting.len() > 1
                && (bytes > BYTES_MAX || (all_bytes > ALL_BYTES_MAX && bytes > SHARE)))
        {
            let Some(oldest) = self.waiting.pop_front() else { break };
            bytes = bytes.saturating_sub(oldest.body.len());
            all_bytes = all_bytes.saturating_sub(oldest.body.len());
            dropped.push(oldest);
        }
        dropped
    }
}

impl Post {
    pub(super) fn new() -> Self {
        Self { queue: Mutex::default(), wake: Notify::new() }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.queue).is_empty()
    }

    /// Lets the task look whether it is over.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// From now on notifications go there; those still waiting were for somebody else.
    pub(super) fn readdress(&self, address: &str) {
        let mut queue = lock(&self.queue);
        let left = std::mem::take(&mut *queue);
        let late = left.late.into_iter().map(|(_, parcel)| parcel);
        let parcels = left.waiting.into_iter().chain(left.held).chain(late);
        *queue = Queue {
            address: Some(address.into()),
            abandoned: left.abandoned.into_iter().chain(parcels.map(|it| it.number)).collect(),
            messages: left.messages,
            ..Queue::default()
        };
        drop(queue);
        self.wake();
    }

    /// The receiver asked for everything from now on at another address.
    fn move_to(&self, from: &Arc<str>, to: &str) -> Option<Arc<str>> {
        let mut queue = lock(&self.queue);
        // Somebody else may have joined meanwhile.
        (queue.address.as_ref() == Some(from)).then(|| {
            let to: Arc<str> = to.into();
            queue.address = Some(Arc::clone(&to));
            to
        })
    }

    /// Where notifications go.
    pub(super) fn address(&self) -> Option<String> {
        lock(&self.queue).address.as_deref().map(str::to_owned)
    }

    /// Whether a notification for this address is still wanted there.
    fn is_wanted(&self, address: &Arc<str>, parcel: &Parcel) -> bool {
        parcel.to.is_some() || lock(&self.queue).address.as_ref() == Some(address)
    }

    /// Sends a notification held back by a fault now.
    pub(super) fn release(&self) {
        lock(&self.queue).release();
        self.wake();
    }
}

impl Shared {
    /// Puts notifications of a call into its queue, as faults let them.
    pub(super) fn post(&self, leg: &Leg, notices: Vec<Notice>) {
        self.post_to(leg, &leg.post, notices.into_iter().map(|notice| (None, notice)));
    }

    /// Sends notifications of a call to addresses of their own, beside those for its callback.
    pub(super) fn post_aside(&self, leg: &Leg, asides: Vec<(String, Notice)>) {
        let asides = asides.into_iter().map(|(to, notice)| (Some(to.into()), notice));
        self.post_to(leg, &leg.asides, asides);
    }

    fn post_to(
        &self,
        leg: &Leg,
        post: &Post,
        notices: impl Iterator<Item = (Option<Arc<str>>, Notice)>,
    ) {
        let (at_ms, switches) = (self.clock.now_ms(), self.switches());
        let (mut faults, mut outbox) = (lock(&self.faults), lock(&self.outbox));
        let mut queue = lock(&post.queue);
        for (to, notice) in notices {
            let about: Arc<str> = write::about(&notice).into();
            let body: Bytes = match write::body(notice, &switches) {
                Ok(body) => body.into(),
                Err(error) => {
                    tracing::error!(%about, %error, "a notification could not be written");
                    continue;
                }
            };
            let held = queue.held.take();
            queue.messages += 1;
            let message = queue.messages;
            // The one that lets another go is not disturbed itself.
            let disturbance = if held.is_some() { None } else { faults.disturb(&leg.id) };
            let lost = disturbance == Some(Disturbance::Lose);
            let times = if disturbance == Some(Disturbance::Repeat) { 2 } else { 1 };
            for _ in 0..times {
                let flaw = if lost { None } else { faults.spoil(&leg.id) };
                let label = Label {
                    face: leg.face,
                    call: leg.id.to_string(),
                    about: Arc::clone(&about),
                    fault: disturbance.map_or(Value::Null, Disturbance::to_json),
                    token: flaw.map_or(Value::Null, |flaw| Value::from(flaw.name())),
                };
                let outcome = if lost { Outcome::Lost } else { Outcome::Waiting };
                let number = outbox.posted(label, at_ms, outcome, &body);
                let (about, to, body) = (Arc::clone(&about), to.clone(), body.clone());
                let part = self.burden.part(body.len());
                let parcel = Parcel { body, part, about, to, flaw, message, number };
                match disturbance {
                    Some(Disturbance::Lose) => {}
                    Some(Disturbance::Reorder) => queue.held = Some(parcel),
                    Some(Disturbance::Late { ms }) => {
                        queue.late.push((Instant::now() + Duration::from_millis(ms), parcel));
                    }
                    Some(Disturbance::Repeat) | None => queue.waiting.push_back(parcel),
                }
            }
            queue.waiting.extend(held);
        }
        let dropped = queue.shorten(self.burden.bytes());
        if !dropped.is_empty() {
            let count = dropped.len();
            tracing::warn!(call = %leg.id, count, "the callback is too slow; notifications dropped");
        }
        for parcel in dropped {
            outbox.ended(parcel.number, Outcome::Dropped);
        }
        drop((queue, outbox, faults));
        post.wake();
    }
}

#[cfg(test)]
mod tests;
