//! A command's way: checked, written down, sent, and its fate written down.

use std::sync::PoisonError;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use foldback_model::{
    By, CallState, Event, GestureId, OperationId, OperationKind, OperationRequest, OperationState,
    Outcome, ParticipantId, call::CallPhase, plan, translate,
};
use foldback_wire::{
    graph::{CommsOperation, ConfigureMixer, MuteRequest},
    ids::UpstreamOperationId,
};

use crate::{
    app::App,
    call::{Call, Folded, SentMix},
    graph::send::Ask,
    problem::Fault,
    reconcile,
    upstream::{Answer, Failure},
};

/// Something asked of the service.
#[derive(Debug, Clone)]
pub struct Command {
    /// What.
    pub kind: OperationKind,
    /// Whom, for a mute of one person.
    pub person: Option<ParticipantId>,
    /// `v1.0` or `beta`.
    pub version: String,
    /// The root as it was called, for the answer's `Location`.
    pub root: String,
    /// The body as it came; it is what leaves.
    pub body: Bytes,
    /// The drag or bulk action.
    pub gesture: Option<GestureId>,
    /// A mix of the base layer.
    pub everyone: bool,
    /// Who asks.
    pub by: By,
}

/// A command after its check: what leaves, and whom it is about.
struct Checked {
    body: Bytes,
    targets: Vec<ParticipantId>,
    client_context: Option<String>,
    mix: Option<ConfigureMixer>,
}

/// Runs a command to the service's reply.
///
/// # Errors
/// What was wrong with it, what the service refused, or that nobody knows what became of it.
pub async fn run(app: &App, call: &Call, command: Command) -> Result<Response<Body>, Fault> {
    // Held until the reply: an older mix must never follow a newer one.
    let _mixing = match command.kind {
        OperationKind::ConfigureMixer => Some(call.mixing.lock().await),
        _ => None,
    };
    run_in_turn(app, call, command).await
}

/// As [`run`], for a caller who holds [`Call::mixing`] if the command is a mix.
///
/// # Errors
/// As [`run`].
pub async fn run_in_turn(
    app: &App,
    call: &Call,
    command: Command,
) -> Result<Response<Body>, Fault> {
    let read = read(&command)?;
    let (checked, listeners) = {
        let folded = call.read();
        let listeners = plan::present(&folded.state.roster);
        (check(&folded.state, &command, read)?, listeners)
    };
    let operation =
        OperationId::new(uuid::Uuid::new_v4().to_string()).ok_or_else(Fault::internal)?;
    let request = OperationRequest {
        operation: operation.clone(),
        gesture: command.gesture.clone(),
        kind: command.kind,
        targets: checked.targets.clone(),
        client_context: checked.client_context.clone(),
    };
    call.append_one(command.by.clone(), Event::OperationRequested(request))
        .await
        .map_err(|_| Fault::journal())?;
    let (checked, answer) = send(app, call, &command, checked).await;
    let mix = checked.mix.map(|request| SentMix {
        request,
        everyone: command.everyone,
        gesture: command.gesture.clone(),
        by: command.by.clone(),
    });
    let read = answer.and_then(|answer| {
        let wire = reply(&answer)?;
        Ok((answer.status, wire))
    });
    match read {
        Ok((status, wire)) => {
            accepted(call, &operation, &wire, mix.as_ref()).await?;
            if command.everyone {
                call.look_after_newcomers(&listeners);
            }
            app.metrics.command("accepted");
            Ok(answer_with(app, call, &command.root, status, &wire))
        }
        Err(failure) => {
            tracing::warn!(call = %call.key, %operation, %failure, "a command did not succeed");
            app.metrics.command(if failure.is_unknown() { "unconfirmed" } else { "refused" });
            failed(call, &operation, &failure, mix).await?;
            Err(failure.fault())
        }
    }
}

/// What the body says, before anything is known of the call.
enum Read {
    Mute(MuteRequest),
    Mix(ConfigureMixer),
}

fn read(command: &Command) -> Result<Read, Fault> {
    Ok(match command.kind {
        OperationKind::ConfigureMixer => Read::Mix(ConfigureMixer::read(&command.body)?),
        _ => Read::Mute(MuteRequest::read(&command.body)?),
    })
}

