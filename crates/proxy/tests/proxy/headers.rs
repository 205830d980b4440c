//! Headers: those of requests that are refused, and those that every answer carries.

use foldback_model::Sequence;
use foldback_proxy::{app::Limits, edge::network::Network};
use reqwest::Method;

use crate::stage::Stage;

/// The status of the first answer.
fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn smuggling() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    let call = &stage.service.call;
    let mute =
        format!("POST /beta/communications/calls/{call}/mute HTTP/1.1\r\nHost: {{host}}\r\n");
    let own = format!("Cookie: {}\r\nSec-Fetch-Site: same-origin\r\n", operator.cookie);
    let close = "Connection: close\r\n";
    let chunks = "2\r\n{}\r\n0\r\n\r\n";
    // What two programs could read in two ways never reaches the service.
    let many = "a: b\r\n".repeat(65);
    let too_many = "a: b\r\n".repeat(120);
    for (what, lines, body, expected) in [
        ("length, then chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunks, 400),
        ("chunks, then length", "Transfer-Encoding: chunked\r\ncontent-length: 2\r\n", chunks, 400),
        ("no chunks at the end", "Transfer-Encoding: chunked, gzip\r\n", chunks, 400),
        ("packed, then chunks", "Transfer-Encoding: gzip, chunked\r\n", chunks, 400),
        ("chunks in chunks", "Transfer-Encoding: chunked, chunked\r\n", chunks, 400),
        (
            "chunks twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            chunks,
            400,
        ),
        ("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}", 400),
        ("a length and a list", "Content-Length: 2, 3\r\n", "{}", 400),
        ("no number", "Content-Length: +2\r\n", "{}", 400),
        ("two hosts", "Host: evil.example\r\nContent-Length: 2\r\n", "{}", 400),
        ("an underscore", "X_Forwarded_For: 1.2.3.4\r\nContent-Length: 2\r\n", "{}", 400),
        ("another underscore", "Sec_Fetch_Site: same-origin\r\nContent-Length: 2\r\n", "{}", 400),
        ("forwarded for", "X-Forwarded-For: 1.2.3.4\r\nContent-Length: 2\r\n", "{}", 400),
        ("forwarded host", "X-Forwarded-Host: a\r\nContent-Length: 2\r\n", "{}", 400),
        ("forwarded", "Forwarded: for=1.2.3.4\r\nContent-Length: 2\r\n", "{}", 400),
        ("real ip", "X-Real-IP: 1.2.3.4\r\nContent-Length: 2\r\n", "{}", 400),
        ("a space in a name", "Content-Length : 2\r\n", "{}", 400),
        ("a folded line", "Accept: a\r\n b\r\nContent-Length: 2\r\n", "{}", 400),
        ("many headers", &many, "", 400),
        ("more than hyper takes", &too_many, "", 431),
    ] {
        let answer = stage.raw(&format!("{mute}{own}{close}{lines}\r\n{body}")).await;
        assert_eq!(status(&answer), expected, "{what}: {answer}");
    }
    // A place is named whole by what speaks to proxies; then both names are one.
    for (name, expected) in [("evil.example", 400), ("{host}", 200)] {
        let request =
            format!("GET http://{name}/healthz HTTP/1.1\r\nHost: {{host}}\r\n{close}\r\n");
        let answer = stage.raw(&request).await;
        assert_eq!(status(&answer), expected, "{name}: {answer}");
    }
    let long = format!("{mute}{own}A: {}\r\n\r\n", "a".repeat(80 * 1024));
    assert_eq!(status(&stage.raw(&long).await), 431);
    // The classic: what follows the chunks is a request to one who reads the length.
    let hidden = format!("{mute}{own}Content-Length: 2\r\n\r\n{{}}");
    for lines in [
        format!(
            "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n",
            chunks.len() + hidden.len()
        ),
        "Transfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let answer = stage.raw(&format!("{mute}{lines}\r\n{chunks}{hidden}")).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
    // Two requests at once are good unless the second comes in chunks: nobody saw where it began.
    let get = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n";
    let two =
        stage.raw(&format!("{get}{mute}{own}Transfer-Encoding: chunked\r\n\r\n{chunks}")).await;
    assert!(two.contains("HTTP/1.1 200 ") && two.contains("HTTP/1.1 400 "), "{two}");
    assert!(stage.service.requests("POST", "/mute").await.is_empty());
    // The plain ways still lead there.
    let plain = format!("{mute}{own}{close}Content-Length: 2\r\n\r\n{{}}");
    let in_chunks = format!("{mute}{own}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    for request in [plain, in_chunks] {
        let answer = stage.raw(&request).await;
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(stage.service.requests("POST", "/mute").await.len(), 2);
}

#[tokio::test]
async fn a_listed_proxy_says_where_requests_come_from() {
    let trusted_proxies = vec![Network::parse("127.0.0.0/8").unwrap()];
    let address = foldback_proxy::edge::limits::Rate { per_second: 1, at_once: 2 };
    let stage = Stage::limited(Limits { trusted_proxies, address, ..Limits::default() }).await;
    let ask = async |from: &str| {
        let request = stage.service.http.get(format!("{}/healthz", stage.base));
        request.header("x-forwarded-for", from).send().await.unwrap().status().as_u16()
    };
    // Each has its own allowance, whatever it writes before what the proxy adds.
    assert_eq!(ask("203.0.113.1").await, 200);
    assert_eq!(ask("198.51.100.1, 203.0.113.1").await, 200);
    assert_eq!(ask("198.51.100.2, 203.0.113.1").await, 429);
    assert_eq!(ask("203.0.113.1, 203.0.113.2").await, 200);
}

#[tokio::test]
async fn all_present() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    let call = format!("/foldback/v1/calls/graph.{}", stage.service.call);
    for (method, path, expected) in [
        (Method::GET, "/", 200),
        (Method::GET, "/config.json", 200),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/nowhere.js", 404),
        (Method::GET, "/foldback/v1/session", 200),
        (Method::GET, &call, 200),
        (Method::GET, &format!("{call}/events"), 200),
        (Method::GET, "/foldback/v1/calls/graph.unknown", 404),
        (Method::PATCH, "/foldback/v1/calls", 405),
        (Method::POST, "/notifications/graph/wrong", 404),
        (Method::GET, "/sign-in?code=wrong", 403),
        (Method::GET, "/%zz", 400),
    ] {
        let reply = operator.ask(method.clone(), path).send().await.unwrap();
        assert_eq!(reply.status(), expected, "{method} {path}");
        let header = |name: &str| reply.headers().get(name).and_then(|it| it.to_str().ok());
        let policy = header("content-security-policy").unwrap_or_default();
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{method} {path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(name), Some(value), "{method} {path}");
        }
        assert_eq!(header("access-control-allow-origin"), None, "{method} {path}");
        assert_eq!(header("server"), None, "{method} {path}");
    }
}

#[tokio::test]
async fn stream() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    let path =
        format!("/foldback/v1/calls/graph.{}/events?after={}", stage.service.call, Sequence(0));
    let reply = operator.ask(Method::GET, &path).header("accept-encoding", "gzip").send().await;
    let reply = reply.unwrap();
    let header = |name: &str| reply.headers().get(name).map(|it| it.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert_eq!(header("content-encoding"), None);
    assert_eq!(header("content-length"), None);
}
