//! What `--inspect` opens: the record of requests, the clock, what people do.

use foldback_callservice::engine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE, frozen, options};

#[tokio::test]
async fn without_inspect_the_levers_do_not_exist() {
    let mut closed = options(frozen());
    closed.inspect = false;
    let bench = Bench::with(closed).await;
    for path in ["requests", "faults", "clock", "people"] {
        assert_eq!(bench.get(&format!("/rehearsal/v1/{path}")).await.status, 404);
        let posted = bench.post(&format!("/rehearsal/v1/{path}"), &json!({"advance_ms": 1})).await;
        assert_eq!(posted.status, 404);
    }
}

#[tokio::test]
async fn what_arrived_can_be_read() {
    let bench = Bench::start().await;
    let body = json!({"clientContext": "c", "unknown": [1, null]});
    bench.post(&bench.path("/mute?x=1"), &body).await;
    bench.get("/v1.0/me").await;
    let log = bench.get("/rehearsal/v1/requests").await.body;
    let [mute, me] = log.as_array().unwrap().as_slice() else { panic!("{log}") };
    assert_eq!(
        (&mute["method"], &mute["body"], &mute["status"]),
        (&json!("POST"), &body, &json!(200))
    );
    assert_eq!(mute["path"], bench.path("/mute?x=1"));
    assert_eq!(mute["text"], body.to_string());
    assert_eq!(
        (&me["method"], &me["body"], &me["status"]),
        (&json!("GET"), &Value::Null, &json!(404))
    );
    assert!(me["at_ms"].as_u64() >= mute["at_ms"].as_u64());
    let text = log.to_string();
    assert!(!text.contains(&bench.token) && !text.contains(bench.service.client_secret()));
    assert_eq!(bench.delete("/rehearsal/v1/requests").await.body, json!({"cleared": 2}));
    assert_eq!(bench.get("/rehearsal/v1/requests").await.body, json!([]));
}

#[tokio::test]
async fn the_clock_leaps() {
    let bench = Bench::start().await;
    let before = bench.pull("clock", json!({"advance_ms": 0})).await["now_ms"].as_u64().unwrap();
    let after =
        bench.pull("clock", json!({"advance_ms": 60_000})).await["now_ms"].as_u64().unwrap();
    assert!(after >= before + 60_000);
}

#[tokio::test]
async fn a_long_leap_holds_up_nobody() {
    const DAY_MS: u64 = 86_400_000;
    let bench = Bench::with(options(engine::Options { speed: 100.0, ..frozen() })).await;
    let order = json!({"advance_ms": DAY_MS});
    let leap = bench.request(Method::POST, "/rehearsal/v1/clock").json(&order).send();
    let leap = tokio::spawn(leap);
    // Others are answered in the middle of it.
    let under_way = async {
        loop {
            let now = bench.pull("clock", json!({"advance_ms": 0})).await["now_ms"].clone();
            if now.as_u64().unwrap() > 60_000 {
                return now.as_u64().unwrap();
            }
        }
    };
    let now = tokio::time::timeout(PATIENCE, under_way).await.unwrap();
    assert!(now < DAY_MS && !leap.is_finished(), "{now}");
    // So is whoever ends the service, and the leap with it.
    tokio::time::timeout(PATIENCE, bench.service.stop()).await.unwrap();
    assert_eq!(leap.await.unwrap().unwrap().status(), 400);
}

