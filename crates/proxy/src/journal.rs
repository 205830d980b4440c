//! Where facts are kept: one ordered journal a call.
//!
//! A fact is durable when [`Journal::append`] answers. Sequences are strictly increasing within a
//! call and not contiguous: of a gesture only the last mix is kept.

pub mod sqlite;

use std::sync::Arc;

use foldback_model::{By, CallKey, Event, Fact, Sequence, Timestamp};
use futures_util::future::BoxFuture;

use crate::{
    access::CallAccess,
    audit::{Book, Trace},
    secret::Fingerprint,
    session::store::Store,
};

/// A fact before the journal gave it its place.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFact {
    /// When it was written.
    pub at: Timestamp,
    /// Who made it happen.
    pub by: By,
    /// What happened.
    pub event: Event,
    /// What is kept beside it for the audit; none for what nobody did.
    pub trace: Option<Trace>,
}

/// Facts that become durable together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    /// Whose journal.
    pub call: CallKey,
    /// The last fact the writer knows of; anything else in the journal is a conflict.
    pub expected: Sequence,
    /// Names this append: when it is in the journal already, after what was expected, it is not written
    /// again.
    pub dedup: String,
    /// In order.
    pub facts: Vec<NewFact>,
}

/// A call as the journal remembers it between runs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// Which call.
    pub key: CallKey,
    /// Fingerprint of the secret in its callback address.
    pub secret: Fingerprint,
    /// Subject as last known, for lists.
    pub subject: Option<String>,
    /// It is over; nothing is read or sent for it any more.
    pub ended: bool,
    /// Who may see it; as the configuration says when nobody said.
    pub access: Option<CallAccess>,
}

/// What changes of a call that is remembered.
#[derive(Debug, Clone, PartialEq)]
pub enum CallChange {
    /// Who may see it.
    Access(CallAccess),
    /// Where its notifications come from now on: the fingerprint of the secret in that path.
    Secret(Fingerprint),
    /// It is over.
    Ended,
}

/// Why the journal did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Somebody else has written meanwhile: read on and try again.
    #[error("the journal stands at {found}, not at {expected}")]
    Conflict {
        /// What the writer thought.
        expected: Sequence,
        /// What is there.
        found: Sequence,
    },
    /// The storage failed.
    #[error("the journal failed: {0}")]
    Broken(String),
}

/// What every kind of journal offers.
pub trait Journal: Send + Sync + 'static {
    /// Writes facts; when it answers they are durable. They are handed over when this is called, not
    /// when the answer is waited for: appends are written in the order of the calls. Older mixes of the same gesture and layer are
    /// reduced to what the new one does not set again, in the same step.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>>;

    /// Facts after `after` and up to `until`, in order, at most `limit` of them. Each one's `prev` is
    /// the fact before it that is still held.
    fn read(
        &self,
        call: CallKey,
        after: Sequence,
        until: Sequence,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>>;

    /// Remembers a call, or one that was joined again.
    fn store_call(&self, call: StoredCall) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Changes one thing of a call that is remembered, and nothing else of it.
    fn change_call(
        &self,
        call: CallKey,
        change: CallChange,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// All calls remembered, in the order of their keys.
    fn calls(&self) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>>;

    /// Answers once everything that was to be written before is.
    fn turn(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    /// Where sessions are kept beside the facts; without it they end with the process.
    fn sessions(&self) -> Option<Arc<dyn Store>> {
        None
    }

    /// Where the audit is read, if it is kept.
    fn book(&self) -> Option<Arc<dyn Book>> {
        None
    }
}
