//! Faults to inject: into answers, into notifications and their tokens, into the call itself.
//!
//! | order | what |
//! |---|---|
//! | `{"fault": "hang"}`, `"reset"`, `"half_body"` | no answer; a reset; the head and half of the body |
//! | `{"fault": {"latency_ms": n, "jitter_ms"?: m}}` | answered n to n + m ms later |
//! | `{"fault": {"status": n, "retry_after"?: s}}` | not carried out; `Retry-After` in seconds |
//! | `{"fault": {"status": n, "retry_after_date": s}}` | the same as a date s seconds ahead |
//! | `{"notifications": "lose"}`, `"repeat"`, `"reorder"`, `{"late_ms": n}` | notifications on their way |
//! | `{"notification_tokens": …}` | [`Flaw`] names: what is wrong with their tokens |
//! | `{"access_tokens": "expired"}`, `"foreign"` | those issued so far are refused |
//! | `{"roster": "lies", "for_ms": n}` | what is read and told stays as it is, then the truth is told |
//! | `{"call": "ends", "code"?: n, "subcode"?: n}` | the call ends; 200 and 5000 if not told |
//! | `{"call": "ends_mid_operation"}` | the next mix or invitation is accepted, then the call ends |
//!
//! `times` (1 if not told) says how often a fault of answers, notifications or their tokens strikes;
//! `percent` in how many of a hundred cases, and then until it is cleared unless `times` is told.
//! `path_contains` keeps a fault of answers to some paths, and alone reaches the token endpoint and
//! the published keys. `on` names a call; without it, faults of notifications are about every call
//! and those of rosters and calls about the standing Graph call.
//!
//! Every draw is computed from the seed, the order's number and how often the order was asked, so
//! that the same orders and the same requests are struck the same way in every run.

mod order;
mod read;
mod suffer;

use foldback_wire::ids::CallId;
use serde_json::{Value, json};

use super::keys::Flaw;
use crate::engine::chance::blend;
pub(super) use read::{number, only};
pub(super) use suffer::suffer;

/// Most faults waiting.
const FAULTS_MAX: usize = 1_000;

/// Separates the draws of jitter from those of `percent`.
const JITTER: u64 = 0x6a69_7474;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// It is answered as usual, later: by `ms`, and up to `jitter_ms` more.
    Latency { ms: u64, jitter_ms: u64 },
    /// It is answered with this status and not carried out.
    Status { status: u16, retry_after: Option<RetryAfter> },
    /// It is never answered and not carried out.
    Hang,
    /// Its connection is reset and it is not carried out.
    Reset,
    /// It is carried out; of its answer only the head and half of the body arrive.
    HalfBody,
}

/// How `Retry-After` is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RetryAfter {
    Seconds(u64),
    /// A date so many seconds ahead.
    Date(u64),
}

impl Fault {
    /// As the record of requests shows it.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Latency { ms, .. } => json!({"latency_ms": ms}),
            Self::Status { status, .. } => json!({"status": status}),
            Self::Hang => json!("hang"),
            Self::Reset => json!("reset"),
            Self::HalfBody => json!("half_body"),
        }
    }
}

/// What happens to a notification.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Disturbance {
    Lose,
    Repeat,
    /// It comes after the next one.
    Reorder,
    /// It comes so much later; others overtake it.
    Late {
        ms: u64,
    },
}

impl Disturbance {
    /// As the list of notifications shows it.
    pub(super) fn to_json(self) -> Value {
        match self {
            Self::Lose => json!("lose"),
            Self::Repeat => json!("repeat"),
            Self::Reorder => json!("reorder"),
            Self::Late { ms } => json!({"late_ms": ms}),
        }
    }
}

/// What is wrong with access tokens issued so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessFlaw {
    Expired,
    /// They count as issued for another service.
    Foreign,
}

/// What an order does at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// Something happens to a call; without an id, to the standing Graph call.
    ToCall(Option<CallId>, ToCall),
    /// No access token issued so far is accepted.
    Access(AccessFlaw),
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ToCall {
    /// The roster stays as it is, for whoever reads it or is told of it.
    Lie { for_ms: u64 },
    /// It ends, for this reason.
    End { code: i64, subcode: i64 },
    /// It ends before the next mix or invitation that is accepted is done.
    EndMidOperation,
}

