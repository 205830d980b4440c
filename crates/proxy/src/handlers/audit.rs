//! Reading the audit, and writing down what is no fact of a call.

use std::sync::Arc;

use foldback_model::{CallKey, Outcome};
use serde_json::Value;

use super::{Answer, Asked};
use crate::{
    audit::{self, Deed, Kind, Noted, Trace},
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
        self.read_audit(book, Some(key.clone())).await
    }

    /// Who signed in and out, and whose sessions were ended.
    pub(super) async fn house_audit(&self) -> Answer {
        let book = self.app.journal.book().ok_or_else(Fault::no_such_path)?;
        self.read_audit(book, None).await
    }

    async fn read_audit(&self, book: Arc<dyn audit::Book>, call: Option<CallKey>) -> Answer {
        let (app, session) = (Arc::clone(&self.app), self.session()?);
        let may_go_on = move || app.sessions.stands(&session);
        audit::answer(book, call, &self.uri, &self.headers, may_go_on).await
    }

    /// Writes down what is to be done on a call and will be no fact of it.
    pub(super) async fn note(
        &self,
        call: &Call,
        kind: Kind,
        detail: Value,
    ) -> Result<Noted, Fault> {
        let call = Some(call.key.clone());
        let operator = &self.session()?.operator;
        self.write_down(call, operator, kind, None, detail).await
    }

    /// Writes down what is to be done on no call, or on one that nobody knows yet.
    pub(super) async fn note_house(
        &self,
        operator: &Operator,
        kind: Kind,
        detail: Value,
    ) -> Result<Noted, Fault> {
        self.write_down(None, operator, kind, None, detail).await
    }

    /// Writes down what somebody was refused.
    pub(super) async fn note_refused(
        &self,
        operator: &Operator,
        kind: Kind,
        refused: Outcome,
    ) -> Result<(), Fault> {
        self.write_down(None, operator, kind, Some(refused), Value::Null).await.map(drop)
    }

    async fn write_down(
        &self,
        call: Option<CallKey>,
        operator: &Operator,
        kind: Kind,
        outcome: Option<Outcome>,
        detail: Value,
    ) -> Result<Noted, Fault> {
        let trace = Trace { from: Some(self.from), ..Trace::default() };
        let by = operator.by();
        Noted::write(&self.app, Deed { call, at: now(), by, trace, kind, outcome, detail }).await
    }
}
