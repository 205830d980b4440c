//! Who may pass, on every kind of path, known or not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

fn paths(call: &str) -> Vec<(Method, String, &'static str)> {
    let graph = format!("/v1.0/communications/calls/{call}");
    vec![
        (Method::GET, "/foldback/v1/calls".to_owned(), "/detail"),
        (Method::GET, "/foldback/v1/nothing".to_owned(), "/detail"),
        (Method::GET, format!("/foldback/v1/calls/graph.{call}"), "/detail"),
        (Method::GET, format!("/foldback/v1/calls/graph.{call}/events"), "/detail"),
        (Method::DELETE, format!("/foldback/v1/calls/graph.{call}"), "/detail"),
        (Method::POST, "/foldback/v1/calls".to_owned(), "/detail"),
        (Method::DELETE, "/foldback/v1/session".to_owned(), "/detail"),
        (Method::GET, graph.clone(), "/error/message"),
        (Method::POST, format!("{graph}/mute"), "/error/message"),
        (Method::POST, format!("{graph}/participants/x/mute"), "/error/message"),
        (
            Method::POST,
            format!("/beta/app/calls/{call}/participants/configureMixer"),
            "/error/message",
        ),
        (Method::GET, "/beta/nothing".to_owned(), "/error/message"),
        (Method::GET, "/v1.0/communications/calls/%2e%2e".to_owned(), "/error/message"),
        (Method::GET, "/calling/callConnections/x".to_owned(), "/error/message"),
        (Method::POST, "/calling/callConnections/x/participants:mute".to_owned(), "/error/message"),
    ]
}

#[tokio::test]
async fn without_a_session_everything_is_401_and_from_elsewhere_403() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let foreign: [(&str, &str); 4] = [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for (method, path, words) in paths(&house.service.call) {
        let url = format!("{}{path}", house.base);
        let ask = || operator.http.request(method.clone(), &url);
        for cookie in [None, Some("foldback_1=x".to_owned()), Some(format!("{}x", operator.cookie))]
        {
            let mut request = ask().header("sec-fetch-site", "same-origin");
            if let Some(cookie) = cookie {
                request = request.header("cookie", cookie);
            }
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), 401, "{method} {path}");
            let asked = &reply.headers()["www-authenticate"];
            assert_eq!(asked, "Bearer realm=\"foldback\"", "{method} {path}");
            let body: Value = reply.json().await.unwrap();
            assert!(body.pointer(words).is_some(), "{method} {path}: {body}");
        }
        for (name, value) in foreign {
            let request = ask().header("cookie", &operator.cookie).header(name, value);
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), 403, "{method} {path} {name}: {value}");
            let body: Value = reply.json().await.unwrap();
            assert!(body.pointer(words).is_some(), "{method} {path}: {body}");
            let reply = ask().header(name, value).send().await.unwrap();
            assert_eq!(reply.status(), 403, "{method} {path} {name}: {value}, no cookie");
        }
        if method != Method::GET {
            let reply = ask().header("cookie", &operator.cookie).send().await.unwrap();
            assert_eq!(reply.status(), 403, "{method} {path} without the browser's word");
            let reply = ask()
                .header("cookie", &operator.cookie)
                .header("sec-fetch-site", "none")
                .send()
                .await
                .unwrap();
            assert_eq!(reply.status(), 403, "{method} {path} typed by hand");
        }
        let reply = ask()
            .header("cookie", &operator.cookie)
            .header("host", "evil.example")
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 421, "{method} {path} under another name");
    }
    // None of it reached the service.
    assert!(house.service.requests("POST", "/mute").await.is_empty());
    assert!(house.service.requests("POST", "/configureMixer").await.is_empty());
    assert_eq!(operator.get("/foldback/v1/session").await.status(), 200);
}

#[tokio::test]
async fn our_own_origin_is_enough() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    let path = format!("/v1.0/communications/calls/{}/participants/{person}/mute", operator.call);
    let reply = operator
        .http
        .post(format!("{}{path}", house.base))
        .header("cookie", &operator.cookie)
        .header("origin", &house.base)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn a_request_names_one_host() {
    let house = Stage::start().await;
    let two =
        "GET /healthz HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(house.raw(two).await.starts_with("HTTP/1.1 400"));
    let good = "GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n";
    assert!(house.raw(good).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    for path in [
        "/",
        "/config.json",
        "/healthz",
        "/readyz",
        "/nothing.js",
        "/foldback/v1/calls",
        "/v1.0/x",
        "/sign-in",
    ] {
        let reply = operator.get(path).await;
        let headers = reply.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(headers.get("access-control-allow-origin").is_none(), "{path}");
        assert!(headers.get("server").is_none(), "{path}");
    }
    let config: Value = operator.get("/config.json").await.json().await.unwrap();
    let plain = json!({"base": "", "signIn": "link", "rehearsal": true, "exclusiveMode": false});
    assert_eq!(config, plain);
    assert!(operator.get("/healthz").await.text().await.unwrap().is_empty());
    // Counters are for another address.
    assert_eq!(operator.get("/metrics").await.status(), 404);
}

#[tokio::test]
async fn a_page_acts_for_whom_it_believes_or_for_nobody() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let ask = |method: &Method, path: &str, believed: &str| {
        operator.ask(method.clone(), path).header("foldback-operator", believed)
    };
    for (method, path, words) in paths(&house.service.call) {
        let reply = ask(&method, &path, "somebody-else").send().await.unwrap();
        assert_eq!(reply.status(), 409, "{method} {path}");
        let body = reply.text().await.unwrap();
        assert!(body.contains("anotherOperator"), "{method} {path}: {body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body.pointer(words).is_some(), "{method} {path}: {body}");
    }
    assert!(house.service.requests("POST", "/mute").await.is_empty());
    let who: Value = operator
        .ask(Method::GET, "/foldback/v1/session")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let id = who["operator"]["id"].as_str().unwrap();
    let reply = ask(&Method::GET, "/foldback/v1/calls", id).send().await.unwrap();
    assert_eq!(reply.status(), 200);
}
