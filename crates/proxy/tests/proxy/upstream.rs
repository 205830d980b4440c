//! A service that throttles, fails, hangs or breaks off.

use foldback_model::{Event, OperationState, Outcome};
use foldback_proxy::reconcile;
use serde_json::{Value, json};

use crate::stage::{Stage, level};

async fn last(operator: &crate::stage::Operator) -> OperationState {
    operator.snapshot().await.operations.iter().next_back().unwrap().state.clone()
}

#[tokio::test]
async fn refusals_are_passed_on_with_their_advice() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    for (status, retry) in [(429, Some(17)), (503, Some(13)), (503, None), (500, None), (403, None)]
    {
        let mut fault = json!({"status": status});
        if let Some(seconds) = retry {
            fault["retry_after"] = json!(seconds);
        }
        house.service.fault("/mute", fault).await;
        let sent = house.service.requests("POST", "/mute").await.len();
        let reply = operator.mute(&people[0], "refused").await;
        assert_eq!(reply.status().as_u16(), status);
        let advice = reply.headers().get("retry-after").map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(advice, retry.map(|seconds: u64| seconds.to_string()));
        let error: Value = reply.json().await.unwrap();
        assert!(error["error"]["code"].is_string(), "{error}");
        assert!(error["error"].get("innerError").is_none(), "rebuilt, not passed through");
        match last(&operator).await {
            OperationState::Finished(Outcome::Failed { status: told, retry: wait, .. }) => {
                assert_eq!((told, wait), (status, retry.map(|s| s * 1_000)));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(house.service.requests("POST", "/mute").await.len(), sent + 1, "sent once");
    }
    assert!(!operator.snapshot().await.roster.get(&people[0]).unwrap().muted);
    assert_eq!(operator.mute(&people[0], "then it works").await.status(), 200);
}

#[tokio::test]
async fn nobody_knows_what_became_of_a_broken_off_request() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    for (fault, status) in [("hang", 504), ("reset", 502)] {
        house.service.fault("/mute", json!(fault)).await;
        let sent = house.service.requests("POST", "/mute").await.len();
        let reply = operator.mute(&people[0], fault).await;
        assert_eq!(reply.status().as_u16(), status, "{fault}");
        let error: Value = reply.json().await.unwrap();
        assert!(
            error["error"]["message"].as_str().unwrap().contains("may have been applied"),
            "{error}"
        );
        assert_eq!(
            last(&operator).await,
            OperationState::Finished(Outcome::Unconfirmed),
            "{fault}"
        );
        assert_eq!(house.service.requests("POST", "/mute").await.len(), sent + 1, "sent once");
    }
}

#[tokio::test]
async fn a_late_notification_still_settles_an_unknown_mix() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    house.service.fault("configureMixer", json!("hang")).await;
    let body = level(&people[0], &people[1], 15, "unknown");
    let reply = operator.command("participants/configureMixer", &body).send().await.unwrap();
    assert_eq!(reply.status(), 504);
    let unknown = operator.snapshot().await;
    assert_eq!(unknown.desk.heard(&people[0]).level(&people[1]), 100, "not believed yet");
    let mut stream = operator.stream(unknown.sequence).await;
    let done = json!({"value": [{"changeType": "deleted",
        "resourceUrl": format!("/communications/calls/{}/operations/late-1", operator.call),
        "resourceData": {"clientContext": "unknown", "status": "completed"}}]});
    let callback = house.callback().await;
    let taken = house.notify(&callback, done.to_string()).await;
    assert_eq!(taken.status(), 202);
    let facts =
        stream.facts_until(|fact| matches!(fact.event, Event::OperationFinished { .. })).await;
    assert!(facts.iter().any(|fact| matches!(fact.event, Event::MixChanged(_))), "{facts:?}");
    let state = operator.snapshot().await;
    assert_eq!(state.desk.heard(&people[0]).level(&people[1]), 15);
    assert_eq!(last(&operator).await, OperationState::Finished(Outcome::Completed));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    house.service.fault("/mute", json!({"status": 401})).await;
    assert_eq!(operator.mute(&people[0], "renewed").await.status(), 200);
    assert_eq!(house.service.requests("POST", "/mute").await.len(), 2);
    // Refused again: the browser is not told to sign in, for that would not help.
    house.service.fault("/mute", json!({"status": 401})).await;
    house.service.fault("/mute", json!({"status": 401})).await;
    assert_eq!(operator.mute(&people[1], "refused").await.status(), 502);
    assert_eq!(house.service.requests("POST", "/mute").await.len(), 4);
}

#[tokio::test]
async fn no_answer_shows_a_secret() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let secret = house.demo.service.client_secret().to_owned();
    let hidden = house.callback().await.rsplit('/').next().unwrap().to_owned();
    let people = operator.open_microphones().await;
    house.service.fault("/mute", json!("reset")).await;
    let mut texts = vec![operator.mute(&people[0], "x").await.text().await.unwrap()];
    for path in [
        "/config.json".to_owned(),
        "/foldback/v1/calls".to_owned(),
        "/foldback/v1/session".to_owned(),
        format!("/foldback/v1/calls/graph.{}", operator.call),
        format!("/v1.0/communications/calls/{}", operator.call),
    ] {
        texts.push(operator.get(&path).await.text().await.unwrap());
    }
    texts.push(house.demo.server.app.metrics.text().unwrap());
    texts.push(format!("{:?}", house.demo.server));
    let cookie = operator.cookie.split_once('=').unwrap().1;
    for text in &texts {
        for planted in [secret.as_str(), hidden.as_str(), cookie, "Bearer"] {
            assert!(!text.contains(planted), "{text}");
        }
    }
}

