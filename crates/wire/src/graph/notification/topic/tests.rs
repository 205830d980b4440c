//! What notifications are about, in every spelling of their address.

use serde_json::json;

use super::*;

const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";
const OPERATION: &str = "0fe0623f-d628-42ed-b4bd-8ac290072cc5";

fn notification(change: &str, url: &str, data: Value) -> CommsNotification {
    CommsNotification::new(change, url, data)
}

#[test]
fn every_root_and_spelling_leads_to_the_call() {
    for url in [
        format!("/communications/calls/{CALL}"),
        format!("communications/calls/{CALL}/"),
        format!("/Communications/Calls/{}/participants", CALL.to_uppercase()),
        format!("/app/calls/{}/operations/X", CALL.replace('-', "").to_uppercase()),
        format!("/applications/0123/calls/{CALL}?$select=id"),
        format!("https://graph.microsoft.com/v1.0/communications/calls/{CALL}#x"),
        format!("https://graph.microsoft.com/beta/app/calls/{CALL}"),
    ] {
        let found = notification("updated", &url, Value::Null).call_id().unwrap();
        assert_eq!(found.as_str(), CALL, "{url}");
    }
}

#[test]
fn what_is_no_call_is_refused_with_its_place() {
    for url in [
        "",
        "/",
        "/calls/x",
        "/communications",
        "/communications/calls",
        "/communications/users/x",
        "//app/calls",
        "https://graph.microsoft.com",
        "/applications/calls/x",
    ] {
        let found = notification("updated", url, json!({}));
        let error = found.call_id().unwrap_err();
        assert_eq!(error.path(), "$.resourceUrl", "{url}: {error}");
        assert_eq!(found.topic().unwrap(), Topic::Other, "{url}");
    }
    for url in ["/app/calls/..", "/app/calls/a%2fb", "/app/calls//participants"] {
        let mut found = notification("updated", url, json!({}));
        found.resource = found.resource_url.take();
        let error = found.call_id().unwrap_err();
        assert!(
            matches!(&error, Error::OutOfLimit { path, .. } if path == "$.resource"),
            "{error}"
        );
    }
    let mut none = notification("updated", "", json!({}));
    none.resource_url = None;
    assert!(none.call_id().is_err() && none.topic().is_err());
}

#[test]
fn operations_are_named_by_data_then_link_then_url() {
    let url = format!("/communications/calls/{CALL}/operations/{OPERATION}");
    let link = "/app/calls/C/operations/0FE0623FD62842EDB4BD8AC290072CC5";
    for (url, data, expected) in [
        (url.as_str(), json!({"id": "own", "@odata.id": link}), Ok("own")),
        (url.as_str(), json!({"id": null, "@odata.id": link}), Ok(OPERATION)),
        (url.as_str(), json!({"@odata.id": "", "": "x"}), Ok(OPERATION)),
        (url.as_str(), Value::Null, Ok(OPERATION)),
        ("/app/calls/C/Operations", json!({"id": "own"}), Ok("own")),
        ("/app/calls/C/operations", json!({}), Err("$.resourceData.id")),
        ("/app/calls/C/operations/a%20b", json!({}), Err("$.resourceUrl")),
        (url.as_str(), json!({"id": "a/b"}), Err("$.resourceData.id")),
        (url.as_str(), json!({"@odata.id": "x/a b"}), Err("$.resourceData['@odata.id']")),
        (url.as_str(), json!([]), Err("$.resourceData")),
        (url.as_str(), json!({"resultInfo": {"code": []}}), Err("$.resourceData.resultInfo.code")),
    ] {
        match (notification("deleted", url, data.clone()).topic(), expected) {
            (Ok(Topic::Operation(found)), Ok(id)) => {
                assert_eq!(found.id.as_deref(), Some(id), "{data}");
            }
            (Err(error), Err(path)) => assert_eq!(error.path(), path, "{data}: {error}"),
            (found, _) => panic!("{data} gave {found:?}"),
        }
    }
    let running = notification("updated", &url, Value::Null).topic().unwrap_err();
    assert_eq!(running.path(), "$.resourceData");
}

