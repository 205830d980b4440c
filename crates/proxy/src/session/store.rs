//! Where sessions outlive the process: by the hash of their cookie, never by the cookie.

use foldback_model::{OperatorId, Timestamp};
use futures_util::future::BoxFuture;

use super::{Claimed, Operator};
use crate::{journal::JournalError, secret::Fingerprint};

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of the cookie's value.
    pub print: Fingerprint,
    /// Whose.
    pub operator: Operator,
    /// What the issuer said of them.
    pub claimed: Claimed,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used, up to a minute late.
    pub used: Timestamp,
}

/// What was stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Sessions that nobody ended, among them such as have run out.
    pub sessions: Vec<Stored>,
    /// Whose sessions an administrator ended last, and when: tokens made before are not taken.
    pub revoked: Vec<(OperatorId, Timestamp)>,
}

/// See the module. What is answered with success is durable.
pub trait Store: Send + Sync + 'static {
    /// Stores a session in place of others, in one step.
    fn begin(
        &self,
        session: Stored,
        replaces: Vec<Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Notes when sessions were last used, and forgets others.
    fn keep(
        &self,
        used: Vec<(Fingerprint, Timestamp)>,
        over: Vec<Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Forgets all sessions of one person, and remembers when that was.
    fn revoke(
        &self,
        operator: OperatorId,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Everything that is stored. Revocations older than `since` are forgotten.
    fn load(&self, since: Timestamp) -> BoxFuture<'_, Result<Kept, JournalError>>;
}
