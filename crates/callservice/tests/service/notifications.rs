//! Deliveries: order, tries, answers with a meaning of their own, forms, and the list of them.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, PATIENCE, frozen, options},
    inbox::{Act, Inbox, Post},
};

/// Joins with this inbox as callback; `meeting` names another call.
pub async fn join(bench: &Bench, inbox: &Inbox, meeting: Option<&str>) -> String {
    let mut body = json!({
        "@odata.type": "#microsoft.graph.call",
        "callbackUri": inbox.address,
        "callOptions": {"isDeltaRosterEnabled": true},
    });
    if let Some(meeting) = meeting {
        body["chatInfo"] = json!({"threadId": meeting});
    }
    let answer = bench.post("/v1.0/communications/calls", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_str().unwrap().to_owned()
}

/// A frozen rehearsal joined in the delta form, its first three notifications taken.
pub async fn joined() -> (Bench, Inbox) {
    let bench = Bench::start().await;
    let mut inbox = Inbox::start().await;
    join(&bench, &inbox, None).await;
    for _ in 0..3 {
        inbox.next().await;
    }
    (bench, inbox)
}

/// The list of notifications once it shows what is looked for.
pub async fn listed(bench: &Bench, shows: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let look = async {
        loop {
            let all = bench.get("/rehearsal/v1/notifications").await.body;
            let all = all.as_array().unwrap().clone();
            if shows(&all) {
                return all;
            }
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("the list shows it in time")
}

fn ended(outcome: &'static str) -> impl Fn(&[Value]) -> bool {
    move |all| all.last().is_some_and(|last| last["outcome"] == outcome)
}

/// The person a delta tells of.
fn told(post: &Post) -> &str {
    post.item()["resourceData"]["participants"][0]["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_post_carries_the_headers_of_its_family() {
    let bench = Bench::start().await;
    let mut inbox = Inbox::start().await;
    let call = join(&bench, &inbox, None).await;
    let (first, second) = (inbox.next().await, inbox.next().await);
    for post in [&first, &second] {
        assert_eq!(post.header("content-type"), "application/json");
        assert!(post.header("user-agent").contains("Microsoft-Skype"));
        assert!(post.header("authorization").starts_with("Bearer ey"));
        for name in ["client-request-id", "x-microsoft-skype-message-id"] {
            assert_eq!(post.header(name).len(), 36, "{name}");
        }
        assert_eq!(post.body["@odata.type"], "#microsoft.graph.commsNotifications");
        assert_eq!(post.item()["resourceUrl"], format!("/communications/calls/{call}"));
    }
    assert_eq!((first.state(), second.state()), ("establishing", "established"));
    for name in ["scenario-id", "x-microsoft-skype-chain-id"] {
        assert_eq!((first.header(name).len(), first.header(name)), (36, second.header(name)));
    }
    let chain = bench.get(&bench.path("")).await.body["callChainId"].clone();
    assert_eq!(chain, first.header("x-microsoft-skype-chain-id"), "the call names the same chain");
    assert_ne!(chain, bench.call);
    let message = "x-microsoft-skype-message-id";
    assert_ne!(first.header(message), second.header(message));
}

#[tokio::test]
async fn what_fails_for_now_is_tried_again_and_holds_up_the_rest() {
    let (bench, mut inbox) = joined().await;
    inbox.does(&[Act::Answer(503), Act::Answer(500), Act::Answer(204)]);
    let open = bench.open().await;
    for person in &open[..2] {
        bench.mute(person).await;
    }
    let tries = [inbox.next().await, inbox.next().await, inbox.next().await];
    for post in &tries {
        assert_eq!(told(post), open[0]);
        let message = "x-microsoft-skype-message-id";
        assert_eq!(post.header(message), tries[0].header(message));
    }
    assert!(tries[1].at - tries[0].at >= Duration::from_millis(200));
    assert!(tries[2].at - tries[1].at >= Duration::from_millis(800));
    // 204 was enough.
    assert_eq!(told(&inbox.next().await), open[1]);
    let all = listed(&bench, ended("taken")).await;
    let statuses = |of: &Value| -> Vec<u64> {
        of["tries"].as_array().unwrap().iter().map(|it| it["status"].as_u64().unwrap()).collect()
    };
    let [.., first, second] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((statuses(first), &first["outcome"]), (vec![503, 500, 204], &json!("taken")));
    assert_eq!(statuses(second), [202]);
    assert_eq!((&first["service"], &first["call"]), (&json!("graph"), &json!(bench.call)));
    assert_eq!(first["about"], format!("/communications/calls/{}/participants", bench.call));
    assert_eq!(first["body"], tries[0].body);
    // The path of a callback may be a secret.
    assert_eq!(first["to"].as_str(), inbox.address.strip_suffix("/inbox"));
}

#[tokio::test]
async fn tries_are_bounded_and_refusals_final() {
    let (bench, mut inbox) = joined().await;
    let open = bench.open().await;
    inbox.does(&[Act::Answer(400), Act::Answer(401)]);
    for person in &open[..3] {
        bench.mute(person).await;
    }
    for person in &open[..3] {
        assert_eq!(told(&inbox.next().await), person);
    }
    let all = listed(&bench, ended("taken")).await;
    let outcomes: Vec<&Value> = all.iter().rev().take(3).map(|it| &it["outcome"]).collect();
    assert_eq!(outcomes, ["taken", "refused", "refused"]);
    inbox.does(&[Act::Answer(500), Act::Answer(502), Act::Answer(503), Act::Answer(504)]);
    bench.mute(&open[3]).await;
    let all = listed(&bench, ended("dropped")).await;
    assert_eq!(all.last().unwrap()["tries"].as_array().unwrap().len(), 4);
    assert_eq!(bench.delete("/rehearsal/v1/notifications").await.body["cleared"], all.len());
    assert_eq!(bench.get("/rehearsal/v1/notifications").await.body, json!([]));
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_tried_again_after_five_seconds() {
    let (bench, mut inbox) = joined().await;
    inbox.does(&[Act::Sleep]);
    let open = bench.open().await;
    bench.mute(&open[0]).await;
    let (first, second) = (inbox.next().await, inbox.next().await);
    assert_eq!((told(&first), told(&second)), (open[0].as_str(), open[0].as_str()));
    let between = second.at - first.at;
    assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&between), "{between:?}");
    let all = listed(&bench, ended("taken")).await;
    assert_eq!(all.last().unwrap()["tries"][0]["error"], "no answer in time");
}

#[tokio::test]
async fn a_receiver_nobody_reaches_is_given_up() {
    let bench = Bench::start().await;
    let mut inbox = Inbox::start().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    inbox.address = format!("http://{closed}/secret");
    join(&bench, &inbox, None).await;
    let gave_up = |all: &[Value]| all.first().is_some_and(|it| it["outcome"] == "dropped");
    let all = listed(&bench, gave_up).await;
    let tries = all[0]["tries"].as_array().unwrap();
    assert_eq!(tries.len(), 4);
    let refused = |it: &Value| it["error"].as_str().is_some_and(|it| it.contains("refused"));
    assert!(tries.iter().all(refused), "{tries:?}");
    assert!(!Value::from(all).to_string().contains("secret"));
}

#[tokio::test]
async fn a_redirect_moves_the_call() {
    let (bench, mut inbox) = joined().await;
    let mut other = Inbox::start().await;
    let open = bench.open().await;
    inbox.does(&[Act::Redirect(other.address.clone())]);
    for person in &open[..2] {
        bench.mute(person).await;
    }
    assert_eq!(told(&inbox.next().await), open[0]);
    let moved = other.next().await;
    assert_eq!((told(&moved), moved.path.as_str()), (open[0].as_str(), "/inbox"));
    assert_eq!(told(&other.next().await), open[1]);
    assert_eq!(bench.get(&bench.path("")).await.body["callbackUri"], other.address);
    // Back, by a path alone, and then to where callbacks are not allowed.
    let elsewhere = other.address.replace("/inbox", "/elsewhere");
    other.does(&[Act::Redirect("/elsewhere".to_owned())]);
    bench.mute(&open[2]).await;
    assert_eq!(told(&other.next().await), open[2]);
    assert_eq!(other.next().await.path, "/elsewhere");
    other.does(&[Act::Redirect("http://bot.example/n".to_owned())]);
    bench.mute(&open[3]).await;
    assert_eq!(other.next().await.path, "/elsewhere");
    listed(&bench, ended("refused")).await;
    assert_eq!(bench.get(&bench.path("")).await.body["callbackUri"], elsewhere.as_str());
    // Going round in circles ends.
    let circle = Act::Redirect(elsewhere.clone());
    other.does(&[circle.clone(), circle.clone(), circle.clone(), circle]);
    bench.pull("people", json!({"join": {}})).await;
    let all = listed(&bench, |all| all.last().unwrap()["tries"].as_array().unwrap().len() == 4);
    assert_eq!(all.await.last().unwrap()["tries"][3]["status"], 302);
    listed(&bench, ended("refused")).await;
}

#[tokio::test]
async fn one_slow_receiver_does_not_hold_up_another_call() {
    let (bench, mut inbox) = joined().await;
    let mut other = Inbox::start().await;
    let second = join(&bench, &other, Some("another")).await;
    // The first meeting that is named is that of the standing call, which goes on elsewhere now.
    assert_eq!(second, bench.call);
    let third = join(&bench, &inbox, Some("a third")).await;
    assert_ne!(third, bench.call);
    for _ in 0..3 {
        assert!(other.next().await.body.to_string().contains(&bench.call));
        assert!(inbox.next().await.body.to_string().contains(&third));
    }
    other.does(&[Act::Sleep]);
    let open = bench.open().await;
    bench.mute(&open[0]).await;
    other.next().await;
    let start = Instant::now();
    bench.pull("people", json!({"on": third, "join": {}})).await;
    assert!(inbox.next().await.body.to_string().contains(&third));
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_call_that_ends_tells_what_it_has_to_tell() {
    let (bench, mut inbox) = joined().await;
    inbox.does(&[Act::Answer(503)]);
    let open = bench.open().await;
    bench.pull("faults", json!({"notifications": {"late_ms": 2_000}})).await;
    bench.mute(&open[0]).await;
    bench.mute(&open[1]).await;
    assert_eq!(told(&inbox.next().await), open[1]);
    assert_eq!(bench.delete(&bench.path("")).await.status, 204);
    let mut rest = Vec::new();
    while rest.len() < 4 {
        let post = inbox.next().await;
        rest.push(match post.state() {
            "" => told(&post).to_owned(),
            state => state.to_owned(),
        });
    }
    let late = rest.iter().position(|it| *it == open[0]).unwrap();
    rest.remove(late);
    assert_eq!(rest, [open[1].as_str(), "terminating", "terminated"]);
}

#[tokio::test]
async fn switches_choose_the_form() {
    let (bench, mut inbox) = joined().await;
    let open = bench.open().await;
    let bare = bench.call.replace('-', "").to_uppercase();
    bench.pull("switches", json!({"envelope": "old", "int64": "text"})).await;
    bench.mute(&open[0]).await;
    let old = inbox.next().await;
    assert_eq!((old.body.get("@odata.type"), old.item().get("resourceUrl")), (None, None));
    assert_eq!(old.item()["resource"], format!("/app/calls/{bare}/participants"));
    assert!(old.item()["resourceData"]["sequenceNumber"].is_string());
    bench.pull("switches", json!({"envelope": "both", "int64": "number"})).await;
    bench.mute(&open[1]).await;
    let both = inbox.next().await;
    assert!(both.item()["resource"].is_string() && both.item()["resourceUrl"].is_string());
    assert!(both.item()["resourceData"]["sequenceNumber"].is_u64());
}

#[tokio::test]
async fn requests_show_the_headers_that_tell() {
    let bench = Bench::start().await;
    let request = bench
        .request(Method::POST, &bench.path("/keepAlive"))
        .header("client-request-id", "mine")
        .header("repeatability-request-id", "r-1")
        .header("x-ms-date", "Sun, 22 Nov 2026 03:08:20 GMT")
        .json(&json!({}));
    crate::bench::answer(request).await;
    let log = bench.get("/rehearsal/v1/requests").await.body;
    let headers = &log[0]["headers"];
    for (name, value) in [
        ("client-request-id", "mine"),
        ("repeatability-request-id", "r-1"),
        ("x-ms-date", "Sun, 22 Nov 2026 03:08:20 GMT"),
        ("content-type", "application/json"),
        ("authorization", "Bearer"),
    ] {
        assert_eq!(headers[name], value, "{headers}");
    }
    assert_eq!(log[0]["fault"], Value::Null);
    assert!(!log.to_string().contains(&bench.token));
}

#[tokio::test]
async fn without_inspect_nothing_is_listed() {
    let mut closed = options(frozen());
    closed.inspect = false;
    let bench = Bench::with(closed).await;
    assert_eq!(bench.get("/rehearsal/v1/notifications").await.status, 404);
    assert_eq!(bench.post("/rehearsal/v1/keys", &json!({"rotate": "graph"})).await.status, 404);
}
