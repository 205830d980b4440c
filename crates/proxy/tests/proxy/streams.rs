//! The stream: nothing lost, nothing doubled, the same for everybody.

use std::sync::Arc;

use foldback_model::{CallState, Live, Sequence};
use foldback_proxy::app::Limits;
use serde_json::json;

use crate::stage::{Sent, Stage, fold, shows_muted};

#[tokio::test]
async fn a_large_snapshot_travels_packed_to_who_takes_that() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let path = format!("/foldback/v1/calls/graph.{}", operator.call);
    let asked = operator.ask(reqwest::Method::GET, &path);
    let reply = asked.header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(reply.headers()["content-encoding"], "gzip");
    assert_eq!(reply.headers()["vary"], "accept-encoding");
    let packed = reply.bytes().await.unwrap();
    let read = flate2::read::GzDecoder::new(&packed[..]);
    let state: CallState = serde_json::from_reader(read).unwrap();
    let plain = operator.get(&path).await;
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await.unwrap();
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    assert_eq!(state.roster, serde_json::from_slice::<CallState>(&plain).unwrap().roster);
}

#[tokio::test]
async fn a_snapshot_is_written_once_until_the_next_fact() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let call = &house.demo.call;
    let (one, two) = (call.snapshot().unwrap(), call.snapshot().unwrap());
    assert!(Arc::ptr_eq(&one, &two));
    let before = operator.snapshot().await;
    let event = foldback_model::Event::ParticipantsLeft {
        ids: vec![before.roster.iter().next().unwrap().id.clone()],
        reason: None,
    };
    call.append_one(foldback_model::By::Service, event).await.unwrap();
    assert!(!Arc::ptr_eq(&one, &call.snapshot().unwrap()));
    let after = operator.snapshot().await;
    assert_eq!((after.sequence.0, &after), (before.sequence.0 + 1, &call.read().state));
}

#[tokio::test]
async fn two_streams_see_the_same() {
    let house = Stage::start().await;
    let (one, two) = (house.operator().await, house.operator().await);
    let start = one.snapshot().await;
    let people = one.open_microphones().await;
    let mut first = one.stream(start.sequence).await;
    let mut second = two.stream(start.sequence).await;
    one.mute(&people[0], "a").await;
    two.mute(&people[1], "b").await;
    let both = |facts: &[foldback_model::Fact]| {
        people[..2].iter().all(|person| facts.iter().any(|fact| shows_muted(fact, person)))
    };
    let mut seen = Vec::new();
    while !both(&seen) {
        seen.push(first.fact().await);
    }
    let same = second.facts_to(seen.last().unwrap().sequence).await;
    assert_eq!(seen, same);
    assert_eq!(fold(start, &seen), two.snapshot().await);
}

#[tokio::test]
async fn a_cut_loses_nothing() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let start = operator.snapshot().await;
    let people = operator.open_microphones().await;
    let mut seen = Vec::new();
    let mut stream = operator.stream(start.sequence).await;
    for (turn, person) in people.iter().enumerate() {
        operator.mute(person, &format!("c-{turn}")).await;
        seen.push(stream.fact().await);
        // Cut in the middle of things, and taken up by the id of the last event.
        drop(stream);
        let path = format!("/foldback/v1/calls/graph.{}/events", operator.call);
        let last = seen.last().unwrap().sequence;
        let check = operator
            .ask(reqwest::Method::GET, &path)
            .header("last-event-id", last.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(check.status(), 200);
        drop(check);
        stream = operator.stream(last).await;
    }
    seen.extend(stream.facts_until(|fact| shows_muted(fact, people.last().unwrap())).await);
    let now = operator.snapshot().await;
    let state = fold(start, &seen);
    assert!(people.iter().all(|person| state.roster.get(person).unwrap().muted));
    assert_eq!(state.roster, now.roster);
}

