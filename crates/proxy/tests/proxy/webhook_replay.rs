//! Tokens used again: with the same body nothing happens, with another one nothing is believed.

use serde_json::json;

use crate::{
    acs::Desk,
    readings::{Fake, id, person, proxy, roster_notification},
    signer::graph_token,
    stage::{client, shows_muted},
};

#[tokio::test]
async fn same_body_noop() {
    let (fake, base) = Fake::start().await;
    let (_server, operator) = proxy(&base).await;
    let url = fake.callback.lock().unwrap().clone();
    let token = graph_token();
    let post = async |muted: bool| {
        let body = roster_notification(&json!([person("ada", muted), person("bob", false)]));
        let request = client().post(&url).bearer_auth(&token).json(&body);
        request.send().await.unwrap().status()
    };
    // A token of Graph lasts for many notifications; each is taken once with it.
    assert_eq!(post(true).await, 202);
    assert_eq!(post(false).await, 202);
    let state = operator.snapshot().await;
    assert!(!state.roster.get(&id("ada")).unwrap().muted);
    assert_eq!(post(true).await, 202, "the answer does not tell a repetition");
    let facts = operator.replay().await;
    let shown = facts.iter().filter(|fact| shows_muted(fact, &id("ada"))).count();
    assert_eq!(shown, 1, "{facts:#?}");
    assert!(!operator.snapshot().await.roster.get(&id("ada")).unwrap().muted);
}

#[tokio::test]
async fn other_body_refused() {
    let desk = Desk::start().await;
    let before = desk.state().await;
    // Every event of ACS has a token of its own: it vouches for the body it came with.
    let token = desk.token().await;
    let quiet = desk.event("PlayCompleted", json!({}));
    let over = desk.event("CallDisconnected", json!({}));
    assert_eq!(desk.post(&token, &quiet).await, 200);
    assert_eq!(desk.post(&token, &over).await, 401);
    assert_eq!(desk.post(&token, &quiet).await, 200);
    assert_eq!(desk.state().await, before);
    let metrics = desk.house.demo.server.app.metrics.text().unwrap();
    for kind in ["otherBody", "repeat"] {
        assert!(metrics.contains(&format!("tokens_total{{kind=\"{kind}\"}} 1")), "{metrics}");
    }
    // Not even the first one changes anything that is not an event of this family.
    assert_eq!(desk.post(&desk.house.token().await, &over).await, 401);
    assert_eq!(desk.post(&desk.token().await, &over).await, 200);
    assert_ne!(desk.state().await, before);
}
