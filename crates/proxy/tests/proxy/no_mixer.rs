//! A service whose mixer is gone: noticed once, remembered, told.

use foldback_model::{Event, OperationState, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, level};

const MIX: &str = "participants/configureMixer";

#[tokio::test]
async fn a_mixer_that_is_gone_is_noticed_once() {
    for how in ["gone", "unimplemented"] {
        let house = Stage::start().await;
        let operator = house.operator().await;
        let people = operator.open_microphones().await;
        // A base that joiners would be sent.
        let base = level(&people[0], &people[1], 40, "base");
        let base = operator.command(MIX, &base).header("foldback-layer", "everyone");
        assert!(base.send().await.unwrap().status().is_success());
        // Its end is a fact of its own, which is not to come among those that are looked at.
        let before = eventually("the base is set", || async {
            let state = operator.snapshot().await;
            let is_over = state.operations.open().next().is_none();
            is_over.then_some(state)
        })
        .await;
        house.service.switch(json!({"mixer": how})).await;
        assert!(before.call.as_ref().unwrap().can.mix);

        let mix = async |context: &str| {
            let body = level(&people[0], &people[1], 10, context);
            let reply = operator.command(MIX, &body).send().await.unwrap();
            let status = reply.status().as_u16();
            (status, reply.json::<Value>().await.unwrap()["error"].clone())
        };
        let (status, error) = mix("first").await;
        assert_eq!((status, &error["code"]), (501, &json!("mixerUnavailable")), "{how}: {error}");
        assert!(error["message"].as_str().unwrap().contains("has no mixer"), "{error}");
        let after = operator.snapshot().await;
        let facts = operator.missed(&before, &after).await;
        assert!(
            matches!(
                &facts.iter().map(|fact| &fact.event).collect::<Vec<_>>()[..],
                [
                    Event::OperationRequested(_),
                    Event::OperationFinished { outcome: Outcome::Failed { status: 501, code, .. }, .. },
                    Event::CallChanged(info),
                ] if code == "mixerUnavailable" && !info.can.mix && info.can.mute
            ),
            "{facts:#?}"
        );
        assert_eq!(after.desk, before.desk);

        // Known now: nobody is asked again, nothing is written, and who joins is left alone.
        let sent = house.service.requests("POST", MIX).await.len();
        assert_eq!(mix("second").await.0, 501);
        house.service.joins().await;
        assert_eq!(operator.mute(&people[0], "still").await.status(), 200);
        // A reading of the call does not bring it back.
        foldback_proxy::reconcile::read::call(&house.demo.server.app, &house.demo.call)
            .await
            .unwrap();
        let state = operator.snapshot().await;
        assert!(!state.call.unwrap().can.mix, "{how}");
        assert_eq!(house.service.requests("POST", MIX).await.len(), sent);
        let last = state.operations.iter().next_back().unwrap();
        assert_eq!(last.request.client_context.as_deref(), Some("still"));
    }
}

#[tokio::test]
async fn other_refusals_of_a_mix_say_nothing_of_the_mixer() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let body = level(&people[0], &people[1], 10, "refused");
    // v1.0 never had it.
    let path = format!("/v1.0/communications/calls/{}/{MIX}", operator.call);
    let request = operator.ask(Method::POST, &path).body(body.to_string());
    let reply = request.send().await.unwrap();
    let (status, error) = (reply.status(), reply.json::<Value>().await.unwrap());
    assert_eq!(status, 404);
    assert!(error["error"]["message"].as_str().unwrap().contains("segment"), "{error}");
    for status in [400, 403, 404, 409, 429, 500, 503] {
        house.service.fault(MIX, json!({"status": status})).await;
        let reply = operator.command(MIX, &body).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), status);
    }
    let state = operator.snapshot().await;
    assert!(state.call.unwrap().can.mix);
    assert!(state.operations.iter().all(|it| matches!(
        &it.state,
        OperationState::Finished(Outcome::Failed { code, .. }) if code != "mixerUnavailable"
    )));
    assert!(operator.command(MIX, &body).send().await.unwrap().status().is_success());
}
