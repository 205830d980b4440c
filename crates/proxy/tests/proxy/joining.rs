//! Into a call and out of it: meetings as people name them, leaving, and calls that are gone.

use std::time::Duration;

use foldback_model::{By, CallState, Event, call::CallPhase};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    acs::Desk,
    house::{House, graph, person},
    stage::{Operator, Stage, eventually},
};

const ORGANIZER: &str = "8d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33";
const THREAD: &str = "19:meeting_Yjg0ODVl@thread.v2";

async fn join(operator: &Operator, body: &Value) -> Response {
    let request = operator.ask(Method::POST, "/foldback/v1/calls");
    request.body(body.to_string()).send().await.unwrap()
}

fn link(tenant: &str) -> String {
    let context = format!("{{\"Tid\":\"{tenant}\",\"Oid\":\"{ORGANIZER}\"}}");
    let context = context.replace('{', "%7b").replace('"', "%22").replace('}', "%7d");
    format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Yjg0ODVl%40thread.v2/0?context={context}"
    )
}

#[tokio::test]
async fn a_meeting_is_joined_by_its_link_its_number_or_its_organizer() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let tenant = house.demo.service.tenant().to_owned();
    let forms = [
        json!({"link": link(&tenant)}),
        json!({"link": "https://teams.microsoft.com/meet/123456789?p=aB3x"}),
        json!({"id": "987 654 321"}),
        json!({"thread": THREAD, "organizer": ORGANIZER}),
    ];
    let mut calls = Vec::new();
    for meeting in forms {
        let reply = join(&operator, &json!({"meeting": meeting})).await;
        assert_eq!(reply.status(), 201, "{meeting}");
        let location = reply.headers()["location"].to_str().unwrap().to_owned();
        let call: Value = reply.json().await.unwrap();
        assert_eq!(location, format!("/foldback/v1/calls/{}", call["id"].as_str().unwrap()));
        calls.push(call["id"].clone());
    }
    // The link and the coordinates name one meeting, the numbers two others.
    assert_eq!(calls[0], calls[3]);
    assert!(calls[0] != calls[1] && calls[1] != calls[2] && calls[0] != calls[2]);
    let sent = house.service.requests("POST", "/communications/calls").await;
    let [_, by_link, by_short_link, by_id, by_organizer] = &sent[..] else { panic!("{sent:?}") };
    for one in [by_link, by_short_link, by_id, by_organizer] {
        let body = &one["body"];
        let callback = body["callbackUri"].as_str().unwrap();
        assert!(callback.starts_with(&format!("{}/notifications/graph/", house.base)), "{body}");
        assert_eq!(body["@odata.type"], "#microsoft.graph.call");
        assert_eq!(body["requestedModalities"], json!(["audio"]));
        assert_eq!(body["mediaConfig"]["@odata.type"], "#microsoft.graph.serviceHostedMediaConfig");
        assert_eq!(body["callOptions"]["isDeltaRosterEnabled"], true);
        assert_eq!(body["tenantId"], tenant);
    }
    assert_eq!(by_link["body"]["chatInfo"]["threadId"], THREAD);
    assert_eq!(by_link["body"]["meetingInfo"], by_organizer["body"]["meetingInfo"]);
    let by_number = |id: &str, code: Value| {
        json!({"@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo", "joinMeetingId": id,
            "passcode": code})
    };
    assert_eq!(by_short_link["body"]["meetingInfo"], by_number("123456789", json!("aB3x")));
    assert_eq!(by_id["body"]["meetingInfo"], by_number("987654321", json!(null)));
}

