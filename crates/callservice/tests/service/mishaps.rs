//! Faults in notifications, in what the roster shows and in how the call ends.

use std::time::{Duration, Instant};

use foldback_wire::graph::Topic;
use serde_json::{Value, json};

use crate::{acs_bench::Acs, bench::Bench};

/// The people told of by the next deltas, as places in `open`.
async fn told(bench: &mut Bench, open: &[String], count: usize) -> Vec<usize> {
    let mut places = Vec::new();
    for _ in 0..count {
        let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
        let id = &delta.participants[0].id;
        places.push(open.iter().position(|person| person == id).unwrap());
    }
    places
}

#[tokio::test]
async fn notifications_are_lost_repeated_and_reordered() {
    for (how, expected) in
        [("lose", vec![1, 2, 3]), ("repeat", vec![0, 0, 1, 2, 3]), ("reorder", vec![1, 0, 2, 3])]
    {
        let mut bench = Bench::joined(true).await;
        let open = bench.open().await;
        bench.pull("faults", json!({"notifications": how})).await;
        for person in &open[..4] {
            assert_eq!(bench.mute(person).await.status, 200);
        }
        assert_eq!(told(&mut bench, &open, expected.len()).await, expected, "{how}");
    }
}

#[tokio::test]
async fn a_late_notification_is_overtaken() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    bench.pull("faults", json!({"notifications": {"late_ms": 2_000}})).await;
    let start = Instant::now();
    for person in &open[..3] {
        bench.mute(person).await;
    }
    assert_eq!(told(&mut bench, &open, 3).await, [1, 2, 0]);
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn faults_of_notifications_can_be_about_one_call() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    let acs = bench.service.acs_connection_id().to_owned();
    bench.pull("faults", json!({"notifications": "lose", "on": acs})).await;
    bench.mute(&open[0]).await;
    assert_eq!(told(&mut bench, &open, 1).await, [0]);
    bench.pull("faults", json!({"notifications": "lose", "on": bench.call})).await;
    bench.mute(&open[1]).await;
    bench.mute(&open[2]).await;
    assert_eq!(told(&mut bench, &open, 1).await, [2]);
    let listed = bench.get("/rehearsal/v1/notifications").await.body;
    let lost: Vec<&Value> =
        listed.as_array().unwrap().iter().filter(|it| it["fault"] == "lose").collect();
    assert_eq!((lost.len(), &lost[0]["outcome"]), (1, &json!("lost")));
}

#[tokio::test]
async fn a_notification_held_back_comes_when_faults_are_cleared() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    bench.pull("faults", json!({"notifications": "reorder"})).await;
    bench.mute(&open[0]).await;
    bench.delete("/rehearsal/v1/faults").await;
    assert_eq!(told(&mut bench, &open, 1).await, [0]);
}

#[tokio::test]
async fn the_roster_lies_and_then_tells_the_truth() {
    let mut bench = Bench::joined(false).await;
    let (open, before) = (bench.open().await, bench.people().await);
    bench.pull("faults", json!({"roster": "lies", "for_ms": 60_000})).await;
    let mute = bench.mute(&open[0]).await;
    assert_eq!((mute.status, &mute.body["status"]), (200, &json!("completed")));
    assert_eq!(bench.people().await, before);
    let is_muted =
        |roster: &[(String, bool)]| roster.iter().any(|(id, muted)| *id == open[0] && *muted);
    assert!(!is_muted(&bench.receiver.roster().await));
    bench.pull("clock", json!({"advance_ms": 59_000})).await;
    assert_eq!(bench.people().await, before);
    bench.pull("clock", json!({"advance_ms": 1_000})).await;
    assert!(is_muted(&bench.receiver.roster().await));
    assert!(!bench.open().await.contains(&open[0]));
    // Clearing the faults ends a lie too.
    bench.pull("faults", json!({"roster": "lies", "for_ms": 60_000})).await;
    bench.mute(&open[1]).await;
    assert!(bench.open().await.contains(&open[1]));
    bench.delete("/rehearsal/v1/faults").await;
    assert!(!bench.open().await.contains(&open[1]));
}

/// The next notification, which must be the call's end: code and subcode.
async fn end(bench: &mut Bench) -> (Option<i64>, Option<i64>) {
    match bench.receiver.topic().await {
        Topic::Call { call, deleted: true } => {
            assert_eq!(call.state.as_deref(), Some("terminated"));
            let info = call.result_info.unwrap();
            (info.code, info.subcode)
        }
        other => panic!("expected the end, got {other:?}"),
    }
}

#[tokio::test]
async fn a_call_ends_for_the_reason_given() {
    for (order, reason) in [
        (json!({"call": "ends"}), (200, 5000)),
        (json!({"call": "ends", "code": 480, "subcode": 10037}), (480, 10037)),
    ] {
        let mut bench = Bench::joined(false).await;
        bench.pull("faults", order.clone()).await;
        assert_eq!(end(&mut bench).await, (Some(reason.0), Some(reason.1)));
        assert_eq!(bench.get(&bench.path("")).await.code(), (404, "8522"));
        let again = bench.post("/rehearsal/v1/faults", &order).await;
        assert_eq!((again.status, again.body["error"].as_str()), (400, Some("call not found")));
    }
}

#[tokio::test]
async fn a_call_ends_in_the_middle_of_an_operation() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    let mix = json!({"clientContext": "c", "participantMixerLevels": [
        {"participant": open[0], "sourceLevels": [{"participant": open[1], "level": 50}]}]});
    bench.pull("faults", json!({"call": "ends_mid_operation"})).await;
    bench.delete("/rehearsal/v1/faults").await;
    assert_eq!(bench.mix(&mix).await.status, 202);
    assert!(matches!(bench.receiver.topic().await, Topic::Operation(_)));
    bench.pull("faults", json!({"call": "ends_mid_operation"})).await;
    // A mute is no operation that runs.
    assert_eq!(bench.mute(&open[2]).await.status, 200);
    bench.receiver.roster().await;
    assert_eq!(bench.mix(&mix).await.status, 202);
    assert_eq!(end(&mut bench).await, (Some(500), Some(1005)));
    assert_eq!(bench.get(&bench.path("")).await.code(), (404, "8522"));
}

#[tokio::test]
async fn an_acs_call_ends_for_the_reason_given() {
    let mut acs = Acs::connected().await;
    acs.pull("faults", json!({"call": "ends", "code": 500, "subcode": 8617, "on": acs.id})).await;
    let info = acs.events.expect("CallDisconnected").await.data.result_information.unwrap();
    assert_eq!((info.code, info.sub_code), (Some(500), Some(8617)));
    assert_eq!(acs.get(&format!("/{}", acs.id)).await.code(), (404, "8522"));
}

#[tokio::test]
async fn acs_events_are_lost_repeated_and_reordered() {
    for (how, expected) in [("lose", [2, 3, 4]), ("repeat", [1, 1, 2]), ("reorder", [2, 1, 3])] {
        let mut acs = Acs::connected().await;
        acs.pull("faults", json!({"notifications": how, "on": acs.id})).await;
        for _ in 0..4 {
            acs.pull("people", json!({"on": acs.id, "join": {}})).await;
        }
        // The first number was told when the app connected.
        for number in expected {
            assert_eq!(acs.events.roster().await.0, number + 1, "{how}");
        }
    }
}