fn check(state: &CallState, command: &Command, read: Read) -> Result<Checked, Fault> {
    if state.call.as_ref().is_some_and(|info| info.state == CallPhase::Ended) {
        return Err(Fault::new(StatusCode::NOT_FOUND, "8522", "this call is over"));
    }
    match read {
        Read::Mix(mix) => check_mix(state, command.body.clone(), mix),
        Read::Mute(mute) => {
            let targets = match &command.person {
                Some(person) if state.roster.contains(person) => vec![person.clone()],
                Some(person) => return Err(nobody(state, person)),
                None => state.call.iter().filter_map(|info| info.own_participant.clone()).collect(),
            };
            Ok(Checked {
                body: command.body.clone(),
                targets,
                client_context: mute.client_context,
                mix: None,
            })
        }
    }
}

/// Everybody named must be in the call. People who have just left are taken out, since they cannot
/// hear or be heard any more; people never seen are an error.
fn check_mix(state: &CallState, body: Bytes, mut mix: ConfigureMixer) -> Result<Checked, Fault> {
    let mut taken_out = false;
    let mut here = |id: &str| -> Result<bool, Fault> {
        let id = ParticipantId::parse(id)?;
        if state.roster.contains(&id) {
            return Ok(true);
        }
        if state.roster.has_left(&id) {
            taken_out = true;
            return Ok(false);
        }
        Err(nobody(state, &id))
    };
    let mut levels = Vec::with_capacity(mix.participant_mixer_levels.len());
    for mut entry in std::mem::take(&mut mix.participant_mixer_levels) {
        let mut sources = Vec::with_capacity(entry.source_levels.len());
        for source in std::mem::take(&mut entry.source_levels) {
            if here(&source.participant)? {
                sources.push(source);
            }
        }
        entry.source_levels = sources;
        if here(&entry.participant)? {
            levels.push(entry);
        }
    }
    mix.participant_mixer_levels = levels;
    let targets = mix
        .participant_mixer_levels
        .iter()
        .map(|entry| ParticipantId::parse(&entry.participant))
        .collect::<Result<Vec<_>, _>>()?;
    let body = if taken_out {
        if targets.is_empty() {
            return Err(gone("everybody this mix is for has left the call"));
        }
        serde_json::to_vec(&mix).map(Bytes::from).map_err(|_| Fault::internal())?
    } else {
        body
    };
    Ok(Checked { body, targets, client_context: mix.client_context.clone(), mix: Some(mix) })
}

fn nobody(state: &CallState, person: &ParticipantId) -> Fault {
    if state.roster.has_left(person) {
        return gone(&format!("{person} has left the call"));
    }
    gone(&format!("nobody in this call has the id {person}; read the roster again"))
}

fn gone(message: &str) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "8522", message)
}

/// Sends it. When the service does not know somebody of a mix, the roster is read and, if that takes
/// somebody out, the mix is sent once more.
async fn send(
    app: &App,
    call: &Call,
    command: &Command,
    checked: Checked,
) -> (Checked, Result<Answer, Failure>) {
    let id = call.key.id();
    let ask = match (command.kind, &command.person) {
        (OperationKind::ConfigureMixer, _) => Ask::ConfigureMixer(id),
        (OperationKind::UnmuteSelf, _) => Ask::Unmute(id),
        (_, Some(person)) => Ask::MuteParticipant(id, person),
        (_, None) => Ask::Mute(id),
    };
    let answer = app.graph.ask(&command.version, ask, checked.body.clone()).await;
    let unknown_person = matches!(
        &answer,
        Err(Failure::Refused { status, .. }) if *status == StatusCode::NOT_FOUND
    );
    let (true, Some(mix)) = (unknown_person, &checked.mix) else { return (checked, answer) };
    if let Err(error) = reconcile::read_roster(app, call, false).await {
        tracing::warn!(call = %call.key, %error, "the roster could not be read");
        return (checked, answer);
    }
    let again = check_mix(&call.read().state, checked.body.clone(), mix.clone());
    match again {
        Ok(again) if again.body != checked.body => {
            let answer = app.graph.ask(&command.version, ask, again.body.clone()).await;
            (again, answer)
        }
        _ => (checked, answer),
    }
}

