//! Mutes in ACS: sent once under one name, taken by the service, and true when the roster says so.

use axum::{body::Body, http::Response};
use foldback_model::{By, Event, OperationId, Outcome};
use foldback_wire::{acs::OperationReply, ids::CallId};

use super::check::Checked;
use crate::{
    acs::send::{Ask, Once},
    answer::json_answer,
    app::App,
    call::Call,
    problem::Fault,
    upstream::{Answer, Failure},
};

/// An accepting reply.
pub(super) struct Reply {
    answer: Answer,
    wire: OperationReply,
}

/// Sends a mute. The name it goes by is made here, once, whatever has to be repeated below.
pub(super) async fn send(app: &App, call: &CallId, checked: &Checked) -> Result<Reply, Failure> {
    let named = Once::now();
    let answer = app.acs()?.ask(Ask::Mute(call), checked.body.clone(), Some(&named)).await?;
    let wire = OperationReply::read(&answer.body)?;
    Ok(Reply { answer, wire })
}

/// The service took it. Somebody the roster shows muted already will not be told of again.
pub(super) async fn accepted(call: &Call, operation: &OperationId) -> Result<(), Fault> {
    call.append(|folded| {
        let accepted = Event::OperationAccepted { operation: operation.clone(), upstream_id: None };
        let mut events = vec![(By::Service, accepted)];
        let roster = &folded.state.roster;
        let muted = folded.state.operations.get(operation).is_some_and(|asked| {
            let mut people = asked.request.targets.iter().map(|id| roster.get(id));
            people.all(|person| person.is_some_and(|person| person.muted))
        });
        if muted {
            let outcome = Outcome::Completed;
            let finished = Event::OperationFinished { operation: operation.clone(), outcome };
            events.push((By::Service, finished));
        }
        events
    })
    .await
    .map(drop)
    .map_err(|_| Fault::unrecorded())
}

/// What whoever asked is answered.
pub(super) fn answer(reply: &Reply) -> Response<Body> {
    json_answer(reply.answer.status, &reply.wire)
}
