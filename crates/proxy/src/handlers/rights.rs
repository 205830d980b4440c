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
    audit::Kind,
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
        let one_at_a_time = call.changing.lock().await;
        let noted = self.note(&call, Kind::SetCallAccess, json!({"access": access})).await?;
        noted.end(calls::open_to(&self.app, &call, access.clone()).await).await?;
        drop(one_at_a_time);
        let by = self.session()?;
        tracing::info!(call = %call.key, by = %by.operator.id, "who may see a call was changed");
        Ok(json_answer(StatusCode::OK, &access))
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
        let by = self.session()?;
        let known = self.app.sessions.signed_in().into_iter().find(|it| it.operator.id == operator);
        let name = known.map(|it| it.operator.name);
        let detail = json!({"operator": operator, "name": name});
        let noted = self.note_house(&by.operator, Kind::Revoke, detail).await?;
        let ended = self.app.sessions.revoke(&operator).await;
        let ended = noted.end(ended.map_err(|trouble| broken(&trouble))).await?;
        tracing::info!(%operator, by = %by.operator.id, ended, "somebody's sessions were ended");
        Ok(json_answer(StatusCode::OK, &json!({"ended": ended})))
    }
}
