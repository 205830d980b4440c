//! Notifications: repeated, reordered, lost, forged, unreadable.

use foldback_model::{Event, Outcome, Sequence};
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, fold, shows_muted};

async fn post(house: &Stage, url: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    let reply = house.notify(url, body).await;
    (reply.status().as_u16(), reply.text().await.unwrap())
}

fn about(call: &str, tail: &str, change: &str, data: &Value) -> String {
    json!({"value": [{"changeType": change, "resourceUrl": format!("/communications/calls/{call}{tail}"),
        "resourceData": data}]})
    .to_string()
}

#[tokio::test]
async fn only_the_secret_path_is_heard() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let before = operator.snapshot().await;
    let callback = house.callback().await;
    let secret = callback.rsplit('/').next().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    let gone = about(&operator.call, "", "deleted", &json!({"state": "terminated"}));
    for wrong in
        ["x".to_owned(), format!("{secret}x"), secret[1..].to_owned(), secret.to_uppercase()]
    {
        let url = format!("{}/notifications/graph/{wrong}", house.base);
        assert_eq!(post(&house, &url, gone.clone()).await, (404, String::new()), "{wrong}");
    }
    let other = format!("{}/notifications/acs/{secret}", house.base);
    assert_eq!(post(&house, &other, gone).await, (404, String::new()));
    assert_eq!(operator.snapshot().await, before);
    // The secret is shown nowhere.
    let text = operator.get("/foldback/v1/calls").await.text().await.unwrap();
    assert!(!text.contains(&secret));
}

#[tokio::test]
async fn what_is_about_another_call_or_unreadable_changes_nothing() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let before = operator.snapshot().await;
    let callback = house.callback().await;
    let person = json!([{"id": "intruder", "isMuted": false}]);
    for (body, status) in [
        (about("another-call", "/participants", "updated", &person), 202),
        (about(&operator.call, "/participants", "updated", &json!("x")), 202),
        (about(&operator.call, "/audioRoutingGroups/x", "updated", &json!({})), 202),
        (json!({"value": [{"changeType": "updated", "resourceUrl": "nowhere"}]}).to_string(), 202),
        (json!({"value": [{"changeType": "updated"}]}).to_string(), 202),
        (json!({"value": []}).to_string(), 202),
        ("no json".to_owned(), 400),
        ("{}".to_owned(), 400),
        (json!({"value": {}}).to_string(), 400),
        ("x".repeat(9 * 1024 * 1024), 413),
    ] {
        let shown: String = body.chars().take(80).collect();
        assert_eq!(post(&house, &callback, body).await, (status, String::new()), "{shown}");
    }
    assert_eq!(operator.snapshot().await, before);
    // One bad notification spoils no other of its batch.
    let muted = operator.open_microphones().await.remove(0);
    let batch = json!({"value": [
        {"changeType": "updated", "resourceUrl": "nowhere"},
        {"changeType": "updated", "resourceUrl": format!("/communications/calls/{}/participants", operator.call),
         "resourceData": [{"id": muted, "isMuted": true}]}]});
    let mut stream = operator.stream(before.sequence).await;
    assert_eq!(post(&house, &callback, batch.to_string()).await.0, 202);
    stream.facts_until(|fact| shows_muted(fact, &muted)).await;
}

#[tokio::test]
async fn a_repeat_leaves_no_trace() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    house.service.disturb("repeat").await;
    operator.mute(&people[0], "a").await;
    operator.mute(&people[1], "b").await;
    let facts = stream.facts_until(|fact| shows_muted(fact, &people[1])).await;
    let shown = facts.iter().filter(|fact| shows_muted(fact, &people[0])).count();
    assert_eq!(shown, 1, "{facts:#?}");
}

#[tokio::test]
async fn an_older_notification_never_wins() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    // "They mute" arrives after "they unmute".
    house.service.disturb("reorder").await;
    house.service.person(json!({"mute": person})).await;
    house.service.person(json!({"unmute": person})).await;
    let next = operator.open_microphones().await.into_iter().find(|one| *one != person).unwrap();
    operator.mute(&next, "after").await;
    let facts = stream.facts_until(|fact| shows_muted(fact, &next)).await;
    let state = fold(start, &facts);
    assert!(!state.roster.get(&person).unwrap().muted);
    assert!(!operator.snapshot().await.roster.get(&person).unwrap().muted);
}

