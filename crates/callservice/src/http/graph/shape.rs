//! Bodies as the pages show them: the explicit nulls, the dates of 2018.

use std::time::{Duration, SystemTime};

use foldback_wire::graph::{CommsOperation, Participant};
use serde_json::{Map, Value, json};

use crate::{
    engine::Times,
    http::{shared::Shared, text},
};

/// A participant in a reply: `info.id`, and null for what is not known of the person.
pub(super) fn participant(person: &Participant) -> Value {
    let mut value = json!(person);
    let Value::Object(members) = &mut value else {
        return value;
    };
    nulls(members, &["metadata", "recordingInfo", "removedState", "restrictedExperience"]);
    members.entry("@odata.type").or_insert_with(|| json!("#microsoft.graph.participant"));
    if let Some(Value::Object(info)) = members.get_mut("info") {
        info.entry("@odata.type").or_insert_with(|| json!("#microsoft.graph.participantInfo"));
        info.entry("id").or_insert_with(|| json!(person.id));
        nulls(info, &["countryCode", "languageId", "region"]);
        if let Some(Value::Object(set)) = info.get_mut("identity") {
            set.entry("@odata.type").or_insert_with(|| json!("#microsoft.graph.identitySet"));
            for identity in set.values_mut().filter_map(Value::as_object_mut) {
                identity.entry("@odata.type").or_insert_with(|| json!("#microsoft.graph.identity"));
            }
            nulls(set, &["device", "phone", "user"]);
        }
    }
    if let Some(Value::Array(streams)) = members.get_mut("mediaStreams") {
        for stream in streams.iter_mut().filter_map(Value::as_object_mut) {
            stream.entry("@odata.type").or_insert_with(|| json!("#microsoft.graph.mediaStream"));
            nulls(stream, &["label"]);
        }
    }
    value
}

/// Those whom a call was made to: what was sent, and the nulls of the page "Create call".
pub(super) fn targets(call: &mut Value) {
    if let Some(Value::Array(targets)) = call.get_mut("targets") {
        for target in targets.iter_mut().filter_map(Value::as_object_mut) {
            nulls(target, &["endpointType", "replacesCallId"]);
        }
    }
}

/// An operation as the page of 2018 shows it.
pub(super) fn of_2018(shared: &Shared, operation: CommsOperation, times: Times) -> Value {
    json!(
        operation
            .in_2018_form(&date(shared, times.created_ms), &date(shared, times.last_action_ms))
    )
}

/// A time on the clock of the rehearsal as a date of today's.
fn date(shared: &Shared, at_ms: u64) -> String {
    let ago = Duration::from_millis(shared.clock.now_ms().saturating_sub(at_ms));
    let at = SystemTime::now().checked_sub(ago).unwrap_or(SystemTime::UNIX_EPOCH);
    format!("{}Z", text::date_at(at))
}

fn nulls(members: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        members.entry(*name).or_insert(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_of_a_person_is_null() {
        let person: Participant = serde_json::from_value(json!({
            "id": "p-1", "isMuted": true, "metadata": "{}",
            "info": {"identity": {"guest": {"id": "g", "displayName": "Bo"}}},
            "mediaStreams": [{"mediaType": "audio", "label": "main"}, {"mediaType": "video"}],
        }))
        .unwrap();
        let shown = participant(&person);
        let set = &shown["info"]["identity"];
        for name in ["user", "device", "phone"] {
            assert!(set.get(name).is_some_and(Value::is_null), "{name}");
        }
        assert_eq!(
            (&set["guest"]["displayName"], &shown["info"]["id"]),
            (&json!("Bo"), &json!("p-1"))
        );
        assert_eq!((&shown["metadata"], &shown["removedState"]), (&json!("{}"), &Value::Null));
        assert_eq!(shown["mediaStreams"][0]["label"], "main");
        assert!(shown["mediaStreams"][1].get("label").is_some_and(Value::is_null));
        let again = Participant::read(shown.to_string().as_bytes()).unwrap();
        assert_eq!(again.info.unwrap().who().unwrap().0, "guest");
    }
}
