//! Bad requests: a clear error, and nothing reaches the service.

use foldback_model::Sequence;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, level};

#[tokio::test]
async fn a_bad_mix_is_refused_with_its_place() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let (ada, bob) = (people[0].as_str(), people[1].as_str());
    let before = operator.snapshot().await;
    let mix = |entry: Value| json!({"participantMixerLevels": [entry]}).to_string();
    let ducking = |ramp: i64, lower: i64| json!({"rampActive": ramp, "rampInactive": 0, "lowerLevel": lower, "upperLevel": 100});
    let long = "x".repeat(257);
    for (body, place) in [
        ("no json".to_owned(), "the body is not JSON"),
        (String::new(), "the body is not JSON"),
        ("[]".to_owned(), "$"),
        ("{}".to_owned(), "participantMixerLevels"),
        (json!({"participantMixerLevels": "x"}).to_string(), "$.participantMixerLevels"),
        (
            json!({"clientContext": long, "participantMixerLevels": []}).to_string(),
            "$.clientContext",
        ),
        (
            mix(json!({"participant": ada, "sourceLevels": [{"participant": bob, "level": 101}]})),
            "$.participantMixerLevels[0].sourceLevels[0].level",
        ),
        (
            mix(json!({"participant": ada, "sourceLevels": [{"participant": bob, "level": -1}]})),
            "sourceLevels[0].level",
        ),
        (
            mix(json!({"participant": ada, "sourceLevels": [{"participant": bob, "level": 0.5}]})),
            "sourceLevels[0].level",
        ),
        (mix(json!({"participant": ada, "ducking": ducking(5_001, 0)})), "ducking.rampActive"),
        (mix(json!({"participant": ada, "ducking": ducking(0, 101)})), "ducking.lowerLevel"),
        (
            mix(json!({"participant": ada, "sourceLevels": [{"participant": ada, "level": 1}]})),
            "sourceLevels[0].participant",
        ),
        (
            mix(
                json!({"participant": ada, "sourceLevels": [{"participant": bob}, {"participant": bob}]}),
            ),
            "sourceLevels[1].participant",
        ),
        (
            mix(
                json!({"participant": ada, "sourceLevels": [{"participant": bob, "level": 9, "duckOthers": true}]}),
            ),
            "duck",
        ),
        (mix(json!({"participant": "../x"})), "$.participantMixerLevels[0].participant"),
        (
            json!({"participantMixerLevels": [{"participant": ada}, {"participant": ada}]})
                .to_string(),
            "$.participantMixerLevels[1].participant",
        ),
    ] {
        let path =
            format!("/beta/communications/calls/{}/participants/configureMixer", operator.call);
        let reply = operator.ask(Method::POST, &path).body(body.clone()).send().await.unwrap();
        assert_eq!(reply.status(), 400, "{body}");
        let error: Value = reply.json().await.unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(place), "{body}: {message}");
    }
    assert!(house.service.requests("POST", "/configureMixer").await.is_empty());
    assert_eq!(operator.snapshot().await, before);
}

#[tokio::test]
async fn a_bad_mute_is_refused() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let action = format!("participants/{person}/mute");
    for body in [
        json!([]),
        json!(7),
        json!({"clientContext": 7}),
        json!({"clientContext": "x".repeat(257)}),
    ] {
        let reply = operator.command(&action, &body).send().await.unwrap();
        assert_eq!(reply.status(), 400, "{body}");
    }
    let unknown = operator.command("participants/nobody/mute", &json!({})).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    let words: Value = unknown.json().await.unwrap();
    assert!(words["error"]["message"].as_str().unwrap().contains("nobody in this call"), "{words}");
    for (name, value) in [("foldback-gesture", "with space"), ("foldback-layer", "nobody")] {
        let reply = operator.command(&action, &json!({})).header(name, value).send().await.unwrap();
        assert_eq!(reply.status(), 400, "{name}");
    }
    assert!(house.service.requests("POST", "/mute").await.is_empty());
}