#[tokio::test]
async fn a_bad_meeting_is_refused_before_anybody_is_asked() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    for (body, words) in [
        (json!({"meeting": {"link": "https://evil.example/l/meetup-join"}}), "no host of Teams"),
        (json!({"meeting": {"link": link(ORGANIZER)}}), "set up for that tenant"),
        (json!({"meeting": {"id": "x"}}), "$.meeting.id: a meeting id is 6 to 20 digits"),
        (json!({"meeting": null}), "$.meeting: write"),
        (json!({"meeting": {"id": "123456789"}, "graph": {}}), "$.meeting, $.graph or $.acs"),
        (json!({"metting": {}}), "\"metting\" is not known"),
    ] {
        let reply = join(&operator, &body).await;
        assert_eq!(reply.status(), 400, "{body}");
        let problem: Value = reply.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(words), "{body}: {problem}");
    }
    assert_eq!(house.service.requests("POST", "/communications/calls").await.len(), 1);
}

#[tokio::test]
async fn a_join_says_which_call_it_is_and_nothing_else() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let phone = json!([{"identity": {"phone": {"id": "+12345678901"}}}]);
    let organizer = json!({"user": {"id": ORGANIZER}});
    for (body, words) in [
        (json!({"graph": {"targets": phone}}), "$.graph: \"targets\" is not taken"),
        (json!({"graph": {"source": {"number": "+1"}}}), "\"source\" is not taken"),
        (json!({"graph": {"requestedModalities": ["video"]}}), "\"requestedModalities\" is not"),
        (json!({"graph": {"mediaConfig": {"blob": "x"}}}), "\"mediaConfig\" is not taken"),
        (json!({"graph": {"callbackUri": "https://evil.example"}}), "\"callbackUri\" is not"),
        (json!({"graph": {"CALLBACKURI": "https://evil.example"}}), "\"CALLBACKURI\" is not"),
        (json!({"graph": {"callOptions": {}}}), "\"callOptions\" is not taken"),
        (json!({"graph": {"@odata.type": "#microsoft.graph.call"}}), "\"@odata.type\" is not"),
        (json!({"graph": {"ChatInfo": {}}}), "chatInfo, meetingInfo, tenantId, subject"),
        (json!({"graph": {"chatInfo": [phone]}}), "$.graph.chatInfo: is no object"),
        (json!({"graph": {"meetingInfo": "x"}}), "$.graph.meetingInfo: is no object"),
        (json!({"graph": {"tenantId": {}}}), "$.graph.tenantId: is no text"),
        (json!({"graph": {"subject": "x".repeat(257)}}), "at most 256 characters"),
        (
            json!({"graph": {"meetingInfo": {"organizer": organizer, "Organizer": organizer}}}),
            "$.graph.meetingInfo: \"organizer\" is there in two spellings",
        ),
        (json!({"acs": {"roomId": "r", "callbackUri": "https://x"}}), "$.acs: \"callbackUri\" is"),
        (json!({"acs": {"groupCallId": "g", "ROOMID": "r"}}), "groupCallId, roomId, serverCallId"),
    ] {
        let reply = join(&operator, &body).await;
        assert_eq!(reply.status(), 400, "{body}");
        let problem: Value = reply.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(words), "{body}: {problem}");
    }
    assert_eq!(house.service.requests("POST", "/communications/calls").await.len(), 1);
    let named = json!({
        "tenantId": house.demo.service.tenant(),
        "subject": "Town hall",
        "chatInfo": {"threadId": THREAD, "messageId": "0"},
        "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": organizer},
    });
    assert_eq!(join(&operator, &json!({"graph": named})).await.status(), 201);
    let sent = house.service.requests("POST", "/communications/calls").await;
    let body = &sent.last().unwrap()["body"];
    for (name, value) in named.as_object().unwrap() {
        assert_eq!(&body[name], value);
    }
    assert_eq!(body.as_object().unwrap().len(), 9, "{body}");
    assert_eq!(body["requestedModalities"], json!(["audio"]));
    assert_eq!(body["mediaConfig"]["@odata.type"], "#microsoft.graph.serviceHostedMediaConfig");
}

/// Facts that tell of the end, and who made it.
fn ends(facts: &[foldback_model::Fact]) -> Vec<By> {
    let ended = facts.iter().filter(
        |fact| matches!(&fact.event, Event::CallChanged(info) if info.state == CallPhase::Ended),
    );
    ended.map(|fact| fact.by.clone()).collect()
}

