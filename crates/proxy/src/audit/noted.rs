//! What is written down before it is done, and said afterwards how it ended.

use std::sync::Arc;

use foldback_model::{CallKey, Outcome};
use serde_json::Value;

use super::{Book, Deed};
use crate::{app::App, problem::Fault};

/// Something that stands in the audit without an end. When the process is killed now it stays so:
/// nobody knows then whether it was done.
#[must_use = "it has an end"]
pub struct Noted {
    kept: Option<(Arc<dyn Book>, u64)>,
}

impl std::fmt::Debug for Noted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = self.kept.as_ref().map(|(_, number)| number);
        f.debug_struct("Noted").field("number", &number).finish()
    }
}

impl Noted {
    /// Writes it down, where an audit is kept. Durable when it answers.
    ///
    /// # Errors
    /// 503 when the journal cannot be written: it must not be done then.
    pub async fn write(app: &App, deed: Deed) -> Result<Self, Fault> {
        let Some(book) = app.journal.book() else { return Ok(Self { kept: None }) };
        match book.note(deed).await {
            Ok(number) => Ok(Self { kept: Some((book, number)) }),
            Err(error) => {
                tracing::error!(%error, "the audit cannot be written");
                Err(Fault::journal())
            }
        }
    }

    /// Says how it ended. What cannot be written stays without an end, which is told in the log: it is
    /// done, or was refused, all the same.
    pub async fn ended(self, outcome: Outcome) {
        let Some((book, number)) = self.kept else { return };
        if let Err(error) = book.settle(number, outcome).await {
            tracing::error!(%error, "how something ended cannot be written down");
        }
    }

    /// Says that it was done, or that it failed and why, and gives the result back.
    ///
    /// # Errors
    /// That of the result.
    pub async fn end<T>(self, result: Result<T, Fault>) -> Result<T, Fault> {
        let outcome = match &result {
            Ok(_) => Outcome::Completed,
            Err(fault) => fault.outcome(),
        };
        self.ended(outcome).await;
        result
    }

    /// Says that a call came of it: it is told there from now on.
    pub async fn came_to(self, call: CallKey, detail: Value) {
        let Some((book, number)) = self.kept else { return };
        if let Err(error) = book.give_to(number, call, detail).await {
            tracing::error!(%error, "how something ended cannot be written down");
        }
    }
}
