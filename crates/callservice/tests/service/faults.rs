//! Faults in answers, and faults by chance.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant, SystemTime},
};

use foldback_callservice::{
    engine,
    http::{Options, Service},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, answer, frozen, options};

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
    let start = Instant::now();
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn throttling_tells_when_to_come_back_in_seconds_or_as_a_date() {
    let bench = Bench::joined(false).await;
    for (status, code) in [(429, "tooManyRequests"), (503, "serviceNotAvailable")] {
        let fault = json!({"fault": {"status": status, "retry_after_date": 90}});
        let before = SystemTime::now();
        bench.pull("faults", fault).await;
        let answer = bench.get(&bench.path("")).await;
        assert_eq!(answer.code(), (status, code));
        let date = httpdate::parse_http_date(answer.header("retry-after")).unwrap();
        let ahead = date.duration_since(before).unwrap();
        // The date has no fractions of a second.
        assert!((89..=100).contains(&ahead.as_secs()), "{ahead:?}");
        bench.pull("faults", json!({"fault": {"status": status, "retry_after": 7}})).await;
        assert_eq!(bench.get(&bench.path("")).await.header("retry-after"), "7");
        bench.pull("faults", json!({"fault": {"status": status}})).await;
        assert!(!bench.get(&bench.path("")).await.headers.contains_key("retry-after"));
    }
}

#[tokio::test]
async fn injected_errors_have_the_shape_of_the_service_asked() {
    let bench = Bench::start().await;
    let path = format!(
        "/calling/callConnections/{}?api-version=2024-09-15",
        bench.service.acs_connection_id()
    );
    for (status, code) in [(429, "8516"), (503, "9999"), (401, "7501"), (400, "8523")] {
        bench.pull("faults", json!({"fault": {"status": status, "retry_after": 3}})).await;
        let answer = bench.get(&path).await;
        assert_eq!(answer.code(), (status, code));
        assert_eq!(answer.header("retry-after"), "3");
        assert!(!answer.header("x-ms-request-id").is_empty());
        assert!(answer.body["error"].get("innerError").is_none());
    }
}

#[tokio::test]
async fn half_a_body_arrives_and_then_the_end() {
    let bench = Bench::joined(false).await;
    let whole = bench.get(&bench.path("/participants")).await;
    let length: usize = whole.header("content-length").parse().unwrap();
    bench.pull("faults", json!({"path_contains": "/participants", "fault": "half_body"})).await;
    let mut response =
        bench.request(Method::GET, &bench.path("/participants")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(length as u64)));
    let mut arrived = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => arrived += chunk.len(),
            Ok(None) => panic!("the body was whole"),
            Err(error) => break error,
        }
    };
    assert!(!error.is_timeout(), "{error:?}");
    assert_eq!(arrived, length / 2);
    // It was carried out, and the next answer is whole; without a body, the connection is cut.
    let log = bench.get("/rehearsal/v1/requests").await.body;
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!((&last["status"], &last["fault"]), (&json!(200), &json!("half_body")));
    assert_eq!(bench.get(&bench.path("/participants")).await.body, whole.body);
    bench.pull("faults", json!({"fault": "half_body"})).await;
    assert!(bench.request(Method::DELETE, &bench.path("")).send().await.is_err());
    assert_eq!(bench.get(&bench.path("")).await.code(), (404, "8522"));
}

/// What the record says of faults, in the order of the requests.
async fn struck(bench: &Bench) -> Vec<Value> {
    let log = bench.get("/rehearsal/v1/requests").await.body;
    log.as_array().unwrap().iter().map(|request| request["fault"].clone()).collect()
}

#[tokio::test]
async fn the_seed_decides_who_is_struck() {
    let run = async |seed: u64| {
        let with = engine::Options { seed, ..frozen() };
        let faults = [
            json!({"path_contains": "/keepAlive", "percent": 30, "fault": {"status": 429}}),
            json!({"percent": 40, "fault": {"latency_ms": 1, "jitter_ms": 8}}),
        ];
        let faults = faults.iter().map(Value::to_string).collect();
        let bench = Bench::with(Options { faults, ..options(with) }).await;
        bench.pull("faults", json!({"percent": 20, "fault": "reset"})).await;
        for n in 0..60 {
            let path = if n % 2 == 0 { "/keepAlive" } else { "" };
            let method = if n % 2 == 0 { Method::POST } else { Method::GET };
            // Some fail, as ordered.
            let _ = bench.request(method, &bench.path(path)).send().await;
        }
        struck(&bench).await
    };
    let first = run(7).await;
    assert_eq!(first, run(7).await);
    assert_ne!(first, run(8).await);
    let of = |fault: &Value| first.iter().filter(|it| *it == fault).count();
    assert!((3..=15).contains(&of(&json!({"status": 429}))), "{first:?}");
    assert!((3..=15).contains(&of(&json!("reset"))), "{first:?}");
    let delays: BTreeSet<u64> = first.iter().filter_map(|it| it["latency_ms"].as_u64()).collect();
    assert!(delays.len() > 4 && delays.iter().all(|ms| (1..=9).contains(ms)), "{delays:?}");
}

#[tokio::test]
async fn faults_given_at_the_start_strike_from_the_start() {
    let faults = vec![json!({"path_contains": "/token", "fault": {"status": 503}}).to_string()];
    let with = |faults| Service::start(Options { faults, ..options(frozen()) });
    let service = with(faults).await.unwrap();
    let url = format!("{}/any/oauth2/v2.0/token", service.base_url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.post(&url).send().await.unwrap().status(), 503);
    assert_ne!(client.post(&url).send().await.unwrap().status(), 503);
    for (order, words) in [
        ("{", "EOF"),
        (r#"{"fault":"explode"}"#, "fault must be"),
        (r#"{"call":"ends","on":"x"}"#, "not found"),
    ] {
        let error = with(vec![order.to_owned()]).await.unwrap_err().to_string();
        assert!(error.contains(order) && error.contains(words), "{error}");
    }
}
