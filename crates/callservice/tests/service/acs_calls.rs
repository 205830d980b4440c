//! ACS calls: connect, create, answer, read, hang up, terminate; and what is told of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::acs_bench::{Acs, group, room, server, user};

const USER: &str =
    "8:acs:11111111-0000-4000-8000-000000000000_22222222-0000-4000-8000-000000000000";

#[tokio::test]
async fn the_first_group_is_the_standing_call_and_connects() {
    let mut acs = Acs::start().await;
    let answer = acs.connect(&group("g-1"), Some("hello")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let record = answer.body;
    assert_eq!(record["callConnectionId"], acs.id);
    assert_eq!(record["callConnectionState"], "connecting");
    assert_eq!(record["callbackUri"], acs.events.address);
    assert_eq!(record["targets"], json!([]));

    let event = acs.events.expect("CallConnected").await;
    assert_eq!(event.event_type, "Microsoft.Communication.CallConnected");
    assert_eq!(event.source, format!("calling/callConnections/{}", acs.id));
    assert_eq!((event.subject.as_ref(), event.specversion.as_str()), (Some(&event.source), "1.0"));
    assert!(event.time.unwrap().ends_with("+00:00"));
    let data = event.data;
    assert_eq!(data.operation_context.as_deref(), Some("hello"));
    assert_eq!(data.call_connection_id.as_deref(), Some(acs.id.as_str()));
    assert_eq!(data.server_call_id.as_deref(), record["serverCallId"].as_str());
    assert_eq!(data.correlation_id.as_deref(), record["correlationId"].as_str());
    let (first, people) = acs.events.roster().await;
    assert_eq!(people.len(), 12);

    let answer = acs.get(&format!("/{}", acs.id)).await;
    assert_eq!((answer.status, &answer.body["callConnectionState"]), (200, &json!("connected")));
    // Again, as after a restart: the same call, told anew, and the numbers go on.
    let answer = acs.connect(&group("g-1"), None).await;
    assert_eq!((answer.status, &answer.body["callConnectionId"]), (200, &json!(acs.id)));
    let event = acs.events.expect("CallConnected").await;
    assert_eq!(event.data.operation_context, None);
    assert!(acs.events.roster().await.0 > first);
}

#[tokio::test]
async fn another_locator_is_another_call() {
    let acs = Acs::start().await;
    let mut ids = vec![];
    for locator in [room("r"), group("g"), group("h"), room("g"), group("h"), room("r")] {
        let answer = acs.connect(&locator, None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        ids.push(answer.body["callConnectionId"].as_str().unwrap().to_owned());
        if ids.len() == 1 {
            let found = server(answer.body["serverCallId"].as_str().unwrap());
            let found = acs.connect(&found, None).await;
            assert_eq!(found.body["callConnectionId"], acs.id);
        }
    }
    assert_eq!((ids[0].as_str(), &ids[2], &ids[0]), (acs.id.as_str(), &ids[4], &ids[5]));
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), 4);
}

