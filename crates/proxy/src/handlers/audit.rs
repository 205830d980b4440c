//! Reading the audit, and writing down what is no fact of a call.

use foldback_model::{CallKey, Outcome};
use serde_json::Value;

use super::{Answer, Asked};
use crate::{
    audit::{self, Deed, Kind, Trace},
    call::{Call, now},
    problem::Fault,
    session::Operator,
};

impl Asked {
    /// Who did what on a call, also on one that is over.
    pub(super) async fn audit(&self) -> Answer {
        let (Some(book), Some(key)) = (self.app.journal.book(), &self.route.call) else {
            return Err(Fault::no_such_path());
        };
        if self.call.is_none() {
            let known = self.app.journal.calls().await.map_err(|it| audit::unreadable(&it))?;
            if !known.iter().any(|stored| stored.key == *key) {
                return Err(Fault::no_such_call());
            }
        }
        audit::answer(book, Some(key.clone()), &self.uri, &self.headers).await
    }

    /// Who signed in and out, and whose sessions were ended.
    pub(super) async fn house_audit(&self) -> Answer {
        let book = self.app.journal.book().ok_or_else(Fault::no_such_path)?;
        audit::answer(book, None, &self.uri, &self.headers).await
    }

    /// Writes down what is done on a call and is no fact of it.
    pub(super) async fn note(&self, call: &Call, kind: Kind, detail: Value) -> Result<(), Fault> {
        let call = Some(call.key.clone());
        let operator = &self.session()?.operator;
        self.write_down(call, operator, kind, Outcome::Completed, detail).await
    }

    /// Writes down what is done on no call.
    pub(super) async fn note_house(
        &self,
        operator: &Operator,
        kind: Kind,
        outcome: Outcome,
        detail: Value,
    ) -> Result<(), Fault> {
        self.write_down(None, operator, kind, outcome, detail).await
    }

    async fn write_down(
        &self,
        call: Option<CallKey>,
        operator: &Operator,
        kind: Kind,
        outcome: Outcome,
        detail: Value,
    ) -> Result<(), Fault> {
        let Some(book) = self.app.journal.book() else { return Ok(()) };
        let trace = Trace { from: Some(self.from), whom: Vec::new() };
        let by = operator.by();
        let deed = Deed { call, at: now(), by, trace, kind, outcome, detail };
        book.note(deed).await.map_err(|error| {
            tracing::error!(%error, "the audit cannot be written");
            Fault::journal()
        })
    }
}
