//! G1: which call a join means, who may join, and what the answer keeps of the body.

use foldback_wire::graph::Topic;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Receiver};

const CALLS: &str = "/v1.0/communications/calls";

/// A join of the bench's receiver with these members.
async fn create(bench: &Bench, members: Value) -> Answer {
    let mut body = json!({"callbackUri": bench.receiver.address});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    bench.post(CALLS, &body).await
}

fn meeting(thread: &str) -> Value {
    json!({"chatInfo": {"threadId": thread, "messageId": "0"},
        "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo",
            "organizer": {"user": {"id": "u-1", "tenantId": null}}}})
}

fn target(id: &str) -> Value {
    json!({"identity": {"user": {"id": id, "displayName": "Ada"}}})
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_meeting_is_the_standing_call_and_others_are_their_own() {
    let bench = Bench::start().await;
    let unnamed = id(&create(&bench, json!({})).await);
    let first = id(&create(&bench, meeting("19:a@thread.v2")).await);
    let again = id(&create(&bench, meeting("19:a@thread.v2")).await);
    let other = create(&bench, meeting("19:b@thread.v2")).await;
    assert_eq!([&unnamed, &first, &again], [&bench.call; 3]);
    let second = id(&other);
    assert_ne!(second, bench.call);
    assert_eq!(id(&create(&bench, meeting("19:b@thread.v2")).await), second);
    assert_eq!(other.header("location"), format!("{}{CALLS}/{second}", bench.service.base_url()));
    let group = json!({"targets": [target("u-1"), target("u-2")]});
    let called = id(&create(&bench, group.clone()).await);
    assert_eq!(id(&create(&bench, group).await), called);
    assert!(called != second && called != bench.call);
    // Each has people and operations of its own.
    let people = bench.get(&format!("{CALLS}/{second}/participants")).await.body;
    let person = people["value"][1]["id"].as_str().unwrap();
    let mute = format!("{CALLS}/{second}/participants/{person}/mute");
    assert_eq!(bench.post(&mute, &json!({})).await.status, 200);
    assert_eq!(bench.mute(person).await.code(), (404, "8522"));
    let operations = bench.get(&format!("{CALLS}/{called}/operations")).await.body;
    assert_eq!(operations["value"], json!([]));
}

#[tokio::test]
async fn notifications_of_one_call_go_to_its_own_callback() {
    let mut bench = Bench::joined(false).await;
    id(&create(&bench, meeting("19:a@thread.v2")).await);
    let mut receiver = Receiver::start().await;
    let mut body = meeting("19:b@thread.v2");
    body["callbackUri"] = json!(receiver.address);
    let second = id(&bench.post(CALLS, &body).await);
    for _ in 0..3 {
        let told = receiver.next().await;
        assert_eq!(told.call_id().unwrap().as_str(), second);
        assert_eq!(bench.receiver.next().await.call_id().unwrap().as_str(), bench.call);
    }
    assert_eq!(bench.delete(&format!("{CALLS}/{second}")).await.status, 204);
    let ended = receiver.next().await.topic().unwrap();
    assert!(
        matches!(&ended, Topic::Call { call, .. } if call.state.as_deref() == Some("terminating"))
    );
    assert!(matches!(receiver.topic().await, Topic::Call { deleted: true, .. }));
    assert_eq!(bench.get(&format!("{CALLS}/{second}")).await.code(), (404, "8522"));
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}

#[tokio::test]
async fn an_ended_meeting_is_joined_under_a_new_id() {
    let bench = Bench::joined(false).await;
    assert_eq!(bench.delete(&bench.path("")).await.status, 204);
    let next = id(&create(&bench, json!({})).await);
    assert_ne!(next, bench.call);
    assert_eq!(id(&create(&bench, json!({})).await), next);
    assert_eq!(bench.get(&bench.path("")).await.code(), (404, "8522"));
}

#[tokio::test]
async fn an_app_has_a_hundred_calls_at_most() {
    let bench = Bench::start().await;
    for n in 1..100 {
        let peer = create(&bench, json!({"targets": [target(&format!("u-{n}"))]})).await;
        assert_eq!(peer.status, 201, "{n}: {peer:?}");
    }
    let last = create(&bench, json!({"targets": [target("u-0")]})).await;
    assert_eq!(last.code(), (429, "8530"));
    assert!(last.message().contains("100"), "{}", last.message());
    assert_eq!(bench.delete(&bench.path("")).await.status, 204);
    assert_eq!(create(&bench, json!({"targets": [target("u-0")]})).await.status, 201);
}

#[tokio::test]
async fn a_call_of_two_has_states_and_no_roster() {
    let mut bench = Bench::start().await;
    let made = create(&bench, json!({"targets": [target("u-1")]})).await;
    assert_eq!(made.body["targets"][0]["identity"]["user"]["id"], "u-1");
    assert!(made.body["targets"][0].get("replacesCallId").is_some_and(Value::is_null));
    bench.call = id(&made);
    for state in ["establishing", "established"] {
        match bench.receiver.topic().await {
            Topic::Call { call, deleted: false } => assert_eq!(call.state.as_deref(), Some(state)),
            other => panic!("{other:?}"),
        }
    }
    assert!(bench.people().await.is_empty());
    let me = made.body["myParticipantId"].as_str().unwrap();
    assert_eq!(bench.mute(me).await.code(), (400, "8548"));
    for path in ["/mute", "/unmute"] {
        assert_eq!(bench.post(&bench.path(path), &json!({})).await.code(), (400, "8548"), "{path}");
    }
    let invite = json!({"participants": [target("u-2")]});
    let invited = bench.post(&bench.path("/participants/invite"), &invite).await;
    assert_eq!(invited.code(), (400, "8548"));
    assert_eq!(bench.delete(&bench.path("")).await.status, 204);
    bench.receiver.next().await;
    assert!(matches!(bench.receiver.topic().await, Topic::Call { deleted: true, .. }));
}

#[tokio::test]
async fn the_answer_keeps_what_was_sent_and_shows_the_rest() {
    let bench = Bench::start().await;
    let mut body = meeting("19:a@thread.v2");
    for (name, value) in [
        ("requestedModalities", json!(["audio", "video"])),
        (
            "mediaConfig",
            json!({"@odata.type": "#microsoft.graph.serviceHostedMediaConfig",
            "preFetchMedia": [{"uri": "https://cdn.example/beep.wav"}]}),
        ),
        (
            "callOptions",
            json!({"@odata.type": "#microsoft.graph.outgoingCallOptions",
            "isContentSharingNotificationEnabled": true, "isDeltaRosterEnabled": true}),
        ),
        ("subject", json!("Stand-up")),
        ("tenantId", json!(bench.service.tenant())),
        ("state", json!("terminated")),
        ("id", json!("mine")),
    ] {
        body[name] = value;
    }
    let made = create(&bench, body.clone()).await;
    assert_eq!(id(&made), bench.call);
    let base = bench.service.base_url();
    assert_eq!(made.body["@odata.context"], format!("{base}/v1.0/$metadata#app/calls/$entity"));
    let read = bench.get(&bench.path("")).await.body;
    let context = format!("{base}/v1.0/$metadata#communications/calls/$entity");
    assert_eq!(read["@odata.context"], context);
    for call in [&made.body, &read] {
        for name in ["requestedModalities", "mediaConfig", "meetingInfo", "subject", "callOptions"]
        {
            assert_eq!(call[name], body[name], "{name}");
        }
        assert_eq!(call["chatInfo"]["threadId"], "19:a@thread.v2");
        assert_eq!(
            (&call["state"], &call["direction"]),
            (&json!("establishing"), &json!("outgoing"))
        );
        assert_eq!(call["callbackUri"], bench.receiver.address);
        assert_eq!(call["tenantId"], bench.service.tenant());
        assert_eq!(call["source"]["identity"]["application"]["id"], bench.service.client_id());
        assert!(call["myParticipantId"].is_string() && call["callChainId"].is_string());
        assert_eq!(call["mediaState"], json!({"audio": "active"}));
        assert_eq!((&call["targets"], &call["callRoutes"]), (&json!([]), &json!([])));
        for name in
            ["answeredBy", "resultInfo", "ringingTimeoutInSeconds", "toneInfo", "transcription"]
        {
            assert!(call.get(name).is_some_and(Value::is_null), "{name}: {call}");
        }
    }
}

#[tokio::test]
async fn wrong_joins_say_what_is_wrong() {
    let bench = Bench::start().await;
    for (members, code, words) in [
        (json!({"callbackUri": null}), (400, "badRequest"), "callbackUri"),
        (json!({"callbackUri": "bot.example/x"}), (400, "badRequest"), "$.callbackUri"),
        (json!({"callbackUri": "http://bot.example/"}), (400, "badRequest"), "https"),
        (json!({"targets": [{}]}), (400, "badRequest"), "$.targets[0].identity"),
        (
            json!({"callOptions": {"isDeltaRosterEnabled": "yes"}}),
            (400, "badRequest"),
            "$.callOptions.isDeltaRosterEnabled",
        ),
        (json!({"requestedModalities": "audio"}), (400, "badRequest"), "$.requestedModalities"),
        (json!({"tenantId": "other"}), (403, "7505"), "tenant mismatch"),
    ] {
        let refused = create(&bench, members.clone()).await;
        assert_eq!(refused.code(), code, "{members}: {refused:?}");
        assert!(refused.message().contains(words), "{members}: {}", refused.message());
    }
    assert_eq!(bench.get(CALLS).await.status, 405);
    assert_eq!(bench.get(CALLS).await.header("allow"), "POST");
}

#[tokio::test]
async fn permissions_are_checked_when_a_call_is_made() {
    let bench = Bench::start().await;
    let give = |permissions: &str| bench.pull("switches", json!({"permissions": permissions}));
    give("Calls.Initiate.All").await;
    let refused = create(&bench, meeting("19:a@thread.v2")).await;
    assert_eq!(refused.code(), (403, "7504"));
    assert!(refused.message().contains("Calls.JoinGroupCall.All"), "{}", refused.message());
    assert_eq!(create(&bench, json!({"targets": [target("u-1")]})).await.status, 201);
    give("Calls.JoinGroupCalls.All").await;
    assert_eq!(create(&bench, meeting("19:a@thread.v2")).await.status, 201);
    let hosted = json!({"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig"}});
    assert_eq!(create(&bench, hosted.clone()).await.code(), (403, "7504"));
    give("Calls.JoinGroupCallasGuest.All, Calls.AccessMedia.All").await;
    assert_eq!(create(&bench, hosted).await.status, 201);
}

#[tokio::test]
async fn permissions_are_checked_on_others_and_not_on_oneself() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    bench.pull("switches", json!({"permissions": "Calls.Initiate.All"})).await;
    assert_eq!(bench.mute(&open[0]).await.code(), (403, "7504"));
    let one = bench.path(&format!("/participants/{}", open[0]));
    assert_eq!(bench.delete(&one).await.code(), (403, "7504"));
    assert_eq!(bench.mix(&json!({"participantMixerLevels": []})).await.code(), (403, "7504"));
    let all = bench.path("/participants/muteAll").replace("v1.0", "beta");
    assert_eq!(bench.post(&all, &json!({"participants": []})).await.code(), (403, "7504"));
    for path in [bench.path("/mute"), bench.path("/unmute"), bench.path("/keepAlive")] {
        assert_eq!(bench.post(&path, &json!({})).await.status, 200, "{path}");
    }
    assert_eq!(bench.get(&one).await.status, 200);
    assert_eq!(bench.open().await, open);
}
