//! What a body may look like after it was read and written back: the same, but for the few changes the
//! crate documents. Everything else is a misreading.

use foldback_wire::ids::ParticipantId;
use serde_json::Value;

/// Members that are whole numbers of 64 bits, written as numbers.
const NUMBERS: [&str; 10] = [
    "level",
    "rampActive",
    "rampInactive",
    "lowerLevel",
    "upperLevel",
    "sequenceNumber",
    "rosterSequenceNumber",
    "code",
    "subcode",
    "subCode",
];

/// Enumerations written in their published case.
const ENUMS: [&str; 2] = ["status", "routingMode"];

/// Members that are written with this value when they were absent or null.
fn default_of(name: &str) -> Option<Value> {
    match name {
        "isMuted" | "isInLobby" => Some(Value::Bool(false)),
        "message" => Some(Value::from("")),
        "sourceLevels" | "receivers" | "sources" | "targets" => Some(Value::Array(Vec::new())),
        _ => None,
    }
}

/// Named members that may be null; written as absent.
const NULLABLE: &[&str] = &[
    "@odata.context",
    "@odata.nextLink",
    "@odata.type",
    "callConnectionId",
    "callConnectionState",
    "callOptions",
    "callbackUri",
    "chatInfo",
    "clientContext",
    "cloud",
    "code",
    "communicationUser",
    "correlationId",
    "data",
    "datacontenttype",
    "details",
    "direction",
    "displayName",
    "duckOthers",
    "ducking",
    "endpointType",
    "exclusive",
    "exclusiveMode",
    "groupCallId",
    "id",
    "identity",
    "info",
    "innerError",
    "innererror",
    "isAnonymous",
    "isDeltaRosterEnabled",
    "isOnHold",
    "kind",
    "label",
    "level",
    "mediaConfig",
    "mediaStreams",
    "mediaType",
    "meetingInfo",
    "message",
    "messageId",
    "metadata",
    "microsoftTeamsApp",
    "microsoftTeamsUser",
    "myParticipantId",
    "nextLink",
    "operationCallbackUri",
    "operationContext",
    "participant",
    "participants",
    "phoneNumber",
    "rawId",
    "reason",
    "removedState",
    "replacesCallId",
    "replyChainMessageId",
    "requestedModalities",
    "resource",
    "resourceData",
    "resourceUrl",
    "resultInfo",
    "resultInformation",
    "roomId",
    "rosterSequenceNumber",
    "routingMode",
    "sequenceNumber",
    "serverCallId",
    "serverMuted",
    "source",
    "sourceId",
    "state",
    "status",
    "subCode",
    "subcode",
    "subject",
    "target",
    "targets",
    "tenantId",
    "threadId",
    "time",
];

/// Whether `written` says all that `read` says, and nothing else.
///
/// # Errors
/// The place and the two values that differ.
pub fn says_the_same(read: &Value, written: &Value) -> Result<(), String> {
    compare("", read, written).map_err(|(mut path, what)| {
        path.reverse();
        format!("${}: {what}", path.concat())
    })
}

/// The path from the inside out, and what is wrong there.
type Difference = (Vec<String>, String);

fn compare(name: &str, read: &Value, written: &Value) -> Result<(), Difference> {
    match (read, written) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before {
                let same_name = after.get(name);
                let found =
                    same_name.or_else(|| after.get("innerError").filter(|_| name == "innererror"));
                match found {
                    Some(found) => compare(name, value, found),
                    None if may_vanish(name, value) => Ok(()),
                    None => Err((Vec::new(), format!("{value} under {name:?} is lost"))),
                }
                .map_err(|error| below(error, format!(".{name}")))?;
            }
            for (name, value) in after {
                let known = before.contains_key(name)
                    || default_of(name).as_ref() == Some(value)
                    || (name == "innerError" && before.contains_key("innererror"));
                if !known {
                    return Err((Vec::new(), format!("{value} under {name:?} is made up")));
                }
            }
            Ok(())
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (i, (value, found)) in before.iter().zip(after).enumerate() {
                compare(name, value, found).map_err(|error| below(error, format!("[{i}]")))?;
            }
            Ok(())
        }
        _ if same_leaf(name, read, written) => Ok(()),
        _ => Err((Vec::new(), format!("{read} became {written}"))),
    }
}

fn below((mut path, what): Difference, step: String) -> Difference {
    path.push(step);
    (path, what)
}

fn may_vanish(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => NULLABLE.contains(&name),
        Value::Array(items) => name == "details" && items.is_empty(),
        _ => false,
    }
}

fn same_leaf(name: &str, read: &Value, written: &Value) -> bool {
    if read == written || (read.is_null() && default_of(name).as_ref() == Some(written)) {
        return true;
    }
    if NUMBERS.contains(&name) && written.is_i64() && whole(read) == whole(written) {
        return true;
    }
    match (read.as_str(), written.as_str()) {
        (Some(before), Some(after)) if ENUMS.contains(&name) => before.eq_ignore_ascii_case(after),
        (Some(before), Some(after)) if name == "id" => {
            ParticipantId::parse(before).is_ok_and(|id| id.as_str() == after)
        }
        _ => false,
    }
}

/// The whole number a value stands for, in any of its spellings.
#[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok().filter(|_| !text.starts_with('+')),
        Value::Number(number) => number.as_i64().or_else(|| {
            let double = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= 9e15)?;
            Some(double as i64)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The oracle is itself worth a test: one that accepts everything finds nothing.
    #[test]
    fn the_oracle_sees_what_is_lost_changed_or_made_up() {
        for (read, written, fits) in [
            (json!({"a": 1}), json!({"a": 1}), true),
            (json!({"level": "5"}), json!({"level": 5}), true),
            (json!({"level": 5.0}), json!({"level": 5}), true),
            (json!({"status": "RUNNING"}), json!({"status": "running"}), true),
            (json!({"subject": null}), json!({}), true),
            (json!({}), json!({"isMuted": false}), true),
            (json!({"level": "5"}), json!({"level": 6}), false),
            (json!({"level": 5.5}), json!({"level": 5}), false),
            (json!({"other": "5"}), json!({"other": 5}), false),
            (json!({"a": 1}), json!({}), false),
            (json!({"a": null}), json!({}), false),
            (json!({}), json!({"isMuted": true}), false),
            (json!({"isMuted": true}), json!({"isMuted": false}), false),
            (json!({"a": [1, 2]}), json!({"a": [1]}), false),
            (json!({"a": "X"}), json!({"a": "x"}), false),
            (json!({"subject": ""}), json!({}), false),
        ] {
            let found = says_the_same(&read, &written);
            assert_eq!(found.is_ok(), fits, "{read} as {written}: {found:?}");
        }
        let error = says_the_same(&json!({"a": [{"b": 1}]}), &json!({"a": [{"b": 2}]}));
        assert_eq!(error.unwrap_err(), "$.a[0].b: 1 became 2");
    }
}
