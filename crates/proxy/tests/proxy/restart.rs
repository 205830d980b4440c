//! A proxy that starts again: what was there is there with the first answer, however slow the service is.

use std::time::{Duration, Instant};

use foldback_model::{CallState, ParticipantId, plan};
use serde_json::{Value, json};

use crate::{
    house::{Browser, House, graph, person},
    kill::Rig,
    stage::eventually,
};

/// Longer than any test waits for an answer.
const SLOW: Duration = Duration::from_secs(8);

async fn snapshot(browser: &Browser, call: &str) -> CallState {
    let reply = browser.get(&format!("/foldback/v1/calls/{call}")).await;
    assert_eq!(reply.status(), 200, "{call}");
    reply.json().await.unwrap()
}

/// Whose microphone is open.
fn somebody(state: &CallState) -> ParticipantId {
    let call = state.call.as_ref();
    let found = state.roster.iter().find(|it| !it.muted && plan::is_listener(it, call));
    found.unwrap().id.clone()
}

async fn slowed(house: &House) {
    let latency = json!({"latency_ms": u64::try_from(SLOW.as_millis()).unwrap()});
    house.glass.fault("/communications/calls/", latency).await;
}

#[tokio::test]
async fn sessions_and_calls_are_there_with_the_first_answer() {
    let house = House::start().await;
    let mut calls = Vec::new();
    for thread in ["one", "two", "three"] {
        calls.push(house.open(graph(thread), "ours").await);
    }
    let browser = house.signed_in(&person("Mute")).await;
    let before = snapshot(&browser, &calls[0]).await;
    assert!(!before.roster.is_empty());
    slowed(&house).await;
    let asking = {
        let (browser, path) = (browser.clone(), format!("/foldback/v1/calls/{}", calls[2]));
        // Asked all the time: not one answer may say that it is not signed in or that there is no call.
        tokio::spawn(async move {
            loop {
                let asked = browser.ask(reqwest::Method::GET, &path).send().await;
                if let Ok(reply) = asked
                    && reply.status() != 200
                {
                    return reply.status();
                }
                tokio::task::yield_now().await;
            }
        })
    };
    let began = Instant::now();
    let house = house.again().await;
    for call in &calls {
        let now = snapshot(&browser, call).await;
        assert_eq!(now.roster.is_empty(), before.roster.is_empty(), "{call}");
        let mut stream = browser.get(&format!("/foldback/v1/calls/{call}/events")).await;
        assert!(stream.status() == 200 && stream.chunk().await.unwrap().is_some(), "{call}");
    }
    assert_eq!(snapshot(&browser, &calls[0]).await.roster, before.roster);
    assert!(began.elapsed() < SLOW, "nobody waits for the service: {:?}", began.elapsed());
    assert!(!asking.is_finished(), "{:?}", asking.await);
    asking.abort();
    drop(house);
}

#[tokio::test]
async fn notifications_are_taken_before_the_service_was_asked() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Look")).await;
    let state = snapshot(&browser, &call).await;
    let person = somebody(&state);
    slowed(&house).await;
    let house = house.again().await;
    let began = Instant::now();
    house.glass.person(json!({"mute": person})).await;
    eventually("it is shown", || async {
        snapshot(&browser, &call).await.roster.get(&person).is_some_and(|it| it.muted).then_some(())
    })
    .await;
    assert!(began.elapsed() < SLOW, "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_asked_after_a_start_is_not_taken_for_left_over() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Mute")).await;
    let state = snapshot(&browser, &call).await;
    let person = somebody(&state);
    house.glass.fault("/participants", json!({"latency_ms": 300})).await;
    house.glass.fault("/mute", json!({"latency_ms": 1_500})).await;
    let house = house.again().await;
    // Under way while the roster is read for the first time.
    let (_, id) = call.split_once('.').unwrap();
    let path = format!("/v1.0/communications/calls/{id}/participants/{person}/mute");
    let reply = browser.ask(reqwest::Method::POST, &path).body("{}").send().await.unwrap();
    assert_eq!(reply.status(), 200);
    let ends: Vec<Value> = {
        let audit = house.ask(
            &crate::house::person("Run"),
            reqwest::Method::GET,
            &format!("/foldback/v1/calls/{call}/audit"),
        );
        let page: Value = audit.send().await.unwrap().json().await.unwrap();
        page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["kind"] == "mute")
            .map(|it| it["outcome"].clone())
            .collect()
    };
    assert_eq!(ends, ["completed"]);
}

#[tokio::test]
async fn told_to_end_while_it_starts_it_ends() {
    let rig = Rig::limited("streams_end_within_ms = 0", "").await;
    let (mut process, _operator) = rig.first().await;
    rig.glass.fault("/communications/calls/", json!("hang")).await;
    process.signal("TERM").await;
    assert!(process.ended().await.success());
    let (mut process, _operator) = rig.again(&process).await;
    let told = Instant::now();
    process.signal("TERM").await;
    assert!(process.ended().await.success());
    assert!(told.elapsed() < Duration::from_secs(4), "{:?}", told.elapsed());
}

#[tokio::test]
async fn who_keeps_writers_waiting_is_not_ready() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let probe = async |path: &str| house.browser().get(path).await.status().as_u16();
    assert_eq!((probe("/healthz").await, probe("/readyz").await), (200, 200));
    let lock = rusqlite::Connection::open(&house.files()[0]).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = {
        let path = format!("/foldback/v1/calls/{call}/access");
        let ask = house.ask(&person("Run"), reqwest::Method::PUT, &path);
        tokio::spawn(ask.body(json!({"openTo": "viewer"}).to_string()).send())
    };
    eventually("it is not ready", || async { (probe("/readyz").await == 503).then_some(()) }).await;
    assert_eq!(probe("/healthz").await, 200, "it is alive");
    lock.execute_batch("ROLLBACK").unwrap();
    eventually("it is ready", || async { (probe("/readyz").await == 200).then_some(()) }).await;
    assert_eq!(writing.await.unwrap().unwrap().status(), 200);
}
