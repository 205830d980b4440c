//! What is notified, in which order, and to whom.

use std::collections::BTreeSet;

use foldback_callservice::engine;
use foldback_wire::graph::Topic;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE, Receiver, answer, frozen, options};

#[tokio::test]
async fn a_mute_is_told_by_the_roster_and_a_repeated_one_is_not() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    for person in [&open[0], &open[0], &open[1]] {
        let muted = bench.mute(person).await;
        assert_eq!((muted.status, &muted.body["status"]), (200, &json!("completed")));
        assert_eq!(muted.body["clientContext"], "c-1");
        let path = muted.header("location").replace(&bench.service.base_url(), "");
        assert_eq!(bench.get(&path).await.body["id"], muted.body["id"]);
    }
    let first = bench.receiver.roster().await;
    assert!(first.contains(&(open[0].clone(), true)) && first.contains(&(open[1].clone(), false)));
    let second = bench.receiver.roster().await;
    assert!(second.contains(&(open[0].clone(), true)) && second.contains(&(open[1].clone(), true)));
    let one = bench.get(&bench.path(&format!("/participants/{}", open[0]))).await.body;
    assert_eq!(one["mediaStreams"][0]["serverMuted"], true);
    bench.pull("people", json!({"unmute": open[0]})).await;
    let third = bench.receiver.roster().await;
    assert!(third.contains(&(open[0].clone(), false)), "only they lift it themselves");
}

#[tokio::test]
async fn the_app_mutes_and_unmutes_itself() {
    let mut bench = Bench::joined(true).await;
    let me = bench.get(&bench.path("")).await.body["myParticipantId"].clone();
    for (verb, muted) in [("mute", true), ("unmute", false), ("microsoft.graph.mute", true)] {
        let done = bench.post(&bench.path(&format!("/{verb}")), &json!({})).await;
        assert_eq!(done.status, 200, "{done:?}");
        match bench.receiver.topic().await {
            Topic::Delta(delta) => {
                assert_eq!(delta.participants.len(), 1);
                assert_eq!(delta.participants[0].id, me.as_str().unwrap());
                assert_eq!(delta.participants[0].is_muted, muted);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_delta_form_counts_without_a_gap() {
    let mut bench = Bench::start().await;
    bench.join(true).await;
    for _ in 0..2 {
        bench.receiver.next().await;
    }
    let Topic::Delta(whole) = bench.receiver.topic().await else { panic!("no delta") };
    assert_eq!(whole.participants.len(), 43);
    let start = whole.sequence_number.unwrap();
    let joined = bench.pull("people", json!({"join": {"name": "Zed"}})).await;
    let id = joined["joined"].as_str().unwrap();
    bench.mute(id).await;
    bench.pull("people", json!({"leave": id})).await;
    for (n, muted, left) in [(1, false, None), (2, true, None), (3, true, Some("left"))] {
        let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
        assert_eq!(delta.sequence_number, Some(start + n));
        let [person] = delta.participants.as_slice() else { panic!("{delta:?}") };
        assert_eq!((person.id.as_str(), person.is_muted), (id, muted));
        assert_eq!(person.roster_sequence_number, Some(start + n));
        let reason = person.removed_state.as_ref().and_then(|state| state.reason.as_deref());
        assert_eq!(reason, left);
    }
}

#[tokio::test]
async fn a_second_join_takes_the_callback_over() {
    let mut bench = Bench::joined(false).await;
    let old = std::mem::replace(&mut bench.receiver, Receiver::start().await);
    bench.join(true).await;
    for _ in 0..3 {
        bench.receiver.next().await;
    }
    let person = bench.open().await[0].clone();
    bench.mute(&person).await;
    assert!(matches!(bench.receiver.topic().await, Topic::Delta(_)));
    drop(old);
}

#[tokio::test]
async fn a_callback_given_at_the_start_needs_no_join() {
    let mut receiver = Receiver::start().await;
    let mut options = options(frozen());
    options.callback = Some(receiver.address.clone());
    let bench = Bench::with(options).await;
    for _ in 0..2 {
        assert!(matches!(receiver.topic().await, Topic::Call { .. }));
    }
    assert_eq!(receiver.roster().await.len(), 43);
    bench.mute(&bench.open().await[0]).await;
    assert_eq!(receiver.roster().await.len(), 43);
}

#[tokio::test]
async fn a_failing_callback_is_tried_again_in_order() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    // Two passing failures for the first, a refusal for the second.
    bench.receiver.answers_with(&[503, 500, 202, 400]);
    for person in &open[..3] {
        bench.mute(person).await;
    }
    for expected in [&open[0], &open[2]] {
        let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
        assert_eq!(&delta.participants[0].id, expected);
    }
}

#[tokio::test]
async fn people_live_when_time_passes() {
    let lively = engine::Options { speed: 1.0, ..engine::Options::default() };
    let mut bench = Bench::with(options(lively)).await;
    let mut talk = bench.service.talk();
    bench.join(true).await;
    bench.pull("clock", json!({"advance_ms": 600_000})).await;
    let heard = tokio::time::timeout(PATIENCE, talk.recv()).await.unwrap().unwrap();
    assert!(heard.iter().any(|t| t.active && t.level > 0), "{heard:?}");
    let mut left = 0;
    let mut joined = 0;
    let mut sequence = None;
    while left == 0 || joined == 0 {
        if let Topic::Delta(delta) = bench.receiver.topic().await {
            let number = delta.sequence_number.unwrap();
            assert!(sequence.is_none_or(|last: i64| number == last + 1));
            sequence = Some(number);
            left += usize::from(delta.participants.iter().any(|p| p.removed_state.is_some()));
            joined += usize::from(delta.participants.iter().any(|p| p.removed_state.is_none()));
        }
    }
}

#[tokio::test]
async fn talk_comes_through_the_channel() {
    let bench = Bench::joined(false).await;
    let mut talk = bench.service.talk();
    let open = bench.open().await;
    bench.pull("people", json!({"talk": {"id": open[0], "active": true, "level": 80}})).await;
    let heard = tokio::time::timeout(PATIENCE, talk.recv()).await.unwrap().unwrap();
    let as_json = |heard: &[_]| serde_json::to_value(heard).unwrap();
    assert_eq!(as_json(&heard), json!([{"id": open[0], "active": true, "level": 80}]));
    bench.mute(&open[0]).await;
    let heard = tokio::time::timeout(PATIENCE, talk.recv()).await.unwrap().unwrap();
    let expected: Value = json!([{"id": open[0], "active": false, "level": 0}]);
    assert_eq!(as_json(&heard), expected, "who is muted is not heard");
}

#[tokio::test]
async fn mutes_at_once_are_told_one_after_the_other() {
    let mut bench = Bench::joined(true).await;
    let people = bench.people().await;
    let mut requests = tokio::task::JoinSet::new();
    for person in &people {
        let path = bench.path(&format!("/participants/{}/mute", person["id"].as_str().unwrap()));
        requests.spawn(answer(bench.request(Method::POST, &path)));
    }
    let mut operations = BTreeSet::new();
    while let Some(muted) = requests.join_next().await {
        let muted = muted.unwrap();
        assert_eq!(muted.status, 200, "{muted:?}");
        assert!(operations.insert(muted.body["id"].to_string()));
    }
    let mut told = BTreeSet::new();
    for n in 1..=43 {
        let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
        assert_eq!(delta.sequence_number, Some(43 + n));
        assert!(delta.participants[0].is_server_muted() || delta.participants[0].is_in_lobby);
        told.insert(delta.participants[0].id.clone());
    }
    assert_eq!(told.len(), 43);
}