#[tokio::test]
async fn people_come_go_mute_and_talk() {
    let bench = Bench::start().await;
    let id = bench.pull("people", json!({"join": {"name": "Newcomer"}})).await["joined"].clone();
    let person = bench.people().await.pop().unwrap();
    assert_eq!(person["id"], id);
    assert_eq!(person["info"]["identity"]["user"]["displayName"], "Newcomer");
    let path = bench.path(&format!("/participants/{}", id.as_str().unwrap()));
    for (order, muted) in [("mute", true), ("unmute", false)] {
        bench.pull("people", json!({order: id})).await;
        assert_eq!(bench.get(&path).await.body["isMuted"], muted);
    }
    for raised in [true, false] {
        bench.pull("people", json!({"hand": {"id": id, "raised": raised}})).await;
        let metadata = bench.get(&path).await.body["metadata"].clone();
        let up = metadata.as_str().is_some_and(|text| text.starts_with(r#"{"raisedHand":{"at":"#));
        assert_eq!(up, raised, "{metadata}");
    }
    bench.pull("people", json!({"leave": id})).await;
    assert_eq!(bench.get(&path).await.code(), (404, "8522"));
    bench.pull("people", json!({"join": {}})).await;
    assert_eq!(bench.people().await.len(), 44);
}

#[tokio::test]
async fn hands_go_up_and_the_lobby_fills() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let path = bench.path(&format!("/participants/{}", open[0]));
    assert!(bench.get(&path).await.body["metadata"].is_null());
    bench.pull("people", json!({"hand": {"id": open[0], "raised": true}})).await;
    let metadata = bench.get(&path).await.body["metadata"].clone();
    let metadata: Value = serde_json::from_str(metadata.as_str().unwrap()).unwrap();
    assert!(metadata["raisedHand"]["at"].is_u64(), "{metadata}");
    bench.pull("people", json!({"hand": {"id": open[0], "raised": false}})).await;
    assert!(bench.get(&path).await.body["metadata"].is_null());
    let id = bench.pull("people", json!({"join": {"name": "Late", "lobby": true}})).await;
    let path = bench.path(&format!("/participants/{}", id["joined"].as_str().unwrap()));
    assert_eq!(bench.get(&path).await.body["isInLobby"], true);
    bench.pull("people", json!({"admit": id["joined"]})).await;
    assert_eq!(bench.get(&path).await.body["isInLobby"], false);
}

#[tokio::test]
async fn levers_of_a_call_that_is_over_say_so() {
    let bench = Bench::start().await;
    bench.pull("call", json!({"end": {"code": 200}})).await;
    for (lever, order) in [
        ("people", json!({"join": {}})),
        ("people", json!({"join": {"lobby": true}})),
        ("people", json!({"mute": "8:acs:x"})),
        ("call", json!({"lobby": true})),
        ("call", json!({"end": {"code": 200}})),
        ("routing", json!({"remove": "x"})),
    ] {
        let answer = bench.post(&format!("/rehearsal/v1/{lever}"), &order).await;
        assert_eq!(answer.status, 404, "{order}: {answer:?}");
        let words = answer.body["error"].as_str().unwrap();
        assert!(words.contains(bench.service.graph_call_id()) && words.contains("has ended"));
    }
}

#[tokio::test]
async fn wrong_orders_are_answered_with_a_sentence() {
    let bench = Bench::start().await;
    let me = bench.get(&bench.path("")).await.body["myParticipantId"].clone();
    let open = bench.open().await;
    let people = bench.people().await;
    let muted = people.iter().find(|p| p["isMuted"] == true).unwrap()["id"].clone();
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (lever, order, status, words) in [
        ("clock", json!({}), 400, "advance_ms is missing"),
        ("clock", json!({"advance_ms": -1}), 400, "whole number"),
        ("clock", json!({"advance_ms": 90_000_000}), 400, "whole number"),
        ("clock", json!({"advance": 1}), 400, "unknown"),
        ("faults", json!({"fault": "explode"}), 400, "fault must be"),
        ("people", json!({}), 400, "exactly one"),
        ("people", json!({"hand": {"id": nobody, "raised": "up"}}), 400, "raised must be"),
        ("people", json!({"hand": {"id": nobody, "raised": true}}), 404, "not found"),
        ("people", json!({"mute": open[0], "unmute": open[0]}), 400, "exactly one"),
        ("people", json!({"dance": open[0]}), 400, "unknown"),
        ("people", json!({"mute": 7}), 400, "participant id"),
        ("people", json!({"mute": "a/b"}), 400, "an id has"),
        ("people", json!({"mute": nobody}), 404, "not found"),
        ("people", json!({"mute": me}), 400, "the app itself"),
        ("people", json!({"leave": me}), 400, "the app itself"),
        ("people", json!({"join": "Ada"}), 400, "an object"),
        ("people", json!({"join": {"name": 7}}), 400, "name must be text"),
        ("people", json!({"join": {"name": "x".repeat(257)}}), 400, "at most 256"),
        ("people", json!({"talk": {"id": open[0]}}), 400, "active must be"),
        ("people", json!({"hand": {"id": open[0]}}), 400, "raised must be"),
        ("people", json!({"hand": {"id": open[0], "raised": 1}}), 400, "raised must be"),
        ("people", json!({"join": {"lobby": "yes"}}), 400, "lobby must be"),
        ("people", json!({"admit": open[0]}), 400, "does not wait"),
        ("people", json!({"talk": {"id": open[0], "active": true, "level": 101}}), 400, "level"),
        ("people", json!({"talk": {"id": muted, "active": true}}), 400, "cannot talk"),
    ] {
        let answer = bench.post(&format!("/rehearsal/v1/{lever}"), &order).await;
        assert_eq!(answer.status, status, "{order}: {answer:?}");
        assert!(answer.body["error"].as_str().unwrap().contains(words), "{order}: {answer:?}");
    }
    assert_eq!(bench.get("/rehearsal/v1/clock").await.status, 405);
    assert_eq!(bench.get("/rehearsal/v1/nothing").await.status, 404);
    let url = format!("{}/rehearsal/v1/requests", bench.service.base_url());
    let bent = bench.client.get(url).header("host", "rehearsal.example");
    assert_eq!(crate::bench::answer(bent).await.status, 403);
}
