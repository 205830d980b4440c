//! Logs that nobody who can choose a name can write into.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{house::person, witness::Witness};

/// What would be a record of its own if it began a line, and what would color a terminal.
const FORGED: &str =
    "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\n\u{1b}[31mred\u{2028}\u{85}";

#[tokio::test]
async fn one_line_per_record() {
    let witness = Witness::start().await;
    let mut who = person("Run");
    who["name"] = FORGED.into();
    who["sub"] = FORGED.into();
    let browser = witness.signed_in(&who).await;
    let post = |path: &str, body: &Value| browser.ask(Method::POST, path).body(body.to_string());
    let (status, body) =
        witness.ask(post("/foldback/v1/calls", &json!({"graph": {"subject": FORGED}}))).await;
    assert_eq!(status, 201, "{body}");
    witness.glass.person(json!({"join": {"name": FORGED}})).await;
    let forged = "%0a%7b%22level%22%3a%22ERROR%22%7d%1b[31m";
    for path in [
        format!("/foldback/v1/calls/graph.{forged}"),
        format!("/v1.0/communications/calls/{forged}/participants"),
        format!("/{forged}"),
        format!("/sign-in?return_to={forged}"),
        format!("/sign-in/callback?error={forged}&state={forged}"),
        format!("/notifications/graph/{forged}"),
    ] {
        witness.ask(browser.ask(Method::GET, &path).header("user-agent", "a\tb")).await;
        witness.ask(post(&path, &json!({"clientContext": FORGED}))).await;
    }
    witness.ask(post("/foldback/v1/revocations", &json!({"operator": FORGED}))).await;
    let call = witness.glass.call.clone();
    witness
        .ask(post(&format!("/beta/app/calls/{call}/mute"), &json!({"clientContext": FORGED})))
        .await;
    let endless = "é".repeat(5_000);
    who["sub"] = "long".into();
    who["name"] = endless.clone().into();
    let browser = witness.signed_in(&who).await;
    witness.ask(browser.ask(Method::GET, &format!("/foldback/v1/calls/graph.{endless}"))).await;
    // Bytes no client would send.
    let mut socket = tokio::net::TcpStream::connect(witness.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    socket
        .write_all(b"GET /\x1b[31m HTTP/1.1\r\nHost: \n{\"level\":\"ERROR\"}\r\n\r\n")
        .await
        .unwrap();
    drop(socket.read_to_end(&mut Vec::new()).await);

    let outputs = witness.outputs().await;
    let (_, log) = outputs.iter().find(|(name, _)| *name == "stderr").unwrap();
    let log = std::str::from_utf8(log).unwrap();
    let mut records = 0;
    for line in log.lines() {
        let record: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(record["timestamp"].is_string() && record["target"].is_string(), "{line}");
        assert_ne!(record["message"], "forged", "{line}");
        for (name, value) in record.as_object().unwrap() {
            let most = if name == "message" { 1_024 } else { 256 };
            let length = value.as_str().map_or(0, |text| text.chars().count());
            assert!(length <= most, "{name} has {length} characters: {line}");
        }
        records += 1;
    }
    assert!(records > 20, "{records} records were looked at");
    assert!(!log.contains('\u{1b}') && !log.contains('\r'), "{log}");
}