async fn is_remembered(house: &Stage, key: &str) {
    eventually("the end is remembered", || async {
        let stored = house.demo.server.app.journal.calls().await.unwrap();
        stored.iter().find(|it| it.key.to_string() == key)?.ended.then_some(())
    })
    .await;
}

#[tokio::test]
async fn leaving_a_graph_call_is_told_with_who_asked() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let key = format!("graph.{}", operator.call);
    let path = format!("/foldback/v1/calls/{key}");
    // Refused, it goes on.
    house.service.fault(&operator.call, json!({"status": 403})).await;
    let refused = operator.ask(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(operator.snapshot().await.call.unwrap().state, CallPhase::Established);

    let left = operator.ask(Method::DELETE, &path).send().await.unwrap();
    assert_eq!((left.status().as_u16(), left.text().await.unwrap()), (204, String::new()));
    assert_eq!(house.service.requests("DELETE", &operator.call).await.len(), 2);
    assert_eq!(operator.snapshot().await.call.unwrap().state, CallPhase::Ended);
    let by = ends(&operator.replay().await);
    assert!(matches!(&by[..], [By::Operator { .. }]), "{by:?}");
    is_remembered(&house, &key).await;
    assert_eq!(operator.mute(&person, "late").await.status(), 404);
    assert_eq!(operator.ask(Method::DELETE, &path).send().await.unwrap().status(), 404);
    assert_eq!(house.service.requests("DELETE", &operator.call).await.len(), 2);
}

#[tokio::test]
async fn nobody_is_said_to_have_left_who_did_not() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let path = format!("/foldback/v1/calls/graph.{}", operator.call);
    for (fault, status) in
        [(json!("hang"), 504), (json!("reset"), 502), (json!({"status": 503}), 503)]
    {
        house.service.fault(&operator.call, fault).await;
        let reply = operator.ask(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), status);
        assert_eq!(operator.snapshot().await.call.unwrap().state, CallPhase::Established);
    }
    // Later it ends by itself.
    house.service.call(json!({"end": {"code": 200, "subcode": 5000}})).await;
    let ended = || async {
        let ended = operator.snapshot().await.call.unwrap().state == CallPhase::Ended;
        ended.then_some(())
    };
    eventually("the service tells the end", ended).await;
    assert_eq!(ends(&operator.replay().await), [By::Service]);
}