#[tokio::test]
async fn replay_and_live_meet_without_a_seam() {
    let house = Stage::limited(Limits { streams_per_session: 8, ..Limits::default() }).await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let muting = {
        let (operator, people) = (operator.clone(), people.clone());
        tokio::spawn(async move {
            for (turn, person) in people.iter().enumerate() {
                assert_eq!(operator.mute(person, &format!("c-{turn}")).await.status(), 200);
            }
        })
    };
    let mut readers = Vec::new();
    for _ in 0..8 {
        let (operator, last) = (operator.clone(), people.last().unwrap().clone());
        readers.push(tokio::spawn(async move {
            let mut stream = operator.stream(Sequence(0)).await;
            let facts = stream.facts_until(|fact| shows_muted(fact, &last)).await;
            fold(CallState::default(), &facts)
        }));
    }
    muting.await.unwrap();
    for reader in readers {
        let state = reader.await.unwrap();
        assert!(people.iter().all(|person| state.roster.get(person).unwrap().muted));
    }
}

#[tokio::test]
async fn a_cursor_beyond_the_end_is_told_to_begin_anew() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let head = operator.snapshot().await.sequence;
    let mut stream = operator.stream(Sequence(head.0 + 1)).await;
    match stream.next().await {
        Some(Sent::Reset(data)) => assert_eq!(data, json!({"sequence": head})),
        other => panic!("{other:?}"),
    }
    assert!(stream.next().await.is_none());
    let reply = operator
        .get(&format!("/foldback/v1/calls/graph.{}/events?after={head}", operator.call))
        .await;
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    assert!(reply.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    assert_eq!(reply.headers()["x-accel-buffering"], "no");
}

#[tokio::test]
async fn talk_and_presence_pass_by() {
    let house = Stage::start().await;
    let (one, two) = (house.operator().await, house.operator().await);
    let start = one.snapshot().await.sequence;
    let person = one.open_microphones().await.remove(0);
    let mut stream = one.stream(start).await;
    let present = async |stream: &mut crate::stage::Stream| loop {
        if let Some(Sent::Live(Live::Presence { operators })) = stream.next().await {
            return operators.into_iter().map(|o| o.name).collect::<Vec<_>>();
        }
    };
    assert_eq!(present(&mut stream).await, ["Operator 1"]);
    let other = two.stream(start).await;
    assert_eq!(present(&mut stream).await, ["Operator 1", "Operator 2"]);
    drop(other);
    assert_eq!(present(&mut stream).await, ["Operator 1"]);

    house.service.person(json!({"talk": {"id": person, "active": true, "level": 64}})).await;
    let heard = async |stream: &mut crate::stage::Stream| loop {
        if let Some(Sent::Live(Live::Talk { people })) = stream.next().await {
            return people;
        }
    };
    let first = heard(&mut stream).await;
    assert_eq!(first.len(), 1, "changed people only");
    assert_eq!((&first[0].id, first[0].active), (&person, true));
    // Whoever comes later learns who is talking already.
    let mut late = two.stream(start).await;
    assert_eq!(heard(&mut late).await[0].id, person);
    assert_eq!(one.snapshot().await.sequence, start, "nothing of it is kept");
}

#[tokio::test]
async fn a_slow_reader_is_dropped_and_takes_up_where_it_was() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let start = operator.snapshot().await;
    let mut slow = operator.stream(start.sequence).await;
    let call = &house.demo.call;
    // More than the queue and all buffers on the way hold.
    for turn in 0..1_800_u32 {
        let participants = start.roster.iter().map(|person| foldback_model::Participant {
            name: format!("{} {turn}", person.name),
            roster_sequence: Some(1_000 + u64::from(turn)),
            ..person.clone()
        });
        let event = foldback_model::Event::ParticipantsChanged {
            participants: participants.collect(),
            roster_sequence: None,
        };
        assert_eq!(call.append_one(foldback_model::By::Service, event).await.unwrap().len(), 1);
    }
    let mut seen = Vec::new();
    while let Some(event) = slow.next().await {
        if let Sent::Fact(fact) = event {
            seen.push(fact);
        }
    }
    let now = operator.snapshot().await;
    let state = fold(start, &seen);
    assert!(state.sequence < now.sequence, "it was dropped before the end");
    let rest = operator.missed(&state, &now).await;
    assert_eq!(fold(state, &rest).roster, now.roster);
}
