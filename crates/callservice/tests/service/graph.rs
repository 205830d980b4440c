//! Sign-in, and the answers of the Graph paths. What only one kind of request does is below.

#[path = "graph/join.rs"]
mod join;
#[path = "graph/mixer.rs"]
mod mixer;
#[path = "graph/people.rs"]
mod people;
#[path = "graph/shapes.rs"]
mod shapes;
#[path = "graph/states.rs"]
mod states;

use foldback_callservice::{Error, http::Service};
use foldback_wire::graph::{Topic, operation::OperationStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, answer, frozen, options};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn tokens_are_given_for_the_secret_only() {
    let bench = Bench::start().await;
    let good = bench.ask_token(&[]).await;
    assert_eq!((good.status, &good.body["expires_in"]), (200, &json!(3599)));
    assert_eq!(
        (&good.body["token_type"], good.header("cache-control")),
        (&json!("Bearer"), "no-store")
    );
    for (change, status, error) in [
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("client_secret", ""), 400, "invalid_request"),
        (("client_id", NOBODY), 401, "invalid_client"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("scope", "openid"), 400, "invalid_scope"),
        (("scope", ""), 400, "invalid_request"),
    ] {
        let bad = bench.ask_token(&[change]).await;
        assert_eq!((bad.status, &bad.body["error"]), (status, &json!(error)), "{change:?}");
        assert!(bad.body["error_description"].is_string());
        assert!(!bad.body.to_string().contains(bench.service.client_secret()));
    }
    let as_json = bench.post("/common/oauth2/v2.0/token", &json!({"grant_type": "x"})).await;
    assert_eq!((as_json.status, &as_json.body["error"]), (400, &json!("invalid_request")));
    let get = bench.get("/common/oauth2/v2.0/token").await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn tokens_expire() {
    let mut bench = Bench::start().await;
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
    bench.pull("clock", json!({"advance_ms": 3_599_000})).await;
    let late = bench.get(&bench.path("")).await;
    assert_eq!(late.code(), (401, "InvalidAuthenticationToken"));
    bench.sign_in().await;
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let mut bench = Bench::start().await;
    let paths = ["", "/participants", "/nothing"].map(|below| bench.path(below));
    bench.token.clear();
    for path in &paths {
        let refused = bench.get(path).await;
        assert_eq!(refused.code(), (401, "InvalidAuthenticationToken"), "{path}");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{path}");
    }
    for value in ["Bearer", "Bearer nonsense", "Basic abc", ""] {
        let request = bench.request(Method::GET, &paths[0]).header("authorization", value);
        assert_eq!(answer(request).await.status, 401, "{value}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_ids_of_its_request() {
    let bench = Bench::start().await;
    let request = bench.request(Method::GET, &bench.path("")).header("client-request-id", "mine-7");
    let good = answer(request).await;
    assert_eq!(good.header("client-request-id"), "mine-7");
    assert_eq!(good.header("odata-version"), "4.0");
    assert!(good.header("content-type").starts_with("application/json;odata.metadata=minimal"));
    let request = bench.request(Method::GET, "/v1.0/me").header("client-request-id", "mine-8");
    let bad = answer(request).await;
    let inner = &bad.body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "mine-8");
    assert_eq!(inner["request-id"], bad.header("request-id"));
    assert_ne!(good.header("request-id"), bad.header("request-id"));
    assert_eq!(inner["date"].as_str().unwrap().len(), 19);
}

#[tokio::test]
async fn mistakes_have_their_codes() {
    let bench = Bench::start().await;
    let other = bench.path("").replace(&bench.call, NOBODY);
    for (method, path, body, code, words) in [
        ("GET", other.clone(), "", (404, "8522"), "Call not found"),
        ("POST", format!("{other}/keepAlive"), "", (404, "8522"), "Call not found"),
        ("GET", bench.path(&format!("/participants/{NOBODY}")), "", (404, "8522"), "Participant"),
        ("POST", bench.path(&format!("/participants/{NOBODY}/mute")), "{}", (404, "8522"), NOBODY),
        ("GET", bench.path(&format!("/operations/{NOBODY}")), "", (404, "itemNotFound"), NOBODY),
        ("GET", bench.path("/dance"), "", (404, "ResourceNotFound"), "segment 'dance'"),
        ("GET", "/".to_owned(), "", (404, "ResourceNotFound"), "segment ''"),
        ("GET", "/v1.0/app/calls".to_owned(), "", (404, "ResourceNotFound"), "segment 'app'"),
        (
            "POST",
            bench.path("/participants/configureMixer"),
            "{}",
            (404, "ResourceNotFound"),
            "segment 'configureMixer'",
        ),
        ("POST", bench.path("/participants"), "{}", (405, "methodNotAllowed"), "use GET"),
        ("PUT", bench.path("/mute"), "", (405, "methodNotAllowed"), "use POST"),
        ("GET", bench.path("/participants/a%2Fb"), "", (400, "badRequest"), "an id has"),
        ("GET", bench.path("/participants/%zz"), "", (400, "badRequest"), "broken escape"),
        ("POST", bench.path("/mute"), "{", (400, "badRequest"), "not JSON"),
        ("POST", bench.path("/mute"), "[]", (400, "badRequest"), "$: "),
        (
            "POST",
            bench.path("/mute"),
            "{\"clientContext\":7}",
            (400, "badRequest"),
            "$.clientContext",
        ),
        ("POST", "/v1.0/communications/calls".to_owned(), "{}", (400, "badRequest"), "callbackUri"),
        (
            "POST",
            "/v1.0/communications/calls".to_owned(),
            "{\"callbackUri\":\"http://bot.example/\"}",
            (400, "badRequest"),
            "https",
        ),
    ] {
        let request = bench.request(method.parse().unwrap(), &path);
        let request = if body.is_empty() {
            request
        } else {
            request.header("content-type", "application/json").body(body)
        };
        let found = answer(request).await;
        assert_eq!(found.code(), code, "{method} {path}: {found:?}");
        assert!(found.message().contains(words), "{method} {path}: {}", found.message());
    }
    let long = json!({"clientContext": "x".repeat(257)});
    let long = bench.post(&bench.path("/mute"), &long).await;
    assert_eq!(long.code(), (400, "badRequest"));
    assert!(long.message().contains("at most 256"));
    let text = bench.request(Method::POST, &bench.path("/mute")).body("{}");
    assert_eq!(answer(text).await.code(), (415, "UnsupportedMediaType"));
    let huge = json!({"clientContext": "x".repeat(2 * 1024 * 1024)});
    let huge = bench.post(&bench.path("/mute"), &huge).await;
    assert_eq!(huge.status, 413);
}

#[tokio::test]
async fn joining_establishes_the_call() {
    let mut bench = Bench::start().await;
    let joined = bench.join(false).await;
    assert_eq!(
        (&joined.body["id"], &joined.body["state"]),
        (&json!(bench.call), &json!("establishing"))
    );
    assert_eq!(joined.body["callbackUri"], bench.receiver.address);
    let location = joined.header("location");
    assert_eq!(location, format!("{}{}", bench.service.base_url(), bench.path("")));
    for state in ["establishing", "established"] {
        match bench.receiver.topic().await {
            Topic::Call { call, deleted: false } => assert_eq!(call.state.as_deref(), Some(state)),
            other => panic!("{other:?}"),
        }
    }
    let people = bench.receiver.roster().await;
    assert_eq!(people.len(), 43);
    let call = bench.get(&bench.path("")).await.body;
    assert_eq!(call["state"], "established");
    let me = call["myParticipantId"].as_str().unwrap();
    assert!(people.iter().any(|(id, _)| id == me));
    let own = bench.get(&bench.path(&format!("/participants/{me}"))).await.body;
    assert_eq!(own["info"]["identity"]["application"]["displayName"], "Foldback");
    assert_eq!(own["info"]["identity"]["application"]["id"], bench.service.client_id());
}

#[tokio::test]
async fn paths_and_ids_in_every_spelling() {
    let bench = Bench::joined(false).await;
    let person = bench.open().await[0].clone();
    let bare = |id: &str| id.replace('-', "").to_uppercase();
    let path = format!(
        "/beta/app/calls/{}/participants/{}/Microsoft.Graph.Mute",
        bare(&bench.call),
        bare(&person)
    );
    let muted = bench.post(&path, &json!({})).await;
    assert_eq!(muted.status, 200, "{muted:?}");
    let prefix = format!("{}/beta/app/calls/{}/", bench.service.base_url(), bench.call);
    assert!(muted.header("location").starts_with(&prefix), "{}", muted.header("location"));
    let after = bench.get(&bench.path(&format!("/participants/{person}"))).await;
    assert_eq!(after.body["isMuted"], true);
}

#[tokio::test]
async fn a_mix_runs_and_is_completed() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    let body = json!({"clientContext": "mix-1", "participantMixerLevels": [{
        "participant": open[0],
        "ducking": {"rampActive": 50, "rampInactive": 50, "lowerLevel": 10, "upperLevel": 50},
        "sourceLevels": [{"participant": open[1], "level": 50, "duckOthers": true}],
    }]});
    let running = bench.mix(&body).await;
    assert_eq!((running.status, &running.body["status"]), (202, &json!("running")));
    assert_eq!(running.body["clientContext"], "mix-1");
    let id = running.body["id"].as_str().unwrap();
    let location = running.header("location");
    assert!(location.ends_with(&format!("/operations/{id}")), "{location}");
    let done = bench.receiver.next().await;
    assert!(done.is_deleted());
    assert_eq!(done.resource_data["@odata.id"], done.url().unwrap());
    match done.topic().unwrap() {
        Topic::Operation(operation) => {
            assert_eq!(operation.id.as_deref(), Some(id));
            assert_eq!(operation.client_context.as_deref(), Some("mix-1"));
            assert_eq!(operation.status, Some(OperationStatus::Completed));
        }
        other => panic!("{other:?}"),
    }
    let path = location.strip_prefix(&bench.service.base_url()).unwrap();
    assert_eq!(bench.get(path).await.body["status"], "completed");
    let all = bench.get(&bench.path("/operations")).await.body;
    assert_eq!(all["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_mix_makes_no_operation() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let mix = |source: &str, level: Value| {
        json!({"participantMixerLevels": [{"participant": open[0],
            "sourceLevels": [{"participant": source, "level": level}]}]})
    };
    let unknown = bench.mix(&mix(NOBODY, json!(50))).await;
    assert_eq!(unknown.code(), (404, "8522"));
    for (body, path) in [
        (mix(&open[1], json!(101)), "$.participantMixerLevels[0].sourceLevels[0].level: 101"),
        (mix(&open[0], json!(50)), "$.participantMixerLevels[0].sourceLevels[0].participant"),
        (json!({}), "$: missing field"),
    ] {
        let bad = bench.mix(&body).await;
        assert_eq!(bad.code(), (400, "badRequest"));
        assert!(bad.message().starts_with(path), "{}", bad.message());
    }
    let all = bench.get(&bench.path("/operations")).await.body;
    assert_eq!(all["value"], json!([]));
}

#[tokio::test]
async fn an_ended_call_stays_gone_and_the_next_join_is_another_call() {
    let mut bench = Bench::joined(false).await;
    let me = bench.get(&bench.path("")).await.body["myParticipantId"].clone();
    assert_eq!(bench.post(&bench.path("/keepAlive"), &json!({})).await.status, 200);
    assert_eq!(answer(bench.request(Method::POST, &bench.path("/keepAlive"))).await.status, 200);
    assert_eq!(bench.delete(&bench.path("")).await.status, 204);
    match bench.receiver.topic().await {
        Topic::Call { call, deleted: false } => {
            assert_eq!(call.state.as_deref(), Some("terminating"));
        }
        other => panic!("{other:?}"),
    }
    match bench.receiver.topic().await {
        Topic::Call { call, deleted: true } => {
            assert_eq!(call.state.as_deref(), Some("terminated"));
            assert_eq!(call.result_info.unwrap().code, Some(200));
        }
        other => panic!("{other:?}"),
    }
    for path in ["", "/participants", "/operations"] {
        assert_eq!(bench.get(&bench.path(path)).await.code(), (404, "8522"), "{path}");
    }
    assert_eq!(bench.post(&bench.path("/keepAlive"), &json!({})).await.status, 404);
    assert_eq!(bench.delete(&bench.path("")).await.status, 404);
    let again = bench.join(false).await;
    assert_ne!(again.body["id"], bench.call);
    assert_ne!(again.body["myParticipantId"], me);
    assert_eq!(bench.get(&bench.path("")).await.code(), (404, "8522"));
    again.body["id"].as_str().unwrap().clone_into(&mut bench.call);
    assert_eq!(bench.people().await.len(), 43);
    assert!(matches!(bench.receiver.topic().await, Topic::Call { deleted: false, .. }));
}

#[tokio::test]
async fn another_meeting_is_another_call_and_the_same_one_the_same() {
    let mut bench = Bench::start().await;
    let join = |meeting: &str| json!({"callbackUri": bench.receiver.address, "chatInfo": {"threadId": meeting}});
    let mut ids = Vec::new();
    for meeting in ["19:first", "19:second", "19:first", "19:second"] {
        let answer = bench.post("/v1.0/communications/calls", &join(meeting)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        ids.push(answer.body["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((&ids[0], &ids[1]), (&ids[2], &ids[3]));
    // The first meeting anybody names is the one whose id was known from the start.
    assert_eq!(ids[0], bench.call);
    assert_ne!(ids[1], bench.call);
    let first = bench.people().await;
    bench.call.clone_from(&ids[1]);
    let second = bench.people().await;
    assert_eq!(second.len(), 43);
    assert_ne!(first[1]["id"], second[1]["id"]);
    // Each call tells of itself alone.
    assert_eq!(bench.mute(second[1]["id"].as_str().unwrap()).await.status, 200);
    let mut of = std::collections::BTreeSet::new();
    while of.len() < 2 {
        of.insert(bench.receiver.next().await.call_id().unwrap().to_string());
    }
    assert_eq!(of, ids.into_iter().collect());
}

#[tokio::test]
async fn switches_are_read_and_changed() {
    let bench = Bench::start().await;
    let all = bench.get("/rehearsal/v1/switches").await;
    assert_eq!((all.status, &all.body["mixer_status"]), (200, &json!(202)));
    let changed = bench.pull("switches", json!({"mixer_status": 200})).await;
    assert_eq!((&changed["mixer_status"], &changed["roster"]), (&json!(200), &json!("whole")));
    let wrong = bench.post("/rehearsal/v1/switches", &json!({"volume": 1})).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body["error"].as_str().unwrap().contains("mixer_status"), "{wrong:?}");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_facts_and_another_secret() {
    let (one, two) = (Bench::start().await, Bench::start().await);
    assert_eq!((&one.call, one.service.client_id()), (&two.call, two.service.client_id()));
    assert_eq!(one.people().await, two.people().await);
    assert_ne!(one.service.client_secret(), two.service.client_secret());
    assert_eq!(one.service.client_secret().len(), 64);
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let mut open = options(frozen());
    open.addr = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(Service::start(open).await, Err(Error::NotLoopback(_))));
    let mut far = options(frozen());
    far.callback = Some("http://bot.example/".to_owned());
    assert!(matches!(Service::start(far).await, Err(Error::Callback { .. })));
    let mut nobody = options(frozen());
    nobody.rehearsal.participants = 0;
    assert!(matches!(Service::start(nobody).await, Err(Error::Option { .. })));
    let bench = Bench::start().await;
    let mut taken = options(frozen());
    taken.addr = bench.service.address();
    assert!(matches!(Service::start(taken).await, Err(Error::Listen { .. })));
}
