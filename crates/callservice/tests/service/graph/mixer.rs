//! G12, G14 and G15: mixes in every published shape, operations, audio routing groups.

use foldback_wire::graph::{OperationStatus, Topic};
use serde_json::{Value, json};

use crate::bench::Bench;

fn mix(listener: &str, source: &str, level: i64) -> Value {
    json!({"clientContext": "mix-1", "participantMixerLevels": [
        {"participant": listener, "sourceLevels": [{"participant": source, "level": level}]}]})
}

#[tokio::test]
async fn a_mix_answers_as_the_newer_page_does() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let accepted = bench.mix(&mix(&open[0], &open[1], 50)).await;
    let id = accepted.body["id"].as_str().unwrap();
    let shape = json!({
        "@odata.type": "#microsoft.graph.commsOperation",
        "clientContext": "mix-1",
        "id": id,
        "resultInfo": null,
        "status": "running",
    });
    assert_eq!((accepted.status, &accepted.body), (202, &shape));
    let root = format!("{}/beta/communications/calls/{}", bench.service.base_url(), bench.call);
    assert_eq!(accepted.header("location"), format!("{root}/operations/{id}"));
    bench.pull("switches", json!({"mixer_status": 200})).await;
    let nameless =
        json!({"participantMixerLevels": mix(&open[0], &open[1], 5)["participantMixerLevels"]});
    let ok = bench.mix(&nameless).await;
    assert_eq!((ok.status, &ok.body["clientContext"]), (200, &Value::Null));
}

#[tokio::test]
async fn a_mixer_can_be_gone() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    for (how, status, code) in
        [("gone", 404, "ResourceNotFound"), ("unimplemented", 501, "NotImplemented")]
    {
        bench.pull("switches", json!({"mixer": how})).await;
        let refused = bench.mix(&mix(&open[0], &open[1], 50)).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (status, &json!(code)));
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("configureMixer"), "{message}");
    }
    bench.pull("switches", json!({"mixer": "served"})).await;
    assert_eq!(bench.mix(&mix(&open[0], &open[1], 50)).await.status, 202);
}

#[tokio::test]
async fn the_root_of_2018_speaks_as_its_page_does() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    let bare = |id: &str| id.replace('-', "").to_uppercase();
    let calls =
        format!("/beta/applications/{}/calls/{}", bench.service.client_id(), bare(&bench.call));
    let body = mix(&open[0], &open[1], 50);
    let running = bench.post(&format!("{calls}/participants/configureMixer"), &body).await;
    assert_eq!(running.status, 200);
    let id = running.body["id"].as_str().unwrap();
    assert_eq!((id.len(), id.to_uppercase()), (32, id.to_owned()));
    let mut names: Vec<&str> =
        running.body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["clientContext", "createdDateTime", "id", "lastActionDateTime", "status"]);
    let created = running.body["createdDateTime"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.len() == 20, "{created}");
    let done = bench.receiver.next().await;
    let expected = format!("/app/calls/{}/operations/{id}", bare(&bench.call));
    assert_eq!((done.resource.as_deref(), &done.resource_url), (Some(expected.as_str()), &None));
    assert_eq!(done.resource_data["@odata.id"], expected);
    let Topic::Operation(operation) = done.topic().unwrap() else { panic!("{done:?}") };
    assert_eq!(operation.status, Some(OperationStatus::Completed));
    let read = bench.get(&format!("{calls}/operations/{id}")).await.body;
    assert_eq!((&read["status"], &read["createdDateTime"]), (&json!("completed"), &json!(created)));
    // Both roots know the same operation.
    let path = bench.path(&format!("/operations/{id}"));
    assert_eq!(bench.get(&path).await.body["resultInfo"], Value::Null);
    let other = calls.replace(bench.service.client_id(), "00000000-0000-4000-8000-000000000000");
    let refused = bench.get(&other).await;
    assert_eq!(refused.code(), (404, "ResourceNotFound"));
    assert!(refused.message().contains("Application"), "{}", refused.message());
}