#[test]
fn operations_with_people_are_no_delta() {
    let data = json!({"@odata.type": "#microsoft.graph.muteParticipantsOperation",
        "participants": ["a"], "status": "completed"});
    let url = format!("/communications/calls/{CALL}/operations/{OPERATION}");
    assert!(matches!(notification("deleted", &url, data).topic(), Ok(Topic::Operation(_))));
}

#[test]
fn deltas_are_known_by_type_or_shape_wherever_they_come() {
    for tail in ["", "/participants", "/participants/delta", "/roster"] {
        for data in [
            json!({"@odata.type": "#microsoft.graph.deltaParticipants", "sequenceNumber": "42",
                "participants": [{"id": "p", "removedState": {"reason": "Removed"}}]}),
            json!({"sequenceNumber": 42,
                "participants": [{"id": "p", "removedState": {"reason": "Removed"}}]}),
        ] {
            let url = format!("/communications/calls/{CALL}{tail}");
            match notification("updated", &url, data).topic() {
                Ok(Topic::Delta(delta)) => {
                    assert_eq!(delta.sequence_number, Some(42));
                    let state = delta.participants[0].removed_state.as_ref().unwrap();
                    assert_eq!(state.reason.as_deref(), Some("Removed"));
                }
                other => panic!("{url} gave {other:?}"),
            }
        }
    }
    let data = json!({"@odata.type": "#microsoft.graph.deltaParticipants"});
    let url = format!("/communications/calls/{CALL}/participants");
    assert_eq!(notification("updated", &url, data).topic().unwrap_err().path(), DATA);
}

#[test]
fn calls_and_people() {
    let url = format!("/communications/calls/{CALL}");
    let data = json!({"@odata.type": "#microsoft.graph.call", "state": "established",
        "participants": []});
    match notification("updated", &url, data).topic().unwrap() {
        Topic::Call { call, deleted } => {
            assert_eq!((call.id.as_deref(), deleted), (Some(CALL), false));
            assert_eq!(call.state.as_deref(), Some("established"));
        }
        other => panic!("{other:?}"),
    }
    let gone = notification("Deleted", &url, Value::Null).topic().unwrap();
    assert!(matches!(gone, Topic::Call { deleted: true, .. }));
    assert!(notification("updated", &url, Value::Null).topic().is_err());

    let people = format!("{url}/participants");
    let one = json!({"id": "p"});
    for (change, url, data, gone) in [
        ("updated", people.clone(), json!([one]), false),
        ("updated", people.clone(), one.clone(), false),
        ("deleted", people.clone(), json!([one]), true),
        ("updated", format!("{people}/p"), one.clone(), false),
        ("updated", format!("{people}/p"), json!({"isMuted": true}), false),
        ("deleted", format!("{people}/p"), Value::Null, true),
    ] {
        match notification(change, &url, data).topic().unwrap() {
            Topic::Roster(found) => {
                assert_eq!((found.len(), found[0].id.as_str()), (1, "p"));
                assert_eq!(found[0].removed_state.is_some(), gone, "{change} {url}");
            }
            other => panic!("{url} gave {other:?}"),
        }
    }
    for (data, path) in [
        (json!([one, {"id": 7}]), "$.resourceData[1].id"),
        (
            json!([{"id": "p", "mediaStreams": [{"serverMuted": "no"}]}]),
            "$.resourceData[0].mediaStreams[0].serverMuted",
        ),
        (json!("x"), DATA),
        (Value::Null, DATA),
    ] {
        assert_eq!(notification("updated", &people, data).topic().unwrap_err().path(), path);
    }
    let other = format!("{url}/audioRoutingGroups/oneToOne");
    assert_eq!(notification("updated", &other, json!({})).topic(), Ok(Topic::Other));
}
