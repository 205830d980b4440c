//! A proxy that is told to end while many look on: their streams end one after another, and each goes on
//! where it was at the one that follows.

use std::time::{Duration, Instant};

use foldback_model::{CallState, Sequence};
use foldback_proxy::app::Limits;
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    kill::Rig,
    stage::{Operator, Sent, Stage, Stream, eventually, fold},
};

const READERS: usize = 50;

/// Streams from the beginning, each read to the end of what there is.
async fn readers(operator: &Operator) -> Vec<(Stream, CallState)> {
    let head = operator.snapshot().await.sequence;
    join_all((0..READERS).map(async |_| {
        let mut stream = operator.stream(Sequence(0)).await;
        let facts = stream.facts_to(head).await;
        (stream, fold(CallState::default(), &facts))
    }))
    .await
}

/// Reads to the end of a stream: what was folded, and when it ended.
async fn ended(mut stream: Stream, mut seen: CallState) -> (CallState, Instant) {
    while let Some(event) = stream.next().await {
        if let Sent::Fact(fact) = event {
            seen = fold(seen, &[fact]);
        }
    }
    (seen, Instant::now())
}

#[tokio::test]
async fn streams_end_one_after_another_and_go_on_where_they_were() {
    // 20 ms for each.
    let spread = Duration::from_secs(1);
    let limits = "streams_per_session = 60\nstreams_end_within_ms = 2000";
    let rig = Rig::limited(limits, "").await;
    let (mut process, operator) = rig.first().await;
    let people = operator.open_microphones().await;
    assert_eq!(operator.mute(&people[0], "before").await.status(), 200);
    let all = readers(&operator).await;
    rig.glass.fault("/mute", json!({"latency_ms": 500})).await;
    let asking = {
        let (operator, person) = (operator.clone(), people[1].clone());
        tokio::spawn(async move { operator.mute(&person, "meanwhile").await.status() })
    };
    eventually("the service has it", || async {
        (rig.glass.requests("POST", "/mute").await.len() == 2).then_some(())
    })
    .await;
    let before = operator.snapshot().await.sequence;
    process.signal("TERM").await;
    let reading =
        all.into_iter().map(|(stream, seen)| tokio::spawn(ended(stream, seen))).collect::<Vec<_>>();
    // Streams end, and nothing else yet: whoever still looks on can act, and finds no other stream.
    let path = format!("/foldback/v1/calls/graph.{}/events", operator.call);
    let refused = eventually("no stream is opened", || async {
        let reply = operator.ask(reqwest::Method::GET, &path).send().await.unwrap();
        (reply.status() == 503).then_some(reply)
    })
    .await;
    assert!(refused.headers().contains_key("retry-after"));
    for (path, status) in [("/readyz", 503), ("/healthz", 200)] {
        let reply = operator.ask(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(reply.status(), status, "{path}");
    }
    assert_eq!(operator.mute(&people[3], "still here").await.status(), 200);
    assert_eq!(asking.await.unwrap(), 200, "what is under way is answered");
    eventually("nobody new is let in", || async {
        let asked = operator.ask(reqwest::Method::GET, "/healthz").send().await;
        asked.is_err().then_some(())
    })
    .await;
    let (mut states, mut ends) = (Vec::new(), Vec::new());
    for one in reading {
        let (seen, at) = one.await.unwrap();
        states.push(seen);
        ends.push(at);
    }
    assert!(process.ended().await.success());
    ends.sort_unstable();
    let within = ends[READERS - 1].duration_since(ends[0]);
    assert!(within > spread / 3, "all ended within {within:?}: {ends:?}");
    let together =
        ends.windows(READERS / 2).map(|some| some[READERS / 2 - 1].duration_since(some[0])).min();
    assert!(together.unwrap() > spread / 20, "half of them ended together: {ends:?}");
    // What was made durable while they ended was still told to those that were open.
    assert!(states.iter().any(|seen| seen.sequence > before), "none heard of what was under way");

    let (_process, operator) = rig.again(&process).await;
    assert_eq!(operator.mute(&people[2], "after").await.status(), 200);
    let now = eventually("everybody is shown muted", || async {
        let now = operator.snapshot().await;
        let shown = people[..3].iter().all(|person| now.roster.get(person).unwrap().muted);
        (shown && now.operations.iter().all(|operation| !operation.is_open())).then_some(now)
    })
    .await;
    let later = join_all(states.into_iter().map(async |seen| {
        let missed = operator.missed(&seen, &now).await;
        // Neither a gap nor a fact twice.
        fold(seen, &missed)
    }))
    .await;
    assert!(later.iter().all(|state| *state == now));
}

#[tokio::test]
async fn told_a_second_time_it_ends_at_once() {
    let rig = Rig::limited("", "").await;
    let (mut process, operator) = rig.first().await;
    let person = operator.open_microphones().await.remove(0);
    // The service takes longer than anybody wants to wait.
    rig.glass.fault("/mute", json!("hang")).await;
    let asking = tokio::spawn(async move { operator.mute(&person, "for long").await.status() });
    eventually("the service has it", || async {
        (rig.glass.requests("POST", "/mute").await.len() == 1).then_some(())
    })
    .await;
    process.signal("TERM").await;
    let told = Instant::now();
    process.signal("TERM").await;
    assert!(process.ended().await.success());
    assert!(told.elapsed() < Duration::from_secs(6), "{:?}", told.elapsed());
    asking.abort();
}

#[tokio::test]
async fn the_end_of_a_rehearsal_waits_for_nobody() {
    let stream_spread = Duration::from_secs(12);
    let limits = Limits { streams_per_session: READERS, stream_spread, ..Limits::default() };
    let stage = Stage::limited(limits).await;
    let operator = stage.operator().await;
    let all = readers(&operator).await;
    let told = Instant::now();
    let reading = tokio::spawn(join_all(all.into_iter().map(|(stream, seen)| ended(stream, seen))));
    stage.demo.stop().await.unwrap();
    reading.await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(6), "{:?}", told.elapsed());
}

#[tokio::test]
async fn no_stream_is_opened_while_they_end() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    let call = &stage.demo.call;
    let app = &stage.demo.server.app;
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("cookie", operator.cookie.parse().unwrap());
    let session = app.sessions.find(&headers).unwrap();
    app.ending.begin(0, Duration::ZERO);
    let opened =
        foldback_proxy::stream::open(app, std::sync::Arc::clone(call), session, Sequence(0));
    let refused = opened.unwrap_err();
    assert_eq!((refused.status.as_u16(), refused.retry_after.is_some()), (503, true));
    assert_eq!(app.metrics.streams.get(), 0);
}