#[tokio::test]
async fn levels_above_a_hundred_need_a_switch() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let loud = mix(&open[0], &open[1], 101);
    assert_eq!(bench.mix(&loud).await.code(), (400, "badRequest"));
    bench.pull("switches", json!({"levels_above_100": true})).await;
    assert_eq!(bench.mix(&loud).await.status, 202);
    assert_eq!(bench.mix(&mix(&open[0], &open[1], -1)).await.code(), (400, "badRequest"));
}

#[tokio::test]
async fn a_call_ends_in_the_middle_of_a_mix() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    let accepted = bench.mix(&mix(&open[0], &open[1], 50)).await;
    assert_eq!(accepted.status, 202);
    bench.pull("call", json!({"end": {"code": 500, "subcode": 1005}})).await;
    let Topic::Call { call, deleted: true } = bench.receiver.topic().await else {
        panic!("the call must end first");
    };
    assert_eq!(call.result_info.unwrap().subcode, Some(1005));
}

#[tokio::test]
async fn operations_are_listed_in_order() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let mut ids = Vec::new();
    for person in &open[..3] {
        ids.push(bench.mute(person).await.body["id"].clone());
    }
    let list = bench.get(&bench.path("/operations")).await.body;
    let found: Vec<Value> =
        list["value"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(found, ids);
    let base = bench.service.base_url();
    let context =
        format!("{base}/v1.0/$metadata#communications/calls('{}')/operations", bench.call);
    assert_eq!(list["@odata.context"], context);
    let one = bench.path(&format!("/operations/{}", ids[0].as_str().unwrap()));
    assert_eq!(bench.get(&one).await.body["@odata.context"], format!("{context}/$entity"));
    assert_eq!(bench.delete(&one).await.header("allow"), "GET");
}

#[tokio::test]
async fn routing_groups_are_made_by_a_lever_and_read() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let list = bench.path("/audioRoutingGroups");
    assert_eq!(bench.get(&list).await.body["value"], json!([]));
    let group = json!({"id": "oneToOne", "routingMode": "oneToOne",
        "receivers": [open[0]], "sources": [open[1]]});
    bench.pull("routing", json!({"group": group})).await;
    let found = bench.get(&list).await.body;
    assert_eq!(found["value"], json!([group]));
    let base = bench.service.base_url();
    let context =
        format!("{base}/v1.0/$metadata#communications/calls('{}')/audioRoutingGroups", bench.call);
    assert_eq!(found["@odata.context"], context);
    let one = format!("{list}/oneToOne");
    let read = bench.get(&one).await.body;
    assert_eq!(read["@odata.context"], format!("{context}/$entity"));
    assert_eq!(
        (&read["receivers"], &read["routingMode"]),
        (&group["receivers"], &json!("oneToOne"))
    );
    assert_eq!(bench.get(&format!("{list}/multicast")).await.code(), (404, "itemNotFound"));
    for (method, path) in [("POST", &list), ("PATCH", &one), ("DELETE", &one)] {
        let refused = bench.request(method.parse().unwrap(), path).json(&group);
        let refused = crate::bench::answer(refused).await;
        assert_eq!((refused.code(), refused.header("allow")), ((405, "methodNotAllowed"), "GET"));
    }
    bench.pull("routing", json!({"remove": "oneToOne"})).await;
    assert_eq!(bench.get(&one).await.code(), (404, "itemNotFound"));
    for (order, status, words) in [
        (json!({}), 400, "exactly one"),
        (json!({"remove": "oneToOne"}), 404, "not found"),
        (json!({"remove": 7}), 400, "by its id"),
        (
            json!({"group": {"id": "x", "routingMode": "oneToOne", "receivers": [open[0]]}}),
            400,
            "source",
        ),
        (json!({"group": {"id": "a/b"}}), 400, "$.id"),
    ] {
        let refused = bench.post("/rehearsal/v1/routing", &order).await;
        assert_eq!(refused.status, status, "{order}: {refused:?}");
        assert!(refused.body["error"].as_str().unwrap().contains(words), "{order}: {refused:?}");
    }
}
