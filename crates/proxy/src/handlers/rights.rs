//! What administrators decide: who may see a call, and whose sessions end.

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use foldback_model::OperatorId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Asked, sign_in::broken};
use crate::{
    answer::json_answer,
    audit::{self, Deed, Kind, Trace},
    call::{Call, now},
    calls::{self, join},
    problem::Fault,
};

/// The body of a revocation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    operator: String,
}

impl Asked {
    /// Who may see the call.
    pub(super) fn call_access(&self) -> Answer {
        Ok(json_answer(StatusCode::OK, &self.call()?.access()))
    }

    /// Says anew who may see the call. Streams of those who may not any more end.
    pub(super) async fn set_call_access(&self, body: &[u8]) -> Answer {
        let body: Value = foldback_wire::read::json(body)?;
        let access = join::access_of(&body)?;
        let call = self.call()?;
        // Written down first: what cannot be recorded is not done.
        self.note(&call, Kind::SetCallAccess, json!({"access": access})).await?;
        calls::open_to(&self.app, &call, access).await?;
        let by = self.session()?;
        tracing::info!(call = %call.key, by = %by.operator.id, "who may see a call was changed");
        Ok(json_answer(StatusCode::OK, &call.access()))
    }

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
        audit::answer(book, key.clone(), &self.uri, &self.headers).await
    }

    /// Writes down what is no fact of the call.
    pub(super) async fn note(&self, call: &Call, kind: Kind, detail: Value) -> Result<(), Fault> {
        let Some(book) = self.app.journal.book() else { return Ok(()) };
        let by = self.session()?.operator.by();
        let trace = Trace { from: Some(self.from), whom: Vec::new() };
        let deed = Deed { call: call.key.clone(), at: now(), by, trace, kind, detail };
        book.note(deed).await.map_err(|error| {
            tracing::error!(%error, "the audit cannot be written");
            Fault::journal()
        })
    }

    /// Everybody who is signed in by cookie.
    pub(super) fn people(&self) -> Response<Body> {
        json_answer(StatusCode::OK, &json!({"people": self.app.sessions.signed_in()}))
    }

    /// Ends all sessions of one person, here and in every tab.
    pub(super) async fn revoke(&self, body: &[u8]) -> Answer {
        let body: Value = foldback_wire::read::json(body)?;
        let shape = || {
            Fault::bad_request(
                "$.operator is missing; send {\"operator\": \"…\"} with an id of /foldback/v1/people",
            )
        };
        let whose = Whose::deserialize(&body).map_err(|_| shape())?;
        let operator = OperatorId::new(whose.operator).ok_or_else(shape)?;
        let ended = self.app.sessions.revoke(&operator).await;
        let ended = ended.map_err(|trouble| broken(&trouble))?;
        let by = self.session()?;
        tracing::info!(%operator, by = %by.operator.id, ended, "somebody's sessions were ended");
        Ok(json_answer(StatusCode::OK, &json!({"ended": ended})))
    }
}
