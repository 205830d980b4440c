//! Commands to Graph: sent, their replies read, their answers written.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use foldback_model::OperationKind;
use foldback_wire::graph::CommsOperation;

use futures_util::FutureExt as _;

use super::{
    Command,
    check::{Checked, check_mix},
    fate::upstream_id,
};
use crate::{
    answer::json_answer,
    app::App,
    call::{Call, mixes::Queued},
    graph::send::Ask,
    reconcile,
    upstream::{Answer, Failure},
};

/// Sends it. When the service does not know somebody of a mix, the roster is read and, if that takes
/// somebody out, the mix is sent once more.
pub(super) async fn send(
    app: &App,
    call: &Call,
    command: &Command,
    checked: Checked,
    queued: Option<&Queued<'_>>,
) -> (Checked, Result<Answer, Failure>) {
    let id = call.key.id();
    let ask = match (command.kind, &command.person) {
        (OperationKind::ConfigureMixer, _) => Ask::ConfigureMixer(id),
        (OperationKind::UnmuteSelf, _) => Ask::Unmute(id),
        (_, Some(person)) => Ask::MuteParticipant(id, person),
        (_, None) => Ask::Mute(id),
    };
    let sent = async |body| {
        let overtaken = match queued {
            Some(queued) => queued.superseded().boxed(),
            None => std::future::pending().boxed(),
        };
        app.graph()?.ask_unless(&command.version, ask, body, overtaken).await
    };
    let answer = sent(checked.body.clone()).await;
    let unknown_person = matches!(
        &answer,
        Err(failure @ Failure::Refused { status, .. })
            if *status == StatusCode::NOT_FOUND && !has_no_mixer(command, failure)
    );
    let (true, Some(mix)) = (unknown_person, &checked.mix) else { return (checked, answer) };
    if let Err(error) = reconcile::read::roster(app, call, false).await {
        tracing::warn!(call = %call.key, %error, "the roster could not be read");
        return (checked, answer);
    }
    let again = check_mix(&call.read().state, checked.body.clone(), mix.clone());
    match again {
        Ok(again) if again.body != checked.body => {
            let answer = sent(again.body.clone()).await;
            (again, answer)
        }
        _ => (checked, answer),
    }
}

/// Whether the service says that it has no mixer at all, rather than that it does not know the call
/// or somebody in it. The mixer was in the beta alone: that v1.0 lacks it says nothing.
pub(super) fn has_no_mixer(command: &Command, failure: &Failure) -> bool {
    let Failure::Refused { status, message, .. } = failure else { return false };
    if command.kind != OperationKind::ConfigureMixer || command.version != "beta" {
        return false;
    }
    let unknown_name = || {
        let message = message.to_ascii_lowercase();
        message.contains("segment") && message.contains("configuremixer")
    };
    match *status {
        StatusCode::NOT_IMPLEMENTED => true,
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => unknown_name(),
        _ => false,
    }
}

/// The operation in an accepting reply, with its id filled in from `Location` where the body has none.
pub(super) fn reply(answer: &Answer) -> Result<CommsOperation, Failure> {
    let mut wire = if answer.body.trim_ascii().is_empty() {
        CommsOperation::default()
    } else {
        CommsOperation::read(&answer.body)?
    };
    if wire.id.is_none() {
        let last = answer.location.as_deref().and_then(|url| url.rsplit('/').next());
        wire.id = last.map(str::to_owned);
    }
    // It names the service's own address, which is no business of the browser.
    wire.odata_context = None;
    Ok(wire)
}

/// What whoever asked is answered: the operation, where it is found here.
pub(super) fn answer_with(
    app: &App,
    call: &Call,
    root: &str,
    status: StatusCode,
    wire: &CommsOperation,
) -> Response<Body> {
    let mut response = json_answer(status, wire);
    let headers = response.headers_mut();
    if let Some(id) = upstream_id(wire) {
        let location = format!("{}{root}/{}/operations/{id}", app.origin, call.key.id());
        if let Ok(location) = HeaderValue::from_str(&location) {
            headers.insert(header::LOCATION, location);
        }
    }
    response
}
