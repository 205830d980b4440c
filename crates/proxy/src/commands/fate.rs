//! What became of a command, written down.

use std::sync::PoisonError;

use foldback_model::{By, Event, OperationId, OperationState, Outcome, plan, translate};
use foldback_wire::{graph::CommsOperation, ids::UpstreamOperationId};

use crate::{
    call::{Call, Folded, SentMix},
    problem::Fault,
    upstream::Failure,
};

/// The service's id of an operation, where it has one that can be used.
pub(super) fn upstream_id(wire: &CommsOperation) -> Option<UpstreamOperationId> {
    wire.id.as_deref().and_then(|id| UpstreamOperationId::parse(id).ok())
}

/// The service took it; its reply may tell the end as well.
pub(super) async fn accepted(
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

/// It failed, or nobody knows.
pub(super) async fn failed(
    call: &Call,
    operation: &OperationId,
    failure: &Failure,
    mix: Option<SentMix>,
) -> Result<(), Fault> {
    let outcome = match failure {
        Failure::NotSent(message) | Failure::NoToken(message) => Outcome::Failed {
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
        Failure::Paused(seconds) => Outcome::Failed {
            status: 503,
            code: "servicePaused".to_owned(),
            message: failure.to_string(),
            retry: Some(seconds.saturating_mul(1_000)),
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

/// It failed because the service has no mixer: that is part of the call from now on. What whoever
/// asked is told.
pub(super) async fn no_mixer(call: &Call, operation: &OperationId) -> Result<Fault, Fault> {
    let fault = Fault::no_mixer();
    call.append(|folded| {
        let outcome = Outcome::Failed {
            status: fault.status.as_u16(),
            code: fault.code.clone(),
            message: fault.message.clone(),
            retry: None,
        };
        let finished = Event::OperationFinished { operation: operation.clone(), outcome };
        let without = folded.state.call.clone().map(|mut info| {
            info.can.mix = false;
            (By::Foldback, Event::CallChanged(info))
        });
        [(By::Service, finished)].into_iter().chain(without).collect()
    })
    .await
    .map_err(|_| Fault::unrecorded())?;
    Ok(fault)
}
