//! Addresses that somebody would have Foldback go to.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::{
    house::{House, person},
    stage::Stage,
};

#[tokio::test]
async fn canary_socket() {
    let canary = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = canary.local_addr().unwrap();
    let url = format!("http://{at}/latest/meta-data");
    let house = House::start().await;
    let browser = house.signed_in(&person("Run")).await;
    let meeting = |body: serde_json::Value| {
        browser.ask(Method::POST, "/foldback/v1/calls").body(body.to_string()).send()
    };
    for body in [
        json!({"meeting": {"link": url}}),
        json!({"meeting": {"link": format!("{url}/l/meetup-join/19%3ameeting")}}),
        json!({"meeting": {"link": format!("https://teams.microsoft.com@{at}/l/meetup-join/19%3a")}}),
        json!({"meeting": {"thread": url, "organizer": url}}),
        json!({"acs": {"groupCallId": url}}),
        json!({"graph": {"callbackUri": url}}),
        json!({"graph": {"mediaConfig": {"blob": url}}}),
        json!({"url": url}),
    ] {
        let reply = meeting(body.clone()).await.unwrap();
        assert!(reply.status().is_client_error(), "{body}: {}", reply.status());
    }
    // What is not refused is the service's to make sense of.
    meeting(json!({"acs": {"serverCallId": url}})).await.unwrap();
    let reply = meeting(json!({"graph": {"subject": url}})).await;
    let status = reply.unwrap().status();
    let joined = house.glass.requests("POST", "/communications/calls").await;
    assert!(!joined.is_empty());
    for request in joined {
        let callback = request["body"]["callbackUri"].as_str().unwrap_or_default();
        assert!(callback.starts_with(&house.base), "{status} {callback}");
    }
    let encoded = url.replace(':', "%3a").replace('/', "%2f");
    for path in [
        format!("/v1.0/communications/calls/{encoded}"),
        format!("/beta/applications/{encoded}/calls/x/participants"),
        format!("/calling/callConnections/{encoded}/participants"),
        format!("/foldback/v1/calls/graph.{encoded}/events?after={encoded}"),
        format!("/sign-in?return_to={encoded}&issuer={encoded}"),
        format!("/sign-in/callback?code=x&state=y&iss={encoded}"),
        format!("//{at}/"),
    ] {
        let reply = browser.get(&path).await;
        let location = reply.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        assert!(location.is_none_or(|it| it.starts_with(&house.provider.issuer)), "{path}");
    }
    // A token that says where its key is, or whose it is.
    let mut stranger = person("Run");
    stranger["iss"] = url.clone().into();
    stranger["jku"] = url.clone().into();
    let reply = house.ask(&stranger, Method::GET, "/foldback/v1/calls").send().await.unwrap();
    assert_eq!(reply.status(), 401);
    // Nobody's proxy: a whole address as the target, a host of its own, a tunnel.
    let stage = Stage::start().await;
    for request in [
        format!("GET {url} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n"),
        format!("GET {url} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n\r\n"),
        format!("CONNECT {at} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = stage.raw(&request).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{request}: {answer}");
    }
    let touched = tokio::time::timeout(Duration::ZERO, canary.accept()).await;
    assert!(touched.is_err(), "somebody came");
}