#[tokio::test]
async fn leaving_an_acs_call_is_told_with_who_asked() {
    let desk = Desk::start().await;
    let key = format!("acs.{}", desk.connection);
    let path = format!("/foldback/v1/calls/{key}");
    let left = desk.operator.ask(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(left.status(), 204);
    assert_eq!(desk.sent("DELETE", &desk.connection).await.len(), 1);
    let state: CallState = desk.operator.get(&path).await.json().await.unwrap();
    assert_eq!(state.call.unwrap().state, CallPhase::Ended);
    let facts = desk.operator.stream_of(&key, foldback_model::Sequence(0)).await;
    let facts = { facts }.facts_to(state.sequence).await;
    let by = ends(&facts);
    assert!(matches!(&by[..], [By::Operator { .. }]), "{by:?}");
    is_remembered(&desk.house, &key).await;
    assert!(
        desk.house.demo.call.read().state.call.as_ref().unwrap().state == CallPhase::Established
    );
}

#[tokio::test]
async fn a_call_nobody_told_the_end_of_ends_when_it_is_asked_for() {
    for path in ["", "/participants", "/keepAlive"] {
        let house = Stage::start().await;
        let operator = house.operator().await;
        for _ in 0..4 {
            house.service.disturb("lose").await;
        }
        house.service.call(json!({"end": {"code": 200, "subcode": 5000}})).await;
        assert_eq!(operator.snapshot().await.call.unwrap().state, CallPhase::Established);
        let method = if path == "/keepAlive" { Method::POST } else { Method::GET };
        let asked = format!("/v1.0/communications/calls/{}{path}", operator.call);
        assert_eq!(operator.ask(method, &asked).send().await.unwrap().status(), 404, "{path}");
        assert_eq!(operator.snapshot().await.call.unwrap().state, CallPhase::Ended, "{path}");
        assert_eq!(ends(&operator.replay().await), [By::Service]);
        is_remembered(&house, &format!("graph.{}", operator.call)).await;
        // Leaving what is over is no mistake of the service.
        let path = format!("/foldback/v1/calls/graph.{}", operator.call);
        assert_eq!(operator.ask(Method::DELETE, &path).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn a_call_that_is_over_takes_no_scenes_and_leaves_memory_in_time() {
    let house = House::start().await;
    let run = person("Run");
    let key = house.open(graph("ours"), "ours").await;
    let path = format!("/foldback/v1/calls/{key}");
    let status = async |method: Method, path: String, body: &str| {
        let asked = house.ask(&run, method, &path).header("if-none-match", "*");
        asked.body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    let scene = format!("{path}/scenes/x");
    assert_eq!(status(Method::PUT, scene.clone(), r#"{"name": "x"}"#).await, 201);
    assert_eq!(status(Method::DELETE, path.clone(), "").await, 204);
    let app = &house.server.app;
    let call = app.calls.get(&foldback_model::CallKey::parse(&key).unwrap()).unwrap();
    let head = call.read().state.sequence;
    let saved = house.ask(&run, Method::PUT, &format!("{path}/scenes/y"));
    let saved = saved.header("if-none-match", "*").body(r#"{"name": "y"}"#).send().await.unwrap();
    assert_eq!(saved.status(), 409);
    let problem: Value = saved.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("this call is over"), "{problem}");
    let gone = house.ask(&run, Method::DELETE, &scene).header("if-match", "\"1\"");
    assert_eq!(gone.send().await.unwrap().status(), 409);
    assert_eq!(call.read().state.sequence, head);
    // Who may see what is left of it may still be said, and it is there to be looked at.
    let access = format!("{path}/access");
    assert_eq!(status(Method::PUT, access, r#"{"groups": ["ours"]}"#).await, 200);
    assert_eq!(status(Method::GET, path.clone(), "").await, 200);
    eventually("the end is remembered", || async {
        let stored = app.journal.calls().await.unwrap();
        stored.iter().find(|it| it.key.to_string() == key)?.ended.then_some(())
    })
    .await;

    let join = house.glass.requests("POST", "/communications/calls").await;
    let callback = join.last().unwrap()["body"]["callbackUri"].as_str().unwrap().to_owned();
    let slot = || {
        let secret = callback.rsplit('/').next().unwrap();
        app.calls.slot(foldback_model::CallKind::Graph, secret)
    };
    let pass = async |time| {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    };
    // A stream that is open keeps it.
    let watching = call.subscribe();
    pass(Duration::from_mins(61)).await;
    assert_eq!(status(Method::GET, path.clone(), "").await, 200);
    assert!(slot().is_some());
    drop(watching);
    pass(Duration::from_mins(2)).await;
    eventually("it is let go", || async { app.calls.all().is_empty().then_some(()) }).await;
    assert!(slot().is_none(), "nothing is left of it");
    let audit = async |house: &House| {
        let asked = house.ask(&run, Method::GET, &format!("{path}/audit")).send().await.unwrap();
        let page: Value = asked.json().await.unwrap();
        page["entries"].as_array().unwrap().len()
    };
    let reply = house.ask(&run, Method::GET, &path).send().await.unwrap();
    let (before, entries) = (reply.text().await.unwrap(), audit(&house).await);
    assert!(before.contains("its audit alone is left"), "{before}");
    assert!(entries >= 4, "{entries}");
    // As after a restart.
    drop(call);
    let house = house.again().await;
    let reply = house.ask(&run, Method::GET, &path).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.text().await.unwrap()), (404, before));
    assert_eq!(audit(&house).await, entries);
}
