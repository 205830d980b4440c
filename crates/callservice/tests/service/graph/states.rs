//! Call states, the lobby, keepAlive, and every way a call ends.

use foldback_wire::graph::Topic;
use serde_json::json;

use crate::bench::Bench;

const MINUTE_MS: u64 = 60_000;

/// Code and subcode of the end, which must be told next.
async fn ending(bench: &mut Bench) -> (i64, i64) {
    match bench.receiver.topic().await {
        Topic::Call { call, deleted: true } => {
            assert_eq!(call.state.as_deref(), Some("terminated"));
            let info = call.result_info.unwrap();
            (info.code.unwrap(), info.subcode.unwrap())
        }
        other => panic!("{other:?}"),
    }
}

async fn state(bench: &mut Bench) -> String {
    match bench.receiver.topic().await {
        Topic::Call { call, deleted: false } => call.state.unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn is_gone(bench: &Bench) {
    for path in ["", "/participants", "/operations", "/audioRoutingGroups"] {
        assert_eq!(bench.get(&bench.path(path)).await.code(), (404, "8522"), "{path}");
    }
    for path in ["/keepAlive", "/mute", "/unmute", "/participants/invite"] {
        let refused = bench.post(&bench.path(path), &json!({})).await;
        assert_eq!(refused.code(), (404, "8522"), "{path}");
    }
    assert_eq!(bench.delete(&bench.path("")).await.code(), (404, "8522"));
}

#[tokio::test]
async fn the_app_hangs_up() {
    let mut bench = Bench::joined(false).await;
    let ended = bench.delete(&bench.path("")).await;
    assert_eq!((ended.status, ended.body.is_null()), (204, true));
    assert_eq!(state(&mut bench).await, "terminating");
    assert_eq!(ending(&mut bench).await, (200, 5001));
    is_gone(&bench).await;
}

#[tokio::test]
async fn the_app_is_removed() {
    let mut bench = Bench::joined(false).await;
    bench.pull("call", json!({"remove_app": true})).await;
    assert_eq!(ending(&mut bench).await, (200, 5000));
    is_gone(&bench).await;
}

#[tokio::test]
async fn a_call_ends_with_any_codes() {
    for (order, codes) in [
        (json!({"end": {"code": 480, "subcode": 10037}}), (480, 10037)),
        (json!({"end": {"code": 200}}), (200, 0)),
    ] {
        let mut bench = Bench::joined(true).await;
        bench.pull("call", order).await;
        assert_eq!(ending(&mut bench).await, codes);
        is_gone(&bench).await;
    }
}

#[tokio::test]
async fn a_call_without_keep_alive_is_dropped() {
    let mut bench = Bench::joined(false).await;
    let passes = |ms: u64| json!({"advance_ms": ms});
    bench.pull("clock", passes(44 * MINUTE_MS)).await;
    assert_eq!(bench.post(&bench.path("/keepAlive"), &json!({})).await.status, 200);
    bench.pull("clock", passes(44 * MINUTE_MS)).await;
    // The token is older than an hour by now.
    bench.sign_in().await;
    assert_eq!(bench.get(&bench.path("")).await.status, 200, "a reading keeps nothing alive");
    bench.pull("clock", passes(MINUTE_MS)).await;
    assert_eq!(ending(&mut bench).await, (408, 8537));
    is_gone(&bench).await;
}

#[tokio::test]
async fn the_limit_of_keep_alive_is_a_switch_for_those_who_join() {
    let mut bench = Bench::start().await;
    bench.pull("switches", json!({"keep_alive_minutes": 1})).await;
    bench.pull("clock", json!({"advance_ms": 10 * MINUTE_MS})).await;
    assert_eq!(bench.get(&bench.path("")).await.status, 200, "nobody joined");
    bench.join(false).await;
    for _ in 0..3 {
        bench.receiver.next().await;
    }
    bench.pull("clock", json!({"advance_ms": MINUTE_MS})).await;
    assert_eq!(ending(&mut bench).await, (408, 8537));
}

#[tokio::test]
async fn the_app_waits_in_the_lobby_until_it_is_let_in() {
    let mut bench = Bench::start().await;
    bench.pull("call", json!({"lobby": true})).await;
    let joined = bench.join(false).await;
    assert_eq!(state(&mut bench).await, "establishing");
    let me =
        bench.path(&format!("/participants/{}", joined.body["myParticipantId"].as_str().unwrap()));
    assert_eq!(bench.get(&me).await.body["isInLobby"], true);
    bench.pull("clock", json!({"advance_ms": 10 * MINUTE_MS})).await;
    assert_eq!(bench.get(&bench.path("")).await.body["state"], "establishing");
    let open = bench.open().await;
    let early = bench.mute(&open[0]).await;
    assert_eq!(early.code(), (409, "8501"));
    assert!(early.message().contains("lobby"), "{}", early.message());
    bench.pull("call", json!({"admit_app": true})).await;
    assert_eq!(state(&mut bench).await, "established");
    assert_eq!(bench.receiver.roster().await.len(), 43);
    assert_eq!(bench.mute(&open[0]).await.status, 200);
    assert_eq!(bench.get(&me).await.body["isInLobby"], false);
}

#[tokio::test]
async fn a_long_wait_in_the_lobby_ends_the_call() {
    let mut bench = Bench::start().await;
    bench.pull("call", json!({"lobby": {"timeout_ms": 5_000}})).await;
    bench.join(false).await;
    assert_eq!(state(&mut bench).await, "establishing");
    bench.pull("clock", json!({"advance_ms": 5_000})).await;
    assert_eq!(ending(&mut bench).await, (200, 5855));
    is_gone(&bench).await;
}

#[tokio::test]
async fn wrong_orders_about_a_call_say_why() {
    let bench = Bench::joined(false).await;
    for (order, status, words) in [
        (json!({}), 400, "exactly one"),
        (json!({"end": {"code": 200}, "remove_app": true}), 400, "exactly one"),
        (json!({"explode": true}), 400, "unknown"),
        (json!({"end": 200}), 400, "an object"),
        (json!({"end": {}}), 400, "needs a code"),
        (json!({"end": {"code": "200"}}), 400, "code must be"),
        (json!({"lobby": 7}), 400, "lobby must be"),
        (json!({"lobby": {"timeout_ms": 0}}), 400, "timeout_ms must be"),
        (json!({"remove_app": false}), 400, "must be true"),
        (json!({"admit_app": true}), 400, "does not wait"),
        (json!({"on": "nobody", "admit_app": true}), 404, "not found"),
        (json!({"on": 7, "admit_app": true}), 400, "on must be"),
    ] {
        let refused = bench.post("/rehearsal/v1/call", &order).await;
        assert_eq!(refused.status, status, "{order}: {refused:?}");
        assert!(refused.body["error"].as_str().unwrap().contains(words), "{order}: {refused:?}");
    }
    assert_eq!(bench.get("/rehearsal/v1/call").await.status, 405);
}

#[tokio::test]
async fn a_lever_reaches_the_call_it_names() {
    let bench = Bench::joined(false).await;
    let target = json!({"identity": {"user": {"id": "u-1"}}});
    let body = json!({"callbackUri": bench.receiver.address, "targets": [target]});
    let peer = bench.post("/v1.0/communications/calls", &body).await.body["id"].clone();
    bench.pull("call", json!({"on": peer, "remove_app": true})).await;
    let path = bench.path("").replace(&bench.call, peer.as_str().unwrap());
    assert_eq!(bench.get(&path).await.code(), (404, "8522"));
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}
