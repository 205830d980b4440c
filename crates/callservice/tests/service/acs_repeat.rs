//! Repeatable requests, row by row.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    acs_bench::{Acs, Ask, date, user},
    bench::Answer,
};

const ID: &str = "9f1c2d3e-0000-4a00-b000-0123456789ab";

fn marked(mut ask: Ask, id: &str, first_sent: &str) -> Ask {
    ask.changes.push(("repeatability-request-id", id.to_owned()));
    ask.changes.push(("repeatability-first-sent", first_sent.to_owned()));
    ask
}

fn mute(acs: &Acs, raw: &str) -> Ask {
    let body = json!({"targetParticipants": [user(raw)], "operationContext": "m"});
    acs.ask(Method::POST, &format!("/{}/participants:mute", acs.id), Some(&body))
}

fn result(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("repeatability-result"))
}

#[tokio::test]
async fn a_known_request_is_answered_again_and_not_carried_out() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    let first = acs.send(marked(mute(&acs, &raw), ID, &now)).await;
    assert_eq!(result(&first), (200, "accepted"));
    acs.events.roster().await;
    acs.person("unmute", &raw).await;
    acs.events.roster().await;
    // In capitals it is the same id.
    let again = acs.send(marked(mute(&acs, &raw), &ID.to_uppercase(), &now)).await;
    assert_eq!((result(&again), &again.body), ((200, "accepted"), &first.body));
    assert!(!acs.is_muted(&raw).await);
    let other = "9f1c2d3e-0000-4a00-b000-0123456789ac";
    assert_eq!(result(&acs.send(marked(mute(&acs, &raw), other, &now)).await), (200, "accepted"));
    assert!(acs.is_muted(&raw).await, "a new id is carried out");
}

#[tokio::test]
async fn a_known_refusal_is_given_again() {
    let acs = Acs::connected().await;
    let people = acs.people().await;
    let phone = people.iter().map(crate::acs_bench::raw_id).find(|raw| raw.starts_with("4:"));
    let body = json!({"targetParticipants": [{"rawId": phone.unwrap()}]});
    let ask = || acs.ask(Method::POST, &format!("/{}/participants:mute", acs.id), Some(&body));
    let now = date(0);
    assert_eq!(result(&acs.send(marked(ask(), ID, &now)).await), (400, "accepted"));
    acs.pull("switches", json!({"mute_any_target": true})).await;
    let again = acs.send(marked(ask(), ID, &now)).await;
    assert_eq!((result(&again), again.code()), ((400, "accepted"), (400, "8523")));
    assert_eq!(acs.send(ask()).await.status, 200);
}

#[tokio::test]
async fn what_broke_is_carried_out_again() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    for (n, status) in [500, 503, 429].into_iter().enumerate() {
        let id = format!("9f1c2d3e-0000-4a00-b000-00000000000{n}");
        acs.pull("faults", json!({"path_contains": "mute", "fault": {"status": status}})).await;
        let broken = acs.send(marked(mute(&acs, &raw), &id, &now)).await;
        assert_eq!(result(&broken), (status, "accepted"));
        assert!(!acs.is_muted(&raw).await);
        assert_eq!(result(&acs.send(marked(mute(&acs, &raw), &id, &now)).await), (200, "accepted"));
        assert!(acs.is_muted(&raw).await);
        acs.person("unmute", &raw).await;
    }
}

#[tokio::test]
async fn bad_syntax_and_lone_headers_are_rejected() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    for (id, first_sent, words) in [
        ("nonsense", now.as_str(), "no UUID of version 4"),
        ("9f1c2d3e-0000-1a00-b000-0123456789ab", &now, "no UUID of version 4"),
        (ID, "2026-11-22T03:08:20Z", "is not of the form"),
        (ID, "", "needs Repeatability-First-Sent"),
        ("", &now, "needs Repeatability-Request-ID"),
    ] {
        let answer = acs.send(marked(mute(&acs, &raw), id, first_sent)).await;
        assert_eq!((result(&answer), answer.code()), ((400, "rejected"), (400, "8523")), "{words}");
        assert!(answer.message().contains(words), "{}", answer.message());
    }
    assert!(!acs.is_muted(&raw).await);
}

#[tokio::test]
async fn outside_the_window_is_a_failed_precondition() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    for seconds in [-310, 310] {
        let answer = acs.send(marked(mute(&acs, &raw), ID, &date(seconds))).await;
        assert_eq!((result(&answer), answer.code()), ((412, "rejected"), (412, "8583")));
    }
    assert!(!acs.is_muted(&raw).await);
    let answer = acs.send(marked(mute(&acs, &raw), ID, &date(-290))).await;
    assert_eq!(result(&answer), (200, "accepted"));
}

