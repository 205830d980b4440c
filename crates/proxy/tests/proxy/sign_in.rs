//! One-time links and sessions.

use foldback_model::Sequence;
use reqwest::Method;
use serde_json::Value;

use crate::stage::{Stage, client, eventually};

#[tokio::test]
async fn a_link_signs_one_browser_in() {
    let house = Stage::start().await;
    let link = house.demo.server.sign_in_url();
    let http = client();

    let ahead = http.get(&link).header("sec-purpose", "prefetch").send().await.unwrap();
    assert_eq!(ahead.status(), 503);
    let head = http.head(&link).send().await.unwrap();
    assert_eq!(head.status(), 405);

    let first = http.get(&link).send().await.unwrap();
    assert_eq!(first.status(), 303);
    assert_eq!(first.headers()["location"], "/");
    let cookie = first.headers()["set-cookie"].to_str().unwrap().to_owned();
    let port = house.base.rsplit(':').next().unwrap();
    assert!(cookie.starts_with(&format!("foldback_{port}=")), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");

    let again = http.get(&link).send().await.unwrap();
    assert_eq!(again.status(), 403);
    assert!(again.headers().get("set-cookie").is_none());
    assert!(again.text().await.unwrap().contains("works once"));
    for wrong in ["", "?code=", "?code=x", "?other=1"] {
        let reply = http.get(format!("{}/sign-in{wrong}", house.base)).send().await.unwrap();
        assert_eq!(reply.status(), 403, "{wrong}");
    }

    let fresh = house.demo.server.sign_in_url();
    assert_ne!(fresh, link);
    assert_eq!(http.get(&fresh).send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn operators_are_told_apart_and_can_sign_out() {
    let house = Stage::start().await;
    let (one, two) = (house.operator().await, house.operator().await);
    let name = async |operator: &crate::stage::Operator| -> Value {
        operator.get("/foldback/v1/session").await.json::<Value>().await.unwrap()
    };
    assert_eq!(name(&one).await["operator"]["name"], "Operator 1");
    assert_eq!(name(&two).await["operator"]["name"], "Operator 2");
    assert!(name(&two).await["roles"].as_array().is_some_and(|roles| !roles.is_empty()));

    let mut stream = one.stream(Sequence(0)).await;
    let out = one.ask(Method::DELETE, "/foldback/v1/session").send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(one.get("/foldback/v1/session").await.status(), 401);
    // An open stream ends with its session.
    while stream.next().await.is_some() {}
    assert_eq!(two.get("/foldback/v1/session").await.status(), 200);
    let call = &house.demo.call;
    eventually("nobody watches", || async { call.present().is_empty().then_some(()) }).await;
}
