//! Faults in answers and in notifications.

use std::time::Duration;

use foldback_wire::graph::Topic;
use reqwest::Method;
use serde_json::json;

use crate::bench::{Bench, answer};

#[tokio::test]
async fn statuses_strike_as_often_as_told_and_nothing_is_carried_out() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let fault =
        json!({"path_contains": "/mute", "times": 2, "fault": {"status": 429, "retry_after": 2}});
    bench.pull("faults", fault).await;
    bench.pull("faults", json!({"fault": {"status": 503}})).await;
    assert_eq!(bench.get(&bench.path("")).await.code(), (503, "serviceNotAvailable"));
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
    for _ in 0..2 {
        let throttled = bench.mute(&open[0]).await;
        assert_eq!(throttled.code(), (429, "tooManyRequests"));
        assert_eq!(throttled.header("retry-after"), "2");
    }
    assert_eq!(bench.open().await, open);
    assert_eq!(bench.mute(&open[0]).await.status, 200);
    bench.pull("faults", json!({"fault": "reset"})).await;
    assert_eq!(bench.delete("/rehearsal/v1/faults").await.status, 200);
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}

#[tokio::test]
async fn a_reset_breaks_the_connection() {
    let bench = Bench::joined(false).await;
    bench.pull("faults", json!({"fault": "reset"})).await;
    let error = bench.request(Method::GET, &bench.path("")).send().await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_status(), "{error:?}");
    let text = format!("{error:?}").to_lowercase();
    assert!(text.contains("reset"), "{text}");
    let log = bench.get("/rehearsal/v1/requests").await.body;
    assert!(log.as_array().unwrap().last().unwrap()["status"].is_null());
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}

#[tokio::test]
async fn a_hang_never_answers_and_does_not_stop_the_rest() {
    let bench = Bench::joined(false).await;
    bench.pull("faults", json!({"path_contains": "/keepAlive", "fault": "hang"})).await;
    let request =
        bench.request(Method::POST, &bench.path("/keepAlive")).timeout(Duration::from_millis(300));
    let path = bench.path("");
    let (hung, other) = tokio::join!(request.send(), bench.get(&path));
    assert!(hung.unwrap_err().is_timeout());
    assert_eq!(other.status, 200);
    assert_eq!(answer(bench.request(Method::POST, &bench.path("/keepAlive"))).await.status, 200);
}

#[tokio::test]
async fn a_service_stops_although_a_request_hangs() {
    let bench = Bench::joined(false).await;
    bench.pull("faults", json!({"path_contains": "/keepAlive", "fault": "hang"})).await;
    let hung = tokio::spawn(bench.request(Method::POST, &bench.path("/keepAlive")).send());
    // Once it is in the record, it hangs.
    let hangs = async {
        loop {
            let log = bench.get("/rehearsal/v1/requests").await.body;
            let found = log.as_array().unwrap().iter().any(|r| {
                r["status"].is_null() && r["path"].as_str().unwrap().ends_with("/keepAlive")
            });
            if found {
                return;
            }
        }
    };
    tokio::time::timeout(crate::bench::PATIENCE, hangs).await.unwrap();
    let address = bench.service.address();
    bench.service.stop().await;
    assert!(hung.await.unwrap().is_err());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn latency_delays_and_then_answers() {
    let bench = Bench::joined(false).await;
    bench.pull("faults", json!({"fault": {"latency_ms": 150}})).await;
    let start = std::time::Instant::now();
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

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
