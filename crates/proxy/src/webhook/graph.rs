//! Notifications of Graph, made into facts.

use std::sync::PoisonError;

use foldback_model::{By, Event, OperationId, OperationKind, OperationState, Outcome, translate};
use foldback_wire::graph::{CommsNotification, Topic};

use crate::{call::Call, commands, journal::JournalError};

/// Makes facts of one notification; the word is for counting.
///
/// # Errors
/// When they cannot be made durable.
pub async fn take(
    call: &Call,
    notification: &CommsNotification,
) -> Result<&'static str, JournalError> {
    let topic = match notification.call_id() {
        Ok(id) if id != *call.key.id() => {
            tracing::warn!(call = %call.key, "a notification for another call was left out");
            return Ok("otherCall");
        }
        Ok(_) => notification.topic(),
        Err(error) => Err(error),
    };
    let facts = match topic {
        Ok(Topic::Call { call: wire, deleted }) => {
            call.append(|folded| {
                let before = folded.state.call.as_ref();
                let info = translate::call(&wire, deleted, before, call.rehearsal);
                vec![(By::Service, Event::CallChanged(info))]
            })
            .await?
        }
        Ok(Topic::Roster(list)) => {
            let people = translate::people(&list);
            let facts = roster(call, &people, None).await?;
            // A full form need not be complete: who is missing in it is read, not believed.
            let missing = call.read().state.roster.absent_from(&people.here).next().is_some();
            if missing || people.unreadable > 0 {
                call.doubt.notify_one();
            }
            facts
        }
        Ok(Topic::Delta(delta)) => {
            let number = translate::roster_number(&delta);
            let facts = roster(call, &translate::people(&delta.participants), number).await?;
            match number {
                Some(number) => call.saw_delta(number),
                None => call.doubt.notify_one(),
            }
            facts
        }
        Ok(Topic::Operation(wire)) => operation(call, &wire, notification.is_deleted()).await?,
        Ok(Topic::Other) => return Ok("notFollowed"),
        Err(error) => {
            let place = error.path();
            tracing::warn!(call = %call.key, place, "a notification cannot be read");
            return Ok("unreadable");
        }
    };
    Ok(if facts.is_empty() { "unchanged" } else { "applied" })
}

type Facts = Vec<std::sync::Arc<foldback_model::Fact>>;

async fn roster(
    call: &Call,
    people: &translate::People,
    roster_sequence: Option<u64>,
) -> Result<Facts, JournalError> {
    call.append(|_| people.events(roster_sequence).map(|event| (By::Service, event)).into()).await
}

async fn operation(
    call: &Call,
    wire: &foldback_wire::graph::CommsOperation,
    deleted: bool,
) -> Result<Facts, JournalError> {
    let Some(progress) = translate::progress(wire, deleted, &call.read().state.operations) else {
        return Ok(Vec::new());
    };
    let id = &progress.operation;
    if forgotten(call, id) {
        return Ok(Vec::new());
    }
    let completed = progress.outcome == Some(Outcome::Completed);
    let mix = {
        let unknown = call.unknown_mixes.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.get(id).filter(|_| completed).cloned()
    };
    let facts = call
        .append(|folded| {
            let mut events = vec![(By::Service, progress.accepted())];
            if let Some(mix) = &mix {
                events.extend(commands::desk_events(folded, mix));
            }
            events.extend(progress.finished().map(|event| (By::Service, event)));
            events
        })
        .await?;
    if progress.outcome.is_some() {
        call.unknown_mixes.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
    Ok(facts)
}

/// A mix whose reply was lost together with the process that sent it: the journal has the intent and
/// not what was in it. It stays unconfirmed; a desk that does not show it must not call it done.
fn forgotten(call: &Call, id: &OperationId) -> bool {
    let folded = call.read();
    let Some(operation) = folded.state.operations.get(id) else { return false };
    operation.request.kind == OperationKind::ConfigureMixer
        && operation.upstream_id.is_none()
        && operation.state == OperationState::Finished(Outcome::Unconfirmed)
        && !call.unknown_mixes.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
}
