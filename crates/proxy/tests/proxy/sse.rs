//! Streams and the sessions they belong to.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use foldback_model::{CallKey, Sequence};
use foldback_proxy::stream;
use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::house::{House, graph, person};

/// Reads a stream to its end and tells how long that took.
async fn ends(stream: &mut Response, since: Instant) -> Duration {
    while stream.chunk().await.unwrap().is_some() {}
    since.elapsed()
}

#[tokio::test]
async fn an_open_stream_is_use_until_the_session_is_over() {
    let house = House::with("idle_minutes = 1\nsession_hours = 1").await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Look")).await;
    let app = Arc::clone(&house.server.app);
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("cookie", browser.session().unwrap().parse().unwrap());
    let session = app.sessions.find(&headers).unwrap();
    let call = app.calls.get(&CallKey::parse(&call).unwrap()).unwrap();
    let stream = stream::open(&app, Arc::clone(&call), Arc::clone(&session), Sequence(0));
    let mut frames = stream.into_body().into_data_stream();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let minutes = || began.elapsed().as_secs() / 60;
    while minutes() < 55 {
        assert!(frames.next().await.unwrap().is_ok());
        assert_eq!(app.sessions.signed_in().len(), 1, "after {} minutes", minutes());
    }
    while frames.next().await.is_some() {}
    assert!((59..=60).contains(&minutes()), "{}", minutes());
    assert!(app.sessions.signed_in().is_empty());
}

#[tokio::test]
async fn revoked() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let path = format!("/foldback/v1/calls/{call}/events");
    let (one, two) =
        (house.signed_in(&person("Mute")).await, house.signed_in(&person("Mute")).await);
    let other = house.signed_in(&person("Mix")).await;
    let admin = house.signed_in(&person("Run")).await;
    let token = house.provider.bearer(&person("Mute"));
    let by_token = || house.glass.http.get(format!("{}{path}", house.base)).bearer_auth(&token);
    let mut streams =
        [one.get(&path).await, two.get(&path).await, by_token().send().await.unwrap()];
    let mut kept = other.get(&path).await;
    for stream in streams.iter_mut().chain([&mut kept]) {
        assert_eq!(stream.status(), 200);
        assert!(stream.chunk().await.unwrap().is_some());
    }
    let people: Value = admin.get("/foldback/v1/people").await.json().await.unwrap();
    let people = people["people"].as_array().unwrap();
    let muter = people.iter().find(|it| it["operator"]["id"] == "Mute-1").unwrap();
    assert_eq!(
        (people.len(), &muter["sessions"], &muter["role"]),
        (3, &json!(2), &json!("moderator"))
    );

    let revoke = |body: Value| {
        admin.ask(Method::POST, "/foldback/v1/revocations").body(body.to_string()).send()
    };
    for wrong in [json!({}), json!({"operator": ""}), json!({"operator": "x", "y": 1}), json!("x")]
    {
        assert_eq!(revoke(wrong.clone()).await.unwrap().status(), 400, "{wrong}");
    }
    let since = Instant::now();
    let reply = revoke(json!({"operator": "Mute-1"})).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.json::<Value>().await.unwrap(), json!({"ended": 2}));
    for stream in &mut streams {
        assert!(ends(stream, since).await < Duration::from_secs(5));
    }
    for browser in [&one, &two] {
        assert_eq!(browser.get(&path).await.status(), 401);
    }
    let reply = by_token().send().await.unwrap();
    assert_eq!(reply.status(), 401);
    assert!(reply.text().await.unwrap().contains("administrator"));
    // Others go on, and whoever the issuer still lets in comes back under a new session.
    assert_eq!(other.get("/foldback/v1/session").await.status(), 200);
    let again = house.signed_in(&person("Mute")).await;
    assert_eq!(again.get(&path).await.status(), 200);
    // What was ended is ended after a restart too.
    let house = house.again().await;
    let by_token = house.glass.http.get(format!("{}{path}", house.base)).bearer_auth(&token);
    assert_eq!(by_token.send().await.unwrap().status(), 401);
    assert_eq!(one.get(&path).await.status(), 401);
    assert_eq!(again.get(&path).await.status(), 200);
}
