//! Which topic a notification has: by its URL, then by the shape of its data.

use serde_json::Value;

use super::{CommsNotification, Topic};
use crate::{
    error::{Error, cut},
    graph::{Call, CommsOperation, DeltaParticipants, Extra, Participant, RemovedState},
    ids::{CallId, ParticipantId, UpstreamOperationId},
    limits, read,
};

const DATA: &str = "$.resourceData";

/// A URL below a call: the call's id as written, and the segments after it.
pub(super) struct Route<'a> {
    pub(super) call: &'a str,
    pub(super) rest: Vec<&'a str>,
}

/// Takes `/communications/calls/{id}/…` apart; `None` for anything that is not below a call.
pub(super) fn route(url: &str) -> Option<Route<'_>> {
    let path = match url.split_once("://") {
        Some((_, after)) => after.split_once('/')?.1,
        None => url.trim_start_matches('/'),
    };
    let path = path.split(['?', '#']).next()?.trim_end_matches('/');
    let mut segments = path.split('/').peekable();
    let is = |segment: &str, names: &[&str]| names.iter().any(|n| segment.eq_ignore_ascii_case(n));
    segments.next_if(|s| is(s, &["v1.0", "beta"]));
    let root = segments.next()?;
    if is(root, &["applications"]) {
        segments.next()?;
    } else if !is(root, &["communications", "app"]) {
        return None;
    }
    segments.next().filter(|s| is(s, &["calls"]))?;
    let call = segments.next()?;
    Some(Route { call, rest: segments.collect() })
}

/// The URL and the path of the member that holds it.
fn located(notification: &CommsNotification) -> Result<(&str, &'static str), Error> {
    let place = if notification.resource_url.is_some() { "$.resourceUrl" } else { "$.resource" };
    let url = notification.url().ok_or_else(|| Error::WrongShape {
        path: "$.resourceUrl".to_owned(),
        message: "missing; a notification names its resource in `resourceUrl` or `resource`"
            .to_owned(),
    })?;
    Ok((url, place))
}

pub(super) fn call_id(notification: &CommsNotification) -> Result<CallId, Error> {
    let (url, place) = located(notification)?;
    let route = route(url).ok_or_else(|| Error::WrongShape {
        path: place.to_owned(),
        message: format!("{:?} is not the address of a call", cut(url, 64)),
    })?;
    CallId::parse(route.call).map_err(|error| error.at(place))
}

pub(super) fn topic(notification: &CommsNotification) -> Result<Topic, Error> {
    let (url, place) = located(notification)?;
    let Some(route) = route(url) else {
        return Ok(Topic::Other);
    };
    let data = &notification.resource_data;
    let deleted = notification.is_deleted();
    let rest: Vec<String> = route.rest.iter().map(|s| s.to_ascii_lowercase()).collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (rest.as_slice(), route.rest.as_slice()) {
        (["operations", ..], [_, id @ ..]) if id.len() < 2 => {
            operation(data, deleted, id.first().map(|id| (*id, place)))
        }
        _ if is_delta(data) => delta(data),
        ([], _) => call(data, deleted, route.call, place),
        (["participants"], _) => roster(data, deleted),
        (["participants", _], [_, id]) => one_person(data, deleted, id, place),
        _ => Ok(Topic::Other),
    }
}

/// Delta rosters are told by their type or by their shape, for no page says which URL they use.
fn is_delta(data: &Value) -> bool {
    let Some(object) = data.as_object() else {
        return false;
    };
    match object.get("@odata.type").and_then(Value::as_str) {
        Some(name) if type_is(name, "deltaParticipants") => true,
        // A call may carry its participants along.
        Some(name) if type_is(name, "call") => false,
        _ => object.get("participants").is_some_and(Value::is_array),
    }
}

fn type_is(name: &str, expected: &str) -> bool {
    name.rsplit(['.', '#']).next().is_some_and(|last| last.eq_ignore_ascii_case(expected))
}

fn delta(data: &Value) -> Result<Topic, Error> {
    let delta: DeltaParticipants = read::value(DATA, data)?;
    limits::items("$.resourceData.participants", delta.participants.len())?;
    Ok(Topic::Delta(delta))
}

fn call(data: &Value, deleted: bool, id: &str, place: &str) -> Result<Topic, Error> {
    let id = CallId::parse(id).map_err(|error| error.at(place))?;
    // A call that is gone needs no data to be known as gone.
    let mut call: Call =
        if deleted && data.is_null() { Call::default() } else { read::value(DATA, data)? };
    call.id.get_or_insert_with(|| id.as_str().to_owned());
    Ok(Topic::Call { call: Box::new(call), deleted })
}

/// An array, or tolerantly the single object of one person.
fn roster(data: &Value, deleted: bool) -> Result<Topic, Error> {
    let mut people: Vec<Participant> =
        if data.is_object() { vec![read::value(DATA, data)?] } else { read::value(DATA, data)? };
    limits::items(DATA, people.len())?;
    if deleted {
        people.iter_mut().for_each(mark_removed);
    }
    Ok(Topic::Roster(people))
}

fn one_person(data: &Value, deleted: bool, id: &str, place: &str) -> Result<Topic, Error> {
    let id = ParticipantId::parse(id).map_err(|error| error.at(place))?;
    let mut person: Participant = match data {
        Value::Null if deleted => {
            Participant { id: id.as_str().to_owned(), ..Participant::default() }
        }
        Value::Object(object) if !object.contains_key("id") => {
            let mut object = object.clone();
            object.insert("id".to_owned(), Value::from(id.as_str()));
            read::value(DATA, &Value::Object(object))?
        }
        _ => read::value(DATA, data)?,
    };
    if deleted {
        mark_removed(&mut person);
    }
    Ok(Topic::Roster(vec![person]))
}

fn mark_removed(person: &mut Participant) {
    person.removed_state.get_or_insert_with(RemovedState::default);
}

/// Reads an operation and fills in its id: from the data, else from `@odata.id`, else from the URL
/// (`id` with the path of the member that holds it).
fn operation(data: &Value, deleted: bool, id: Option<(&str, &str)>) -> Result<Topic, Error> {
    let mut operation: CommsOperation = if deleted && data.is_null() {
        CommsOperation::default()
    } else {
        read::value(DATA, data)?
    };
    let own =
        operation.id.as_deref().filter(|id| !id.is_empty()).map(|id| (id, "$.resourceData.id"));
    let linked = linked_id(&operation.extra).map(|id| (id, "$.resourceData['@odata.id']"));
    let (id, place) = own.or(linked).or(id).ok_or_else(|| Error::WrongShape {
        path: "$.resourceData.id".to_owned(),
        message: "missing; the operation is named neither here nor in `@odata.id` nor in the URL"
            .to_owned(),
    })?;
    let id = UpstreamOperationId::parse(id).map_err(|error| error.at(place))?;
    operation.id = Some(id.as_str().to_owned());
    Ok(Topic::Operation(Box::new(operation)))
}

fn linked_id(extra: &Extra) -> Option<&str> {
    let link = extra.get("@odata.id")?.as_str()?;
    link.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests;
