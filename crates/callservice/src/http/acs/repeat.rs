//! Repeatable requests: the same Request-ID is carried out once, whatever the network did.
//!
//! | case | answer | Repeatability-Result |
//! |---|---|---|
//! | new id | carried out | accepted |
//! | bad syntax of id or date, one header without the other | 400 | rejected |
//! | first sent outside the window | 412 | rejected |
//! | known id, other request | 400 | rejected |
//! | known id, answered with 2xx or 4xx | that answer again | accepted |
//! | known id, answered with 5xx | carried out again | accepted |
//! | known id, still being carried out | 409 | none |
//!
//! One store belongs to one ACS resource, so that the id alone is its key. A request that was
//! throttled (429) was not carried out, and nothing is kept of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::{Duration, SystemTime},
};

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

use super::signature::imf_fixdate;
use crate::http::shared::lock;

/// How long ago (or, with a wrong clock, ahead) a request may first have been sent.
pub(super) const WINDOW: Duration = Duration::from_mins(5);

/// How many requests are remembered.
const KEPT: usize = 10_000;

/// How many bytes of answers are remembered.
const BYTES_KEPT: usize = 16 * 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("repeatability-request-id");
const FIRST_SENT: HeaderName = HeaderName::from_static("repeatability-first-sent");

/// What a request says of its repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// A UUID of version 4, in lower case.
    id: String,
    first_sent: SystemTime,
}

/// Why a request is not carried out. Every sentence says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// 400.
    #[error("{0}")]
    Syntax(String),
    /// 412.
    #[error(
        "Repeatability-First-Sent is more than 300 s away from now; send a new request with a new id"
    )]
    OutsideWindow,
    /// 400.
    #[error(
        "this Repeatability-Request-ID belongs to a request with another method, path or body; use a \
         new id"
    )]
    OtherRequest,
    /// 409.
    #[error(
        "a request with this Repeatability-Request-ID is still being carried out; repeat it later"
    )]
    Running,
    /// 429.
    #[error("too many repeatable requests at once; send it again later")]
    Full,
}

/// What to do with a marked request.
#[derive(Debug)]
pub(super) enum Verdict<'a, A> {
    /// Carry it out and say how it went.
    Execute(Running<'a, A>),
    /// Answer as before.
    Replay(A),
}

/// Reads the two headers; none when neither is there.
///
/// # Errors
/// [`Refusal::Syntax`].
pub(super) fn read(headers: &HeaderMap) -> Result<Option<Mark>, Refusal> {
    let (id, first_sent) = match (once(headers, &REQUEST_ID)?, once(headers, &FIRST_SENT)?) {
        (None, None) => return Ok(None),
        (Some(id), Some(first_sent)) => (id, first_sent),
        (Some(_), None) => {
            let words = "Repeatability-Request-ID needs Repeatability-First-Sent beside it";
            return Err(Refusal::Syntax(words.to_owned()));
        }
        (None, Some(_)) => {
            let words = "Repeatability-First-Sent needs Repeatability-Request-ID beside it";
            return Err(Refusal::Syntax(words.to_owned()));
        }
    };
    let shown = |text: &str| text.chars().take(64).collect::<String>();
    let id = uuid4(id).ok_or_else(|| {
        Refusal::Syntax(format!("Repeatability-Request-ID {:?} is no UUID of version 4", shown(id)))
    })?;
    let first_sent = imf_fixdate(first_sent).ok_or_else(|| {
        Refusal::Syntax(format!(
            "Repeatability-First-Sent {:?} is not of the form \"Sun, 06 Nov 1994 08:49:37 GMT\"",
            shown(first_sent)
        ))
    })?;
    Ok(Some(Mark { id, first_sent }))
}

fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::Syntax(format!("the header {name} stands twice; send it once")));
    }
    first
        .map(|value| {
            value.to_str().map_err(|_| Refusal::Syntax(format!("the header {name} is not text")))
        })
        .transpose()
}

/// A UUID of version 4 in lower case.
fn uuid4(text: &str) -> Option<String> {
    let fits = text.len() == 36
        && text.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => b"89abAB".contains(&byte),
            _ => byte.is_ascii_hexdigit(),
        });
    fits.then(|| text.to_ascii_lowercase())
}

/// One number for what is asked: method, path and body.
pub(super) fn content(method: &str, path: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes(), body] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The requests of one resource. `A` is what is answered.
#[derive(Debug)]
pub(super) struct Repeats<A>(Mutex<Store<A>>);

