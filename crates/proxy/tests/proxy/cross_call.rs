//! Calls that are open to some: nobody else learns what happens there, by no path and at no time.

use foldback_proxy::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    house::{House, graph, person},
    stage::eventually,
};

const CALLS: &str = "/foldback/v1/calls";

async fn listed(house: &House, who: &Value) -> Vec<String> {
    let reply = house.ask(who, Method::GET, CALLS).send().await.unwrap();
    let body: Value = reply.json().await.unwrap();
    let calls = body["calls"].as_array().unwrap();
    calls.iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect()
}

async fn set(house: &House, call: &str, access: Value) -> u16 {
    let path = format!("{CALLS}/{call}/access");
    let ask = house.ask(&person("Run"), Method::PUT, &path).body(access.to_string());
    ask.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn routes() {
    let house = House::start().await;
    let ours = house.open(graph("ours"), "ours").await;
    let theirs = house.open(json!({"acs": {"roomId": "theirs"}}), "theirs").await;
    let producer = person("Mix");
    assert_eq!(listed(&house, &producer).await, std::slice::from_ref(&ours));
    assert_eq!(listed(&house, &person("Run")).await.len(), 2, "administrators see all");
    let status = async |who: &Value, method: Method, path: String| {
        house.ask(who, method, &path).body("{}").send().await.unwrap().status().as_u16()
    };
    let before = house.reached().await;
    let id = theirs.strip_prefix("acs.").unwrap();
    for (method, path) in [
        (Method::GET, format!("{CALLS}/{theirs}")),
        (Method::DELETE, format!("{CALLS}/{theirs}")),
        (Method::GET, format!("{CALLS}/{theirs}/events")),
        (Method::GET, format!("{CALLS}/{}/events", theirs.to_uppercase().replace("ACS.", "acs."))),
        (Method::GET, format!("/calling/callConnections/{id}")),
        (Method::POST, format!("/calling/callConnections/{id}/participants:mute")),
    ] {
        assert_eq!(status(&producer, method.clone(), path.clone()).await, 403, "{method} {path}");
    }
    assert_eq!(house.reached().await, before);
    // Entering a call again that is open here opens it to nobody else.
    let enter = json!({"acs": {"roomId": "theirs"}, "access": {"openTo": "viewer"}});
    let reply = house.ask(&producer, Method::POST, CALLS).body(enter.to_string());
    let entered: Value = reply.send().await.unwrap().json().await.unwrap();
    assert_ne!(entered["id"], theirs.as_str(), "{entered}");
    assert_eq!(status(&producer, Method::GET, format!("{CALLS}/{theirs}")).await, 403);

    // Each way to open a call, and what is no way.
    let (oid, path) = (json!("00000000-0000-0000-0000-00000000000a"), format!("{CALLS}/{theirs}"));
    let mut organizer = person("Look");
    organizer["oid"] = oid.clone();
    for (access, producer_may, organizer_may) in [
        (json!({"openTo": "producer"}), 200, 403),
        (json!({"openTo": "administrator"}), 403, 403),
        (json!({"openTo": "viewer"}), 200, 200),
        (json!({"people": ["Mix-1"]}), 200, 403),
        (json!({"people": [oid]}), 403, 200),
        (json!({"groups": ["theirs", "ours"]}), 200, 200),
        (json!({"groups": ["OURS"], "people": ["ours"]}), 403, 403),
        (json!({}), 403, 403),
    ] {
        assert_eq!(set(&house, &theirs, access.clone()).await, 200, "{access}");
        assert_eq!(status(&producer, Method::GET, path.clone()).await, producer_may, "{access}");
        assert_eq!(status(&organizer, Method::GET, path.clone()).await, organizer_may, "{access}");
    }
    for wrong in [
        json!({"openTo": "everybody"}),
        json!({"groups": "ours"}),
        json!({"people": [""]}),
        json!({"group": ["ours"]}),
        json!([]),
    ] {
        assert_eq!(set(&house, &theirs, wrong.clone()).await, 400, "{wrong}");
    }
    // It is still so after a restart.
    set(&house, &theirs, json!({"openTo": Role::Producer})).await;
    let house = house.again().await;
    let asked = house.ask(&producer, Method::GET, &path).send().await.unwrap();
    assert_eq!(asked.status(), 200);
    let asked = house.ask(&organizer, Method::GET, &path).send().await.unwrap();
    assert_eq!(asked.status(), 403);
}

#[tokio::test]
async fn who_is_refused_changes_nothing_of_the_call() {
    let house = House::start().await;
    let ours = house.open(graph("ours"), "nobody").await;
    let app = &house.server.app;
    let key = foldback_model::CallKey::parse(&ours).unwrap();
    let call = app.calls.get(&key).unwrap();
    let stored = async || {
        let calls = app.journal.calls().await.unwrap();
        calls.into_iter().find(|it| it.key == key).unwrap()
    };
    eventually("the service has told that it runs", || async {
        let folded = call.read();
        let state = folded.state.call.as_ref().map(|call| call.state);
        (state == Some(foldback_model::call::CallPhase::Established)).then_some(())
    })
    .await;
    let (before, head) = (stored().await, call.read().state.sequence);
    for _ in 0..3 {
        let asked = house.ask(&person("Mix"), Method::POST, CALLS).body(graph("ours").to_string());
        let reply = asked.send().await.unwrap();
        assert_eq!(reply.status(), 403);
        let problem: Value = reply.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("open to others"), "{problem}");
    }
    // Where notifications may come to is the service's to say.
    let after = foldback_proxy::journal::StoredCall { secret: before.secret, ..stored().await };
    assert_eq!((after, call.read().state.sequence), (before, head));
    // The audit says so where it says what is of no call, and nothing in the call's.
    let told = async |path: &str| {
        let reply = house.ask(&person("Run"), Method::GET, path).send().await.unwrap();
        let page: Value = reply.json().await.unwrap();
        let all = page["entries"].as_array().unwrap().clone();
        let opened = all.into_iter().filter(|it| it["kind"] == "openCall");
        let told = opened.map(|it| json!([it["operator"]["id"], it["outcome"], it["status"]]));
        told.collect::<Vec<_>>()
    };
    let refused = json!(["Mix-1", "failed", 403]);
    assert_eq!(told("/foldback/v1/audit").await, vec![refused; 3]);
    assert_eq!(told(&format!("{CALLS}/{ours}/audit")).await, [json!(["Run-1", "completed", null])]);
    // Notifications come where they came, and where the last one who was refused had them sent: the
    // service may have turned to that. Nothing is left of those between.
    let mut joins = house.glass.requests("POST", "/communications/calls").await;
    joins.retain(|it| it["body"]["chatInfo"]["threadId"] == "ours");
    let leads = |join: &Value| {
        let url = join["body"]["callbackUri"].as_str().unwrap();
        let secret = url.rsplit('/').next().unwrap();
        app.calls.slot(foldback_model::CallKind::Graph, secret).is_some()
    };
    assert_eq!(joins.iter().map(leads).collect::<Vec<_>>(), [true, false, false, true]);
    // The service has turned to the newest path, which is known after a restart too.
    drop(call);
    let house = house.again().await;
    let newcomer = house.glass.joins().await;
    eventually("it is told of who came", || async {
        let call = house.server.app.calls.get(&key).unwrap();
        let known = call.read().state.roster.get(&newcomer).is_some();
        known.then_some(())
    })
    .await;
}