#[tokio::test]
async fn a_mute_is_sent_again_when_the_service_says_when() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    for (person, fault) in [
        (&people[0], json!({"status": 429, "retry_after": 1})),
        (&people[1], json!({"status": 503, "retry_after_date": 1})),
    ] {
        house.service.fault("/mute", fault).await;
        let before = house.service.requests("POST", "/mute").await.len();
        assert_eq!(operator.mute(person, "again").await.status(), 200);
        let sent = house.service.requests("POST", "/mute").await;
        let [first, second] = &sent[before..] else { panic!("{sent:?}") };
        assert_eq!(first["text"], second["text"]);
        let name = "client-request-id";
        assert_eq!(first["headers"][name], second["headers"][name]);
    }
    assert_eq!(operator.snapshot().await.operations.iter().count(), 2, "one operation each");
}

#[tokio::test]
async fn a_mix_is_not_sent_again_once_a_newer_one_waits() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let mix = |value, context: &str| {
        let body = level(&people[0], &people[1], value, context);
        let request = operator.command("participants/configureMixer", &body);
        tokio::spawn(async move { request.send().await.unwrap() })
    };
    let sent = async || house.service.requests("POST", "/configureMixer").await;
    house.service.fault("configureMixer", json!({"status": 429, "retry_after": 9})).await;
    let older = mix(10, "older");
    crate::stage::eventually("it is refused", || async { (sent().await.len() == 1).then_some(()) })
        .await;
    let newer = mix(20, "newer");
    // Told at once what it waited for, with the advice it came with.
    let older = older.await.unwrap();
    assert_eq!(
        (older.status().as_u16(), &older.headers()["retry-after"]),
        (429, &"9".parse().unwrap())
    );
    assert!(newer.await.unwrap().status().is_success());
    let texts: Vec<_> = sent().await.iter().map(|it| it["body"]["clientContext"].clone()).collect();
    assert_eq!(texts, ["older", "newer"]);
    let state = operator.snapshot().await;
    assert_eq!(state.desk.heard(&people[0]).level(&people[1]), 20);
    // Without one it is sent again.
    house.service.fault("configureMixer", json!({"status": 429, "retry_after": 1})).await;
    assert!(mix(30, "alone").await.unwrap().status().is_success());
    assert_eq!(sent().await.len(), 4);
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    for _ in 0..5 {
        house.service.fault("/mute", json!({"status": 500})).await;
        assert_eq!(operator.mute(&people[0], "fails").await.status(), 500);
    }
    let mut paused = house.demo.server.app.paused(foldback_model::CallKind::Graph).unwrap();
    assert!(*paused.borrow_and_update());
    let before = house.service.requests("POST", "/mute").await.len();
    let reply = operator.mute(&people[0], "paused").await;
    assert_eq!(reply.status(), 503);
    let wait: u64 = reply.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    let error: Value = reply.json().await.unwrap();
    assert_eq!(error["error"]["code"], "servicePaused");
    assert!(error["error"]["message"].as_str().unwrap().contains("nothing was sent"), "{error}");
    assert_eq!(house.service.requests("POST", "/mute").await.len(), before);
    assert!(matches!(
        last(&operator).await,
        OperationState::Finished(Outcome::Failed { status: 503, .. })
    ));
    // The other service is not this one's business.
    assert!(house.demo.server.app.acs().is_ok());
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(30)).await;
    tokio::time::resume();
    crate::stage::eventually("one sees that it is well again", || async {
        (operator.mute(&people[0], "well").await.status() == 200).then_some(())
    })
    .await;
    assert!(!*paused.borrow_and_update());
}

#[tokio::test]
async fn what_is_accepted_and_never_confirmed_is_looked_up() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let (app, call) = (&house.demo.server.app, &house.demo.call);
    for value in [15, 25] {
        house.service.disturb("lose").await;
        let body = level(&people[0], &people[1], value, "accepted");
        let reply = operator.command("participants/configureMixer", &body).send().await.unwrap();
        assert_eq!(reply.status(), 202);
        assert_eq!(last(&operator).await, OperationState::Accepted);
        // Young enough to be waited for: it is not asked for. The roster may be, at any time.
        let asked = async || {
            let all = house.service.requests("GET", "").await;
            all.iter().filter(|it| it["path"].as_str().unwrap().contains("/operations")).count()
        };
        let before = asked().await;
        reconcile::settle(app, call, reconcile::older_than(std::time::Duration::from_mins(1)))
            .await;
        assert_eq!(asked().await, before);
        if value == 25 {
            // The service knows nothing of it any more.
            house.service.fault("/operations/", json!({"status": 404})).await;
        }
        let expected = if value == 15 { Outcome::Completed } else { Outcome::Unconfirmed };
        crate::stage::eventually("it has an end", || async {
            reconcile::settle(app, call, |_| true).await;
            (last(&operator).await == OperationState::Finished(expected.clone())).then_some(())
        })
        .await;
        let state = operator.snapshot().await;
        assert_eq!(state.desk.heard(&people[0]).level(&people[1]), value, "it was accepted");
    }
    assert_eq!(house.service.requests("POST", "/configureMixer").await.len(), 2);
}

#[tokio::test]
async fn a_call_is_kept_alive_while_it_is_open() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_mins(15)).await;
    tokio::time::resume();
    crate::stage::eventually("the service hears of it", || async {
        let path = format!("{}/keepAlive", operator.call);
        (!house.service.requests("POST", &path).await.is_empty()).then_some(())
    })
    .await;
}