#[tokio::test]
async fn a_lost_notification_is_read_after_the_gap() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    // The first delta of a call is a gap by itself; it is dealt with before the test begins.
    operator.mute(&people[0], "first").await;
    let quiet = house.service.clone();
    eventually("the first gap is read", || async {
        (quiet.requests("GET", "/participants").await.len() >= 2).then_some(())
    })
    .await;
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    house.service.disturb("lose").await;
    house.service.person(json!({"leave": people[1]})).await;
    house.service.disturb("lose").await;
    house.service.person(json!({"mute": people[2]})).await;
    assert_eq!(operator.snapshot().await.roster, start.roster);
    operator.mute(&people[3], "shows the gap").await;
    let facts = stream.facts_until(|fact| shows_muted(fact, &people[2])).await;
    let state = fold(start, &facts);
    assert!(state.roster.has_left(&people[1]));
    assert!(state.roster.get(&people[3]).unwrap().muted, "the reading undid nothing");
}

#[tokio::test]
async fn who_is_missing_in_a_list_leaves_only_when_a_reading_confirms_it() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let before = operator.snapshot().await;
    let callback = house.callback().await;
    let reads = house.service.requests("GET", "/participants").await.len();
    let person = operator.open_microphones().await.remove(0);
    let body = about(
        &operator.call,
        "/participants",
        "updated",
        &json!([{"id": person, "isMuted": false}]),
    );
    assert_eq!(post(&house, &callback, body).await.0, 202);
    eventually("the doubt is read", || async {
        (house.service.requests("GET", "/participants").await.len() > reads).then_some(())
    })
    .await;
    assert_eq!(operator.snapshot().await.roster.len(), before.roster.len());
}

#[tokio::test]
async fn an_operation_ends_once_and_by_its_context_too() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let callback = house.callback().await;
    let mut stream = operator.stream(operator.snapshot().await.sequence).await;
    // The reply comes late: the notification overtakes it.
    house.service.fault("configureMixer", json!({"latency_ms": 500})).await;
    let body = crate::stage::level(&people[0], &people[1], 10, "overtaken");
    let sending = {
        let request = operator.command("participants/configureMixer", &body);
        tokio::spawn(async move { request.send().await.unwrap().status() })
    };
    stream.facts_until(|fact| matches!(fact.event, Event::OperationRequested(_))).await;
    let done = about(
        &operator.call,
        "/operations/early-1",
        "deleted",
        &json!({"clientContext": "overtaken", "status": "completed"}),
    );
    for _ in 0..3 {
        assert_eq!(post(&house, &callback, done.clone()).await.0, 202);
    }
    assert!(sending.await.unwrap().is_success());
    let facts = stream.facts_until(|fact| matches!(fact.event, Event::MixChanged(_))).await;
    let ends = facts
        .iter()
        .filter(|fact| {
            matches!(&fact.event, Event::OperationFinished { outcome: Outcome::Completed, .. })
        })
        .count();
    assert_eq!(ends, 1, "{facts:#?}");
    assert_eq!(operator.snapshot().await.desk.heard(&people[0]).level(&people[1]), 10);
}

#[tokio::test]
async fn a_call_that_is_gone_takes_no_commands() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let callback = house.callback().await;
    let person = operator.open_microphones().await.remove(0);
    let gone = about(&operator.call, "", "deleted", &json!({"state": "terminated"}));
    assert_eq!(post(&house, &callback, gone).await.0, 202);
    let late = about(&operator.call, "", "updated", &json!({"state": "established"}));
    assert_eq!(post(&house, &callback, late).await.0, 202);
    assert_eq!(operator.mute(&person, "late").await.status(), 404);
    assert!(house.service.requests("POST", "/mute").await.is_empty());
    assert!(operator.snapshot().await.sequence > Sequence(0));
}
