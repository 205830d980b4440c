//! Bodies that are too large, too deep, or nobody's.

use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn commands() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    let limit = 1024 * 1024;
    for (size, expected) in [(limit, 400), (limit + 1, 413), (limit + 20 * limit, 413)] {
        let body = format!("{{\"clientContext\": \"{}\"}}", "x".repeat(size - 21));
        assert_eq!(body.len(), size);
        let action = "participants/configureMixer";
        let request = operator.command(action, &json!({})).body(body);
        // Above what is read for courtesy the connection may be closed first.
        if let Ok(reply) = request.send().await {
            assert_eq!(reply.status(), expected, "{size}");
        }
    }
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let reply = operator.command("mute", &json!({})).body(deep).send().await.unwrap();
        assert_eq!(reply.status(), 400);
        let error: Value = reply.json().await.unwrap();
        assert!(error["error"]["message"].is_string());
    }
    assert!(stage.service.requests("POST", "/mute").await.is_empty());
}

#[tokio::test]
async fn notifications() {
    let stage = Stage::start().await;
    let callback = stage.callback().await;
    let limit = 8 * 1024 * 1024;
    let before = stage.demo.call.read().state.sequence;
    let padded = |size: usize| format!("{{\"value\":[]{}}}", " ".repeat(size - 12));
    assert_eq!(stage.notify(&callback, padded(limit)).await.status(), 202);
    assert_eq!(stage.notify(&callback, padded(limit + 1)).await.status(), 413);
    assert_eq!(stage.notify(&callback, "[".repeat(100_000)).await.status(), 400);
    // Whoever knows no secret is answered before the body is there.
    let host = stage.base.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /notifications/graph/wrong HTTP/1.1\r\nHost: {host}\r\nContent-Length: {limit}\r\n\r\n"
    );
    let answer = stage.raw(&head).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert_eq!(stage.demo.call.read().state.sequence, before);
}
