//! What somebody does is written down before it is done, once, and stands with how it ended.

use foldback_model::CallKey;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    audit::{audit, column},
    house::{House, graph, person},
    stage::eventually,
};

async fn of_no_call(house: &House) -> Value {
    let reply = house.ask(&person("Run"), Method::GET, "/foldback/v1/audit").send().await.unwrap();
    assert_eq!(reply.status(), 200);
    reply.json().await.unwrap()
}

/// Entries of one kind, as who, outcome and status.
fn told(page: &Value, kind: &str) -> Vec<Value> {
    let entries = page["entries"].as_array().unwrap().iter().filter(|it| it["kind"] == kind);
    entries.map(|it| json!([it["operator"]["id"], it["outcome"], it["status"]])).collect()
}

/// Has the journal refuse what a trigger names, as a disk would.
fn refuse(house: &House, what: &str) {
    let file = rusqlite::Connection::open(&house.files()[0]).unwrap();
    let trigger = format!(
        "CREATE TRIGGER refuse BEFORE {what} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    );
    file.execute_batch(&trigger).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_left_is_told_however_many_try() {
    let house = House::start().await;
    for round in 0..8 {
        let call = house.open(graph(&format!("round-{round}")), "ours").await;
        let path = format!("/foldback/v1/calls/{call}");
        let leave = async |who: &str| {
            let reply = house.ask(&person(who), Method::DELETE, &path).send().await.unwrap();
            (format!("{who}-1"), reply.status().as_u16())
        };
        let (a, b, c, d) = tokio::join!(leave("Mix"), leave("Run"), leave("Mix"), leave("Run"));
        let left: Vec<_> = [a, b, c, d].into_iter().filter(|it| it.1 == 204).collect();
        assert_eq!(left.len(), 1, "{left:?}");
        let page = audit(&house, &call, "").await;
        assert_eq!(told(&page, "leaveCall"), [json!([left[0].0, "completed", null])], "{round}");
    }
}

#[tokio::test]
async fn who_leaves_and_joins_stands_there_before_the_service_answers() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    house.glass.fault(call.strip_prefix("graph.").unwrap(), json!("hang")).await;
    let path = format!("/foldback/v1/calls/{call}");
    let asked = house.ask(&person("Mix"), Method::DELETE, &path).send();
    let leaving = tokio::spawn(asked);
    eventually("the leaving is written down", || async {
        let page = audit(&house, &call, "?kind=leaveCall").await;
        (told(&page, "leaveCall") == [json!(["Mix-1", "pending", null])]).then_some(())
    })
    .await;
    assert!(!leaving.is_finished());
    house.glass.fault("/communications/calls", json!("hang")).await;
    let body = graph("other").to_string();
    let asked = house.ask(&person("Run"), Method::POST, "/foldback/v1/calls").body(body).send();
    let joining = tokio::spawn(asked);
    eventually("the joining is written down", || async {
        let page = of_no_call(&house).await;
        (told(&page, "openCall") == [json!(["Run-1", "pending", null])]).then_some(())
    })
    .await;
    assert!(!joining.is_finished());
    leaving.abort();
    joining.abort();
}

#[tokio::test]
async fn what_the_service_refuses_is_not_told_as_done() {
    let house = House::start().await;
    house.glass.fault("/communications/calls", json!({"status": 403})).await;
    let body = graph("ours").to_string();
    let asked = house.ask(&person("Run"), Method::POST, "/foldback/v1/calls").body(body);
    assert_eq!(asked.send().await.unwrap().status(), 403);
    assert_eq!(told(&of_no_call(&house).await, "openCall"), [json!(["Run-1", "failed", 403])]);
    // Once it is a call's, it stands there alone.
    let call = house.open(graph("ours"), "ours").await;
    assert_eq!(told(&of_no_call(&house).await, "openCall").len(), 1);
    house.glass.fault(call.strip_prefix("graph.").unwrap(), json!({"status": 403})).await;
    let path = format!("/foldback/v1/calls/{call}");
    for status in [403, 204] {
        let reply = house.ask(&person("Mix"), Method::DELETE, &path).send().await.unwrap();
        assert_eq!(reply.status(), status);
    }
    let page = audit(&house, &call, "").await;
    assert_eq!(column(&page, "kind"), ["openCall", "leaveCall", "leaveCall"]);
    assert_eq!(column(&page, "outcome"), ["completed", "failed", "completed"]);
}

#[tokio::test]
async fn what_the_journal_refuses_is_not_told_as_done() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    refuse(&house, "UPDATE ON calls");
    let path = format!("/foldback/v1/calls/{call}/access");
    let body = json!({"openTo": "viewer"}).to_string();
    let reply = house.ask(&person("Run"), Method::PUT, &path).body(body).send().await.unwrap();
    assert_eq!(reply.status(), 503);
    let page = audit(&house, &call, "").await;
    assert_eq!(told(&page, "setCallAccess"), [json!(["Run-1", "failed", 503])]);

    let house = House::start().await;
    refuse(&house, "INSERT ON sessions");
    *house.provider.person.lock().unwrap() = person("Mix");
    assert_eq!(house.browser().sign_in("").await.status(), 503);
    assert_eq!(told(&of_no_call(&house).await, "signIn"), [json!(["Mix-1", "failed", 503])]);

    let house = House::start().await;
    refuse(&house, "INSERT ON revocations");
    let body = json!({"operator": "Mix-1"}).to_string();
    let revoke = house.ask(&person("Run"), Method::POST, "/foldback/v1/revocations").body(body);
    assert_eq!(revoke.send().await.unwrap().status(), 503);
    assert_eq!(told(&of_no_call(&house).await, "revoke"), [json!(["Run-1", "failed", 503])]);
}

