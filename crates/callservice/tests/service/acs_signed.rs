//! Who is let in: signatures, tokens, versions; and the headers around an answer.

use reqwest::Method;
use serde_json::json;

use crate::{
    acs_bench::{Acs, Ask, date, escaped, hash},
    bench::{Bench, answer},
};

type Change = fn(&mut Ask);

fn auth(ask: &mut Ask, rest: &str) {
    ask.changes.push(("authorization", rest.to_owned()));
}

/// Every way a signature can be wrong, and words that only this way has.
const WRONG: [(&str, Change); 14] = [
    ("does not fit the access key", |ask| ask.key = hash(b"another key")),
    ("does not fit the access key", |ask| ask.signed_verb = Some(Method::DELETE)),
    ("is not the hash of this body", |ask| ask.sent_body = Some(b"{\"a\":1}".to_vec())),
    ("x-ms-content-sha256 is missing", |ask| {
        ask.changes.push(("x-ms-content-sha256", String::new()));
    }),
    ("neither x-ms-date nor Date", |ask| ask.changes.push(("x-ms-date", String::new()))),
    ("is not of the form \"Sun,", |ask| {
        ask.signed_date = Some("2026-11-22T03:08:20Z".to_owned());
    }),
    ("s in the past", |ask| ask.signed_date = Some(date(-1_000))),
    ("s in the future", |ask| ask.signed_date = Some(date(1_000))),
    ("does not fit the access key", |ask| ask.changes.push(("x-ms-date", date(60)))),
    ("is not of the form \"HMAC", |ask| auth(ask, "HMAC-SHA256 Signature=x")),
    ("are the signed headers", |ask| {
        auth(ask, "HMAC-SHA256 SignedHeaders=host;x-ms-content-sha256&Signature=x");
    }),
    ("not base64 of 32 bytes", |ask| {
        auth(ask, "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=x");
    }),
    ("does not fit the access key", |ask| ask.changes.push(("host", "other.example".to_owned()))),
    ("does not fit the access key", |ask| ask.signed_target = Some("/calling".to_owned())),
];

#[tokio::test]
async fn every_wrong_signature_is_refused_and_says_why() {
    let acs = Acs::start().await;
    let path = format!("/{}", acs.id);
    for (words, change) in WRONG {
        let mut ask = acs.ask(Method::GET, &path, None);
        change(&mut ask);
        let answer = acs.send(ask).await;
        assert_eq!(answer.code(), (401, "7509"), "{words}: {answer:?}");
        assert!(answer.message().contains(words), "{words}: {}", answer.message());
        assert_eq!(answer.header("www-authenticate"), "HMAC-SHA256, Bearer");
    }
    assert_eq!(acs.get(&path).await.status, 200);
}

#[tokio::test]
async fn the_encoded_target_is_what_is_signed() {
    let acs = Acs::start().await;
    let raw = acs.open().await;
    let path = format!("/{}/participants/{}", acs.id, escaped(&raw));
    assert_eq!(acs.get(&path).await.status, 200);
    let mut decoded = acs.ask(Method::GET, &path, None);
    decoded.signed_target = Some(decoded.target.replace("%3A", ":"));
    assert_eq!(acs.send(decoded).await.code(), (401, "7509"));
    let mut stood_in = acs.ask(Method::GET, &path, None);
    let now = date(0);
    stood_in.signed_date = Some(now.clone());
    stood_in.changes = vec![("x-ms-date", String::new()), ("date", now)];
    assert_eq!(acs.send(stood_in).await.status, 200, "Date stands in for x-ms-date");
    for seconds in [-890, 890] {
        let mut skewed = acs.ask(Method::GET, &path, None);
        skewed.signed_date = Some(date(seconds));
        assert_eq!(acs.send(skewed).await.status, 200, "{seconds}");
    }
}

#[tokio::test]
async fn tokens_are_for_one_service() {
    let bench = Bench::start().await;
    let id = bench.service.acs_connection_id();
    let acs_path = format!("/calling/callConnections/{id}?api-version=2024-09-15");
    let graph_path = bench.path("");
    let scope = "https://communication.azure.com//.default";
    let token = bench.ask_token(&[("scope", scope)]).await;
    let token = token.body["access_token"].as_str().unwrap().to_owned();
    let asked = |path: &str, token: &str| {
        let url = format!("{}{path}", bench.service.base_url());
        let request = bench.client.get(url);
        answer(if token.is_empty() { request } else { request.bearer_auth(token) })
    };
    assert_eq!(asked(&acs_path, &token).await.status, 200);
    assert_eq!(asked(&graph_path, &bench.token).await.status, 200);
    assert_eq!(asked(&acs_path, &bench.token).await.code(), (401, "7501"));
    assert_eq!(asked(&acs_path, "unknown").await.code(), (401, "7501"));
    assert_eq!(asked(&acs_path, "").await.code(), (401, "7501"));
    assert_eq!(asked(&graph_path, &token).await.code(), (401, "InvalidAuthenticationToken"));
    bench.pull("clock", json!({"advance_ms": 3_600_000})).await;
    assert_eq!(asked(&acs_path, &token).await.code(), (401, "7501"));
}