#[tokio::test]
async fn of_two_who_join_at_once_the_first_says_who_may_see_it() {
    let house = House::start().await;
    // The first reading takes long.
    house.glass.fault("/participants", json!({"latency_ms": 1_000})).await;
    let join = |who: &str, access: Value| {
        let mut meeting = graph("ours");
        meeting["access"] = access;
        tokio::spawn(house.ask(&person(who), Method::POST, CALLS).body(meeting.to_string()).send())
    };
    let first = join("Run", json!({"people": ["Run-1"]}));
    eventually("the service was asked", || async {
        let joins = house.glass.requests("POST", "/communications/calls").await;
        (joins.len() == 1).then_some(())
    })
    .await;
    let second = join("Mix", json!({"openTo": "viewer"}));
    let first = first.await.unwrap().unwrap();
    assert_eq!(first.status(), 201);
    assert_eq!(second.await.unwrap().unwrap().status(), 403);
    let call: Value = first.json().await.unwrap();
    let path = format!("{CALLS}/{}", call["id"].as_str().unwrap());
    for (who, answer) in [("Look", 403), ("Mix", 403), ("Run", 200)] {
        let reply = house.ask(&person(who), Method::GET, &path).send().await.unwrap();
        assert_eq!(reply.status(), answer, "{who}");
    }
}