#[tokio::test]
async fn a_refusal_that_could_not_be_written_down_is_written_down_the_next_time() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Nobody");
    refuse(&house, "INSERT ON deeds");
    assert_eq!(house.browser().sign_in("").await.status(), 503);
    let file = rusqlite::Connection::open(&house.files()[0]).unwrap();
    file.execute_batch("DROP TRIGGER refuse").unwrap();
    for _ in 0..2 {
        assert_eq!(house.browser().sign_in("").await.status(), 403);
    }
    assert_eq!(told(&of_no_call(&house).await, "signIn"), [json!(["Nobody-1", "failed", 403])]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_is_signed_out_once() {
    let house = House::start().await;
    let browser = house.signed_in(&person("Mix")).await;
    let out = || browser.ask(Method::DELETE, "/foldback/v1/session").send();
    let replies = join_all((0..6).map(|_| out())).await;
    assert!(replies.iter().any(|reply| reply.as_ref().unwrap().status().is_success()));
    let page = of_no_call(&house).await;
    assert_eq!(told(&page, "signOut"), [json!(["Mix-1", "completed", null])]);
}

#[tokio::test]
async fn a_sign_in_goes_on_when_the_browser_has_left() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Mix");
    let mut browser = house.browser();
    let back = browser.begin("").await;
    // Nothing can be written while another writes.
    let file = rusqlite::Connection::open(&house.files()[0]).unwrap();
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    let coming = tokio::spawn(async move { browser.go(back.as_str(), true).await.status() });
    eventually("the code is redeemed", || async {
        (house.provider.asked_for_tokens() == 1).then_some(())
    })
    .await;
    let metrics = &house.server.app.metrics;
    let before = metrics.connections.get();
    coming.abort();
    eventually("the browser has left", || async {
        (metrics.connections.get() < before).then_some(())
    })
    .await;
    file.execute_batch("COMMIT").unwrap();
    eventually("somebody is signed in", || async {
        (house.server.app.sessions.signed_in().len() == 1).then_some(())
    })
    .await;
    let page = eventually("it has an end", || async {
        let page = of_no_call(&house).await;
        (!told(&page, "signIn").contains(&json!(["Mix-1", "pending", null]))).then_some(page)
    })
    .await;
    assert_eq!(told(&page, "signIn"), [json!(["Mix-1", "completed", null])]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_may_see_a_call_is_the_same_in_the_journal() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let key = CallKey::parse(&call).unwrap();
    let path = format!("/foldback/v1/calls/{call}/access");
    for round in 0..25 {
        // Somebody else's each, so that nobody's requests are too many.
        let replies = join_all((0..16).map(|number| {
            let mut run = person("Run");
            run["sub"] = format!("Run-{round}-{number}").into();
            let body = json!({"people": [format!("person-{round}-{number}")]}).to_string();
            house.ask(&run, Method::PUT, &path).body(body).send()
        }))
        .await;
        assert!(replies.iter().all(|reply| reply.as_ref().unwrap().status() == 200), "{round}");
        let app = &house.server.app;
        let stored = app.journal.calls().await.unwrap();
        let stored = stored.into_iter().find(|it| it.key == key).unwrap().access;
        let open = app.calls.get(&key).unwrap().access();
        assert_eq!(stored, Some(open.clone()), "{round}");
        let page = audit(&house, &call, "?kind=setCallAccess&order=newest&limit=1").await;
        assert_eq!(page["entries"][0]["detail"]["access"], json!(open), "{round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_was_left_stays_over() {
    let house = House::start().await;
    for round in 0..12 {
        let call = house.open(graph(&format!("round-{round}")), "ours").await;
        let path = format!("/foldback/v1/calls/{call}");
        let puts = join_all((0..8).map(|number| {
            let body = json!({"people": [format!("person-{number}")]}).to_string();
            house.ask(&person("Run"), Method::PUT, &format!("{path}/access")).body(body).send()
        }));
        let leave = house.ask(&person("Run"), Method::DELETE, &path).send();
        let (_, left) = tokio::join!(puts, leave);
        assert_eq!(left.unwrap().status(), 204);
        eventually("the end is remembered", || async {
            let stored = house.server.app.journal.calls().await.unwrap();
            stored.iter().find(|it| it.key.to_string() == call)?.ended.then_some(())
        })
        .await;
    }
}