#[tokio::test]
async fn what_says_that_it_is_no_json_is_no_command() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let path = format!("/v1.0/communications/calls/{}/participants/{person}/mute", operator.call);
    let send = async |path: &str, kind: &str| {
        let request = operator.ask(Method::POST, path).header("content-type", kind);
        request.body("{}").send().await.unwrap()
    };
    for kind in
        ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "", "json"]
    {
        let reply = send(&path, kind).await;
        assert_eq!(reply.status(), 415, "{kind}");
        let error: Value = reply.json().await.unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains("Content-Type: application/json"), "{kind}: {message}");
        assert_eq!(send("/foldback/v1/calls", kind).await.status(), 415, "{kind}");
    }
    assert!(house.service.requests("POST", "/mute").await.is_empty());
    assert_eq!(send(&path, "Application/JSON; charset=utf-8").await.status(), 200);
    // Nothing is nothing, whatever it is called.
    let path = format!("/v1.0/communications/calls/{}/keepAlive", operator.call);
    let empty = operator.ask(Method::POST, &path).header("content-type", "text/plain");
    assert_eq!(empty.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn unknown_calls_and_people() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    for root in [
        "/v1.0/communications/calls",
        "/beta/communications/calls",
        "/beta/app/calls",
        "/beta/applications/a1/calls",
    ] {
        for (method, path) in [
            (Method::GET, format!("{root}/nowhere")),
            (Method::GET, format!("{root}/nowhere/participants")),
            (Method::POST, format!("{root}/nowhere/mute")),
            (Method::POST, format!("{root}/nowhere/participants/x/mute")),
            (Method::POST, format!("{root}/nowhere/keepAlive")),
        ] {
            let reply = operator.ask(method.clone(), &path).send().await.unwrap();
            assert_eq!(reply.status(), 404, "{method} {path}");
            let error: Value = reply.json().await.unwrap();
            assert_eq!(error["error"]["code"], "8522", "{method} {path}");
        }
    }
    for path in ["/foldback/v1/calls/graph.nowhere", "/foldback/v1/calls/acs.nowhere/events"] {
        assert_eq!(operator.get(path).await.status(), 404, "{path}");
    }
    let people = operator.open_microphones().await;
    let stranger = foldback_model::ParticipantId::parse("stranger").unwrap();
    for body in [level(&stranger, &people[0], 5, "c"), level(&people[0], &stranger, 5, "c")] {
        let reply = operator.command("participants/configureMixer", &body).send().await.unwrap();
        assert_eq!(reply.status(), 404, "{body}");
    }
    assert!(house.service.requests("POST", "/configureMixer").await.is_empty());
    let bad =
        operator.get(&format!("/foldback/v1/calls/graph.{}/events?after=-1", operator.call)).await;
    assert_eq!(bad.status(), 400);
    let lasted =
        operator.get(&format!("/foldback/v1/calls/graph.{}/events?after=x", operator.call)).await;
    assert_eq!(lasted.status(), 400);
}

#[tokio::test]
async fn a_body_of_two_megabytes() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let large = "x".repeat(2 * 1024 * 1024);
    let path = format!("/beta/communications/calls/{}", operator.call);
    for action in [format!("participants/{person}/mute"), "participants/configureMixer".to_owned()]
    {
        let path = format!("{path}/{action}");
        let reply = operator.ask(Method::POST, &path).body(large.clone()).send().await.unwrap();
        assert_eq!(reply.status(), 413, "{path}");
        let error: Value = reply.json().await.unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains("1048576"), "{error}");
    }
    let reply = operator.ask(Method::POST, "/foldback/v1/calls").body(large).send().await.unwrap();
    assert_eq!(reply.status(), 413);
    assert!(house.service.requests("POST", "/mute").await.is_empty());
    assert_eq!(operator.snapshot().await.operations.iter().count(), 0);
}

#[tokio::test]
async fn ids_stay_in_their_segment() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let call = &operator.call;
    let asked = house.service.requests("GET", "").await.len();
    for path in [
        "/v1.0/communications/calls/..".to_owned(),
        "/v1.0/communications/calls/%2e%2e/participants".to_owned(),
        "/v1.0/communications/calls/%2E%2E%2Fusers".to_owned(),
        format!("/v1.0/communications/calls/{call}/participants/.."),
        format!("/v1.0/communications/calls/{call}/participants/a%2fb"),
        format!("/v1.0/communications/calls/{call}/participants/a%5Cb"),
        format!("/v1.0/communications/calls/{call}/participants/a%00"),
        format!("/v1.0/communications/calls/{call}/participants/a%zz"),
        format!("/v1.0/communications/calls/{call}/operations/%2e%2e"),
        format!("/foldback/v1/calls/graph.{call}%2f../events"),
        format!("/beta/communications/calls/{call}/../../../users"),
    ] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {{host}}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            operator.cookie
        );
        let answer = house.raw(&request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    assert_eq!(house.service.requests("GET", "").await.len(), asked);
}

#[tokio::test]
async fn what_is_not_offered() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let call = &operator.call;
    for (method, path, status) in [
        (Method::DELETE, format!("/v1.0/communications/calls/{call}"), 405),
        (Method::POST, "/v1.0/communications/calls".to_owned(), 404),
        (Method::POST, format!("/beta/communications/calls/{call}/participants/muteAll"), 405),
        (Method::POST, format!("/beta/communications/calls/{call}/participants/invite"), 405),
        (Method::POST, format!("/v1.0/communications/calls/{call}/participants/x/unmute"), 404),
        (Method::GET, "/v1.0/users".to_owned(), 404),
        (Method::PATCH, "/foldback/v1/calls".to_owned(), 405),
        (Method::GET, "/calling/callConnections".to_owned(), 404),
    ] {
        let reply = operator.ask(method.clone(), &path).send().await.unwrap();
        assert_eq!(reply.status(), status, "{method} {path}");
        assert_eq!(reply.headers().contains_key("allow"), status == 405, "{method} {path}");
    }
    for body in [
        "",
        "x",
        "[]",
        "{}",
        "{\"graph\":7}",
        "{\"graph\":{},\"acs\":{}}",
        "{\"graph\":{\"callOptions\":7}}",
    ] {
        let request = operator.ask(Method::POST, "/foldback/v1/calls").body(body);
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 400, "{body}");
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(operator.stream(Sequence(0)).await.fact().await.sequence, Sequence(1));
}
