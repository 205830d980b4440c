//! Tokens used again: with the same body nothing happens, with another one nothing is believed.

use serde_json::json;

use crate::{
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