#[tokio::test]
async fn versions_are_required_and_known() {
    let acs = Acs::start().await;
    let ask = |query: &str| {
        let mut ask = acs.ask(Method::GET, "", None);
        ask.target = format!("/calling/callConnections/{}{query}", acs.id);
        acs.send(ask)
    };
    for version in [
        "2023-03-06",
        "2023-10-15",
        "2024-04-15",
        "2024-09-15",
        "2025-05-15",
        "2025-06-15",
        "2026-03-12",
    ] {
        assert_eq!(ask(&format!("?api-version={version}")).await.status, 200, "{version}");
    }
    for query in ["", "?api-version=", "?api-version=2023-10-03-preview", "?api-version=2030-01-01"]
    {
        let answer = ask(query).await;
        assert_eq!(answer.code(), (400, "8523"), "{query}");
        assert!(answer.message().contains("2023-03-06, 2023-10-15"), "{}", answer.message());
        assert!(answer.header("api-supported-versions").contains("2026-03-12"));
    }
    let mut mute = acs.ask(Method::POST, "", Some(&json!({})));
    mute.target =
        format!("/calling/callConnections/{}/participants:mute?api-version=2023-03-06", acs.id);
    let answer = acs.send(mute).await;
    assert_eq!(answer.code(), (405, "8520"));
    assert!(answer.message().contains("2023-10-15"), "{}", answer.message());
}

#[tokio::test]
async fn what_is_not_served_says_so() {
    let acs = Acs::start().await;
    for path in [
        "/participants:unmute",
        "/participants:add",
        ":hold",
        "/participants:moveHere",
        ":startMediaStreaming",
    ] {
        let answer = acs.post(&format!("/{}{path}", acs.id), &json!({})).await;
        assert_eq!(answer.code(), (405, "8520"), "{path}");
    }
    for path in ["/participants:dance", "/people", ":dance"] {
        let answer = acs.post(&format!("/{}{path}", acs.id), &json!({})).await;
        assert_eq!(answer.code(), (404, "8522"), "{path}");
    }
    let mut broken = acs.ask(Method::GET, "", None);
    "/calling/callConnections/%zz?api-version=2024-09-15".clone_into(&mut broken.target);
    assert_eq!(acs.send(broken).await.code(), (400, "8523"));
    let large = json!({"x": "x".repeat(1024 * 1024)});
    assert_eq!(acs.post(":connect", &large).await.code(), (413, "8523"));
    let answer = acs.send(acs.ask(Method::PUT, &format!("/{}", acs.id), None)).await;
    assert_eq!((answer.code(), answer.header("allow")), ((405, "8520"), "GET, DELETE"));
}

#[tokio::test]
async fn headers_around_an_answer() {
    let acs = Acs::start().await;
    let mut ask = acs.ask(Method::GET, &format!("/{}", acs.id), None);
    ask.changes = vec![
        ("x-ms-client-request-id", "mine".to_owned()),
        ("x-ms-return-client-request-id", "true".to_owned()),
    ];
    let answer = acs.send(ask).await;
    assert_eq!(answer.header("x-ms-client-request-id"), "mine");
    assert!(!answer.header("x-ms-request-id").is_empty());
    assert!(answer.header("content-type").starts_with("application/json"));
    assert!(answer.header("api-supported-versions").contains("2024-09-15"));
    let mut ask = acs.ask(Method::GET, &format!("/{}", acs.id), None);
    ask.changes = vec![("x-ms-client-request-id", "mine".to_owned())];
    assert_eq!(acs.send(ask).await.header("x-ms-client-request-id"), "");

    let fault = json!({"path_contains": acs.id, "fault": {"status": 429, "retry_after": 2}});
    acs.pull("faults", fault).await;
    let answer = acs.get(&format!("/{}", acs.id)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    assert_eq!(answer.code(), (429, "8516"));
}
