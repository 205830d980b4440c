//! Streams and the sessions they belong to.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use foldback_model::{CallKey, Sequence};
use foldback_proxy::stream;
use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    house::{Browser, House, graph, person},
    stage::{PATIENCE, eventually},
};

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
    let stream = stream::open(&app, Arc::clone(&call), Arc::clone(&session), Sequence(0)).unwrap();
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

#[tokio::test]
async fn per_session_cap() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let (one, two) =
        (house.signed_in(&person("Look")).await, house.signed_in(&person("Look")).await);
    let path = format!("/foldback/v1/calls/{call}/events");
    let open = async |browser: &Browser| {
        let mut stream = browser.get(&path).await;
        assert_eq!(stream.status(), 200);
        assert!(stream.chunk().await.unwrap().is_some());
        stream
    };
    let mut streams = VecDeque::new();
    for _ in 0..4 {
        streams.push_back(open(&one).await);
    }
    let mut other = open(&two).await;
    for _ in 0..2 {
        streams.push_back(open(&one).await);
        // The oldest is told why it ends.
        let mut oldest = streams.pop_front().unwrap();
        let mut told = Vec::new();
        while let Some(chunk) = oldest.chunk().await.unwrap() {
            told.extend_from_slice(&chunk);
        }
        let told = String::from_utf8(told).unwrap();
        let end = "event: end\ndata: {\"reason\":\"tooManyStreams\",\"most\":4}\n\n";
        assert!(told.ends_with(end), "{told}");
    }
    assert_eq!(house.server.app.metrics.streams.get(), 5);
    let text = house.server.app.metrics.text().unwrap();
    assert!(text.contains("foldback_limited_total{kind=\"crowdedOut\"} 2"), "{text}");
    // People with tokens have one share, however many tokens they have.
    let mut by_token = Vec::new();
    for _ in 0..5 {
        let mut stream = house.ask(&person("Mix"), Method::GET, &path).send().await.unwrap();
        assert!(stream.chunk().await.unwrap().is_some());
        by_token.push(stream);
    }
    ends(&mut by_token[0], Instant::now()).await;
    // The other session's goes on.
    assert!(other.chunk().await.unwrap().is_some());
}

#[tokio::test]
async fn total_cap() {
    let house = House::limited("", |limits| limits.streams = 2).await;
    let call = house.open(graph("ours"), "ours").await;
    let path = format!("/foldback/v1/calls/{call}/events");
    let (one, two) =
        (house.signed_in(&person("Look")).await, house.signed_in(&person("Mute")).await);
    let first = one.get(&path).await;
    let _second = two.get(&path).await;
    let reply = two.get(&path).await;
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["retry-after"]),
        (503, &"10".parse().unwrap())
    );
    let problem: Value = reply.json().await.unwrap();
    assert_eq!(problem["type"], "urn:foldback:problem:tooManyStreams");
    assert!(problem["detail"].as_str().unwrap().contains("2 streams"));
    // Everything else goes on, and a place that is given back is taken again.
    assert_eq!(two.get("/foldback/v1/calls").await.status(), 200);
    drop(first);
    eventually("a place is free", || async {
        let reply = two.get(&path).await;
        (reply.status() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn slow_reader() {
    let house = House::limited("", |limits| limits.times.write = Duration::from_millis(300)).await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Look")).await;
    let path = format!("/foldback/v1/calls/{call}/events");
    let mut quick = browser.get(&path).await;
    let slow = browser.get(&path).await;
    let streams = || house.server.app.metrics.streams.get();
    assert_eq!(streams(), 2);
    let open = house.server.app.calls.get(&CallKey::parse(&call).unwrap()).unwrap();
    let read = tokio::spawn(async move {
        let mut bytes = 0;
        while let Some(chunk) = quick.chunk().await.unwrap() {
            bytes += chunk.len();
        }
        bytes
    });
    // Far more than the buffers on the way hold, until the reader that takes nothing is gone.
    let talk = |turn: u32| foldback_model::live::Talk {
        id: foldback_model::ParticipantId::parse(&format!("p{}", "x".repeat(100))).unwrap(),
        active: true,
        level: u8::try_from(turn % 100 + 1).unwrap(),
    };
    let since = Instant::now();
    let mut turn = 0;
    while streams() > 1 {
        assert!(since.elapsed() < PATIENCE, "it stays");
        for _ in 0..50 {
            turn += 1;
            open.talk(vec![talk(turn); 1]);
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(streams(), 1, "whoever reads goes on");
    drop(slow);
    house.server.stop().await.unwrap();
    assert!(read.await.unwrap() > 10_000, "whoever reads was not kept waiting");
}