#[tokio::test]
async fn a_call_that_cannot_be_found_fails_to_connect() {
    let mut acs = Acs::start().await;
    for locator in [server("gone"), json!({"kind": "teamsMeetingLocator", "meetingLink": "x"})] {
        let answer = acs.connect(&locator, Some("c")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let event = acs.events.expect("ConnectFailed").await;
        assert_eq!(event.data.operation_context.as_deref(), Some("c"));
        assert_eq!(
            event.data.call_connection_id.as_deref(),
            answer.body["callConnectionId"].as_str()
        );
        let result = event.data.result_information.unwrap();
        assert_eq!((result.code, result.sub_code), (Some(404), Some(8522)));
        let gone = format!("/{}", event.data.call_connection_id.unwrap());
        assert_eq!(acs.get(&gone).await.code(), (404, "8522"));
    }
    assert!(acs.events.is_quiet());
}

#[tokio::test]
async fn bodies_that_make_no_sense() {
    let acs = Acs::start().await;
    let callback = acs.events.address.as_str();
    let good = json!({"callLocator": group("g"), "callbackUri": callback});
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    for (path, body, words) in [
        (":connect", json!([]), "$"),
        (":connect", json!({"callbackUri": callback}), "callLocator"),
        (":connect", with("callLocator", json!({})), "$.callLocator: this locator"),
        (
            ":connect",
            with("callLocator", json!({"kind": "groupCallLocator"})),
            "$.callLocator: this locator",
        ),
        (":connect", with("callLocator", group(&"g".repeat(3_000))), "$.callLocator.groupCallId"),
        (
            ":connect",
            with("callbackUri", json!("http://bot.example/x")),
            "$.callbackUri: http is accepted",
        ),
        (":connect", with("operationContext", json!("é".repeat(257))), "257 characters"),
        ("", json!({"targets": [], "callbackUri": callback}), "$.targets: an empty list"),
        ("", json!({"targets": [{}], "callbackUri": callback}), "$.targets[0]"),
        ("", json!({"targets": [user(USER), user(USER)], "callbackUri": callback}), "stands twice"),
        (
            "",
            json!({"targets": [{"phoneNumber": {"value": "0049"}}], "callbackUri": callback}),
            "$.targets[0].phoneNumber.value",
        ),
        ("", json!({"targets": [user(USER)]}), "callbackUri"),
        (":answer", json!({"callbackUri": callback}), "incomingCallContext"),
        (
            ":answer",
            json!({"incomingCallContext": "", "callbackUri": callback}),
            "$.incomingCallContext",
        ),
    ] {
        let answer = acs.post(path, &body).await;
        assert_eq!(answer.code(), (400, "8523"), "{path} {body}: {answer:?}");
        assert!(answer.message().contains(words), "{words}: {}", answer.message());
    }
    let answer = acs.post(":connect", &with("operationContext", json!("é".repeat(256)))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut ask = acs.ask(Method::POST, ":connect", Some(&good));
    ask.changes.push(("content-type", "text/plain".to_owned()));
    assert_eq!(acs.send(ask).await.status, 415);
}

#[tokio::test]
async fn a_call_set_up_by_the_app_has_those_called_in_it() {
    let mut acs = Acs::start().await;
    let teams = "8:orgid:33333333-0000-4000-8000-000000000000";
    let body = json!({
        "targets": [
            user(USER),
            {"kind": "phoneNumber", "phoneNumber": {"value": "+14255550123"}},
            {"rawId": teams},
        ],
        "callbackUri": acs.events.address,
        "operationContext": "ring",
        "source": user("8:acs:r_app"),
        "sourceDisplayName": "Desk",
    });
    let answer = acs.post("", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let record = answer.body;
    let id = record["callConnectionId"].as_str().unwrap().to_owned();
    assert_ne!(id, acs.id);
    assert_eq!(record["callConnectionState"], "connecting");
    assert_eq!(record["sourceDisplayName"], "Desk");
    assert_eq!(record["source"]["communicationUser"]["id"], "8:acs:r_app");
    assert_eq!(record["targets"][1]["rawId"], "4:+14255550123");
    assert_eq!(record["targets"][2]["microsoftTeamsUser"]["cloud"], "public");
    let event = acs.events.expect("CallConnected").await;
    assert_eq!(event.data.operation_context.as_deref(), Some("ring"));
    let (_, people) = acs.events.roster().await;
    let raw: Vec<_> = people.iter().map(|p| p.identifier.raw_id.as_deref().unwrap()).collect();
    assert_eq!(raw, [USER, "4:+14255550123", teams]);
    assert!(people.iter().all(|p| p.identifier.kind.is_some()));
}

#[tokio::test]
async fn an_incoming_call_is_answered_once() {
    let mut acs = Acs::start().await;
    let body = json!({"incomingCallContext": "opaque", "callbackUri": acs.events.address});
    let answer = acs.post(":answer", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.body["callConnectionId"].as_str().unwrap().to_owned();
    assert_eq!(answer.body["source"]["kind"], "communicationUser");
    acs.events.expect("CallConnected").await;
    assert_eq!(acs.events.roster().await.1.len(), 1);
    assert_eq!(acs.post(":answer", &body).await.code(), (400, "8585"));
    assert_eq!(acs.delete(&format!("/{id}")).await.status, 204);
    acs.events.expect("CallDisconnected").await;
    let answer = acs.post(":answer", &body).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.body["callConnectionId"], id);
}

#[tokio::test]
async fn hanging_up_and_terminating_end_the_connection() {
    for terminates in [false, true] {
        let mut acs = Acs::connected().await;
        let gone = if terminates {
            acs.send(acs.ask(Method::POST, &format!("/{}:terminate", acs.id), None)).await
        } else {
            acs.delete(&format!("/{}", acs.id)).await
        };
        assert_eq!((gone.status, &gone.body), (204, &Value::Null));
        let event = acs.events.expect("CallDisconnected").await;
        assert_eq!(event.data.operation_context.as_deref(), Some("hello"));
        let result = event.data.result_information.unwrap();
        assert_eq!((result.code, result.sub_code), (Some(200), Some(0)));
        // Nothing is known of it any more, for reading and for commands.
        let path = format!("/{}", acs.id);
        assert_eq!(acs.get(&path).await.code(), (404, "8522"));
        assert_eq!(acs.delete(&path).await.code(), (404, "8522"));
        assert_eq!(acs.get(&format!("{path}/participants")).await.code(), (404, "8522"));
        assert_eq!(acs.mute(USER).await.code(), (404, "8522"));
        let answer = acs.connect(&group("g"), None).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.body["callConnectionId"], acs.id);
        // The first event after the end is of the new call.
        let event = acs.events.expect("CallConnected").await;
        assert_eq!(
            event.data.call_connection_id.as_deref(),
            answer.body["callConnectionId"].as_str()
        );
    }
}

#[tokio::test]
async fn commands_before_and_after_a_call_say_which() {
    let mut acs = Acs::start().await;
    let (mut early, mut late) = (false, false);
    // Both moments are short, so that they may be missed.
    for n in 0..50 {
        let answer = acs.connect(&group(&format!("g-{n}")), None).await;
        answer.body["callConnectionId"].as_str().unwrap().clone_into(&mut acs.id);
        early |= acs.mute(USER).await.code() == (400, "8501");
        acs.events.expect("CallConnected").await;
        acs.events.roster().await;
        let path = format!("/{}", acs.id);
        assert_eq!(acs.delete(&path).await.status, 204);
        let state = acs.get(&path).await.body["callConnectionState"] == "disconnecting";
        late |= state && acs.mute(USER).await.code() == (400, "8528");
        acs.events.expect("CallDisconnected").await;
        if early && late {
            return;
        }
    }
    panic!("early {early}, late {late}");
}

#[tokio::test]
async fn who_connects_while_the_call_ends_gets_a_new_one() {
    let mut acs = Acs::connected().await;
    assert_eq!(acs.delete(&format!("/{}", acs.id)).await.status, 204);
    let answer = acs.connect(&group("g"), None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_ne!(answer.body["callConnectionId"], acs.id);
    acs.events.expect("CallDisconnected").await;
}

#[tokio::test]
async fn who_connects_in_the_moment_a_call_ends_is_connected() {
    let acs = Acs::connected().await;
    let mut id = acs.id.clone();
    // The end is due 80 ms after the answer. Some of these come just then, before the call itself has
    // noticed.
    for ahead_ms in 60..100 {
        assert_eq!(acs.delete(&format!("/{id}")).await.status, 204);
        let moment = tokio::time::Instant::now() + std::time::Duration::from_millis(ahead_ms);
        tokio::time::sleep_until(moment).await;
        let answer = acs.connect(&group("g"), None).await;
        assert_eq!(answer.status, 200, "{ahead_ms} ms: {answer:?}");
        let next = answer.body["callConnectionId"].as_str().unwrap().to_owned();
        assert_ne!(next, id);
        id = next;
    }
}