#[derive(Debug)]
struct Store<A> {
    entries: BTreeMap<String, Entry<A>>,
    /// Ids of finished requests by when they are forgotten.
    ends: BTreeSet<(SystemTime, String)>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<A> {
    content: [u8; 32],
    forgotten_at: SystemTime,
    state: State<A>,
}

#[derive(Debug)]
enum State<A> {
    Running,
    Answered {
        answer: A,
        bytes: usize,
    },
    /// With a status of 500 and above.
    Broken,
}

impl<A> Default for Repeats<A> {
    fn default() -> Self {
        let store = Store { entries: BTreeMap::new(), ends: BTreeSet::new(), bytes: 0 };
        Self(Mutex::new(store))
    }
}

impl<A: Clone> Repeats<A> {
    /// Begins a marked request with this [`content`].
    ///
    /// # Errors
    /// A [`Refusal`] other than [`Refusal::Syntax`].
    pub(super) fn begin(
        &self,
        mark: &Mark,
        content: [u8; 32],
        now: SystemTime,
    ) -> Result<Verdict<'_, A>, Refusal> {
        let off = match now.duration_since(mark.first_sent) {
            Ok(age) => age,
            Err(ahead) => ahead.duration(),
        };
        if off > WINDOW {
            return Err(Refusal::OutsideWindow);
        }
        let mut store = lock(&self.0);
        store.forget(now);
        if let Some(entry) = store.entries.get(&mark.id) {
            if entry.content != content {
                return Err(Refusal::OtherRequest);
            }
            match &entry.state {
                State::Running => return Err(Refusal::Running),
                State::Answered { answer, .. } => return Ok(Verdict::Replay(answer.clone())),
                State::Broken => store.remove(&mark.id),
            }
        } else if store.entries.len() >= KEPT && !store.remove_oldest() {
            return Err(Refusal::Full);
        }
        let forgotten_at = mark.first_sent.max(now) + WINDOW;
        let entry = Entry { content, forgotten_at, state: State::Running };
        store.entries.insert(mark.id.clone(), entry);
        Ok(Verdict::Execute(Running { repeats: self, id: mark.id.clone(), finished: false }))
    }
}

impl<A> Repeats<A> {
    fn finish(&self, id: &str, state: Option<State<A>>) {
        let mut store = lock(&self.0);
        let Some(state) = state else {
            store.entries.remove(id);
            return;
        };
        if let State::Answered { bytes, .. } = &state {
            store.bytes += bytes;
        }
        if let Some(entry) = store.entries.get_mut(id) {
            entry.state = state;
            let end = (entry.forgotten_at, id.to_owned());
            store.ends.insert(end);
        }
        while store.bytes > BYTES_KEPT && store.remove_oldest() {}
    }
}

impl<A> Store<A> {
    fn forget(&mut self, now: SystemTime) {
        while self.ends.first().is_some_and(|(end, _)| *end < now) && self.remove_oldest() {}
    }

    /// Forgets the finished request whose window ends first; false when none is finished.
    fn remove_oldest(&mut self) -> bool {
        let oldest = self.ends.first().map(|(_, id)| id.clone());
        if let Some(id) = &oldest {
            self.remove(id);
        }
        oldest.is_some()
    }

    fn remove(&mut self, id: &str) {
        if let Some(entry) = self.entries.remove(id) {
            self.ends.remove(&(entry.forgotten_at, id.to_owned()));
            if let State::Answered { bytes, .. } = entry.state {
                self.bytes -= bytes;
            }
        }
    }
}

/// A request being carried out. Dropped without an answer (the client went away), it leaves nothing.
#[derive(Debug)]
pub(super) struct Running<'a, A> {
    repeats: &'a Repeats<A>,
    id: String,
    finished: bool,
}

impl<A: Clone> Running<'_, A> {
    /// Keeps the answer for repetitions. `bytes` is about what it takes.
    pub(super) fn answered(mut self, status: u16, answer: &A, bytes: usize) {
        self.finished = true;
        let state = match status {
            429 => None,
            500.. => Some(State::Broken),
            _ => Some(State::Answered { answer: answer.clone(), bytes }),
        };
        self.repeats.finish(&self.id, state);
    }
}

impl<A> Drop for Running<'_, A> {
    fn drop(&mut self) {
        if !self.finished {
            self.repeats.finish(&self.id, None);
        }
    }
}

#[cfg(test)]
mod tests;
