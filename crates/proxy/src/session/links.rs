//! Links that work once, for whoever reads the terminal.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use foldback_model::OperatorId;
use tokio::sync::watch;

use super::Operator;
use crate::secret::{Fingerprint, Secret};

/// The link that signs the next operator in.
#[derive(Debug)]
pub(super) struct Links {
    link: Mutex<Secret>,
    fresh: watch::Sender<Secret>,
    operators: AtomicU64,
}

impl Links {
    /// One is ready.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let link = Secret::random()?;
        Ok(Self {
            fresh: watch::Sender::new(link.clone()),
            link: Mutex::new(link),
            operators: AtomicU64::new(0),
        })
    }

    /// The code of the next link, and every one after it.
    pub(super) fn codes(&self) -> watch::Receiver<Secret> {
        self.fresh.subscribe()
    }

    /// Takes a code; the next one is ready at once. False when it is not the code.
    ///
    /// # Errors
    /// When the system gives no randomness; the code stays unused then.
    pub(super) fn redeem(&self, code: &str) -> Result<bool, getrandom::Error> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if !link.digest().matches(&Fingerprint::of(code)) {
            return Ok(false);
        }
        *link = Secret::random()?;
        self.fresh.send_replace(link.clone());
        Ok(true)
    }

    /// Somebody nobody knows yet.
    pub(super) fn next_operator(&self) -> Option<Operator> {
        let number = self.operators.fetch_add(1, Ordering::Relaxed) + 1;
        let id = OperatorId::new(uuid::Uuid::new_v4().to_string())?;
        Some(Operator { id, name: format!("Operator {number}") })
    }
}