#[derive(Debug, Clone, PartialEq)]
enum Order {
    Answers {
        path_contains: Option<String>,
        fault: Fault,
    },
    /// Without an id, of every call.
    Notifications {
        on: Option<CallId>,
        disturbance: Disturbance,
    },
    Tokens {
        on: Option<CallId>,
        flaw: Flaw,
    },
    AtOnce(Deed),
}

/// An order and how often it strikes.
#[derive(Debug)]
struct Entry {
    order: Order,
    /// None until it is cleared.
    times: Option<u64>,
    /// In how many of a hundred cases.
    percent: u64,
    /// Which order it was since the last clearing.
    number: u64,
    /// How many cases it was asked about.
    asked: u64,
}

impl Entry {
    /// Whether it strikes the next case it is asked about.
    fn draw(&mut self, seed: u64) -> bool {
        self.asked += 1;
        blend(seed, self.number, self.asked) % 100 < self.percent
    }
}

/// Faults in the order they were given.
#[derive(Debug)]
pub(super) struct Faults {
    seed: u64,
    given: u64,
    entries: Vec<Entry>,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, given: 0, entries: Vec::new() }
    }

    /// Takes an order as JSON. What it does at once is returned and left to the caller.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is allowed.
    pub(super) fn add(&mut self, order: &Value) -> Result<Option<Deed>, String> {
        if self.entries.len() >= FAULTS_MAX {
            return Err(format!("{FAULTS_MAX} faults are waiting; DELETE clears them"));
        }
        let mut entry = read::entry(order, self.given)?;
        self.given += 1;
        if let Order::AtOnce(deed) = &entry.order {
            let deed = deed.clone();
            return Ok(entry.draw(self.seed).then_some(deed));
        }
        self.entries.push(entry);
        Ok(None)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.given = 0;
    }

    /// The fault that strikes a request at this path now. `named_only` spares what no order names.
    pub(super) fn strike(&mut self, path: &str, named_only: bool) -> Option<Fault> {
        let seed = self.seed;
        self.next(|entry| match &entry.order {
            Order::Answers { path_contains, fault } => {
                let fits = path_contains.as_ref().map_or(!named_only, |part| path.contains(part));
                fits.then(|| jittered(fault, seed, entry))
            }
            _ => None,
        })
    }

    /// What becomes of a notification of this call now; nothing in most cases.
    pub(super) fn disturb(&mut self, of: &CallId) -> Option<Disturbance> {
        self.next(|entry| match &entry.order {
            Order::Notifications { on, disturbance } => {
                meant(on.as_ref(), of).then_some(*disturbance)
            }
            _ => None,
        })
    }

    /// What is wrong with the token of a notification of this call now.
    pub(super) fn spoil(&mut self, of: &CallId) -> Option<Flaw> {
        self.next(|entry| match &entry.order {
            Order::Tokens { on, flaw } => meant(on.as_ref(), of).then_some(*flaw),
            _ => None,
        })
    }

    /// The first order that gives something and strikes, one time of it used up.
    fn next<T>(&mut self, pick: impl Fn(&Entry) -> Option<T>) -> Option<T> {
        let seed = self.seed;
        let (index, found) = self.entries.iter_mut().enumerate().find_map(|(index, entry)| {
            pick(entry).filter(|_| entry.draw(seed)).map(|found| (index, found))
        })?;
        if let Some(times) = self.entries.get_mut(index).and_then(|entry| entry.times.as_mut()) {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.entries.remove(index);
            }
        }
        Some(found)
    }
}

/// An order that names no call is about every call.
fn meant(ordered: Option<&CallId>, call: &CallId) -> bool {
    ordered.is_none_or(|ordered| ordered == call)
}

/// The same fault with its jitter drawn.
fn jittered(fault: &Fault, seed: u64, entry: &Entry) -> Fault {
    match fault {
        Fault::Latency { ms, jitter_ms } => {
            let drawn = blend(seed ^ JITTER, entry.number, entry.asked) % (jitter_ms + 1);
            Fault::Latency { ms: ms + drawn, jitter_ms: 0 }
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
