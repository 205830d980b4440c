//! Events: whole rosters, unknown types, and where they belong.

use serde_json::json;

use super::*;

fn event(kind: &str, data: &Value) -> Value {
    json!({"id": "e", "source": "calling/callConnections/CC", "specversion": "1.0",
        "type": format!("Microsoft.Communication.{kind}"), "data": data})
}

fn read_one(event: &Value) -> Result<CloudEvent, Error> {
    CloudEvent::read_all(json!([event]).to_string().as_bytes()).map(|mut all| all.remove(0))
}

#[test]
fn what_events_say() {
    let info = json!({"code": "200", "subCode": 5000, "message": "m"});
    let gone = read_one(&event("CallDisconnected", &json!({"resultInformation": info}))).unwrap();
    let Ok(EventTopic::Disconnected(Some(why))) = gone.topic() else { panic!("{gone:?}") };
    assert_eq!((why.code, why.sub_code), (Some(200), Some(5000)));

    let body = json!({"sequenceNumber": "4", "participants": [
        {"identifier": {"rawId": "8:acs:r_u"}, "isMuted": true}]});
    let roster = read_one(&event("participantsupdated", &body)).unwrap();
    let Ok(EventTopic::Participants { people, sequence_number: Some(4) }) = roster.topic() else {
        panic!("{roster:?}")
    };
    let [(who, person)] = people.as_slice() else { panic!("{people:?}") };
    assert_eq!((who.raw_id().as_str(), person.is_muted), ("8:acs:r_u", true));

    let removed = event("RemoveParticipantFailed", &json!({"participant": {"rawId": "4:+1"}}));
    let removed = read_one(&removed).unwrap();
    let Ok(EventTopic::Removal { who: Some(who), succeeded: false, .. }) = removed.topic() else {
        panic!("{removed:?}")
    };
    assert_eq!(who, crate::acs::Identifier::Phone("+1".to_owned()));

    for (kind, topic) in [
        ("CallConnected", EventTopic::Connected),
        ("ConnectFailed", EventTopic::ConnectFailed(None)),
        ("PlayCompleted", EventTopic::Other),
    ] {
        assert_eq!(read_one(&event(kind, &json!({"x": 1}))).unwrap().topic(), Ok(topic), "{kind}");
    }
}

#[test]
fn an_absent_list_is_not_an_empty_call() {
    let none = read_one(&event("ParticipantsUpdated", &json!({"sequenceNumber": 1}))).unwrap();
    assert_eq!(none.topic().unwrap_err().path(), "$.data.participants");
    let empty = read_one(&event("ParticipantsUpdated", &json!({"participants": []}))).unwrap();
    assert!(
        matches!(empty.topic(), Ok(EventTopic::Participants { people, .. }) if people.is_empty())
    );
    let nobody = json!({"participants": [{"identifier": {}}]});
    let nobody = read_one(&event("ParticipantsUpdated", &nobody)).unwrap();
    assert_eq!(nobody.topic().unwrap_err().path(), "$.data.participants[0].identifier");
}

#[test]
fn unknown_types_are_kept_whatever_their_data() {
    for data in [
        json!("text"),
        json!([1]),
        json!({}),
        json!({"participants": "none"}),
        json!({"sequenceNumber": 0.5}),
    ] {
        let body = event("Surprise", &data);
        let found = read_one(&body).unwrap();
        assert_eq!(found.topic(), Ok(EventTopic::Other));
        assert_eq!(json!(found), body);
        assert_eq!(found.call_connection_id().unwrap().as_str(), "CC");
    }
    let bad = event("ParticipantsUpdated", &json!({"participants": "none"}));
    let error = read_one(&bad).unwrap_err();
    assert_eq!(error.path(), "$[0].data.participants");
    for (text, path) in [("{}", "$"), ("[{}]", "$[0]"), ("[7]", "$[0]"), ("[", "$")] {
        assert_eq!(CloudEvent::read_all(text.as_bytes()).unwrap_err().path(), path, "{text}");
    }
}

#[test]
fn the_connection_is_named_by_data_then_subject_then_source() {
    for (data, subject, source, expected) in [
        (json!({"callConnectionId": "A"}), json!("calling/callConnections/B"), "x", Ok("A")),
        (json!({}), json!("calling/callConnections/B/more"), "x", Ok("B")),
        (json!(null), json!(null), "/Calling/CallConnections/C", Ok("C")),
        (json!({"callConnectionId": "a/b"}), json!(null), "x", Err("$.data.callConnectionId")),
        (json!({}), json!("calling/callConnections/a b"), "x", Err("$.subject")),
        (json!({}), json!(null), "calling", Err("$.data.callConnectionId")),
    ] {
        let mut body = event("CallConnected", &data);
        body["subject"] = subject;
        body["source"] = json!(source);
        let found = read_one(&body).unwrap().call_connection_id();
        let found = found.as_ref().map(crate::ids::CallId::as_str).map_err(Error::path);
        assert_eq!(found, expected, "{body}");
    }
}