#[tokio::test]
async fn stream() {
    let house = House::start().await;
    let ours = house.open(graph("ours"), "ours").await;
    let path = format!("{CALLS}/{ours}/events");
    let browser = house.signed_in(&person("Look")).await;
    let mut by_cookie = browser.get(&path).await;
    let mut by_token = house.ask(&person("Mute"), Method::GET, &path).send().await.unwrap();
    let mut allowed = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    for stream in [&mut by_cookie, &mut by_token, &mut allowed] {
        assert_eq!(stream.status(), 200);
        assert!(stream.chunk().await.unwrap().is_some());
    }
    // Taken away while it is open: it ends, for those alone who may not any more.
    assert_eq!(set(&house, &ours, json!({"groups": ["theirs"]})).await, 200);
    for stream in [&mut by_cookie, &mut by_token] {
        while stream.chunk().await.unwrap().is_some() {}
    }
    assert_eq!(browser.get(&path).await.status(), 403);
    assert_eq!(set(&house, &ours, json!({"groups": ["ours"]})).await, 200);
    assert_eq!(browser.get(&path).await.status(), 200);
    let person =
        house.server.app.calls.all()[0].read().state.roster.iter().next().unwrap().id.clone();
    house.glass.person(json!({"mute": person})).await;
    loop {
        let chunk = allowed.chunk().await.unwrap().expect("the administrator's goes on");
        if String::from_utf8_lossy(&chunk).contains(person.as_str()) {
            break;
        }
    }
}

#[tokio::test]
async fn replay() {
    let house = House::start().await;
    let ours = house.open(graph("ours"), "ours").await;
    let theirs = house.open(graph("theirs"), "theirs").await;
    let viewer = person("Look");
    for cursor in ["?after=0", "?after=1", "?after=18446744073709551615", "", "?after=x"] {
        for last in [None, Some("1"), Some("0")] {
            let path = format!("{CALLS}/{theirs}/events{cursor}");
            let mut ask = house.ask(&viewer, Method::GET, &path);
            if let Some(last) = last {
                ask = ask.header("last-event-id", last);
            }
            let reply = ask.send().await.unwrap();
            assert_eq!(reply.status(), 403, "{path} {last:?}");
            let body = reply.text().await.unwrap();
            assert!(!body.contains("event:") && body.contains("callNotOpenToYou"), "{body}");
        }
    }
    // A cursor is one of its call: another's facts do not come with it.
    let head = house.server.app.calls.all().iter().map(|call| call.read().state.sequence).max();
    let path = format!("{CALLS}/{ours}/events?after=0");
    let mut stream = house.ask(&viewer, Method::GET, &path).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("event: fact") {
        text.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    let other = theirs.strip_prefix("graph.").unwrap();
    assert!(!text.contains(other) && head.is_some(), "{text}");
}
