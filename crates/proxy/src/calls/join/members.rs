//! What may be said of a call that is named in its service's own words: which one it is, and no more.
//!
//! Both services take much beside that: whom to ring, where notifications go, who hosts the sound. Those
//! members are Foldback's own or nobody's, in any spelling, since a service may read names in any case.

use foldback_wire::acs::CallLocator;
use serde_json::{Map, Value};

use crate::problem::Fault;

/// Members of a Graph call that say which meeting is to be joined.
const GRAPH: [&str; 4] = ["chatInfo", "meetingInfo", "tenantId", "subject"];

/// Longest text of one of them.
const TEXT_MAX: usize = 256;

/// How deep what names a meeting is: an organizer's user is at the third.
const DEPTH_MAX: usize = 8;

/// Lets through what names a meeting of Graph.
///
/// # Errors
/// 400 with the member that is not taken and those that are.
pub(super) fn graph(members: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    for (name, value) in &members {
        let wrong = match name.as_str() {
            "chatInfo" | "meetingInfo" if value.is_object() => {
                distinct(&format!("$.graph.{name}"), value, 0)?;
                continue;
            }
            "chatInfo" | "meetingInfo" => {
                "is no object; write it in braces or leave it out".to_owned()
            }
            "tenantId" | "subject" => match value {
                Value::Null => continue,
                Value::String(text) if text.chars().count() <= TEXT_MAX => continue,
                _ => format!(
                    "is no text of at most {TEXT_MAX} characters; write one or leave it out"
                ),
            },
            _ => return Err(not_taken("$.graph", name, &GRAPH)),
        };
        return Err(Fault::bad_request(format!("$.graph.{name}: {wrong}")));
    }
    Ok(members)
}

/// Lets through what names a call of ACS.
///
/// # Errors
/// 400 with the member that is not taken and those that are.
pub(super) fn acs(locator: CallLocator) -> Result<CallLocator, Fault> {
    match locator.extra.keys().next() {
        Some(other) => {
            Err(not_taken("$.acs", other, &["groupCallId", "roomId", "serverCallId", "kind"]))
        }
        None => Ok(locator),
    }
}

fn not_taken(place: &str, name: &str, allowed: &[&str]) -> Fault {
    let name: String = name.chars().take(64).collect();
    Fault::bad_request(format!(
        "{place}: {name:?} is not taken; send those of {} that say which call it is, spelled like that: \
         Foldback adds all else itself",
        allowed.join(", ")
    ))
}

/// Refuses names that are one name to whoever reads them in any case: the service might take another of
/// them than Foldback did.
fn distinct(place: &str, value: &Value, depth: usize) -> Result<(), Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::bad_request(format!(
            "{place} is nested deeper than {DEPTH_MAX} levels; leave out what does not say which call it is"
        )));
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| distinct(place, item, depth + 1)),
        Value::Object(members) => {
            let mut seen = std::collections::BTreeSet::new();
            for (name, value) in members {
                if !seen.insert(name.to_lowercase()) {
                    let name: String = name.chars().take(64).collect();
                    return Err(Fault::bad_request(format!(
                        "{place}: {name:?} is there in two spellings; keep one of them"
                    )));
                }
                distinct(place, value, depth + 1)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