/// The operation in an accepting reply, with its id filled in from `Location` where the body has none.
fn reply(answer: &Answer) -> Result<CommsOperation, Failure> {
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

fn upstream_id(wire: &CommsOperation) -> Option<UpstreamOperationId> {
    wire.id.as_deref().and_then(|id| UpstreamOperationId::parse(id).ok())
}

async fn accepted(
    call: &Call,
    operation: &OperationId,
    wire: &CommsOperation,
    mix: Option<&SentMix>,
) -> Result<(), Fault> {
    let outcome = translate::outcome(wire, false);
    let refused = matches!(outcome, Some(Outcome::Failed { .. }));
    call.append(|folded| {
        let accepted = Event::OperationAccepted {
            operation: operation.clone(),
            upstream_id: upstream_id(wire),
        };
        let mut events = vec![(By::Service, accepted)];
        if let Some(mix) = mix.filter(|_| !refused) {
            events.extend(desk_events(folded, mix));
        }
        if let Some(outcome) = &outcome {
            let finished =
                Event::OperationFinished { operation: operation.clone(), outcome: outcome.clone() };
            events.push((By::Service, finished));
        }
        events
    })
    .await
    .map(drop)
    .map_err(|_| Fault::unrecorded())
}

/// What an accepted mix changes on the desk.
pub fn desk_events(folded: &Folded, mix: &SentMix) -> Vec<(By, Event)> {
    let state = &folded.state;
    match state.desk.changes(mix.everyone, &mix.request, &plan::present(&state.roster)) {
        Ok(changes) => changes
            .into_iter()
            .map(|mut change| {
                change.gesture.clone_from(&mix.gesture);
                (mix.by.clone(), Event::MixChanged(change))
            })
            .collect(),
        Err(error) => {
            tracing::error!(%error, "a mix that was checked cannot be read");
            Vec::new()
        }
    }
}

async fn failed(
    call: &Call,
    operation: &OperationId,
    failure: &Failure,
    mix: Option<SentMix>,
) -> Result<(), Fault> {
    let outcome = match failure {
        Failure::NotSent(message) => Outcome::Failed {
            status: 502,
            code: "serviceUnreachable".to_owned(),
            message: message.clone(),
            retry: None,
        },
        Failure::Refused { status, code, message, retry_after } => Outcome::Failed {
            status: status.as_u16(),
            code: code.clone(),
            message: message.clone(),
            retry: retry_after.map(|seconds| seconds.saturating_mul(1_000)),
        },
        Failure::TimedOut(_) | Failure::Broken(_) => Outcome::Unconfirmed,
    };
    if let (Outcome::Unconfirmed, Some(mix)) = (&outcome, &mix) {
        let folded = call.read();
        let mut unknown = call.unknown_mixes.lock().unwrap_or_else(PoisonError::into_inner);
        // What is not followed any more cannot be settled.
        unknown.retain(|id, _| folded.state.operations.get(id).is_some());
        unknown.insert(operation.clone(), mix.clone());
    }
    let written = call
        .append(|folded| {
            let done = folded.state.operations.get(operation).is_some_and(|operation| {
                operation.state == OperationState::Finished(Outcome::Completed)
            });
            // A notification has overtaken the reply that never came.
            if let (true, Some(mix)) = (done, &mix) {
                return desk_events(folded, mix);
            }
            let finished =
                Event::OperationFinished { operation: operation.clone(), outcome: outcome.clone() };
            vec![(if failure.is_unknown() { By::Foldback } else { By::Service }, finished)]
        })
        .await;
    written.map(drop).map_err(|_| Fault::unrecorded())
}

fn answer_with(
    app: &App,
    call: &Call,
    root: &str,
    status: StatusCode,
    wire: &CommsOperation,
) -> Response<Body> {
    let body = serde_json::to_vec(wire).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(id) = upstream_id(wire) {
        let location = format!("{}{root}/{}/operations/{id}", app.origin, call.key.id());
        if let Ok(location) = HeaderValue::from_str(&location) {
            headers.insert(header::LOCATION, location);
        }
    }
    response
}
