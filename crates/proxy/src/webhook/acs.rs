//! Events of ACS, made into facts.

use foldback_model::{By, translate};
use foldback_wire::acs::CloudEvent;

use crate::{call::Call, journal::JournalError};

/// Makes facts of one event; the word is for counting.
///
/// # Errors
/// When they cannot be made durable.
pub async fn take(call: &Call, event: &CloudEvent) -> Result<&'static str, JournalError> {
    match event.call_connection_id() {
        Ok(id) if id == *call.key.id() => {}
        Ok(_) => {
            tracing::warn!(call = %call.key, "an event for another call was left out");
            return Ok("otherCall");
        }
        Err(error) => return Ok(unreadable(call, &error)),
    }
    // Whether it can be read does not depend on what was before.
    let read = translate::acs::events(event, &call.read().state, call.rehearsal);
    match read {
        Ok(events) if events.is_empty() => return Ok("notFollowed"),
        Ok(_) => {}
        Err(error) => return Ok(unreadable(call, &error)),
    }
    let facts = call
        .append(|folded| {
            let events = translate::acs::events(event, &folded.state, call.rehearsal);
            events.unwrap_or_default().into_iter().map(|event| (By::Service, event)).collect()
        })
        .await?;
    Ok(if facts.is_empty() { "unchanged" } else { "applied" })
}

fn unreadable(call: &Call, error: &foldback_wire::Error) -> &'static str {
    tracing::warn!(call = %call.key, place = error.path(), "an event cannot be read");
    "unreadable"
}
