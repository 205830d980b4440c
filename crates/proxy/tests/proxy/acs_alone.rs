//! A proxy with ACS alone: other credentials, joins by hand, restarts.

use std::sync::Arc;

use foldback_model::{CallState, OperationState, Outcome, call::CallPhase};
use foldback_proxy::{
    acs::{self, Credential, sign::AccessKey},
    app::Limits,
    graph,
    journal::sqlite::Sqlite,
    secret::Secret,
    server::{self, Server},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    acs::{Desk, mute_of},
    stage::{Operator, eventually},
};

/// A proxy beside the one of the stage, with an ACS credential of its own and no Graph.
async fn alone(desk: &Desk, credential: Credential) -> (Server, Operator) {
    alone_with(desk, credential, Sqlite::in_memory().unwrap()).await
}

async fn alone_with(desk: &Desk, credential: Credential, journal: Sqlite) -> (Server, Operator) {
    let service = &desk.house.demo.service;
    let resource = service.acs_resource().to_owned();
    let server = Server::start(server::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        admin: None,
        public_url: None,
        graph: None,
        acs: Some(acs::Target::embedded(&service.base_url(), credential, resource)),
        sign_in: None,
        journal: Arc::new(journal),
        keep: None,
        limits: Limits::default(),
        rehearsal: true,
    })
    .await
    .unwrap();
    let link = server.sign_in_url();
    let operator = Operator::sign_in(&server.app.origin, &link, &desk.connection).await;
    (server, operator)
}

#[tokio::test]
async fn acs_alone_with_an_entra_app_joins_a_room() {
    let desk = Desk::start().await;
    let service = &desk.house.demo.service;
    let mut app = graph::Target::embedded(
        &service.base_url(),
        service.tenant(),
        service.client_id().to_owned(),
        Secret::new(service.client_secret()),
    );
    app.grant.scope = acs::SCOPE.to_owned();
    let (_server, operator) = alone(&desk, Credential::Entra(app.grant)).await;
    let open = async |body: Value| {
        let request = operator.ask(Method::POST, "/foldback/v1/calls").body(body.to_string());
        request.send().await.unwrap()
    };
    for (body, words) in [
        (json!({"acs": {}}), "exactly one of"),
        (json!({"acs": {"groupCallId": "a", "roomId": "b"}}), "exactly one of"),
        (json!({"acs": {"roomId": "../x"}}), "$.acs.roomId"),
        (json!({"acs": {"roomID": "x"}}), "roomI"),
        (json!({"acs": 7}), "$.acs"),
        (json!({"acs": {"roomId": "x"}, "graph": {}}), "$.acs"),
        (json!({"teams": {}}), "send `meeting`, `graph` or `acs` alone"),
    ] {
        let reply = open(body.clone()).await;
        assert_eq!(reply.status(), 400, "{body}");
        let problem: Value = reply.json().await.unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{body}: {detail}");
    }
    for body in [json!({"graph": {}}), json!({"meeting": {"id": "123 456 789"}})] {
        let graph = open(body).await;
        assert_eq!(graph.status(), 502);
        let words: Value = graph.json().await.unwrap();
        assert!(words["detail"].as_str().unwrap().contains("add [graph]"), "{words}");
    }
    let reply = open(json!({"acs": {"roomId": "99123456789"}})).await;
    assert_eq!(reply.status(), 201);
    let call: Value = reply.json().await.unwrap();
    assert_eq!(call["kind"], "acs");
    let sent = desk.sent("POST", ":connect").await.pop().unwrap();
    assert_eq!(sent["body"]["callLocator"]["kind"], "roomCallLocator");
    assert!(sent["headers"]["repeatability-request-id"].is_string());
    assert!(sent["headers"].get("x-ms-content-sha256").is_none(), "a token, no signature");
    let snapshot = format!("/foldback/v1/calls/{}", call["id"].as_str().unwrap());
    eventually("it is connected and knows who is there", || async {
        let state: CallState = operator.get(&snapshot).await.json().await.unwrap();
        let connected = state.call.is_some_and(|info| info.state == CallPhase::Established);
        (connected && !state.roster.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_is_no_reason_to_sign_in_anew() {
    let desk = Desk::start().await;
    let key = AccessKey::parse("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=").unwrap();
    let (_server, operator) = alone(&desk, Credential::Key(key)).await;
    let request = operator.ask(Method::POST, "/foldback/v1/calls");
    let reply = request.body(r#"{"acs":{"groupCallId":"g"}}"#).send().await.unwrap();
    assert_eq!(reply.status(), 502);
    let problem: Value = reply.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("401"), "{problem}");
}

#[tokio::test]
async fn a_call_is_opened_again_and_what_was_under_way_is_looked_up() {
    let desk = Desk::start().await;
    let folder = crate::kill::Folder::new();
    let journal = || Sqlite::open(&folder.path("journal.sqlite")).unwrap();
    let key =
        || Credential::Key(AccessKey::parse(desk.house.demo.service.acs_access_key()).unwrap());
    let (server, operator) = alone_with(&desk, key(), journal()).await;
    let request = operator.ask(Method::POST, "/foldback/v1/calls");
    let reply = request.body(r#"{"acs":{"groupCallId":"another"}}"#).send().await.unwrap();
    let call: Value = reply.json().await.unwrap();
    let id = call["id"].as_str().unwrap().to_owned();
    let connection = id.strip_prefix("acs.").unwrap().to_owned();
    let snapshot = format!("/foldback/v1/calls/{id}");
    let state = async |operator: &Operator| -> CallState {
        operator.get(&snapshot).await.json().await.unwrap()
    };
    let person = eventually("somebody can be muted", || async {
        let state = state(&operator).await;
        let call = state.call.as_ref().filter(|info| info.state == CallPhase::Established)?;
        foldback_model::plan::mute_all_targets(&state.roster, Some(call), None).into_iter().next()
    })
    .await;
    // The service does it and its answer breaks off; the event finds nobody.
    let lost = json!({"notifications": "lose", "on": connection});
    let url = format!("{}/rehearsal/v1/faults", desk.house.service.base);
    assert!(
        desk.house.service.http.post(url).json(&lost).send().await.unwrap().status().is_success()
    );
    let before = desk.sent("POST", ":mute").await.len();
    let path = format!("/calling/callConnections/{connection}/participants:mute");
    let request = operator.ask(Method::POST, &path).body(mute_of(&person, "restart").to_string());
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 200, "{}", reply.text().await.unwrap());
    server.stop().await.unwrap();
    let (_server, operator) = alone_with(&desk, key(), journal()).await;
    let now = state(&operator).await;
    assert!(now.roster.get(&person).unwrap().muted);
    let operations: Vec<_> = now.operations.iter().map(|it| it.state.clone()).collect();
    assert_eq!(operations, [OperationState::Finished(Outcome::Completed)]);
    assert_eq!(desk.sent("POST", ":mute").await.len(), before + 1, "nothing is sent twice");
}
