//! Secrets that are planted, and looked for in everything Foldback says and keeps.

use std::collections::BTreeSet;

use foldback_model::CallState;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::{house::person, provider::SECRET, witness::Witness};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story: what is tried, then where it is looked for")]
async fn token_never_leaves() {
    let witness = Witness::start().await;
    let browser = witness.signed_in(&person("Run")).await;
    let token = witness.provider.bearer(&person("Run"));
    let post = |path: &str, body: &Value| browser.ask(Method::POST, path).body(body.to_string());
    let mut calls = Vec::new();
    for meeting in [
        json!({"graph": {}}),
        json!({"acs": {"groupCallId": "11111111-1111-1111-1111-111111111111"}}),
    ] {
        let (status, body) = witness.ask(post("/foldback/v1/calls", &meeting)).await;
        assert_eq!(status, 201, "{body}");
        let call: Value = serde_json::from_str(&body).unwrap();
        calls.push(call["id"].as_str().unwrap().to_owned());
    }
    let graph = calls[0].strip_prefix("graph.").unwrap().to_owned();
    let acs = calls[1].strip_prefix("acs.").unwrap().to_owned();
    let (_, snapshot) =
        witness.ask(browser.ask(Method::GET, &format!("/foldback/v1/calls/{}", calls[0]))).await;
    let snapshot: CallState = serde_json::from_str(&snapshot).unwrap();
    let someone = snapshot.roster.iter().nth(5).unwrap().id.clone();

    // Everything that can be read, what is refused, and what goes wrong on either side.
    for path in [
        "/",
        "/config.json",
        "/healthz",
        "/metrics",
        "/nowhere",
        "/foldback/v1/session",
        "/foldback/v1/calls",
        "/foldback/v1/people",
        "/foldback/v1/nowhere",
        "/sign-in",
        "/sign-in/callback?code=planted-code&state=planted-state",
        "/sign-in/done",
        &format!("/foldback/v1/calls/{}/events", calls[0]),
        &format!("/foldback/v1/calls/{}/access", calls[0]),
        &format!("/foldback/v1/calls/{}/audit", calls[0]),
        &format!("/foldback/v1/calls/{}/audit?format=csv", calls[0]),
        &format!("/foldback/v1/calls/{}/scenes", calls[0]),
        &format!("/foldback/v1/calls/{}", calls[1]),
        &format!("/v1.0/communications/calls/{graph}"),
        &format!("/v1.0/communications/calls/{graph}/participants"),
        &format!("/v1.0/communications/calls/{graph}/operations"),
        &format!("/calling/callConnections/{acs}"),
        &format!("/calling/callConnections/{acs}/participants"),
    ] {
        witness.ask(browser.ask(Method::GET, path)).await;
        let by_token = witness.glass.http.get(format!("{}{path}", witness.base));
        witness.ask(by_token.bearer_auth(&token)).await;
        let both = browser.ask(Method::GET, path).bearer_auth(&token);
        witness.ask(both).await;
    }
    let mute = format!("/beta/communications/calls/{graph}/participants/{someone}/mute");
    for fault in [json!({"status": 503}), json!({"status": 429}), json!("reset"), Value::Null] {
        if !fault.is_null() {
            witness.glass.fault("/mute", fault).await;
        }
        witness.ask(post(&mute, &json!({"clientContext": "c"}))).await;
    }
    witness.glass.fault("oauth2", json!({"status": 500})).await;
    witness.ask(post(&mute, &json!({"clientContext": "c"}))).await;
    for named in [json!({"callbackUri": "https://evil.example"}), json!({"subject": "again"})] {
        witness.ask(post("/foldback/v1/calls", &json!({"graph": named}))).await;
    }
    witness.ask(post("/foldback/v1/revocations", &json!({"operator": "nobody"}))).await;
    for flawed in [format!("{token}x"), "eyJhbGciOiJub25lIn0.e30.".to_owned()] {
        let request = witness.glass.http.get(format!("{}/foldback/v1/calls", witness.base));
        let (status, _) = witness.ask(request.bearer_auth(flawed)).await;
        assert_eq!(status, 401);
    }
    // The paths of notifications, rightly and wrongly used.
    let mut webhooks = Vec::new();
    for (path, member) in
        [("/communications/calls", "callbackUri"), ("/callConnections:connect", "callbackUri")]
    {
        for request in witness.glass.requests("POST", path).await {
            webhooks.extend(request["body"][member].as_str().map(str::to_owned));
        }
    }
    assert!(webhooks.len() >= 2, "{webhooks:?}");
    for webhook in &webhooks {
        for body in ["{}", "nonsense"] {
            witness.ask(witness.glass.http.post(webhook).bearer_auth(&token).body(body)).await;
        }
        witness.ask(witness.glass.http.get(webhook)).await;
    }
    witness.ask(browser.ask(Method::DELETE, "/foldback/v1/session")).await;

    let mut secrets = BTreeSet::from([
        witness.service.client_secret().to_owned(),
        witness.service.acs_access_key().to_owned(),
        SECRET.to_owned(),
        "hunter2".to_owned(),
        token.clone(),
        token.rsplit('.').next().unwrap().to_owned(),
        "planted-access-token".to_owned(),
    ]);
    for (value, _) in browser.cookies.values() {
        secrets.insert(value.clone());
    }
    for webhook in &webhooks {
        let url = Url::parse(webhook).unwrap();
        secrets.insert(url.path_segments().unwrap().next_back().unwrap().to_owned());
    }
    let of_the_app = witness.relay.credentials();
    assert!(of_the_app.len() >= 2, "tokens and signatures were seen: {of_the_app:?}");
    secrets.extend(of_the_app);
    let outputs = witness.outputs().await;
    for (name, bytes) in &outputs {
        assert!(name.ends_with("-wal") || bytes.len() > 100, "{name} was looked at");
        for secret in secrets.iter().filter(|secret| secret.len() > 4) {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}
