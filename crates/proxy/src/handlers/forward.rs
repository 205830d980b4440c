//! Questions passed on to a service. Its answer is read and written again, never passed through.

use axum::{body::Body, http::Response};
use bytes::Bytes;
use foldback_model::CallKey;
use foldback_wire::{
    acs::{CallConnectionProperties, CallParticipant},
    graph::{self, CommsOperation, Participant, ParticipantsPage},
    ids::CallId,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    acs,
    answer::{empty, json_answer},
    app::App,
    call::Call,
    graph::send::Ask,
    problem::Fault,
    reconcile::read::ended_if_gone,
    routes::{Action, Route},
    upstream::{Answer, Failure},
};

/// Asks the service of a call what the route asks of it.
pub(super) async fn ask(app: &App, call: &Call, route: &Route) -> Result<Response<Body>, Fault> {
    let answered = match &call.key {
        CallKey::Graph(id) => graph(app, route, id).await,
        CallKey::Acs(id) => acs(app, route, id).await,
    };
    let of_the_call = matches!(
        route.action,
        Action::GetCall
            | Action::ListParticipants
            | Action::KeepAlive
            | Action::AcsCall
            | Action::AcsParticipants
    );
    let answered = if of_the_call { ended_if_gone(call, answered).await } else { answered };
    answered.map_err(|failure| failure.fault())?.ok_or_else(Fault::no_such_path)
}

/// None when this is nothing to ask.
type Answered = Result<Option<Response<Body>>, Failure>;

async fn graph(app: &App, route: &Route, id: &CallId) -> Answered {
    let ask = match (route.action, &route.person, &route.operation) {
        (Action::GetCall, ..) => Ask::Call(id),
        (Action::ListParticipants, ..) => Ask::Participants(id),
        (Action::GetParticipant, Some(person), _) => Ask::Participant(id, person),
        (Action::ListOperations, ..) => Ask::Operations(id),
        (Action::GetOperation, _, Some(operation)) => Ask::Operation(id, operation),
        (Action::KeepAlive, ..) => Ask::KeepAlive(id),
        _ => return Ok(None),
    };
    let Answer { status, body, .. } = app.graph()?.ask(&route.version, ask, Bytes::new()).await?;
    Ok(Some(match ask {
        Ask::Call(_) => {
            let mut wire = graph::Call::read(&body)?;
            // It carries the secret of the notification path.
            wire.callback_uri = None;
            json_answer(status, &wire)
        }
        Ask::Participants(_) => json_answer(status, &ParticipantsPage::read(&body)?),
        Ask::Participant(..) => json_answer(status, &Participant::read(&body)?),
        Ask::Operations(_) => json_answer(status, &foldback_wire::read::json::<List>(&body)?),
        Ask::Operation(..) => json_answer(status, &CommsOperation::read(&body)?),
        _ => empty(status),
    }))
}

async fn acs(app: &App, route: &Route, id: &CallId) -> Answered {
    let service = app.acs()?;
    Ok(Some(match (route.action, &route.person) {
        (Action::AcsCall, _) => {
            let ask = acs::send::Ask::Connection(id);
            let answer = service.ask(ask, Bytes::new(), None).await?;
            let mut wire = CallConnectionProperties::read(&answer.body)?;
            wire.callback_uri = None;
            json_answer(answer.status, &wire)
        }
        // All pages as one: a link would lead past the proxy.
        (Action::AcsParticipants, _) => {
            json_answer(axum::http::StatusCode::OK, &service.participants(id).await?)
        }
        (Action::AcsParticipant, Some(person)) => {
            let ask = acs::send::Ask::Participant(id, person);
            let answer = service.ask(ask, Bytes::new(), None).await?;
            json_answer(answer.status, &CallParticipant::read(&answer.body)?)
        }
        _ => return Ok(None),
    }))
}

/// A list of operations.
#[derive(Debug, serde::Deserialize, Serialize)]
struct List {
    value: Vec<CommsOperation>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}