#[tokio::test]
async fn a_known_id_with_another_request_is_rejected() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    assert_eq!(acs.send(marked(mute(&acs, &raw), ID, &now)).await.status, 200);
    let other_body = mute(&acs, "8:acs:somebody");
    let other_path = acs.ask(Method::POST, &format!("/{}:terminate", acs.id), None);
    for ask in [other_body, other_path] {
        let answer = acs.send(marked(ask, ID, &now)).await;
        assert_eq!((result(&answer), answer.code()), ((400, "rejected"), (400, "8523")));
        assert!(answer.message().contains("another method, path or body"), "{}", answer.message());
    }
    assert_eq!(acs.get(&format!("/{}", acs.id)).await.body["callConnectionState"], "connected");
}

#[tokio::test]
async fn while_it_runs_a_repetition_is_a_conflict() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    acs.pull("faults", json!({"path_contains": "mute", "fault": {"latency_ms": 2_000}})).await;
    let slow = acs.send(marked(mute(&acs, &raw), ID, &now));
    let repetition = async {
        while acs.requests("participants:mute").await.is_empty() {
            tokio::task::yield_now().await;
        }
        let answer = acs.send(marked(mute(&acs, &raw), ID, &now)).await;
        assert_eq!((result(&answer), answer.code()), ((409, ""), (409, "8519")));
    };
    let (slow, ()) = tokio::join!(slow, repetition);
    assert_eq!(result(&slow), (200, "accepted"));
    assert_eq!(acs.answered("participants:mute").await, 2);
    assert_eq!(result(&acs.send(marked(mute(&acs, &raw), ID, &now)).await), (200, "accepted"));
}

#[tokio::test]
async fn what_was_carried_out_but_not_heard_is_told_again() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    acs.pull("faults", json!({"path_contains": "mute", "fault": "half_body"})).await;
    let half = marked(mute(&acs, &raw), ID, &now);
    assert!(acs.request(half).send().await.unwrap().bytes().await.is_err());
    acs.events.roster().await;
    acs.person("unmute", &raw).await;
    acs.events.roster().await;
    let again = acs.send(marked(mute(&acs, &raw), ID, &now)).await;
    assert_eq!(
        (result(&again), &again.body),
        ((200, "accepted"), &json!({"operationContext": "m"}))
    );
    assert!(!acs.is_muted(&raw).await);
}

#[tokio::test]
async fn a_client_that_went_away_leaves_nothing() {
    let acs = Acs::connected().await;
    let raw = acs.open().await;
    let now = date(0);
    acs.pull("faults", json!({"path_contains": "mute", "fault": "hang"})).await;
    let lost = acs.send(marked(mute(&acs, &raw), ID, &now));
    let noticed = async {
        while acs.requests("participants:mute").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = lost => panic!("answered: {answer:?}"),
        () = noticed => {}
    }
    loop {
        let answer = acs.send(marked(mute(&acs, &raw), ID, &now)).await;
        if answer.status == 200 {
            break;
        }
        // Until the service has noticed.
        assert_eq!(answer.status, 409, "{answer:?}");
    }
    assert!(acs.is_muted(&raw).await);
}

#[tokio::test]
async fn every_repeatable_request_is_carried_out_once() {
    let acs = Acs::start().await;
    let callback = acs.events.address.as_str();
    let now = date(0);
    let id = |n: usize| format!("9f1c2d3e-0000-4a00-b000-00000000000{n}");
    let create = json!({"targets": [user("8:acs:r_u")], "callbackUri": callback});
    let connect = json!({
        "callLocator": {"kind": "serverCallLocator", "serverCallId": "gone"},
        "callbackUri": callback,
    });
    let incoming = json!({"incomingCallContext": "opaque", "callbackUri": callback});
    let mut first = Value::Null;
    for (n, (path, body)) in
        [("", &create), (":connect", &connect), (":answer", &incoming)].into_iter().enumerate()
    {
        let ask = || marked(acs.ask(Method::POST, path, Some(body)), &id(n), &now);
        let one = acs.send(ask()).await;
        let two = acs.send(ask()).await;
        assert!(one.status < 300, "{one:?}");
        assert_eq!((one.status, &one.body), (two.status, &two.body), "{path}");
        assert_ne!(one.body["callConnectionId"], first["callConnectionId"]);
        first = one.body;
    }
    let path = format!("/{}:terminate", first["callConnectionId"].as_str().unwrap());
    for _ in 0..2 {
        let ask = acs.ask(Method::POST, &path, None);
        assert_eq!(result(&acs.send(marked(ask, &id(7), &now)).await), (204, "accepted"));
    }
    assert_eq!(acs.answered("callConnections").await, 8);
    // Reading is not repeatable: the headers mean nothing there.
    let read = acs.ask(Method::GET, &format!("/{}", acs.id), None);
    assert_eq!(result(&acs.send(marked(read, "nonsense", "nonsense")).await), (200, ""));
}
