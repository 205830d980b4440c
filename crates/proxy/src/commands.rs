//! A command's way: checked, written down, sent, and its fate written down.

mod acs;
mod check;
mod fate;
mod graph;

use std::net::IpAddr;

use axum::{body::Body, http::Response};
use bytes::Bytes;
use foldback_model::{
    By, CallKey, Event, GestureId, OperationId, OperationKind, OperationRequest, ParticipantId,
    plan,
};

use crate::{
    app::App,
    call::{Call, Folded, SentMix, mixes::Queued},
    problem::Fault,
    upstream::Failure,
};
use check::{Checked, Read};
pub use fate::desk_events;

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
    /// From where, unless it is Foldback itself.
    pub from: Option<IpAddr>,
}

/// Runs a command to the service's reply.
///
/// # Errors
/// What was wrong with it, what the service refused, or that nobody knows what became of it.
pub async fn run(app: &App, call: &Call, command: Command) -> Result<Response<Body>, Fault> {
    let read = check::read(call.key.kind(), &command)?;
    let queued = queue(call, &read);
    // Held until the reply: an older mix must never follow a newer one.
    let _turn = match queued {
        Some(_) => Some(call.mixes.turn().await),
        None => None,
    };
    carry_out(app, call, command, read, queued.as_ref()).await
}

/// As [`run`], for a caller who has the turn of the call's mixes if the command is one.
///
/// # Errors
/// As [`run`].
pub async fn run_in_turn(
    app: &App,
    call: &Call,
    command: Command,
) -> Result<Response<Body>, Fault> {
    let read = check::read(call.key.kind(), &command)?;
    let queued = queue(call, &read);
    carry_out(app, call, command, read, queued.as_ref()).await
}

/// A mix waits among the others and is seen by those before it.
fn queue<'a>(call: &'a Call, read: &Read) -> Option<Queued<'a>> {
    let Read::Mix(mix) = read else { return None };
    let listeners = mix.participant_mixer_levels.iter();
    let listeners = listeners.filter_map(|entry| ParticipantId::parse(&entry.participant).ok());
    Some(call.mixes.queue(listeners.collect()))
}

async fn carry_out(
    app: &App,
    call: &Call,
    command: Command,
    read: Read,
    queued: Option<&Queued<'_>>,
) -> Result<Response<Body>, Fault> {
    let (checked, listeners) = {
        let folded = call.read();
        // Who comes while a mix for everyone is on its way is not among them.
        let listeners = command.everyone.then(|| plan::present(&folded.state.roster));
        (check::check(&folded.state, &command, read)?, listeners)
    };
    // Ids that follow one another stand together in the journal's index, so that a commit has few pages
    // to write, and come last in the fold.
    let operation =
        OperationId::new(uuid::Uuid::now_v7().to_string()).ok_or_else(Fault::internal)?;
    let request = OperationRequest {
        operation: operation.clone(),
        gesture: command.gesture.clone(),
        kind: command.kind,
        targets: checked.targets.clone(),
        client_context: checked.client_context.clone(),
    };
    let requested =
        |_: &Folded| vec![(command.by.clone(), Event::OperationRequested(request.clone()))];
    call.append_from(command.from, requested).await.map_err(|_| Fault::journal())?;
    if let CallKey::Acs(id) = &call.key {
        return match acs::send(app, id, &checked).await {
            Ok(reply) => {
                acs::accepted(call, &operation).await?;
                app.metrics.command("accepted");
                Ok(acs::answer(&reply))
            }
            Err(failure) => Err(refused(app, call, &operation, failure, None).await?),
        };
    }
    let (checked, answer) = graph::send(app, call, &command, checked, queued).await;
    let Checked { mix, .. } = checked;
    let mix = mix.map(|request| SentMix {
        request,
        everyone: command.everyone,
        gesture: command.gesture.clone(),
        by: command.by.clone(),
    });
    let read = answer.and_then(|answer| {
        let wire = graph::reply(&answer)?;
        Ok((answer.status, wire))
    });
    match read {
        Ok((status, wire)) => {
            fate::accepted(call, &operation, &wire, mix.as_ref()).await?;
            if let Some(listeners) = listeners {
                call.look_after_newcomers(&listeners);
            }
            app.metrics.command("accepted");
            Ok(graph::answer_with(app, call, &command.root, status, &wire))
        }
        Err(failure) if graph::has_no_mixer(&command, &failure) => {
            tracing::warn!(call = %call.key, %failure, "the call has no mixer");
            app.metrics.command("refused");
            Err(fate::no_mixer(call, &operation).await?)
        }
        Err(failure) => Err(refused(app, call, &operation, failure, mix).await?),
    }
}

/// Writes down that it did not succeed; what whoever asked is told.
async fn refused(
    app: &App,
    call: &Call,
    operation: &OperationId,
    failure: Failure,
    mix: Option<SentMix>,
) -> Result<Fault, Fault> {
    tracing::warn!(call = %call.key, %operation, %failure, "a command did not succeed");
    app.metrics.command(if failure.is_unknown() { "unconfirmed" } else { "refused" });
    fate::failed(call, operation, &failure, mix).await?;
    Ok(failure.fault())
}
