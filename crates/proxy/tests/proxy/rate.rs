//! How much one may ask for before others notice.

use foldback_proxy::{app::Limits, edge::limits::Rate};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use crate::{
    house::{House, graph, person},
    stage::{Stage, level},
};

const FEW: Rate = Rate { per_second: 1, at_once: 20 };

#[tokio::test]
async fn drag_storm() {
    let stage = Stage::limited(Limits { session: FEW, ..Limits::default() }).await;
    let (one, two) = (stage.operator().await, stage.operator().await);
    let snapshot = one.snapshot().await;
    let ids: Vec<_> = snapshot.roster.iter().map(|person| person.id.clone()).collect();
    let drag = |number: usize| {
        let body =
            level(&ids[2], &ids[3], u8::try_from(number % 100).unwrap(), &format!("c{number}"));
        let request = one.command("participants/configureMixer", &body);
        // Whatever it says of itself, it is one session.
        request.header("user-agent", format!("panel {number}")).send()
    };
    let replies = join_all((0..60).map(drag)).await;
    let mut refused = 0;
    for reply in replies {
        let reply = reply.unwrap();
        if reply.status() != 429 {
            continue;
        }
        refused += 1;
        let wait: u64 = reply.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(wait >= 1);
        let body: Value = reply.json().await.unwrap();
        assert_eq!(body["error"]["code"], "tooManyRequests");
        assert!(body["error"]["message"].as_str().unwrap().contains("1 requests a second"));
    }
    assert!(refused >= 35, "{refused} of 60");
    let reached = stage.service.requests("POST", "/configureMixer").await.len();
    assert!(reached <= 25, "{reached} reached the service");
    let problem = one.get("/foldback/v1/calls").await;
    assert_eq!(problem.status(), 429);
    assert_eq!(problem.headers()["content-type"], "application/problem+json");
    // Another panel behind the same address goes on, and so do pages.
    assert_eq!(two.get("/foldback/v1/calls").await.status(), 200);
    assert_eq!(one.get("/").await.status(), 200);
    let text = stage.demo.server.app.metrics.text().unwrap();
    assert!(text.contains("foldback_limited_total{kind=\"session\"}"), "{text}");
}

#[tokio::test]
async fn who_has_no_session_pays_by_address() {
    let house =
        House::limited("", |limits| limits.address = Rate { per_second: 1, at_once: 60 }).await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Look")).await;
    let token = house.provider.bearer(&person("Look"));
    let by_token = |token: &str| {
        let request = house.glass.http.get(format!("{}/foldback/v1/calls", house.base));
        request.bearer_auth(token).send()
    };
    let get = |path: &str| house.glass.http.get(format!("{}{path}", house.base)).send();
    // Sessions cost the address nothing.
    for _ in 0..100 {
        assert_eq!(browser.get("/foldback/v1/calls").await.status(), 200);
        assert_eq!(by_token(&token).await.unwrap().status(), 200);
    }
    // Signing in is dear: it has the issuer asked. Two were paid for already.
    assert_eq!(get("/sign-in/callback?code=x&state=y").await.unwrap().status(), 429);
    assert_eq!(get("/sign-in").await.unwrap().status(), 429);
    // What is refused costs as well, in every form.
    let mut statuses = Vec::new();
    for path in ["/foldback/v1/calls", "/healthz", "/nowhere", "/beta/app/calls/x", "/%zz"]
        .iter()
        .cycle()
        .take(30)
    {
        statuses.push(get(path).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses[0], 401);
    assert!(statuses.iter().rev().take(5).all(|status| *status == 429), "{statuses:?}");
    let post = house.glass.http.post(format!("{}/notifications/graph/wrong", house.base));
    assert_eq!(post.send().await.unwrap().status(), 429);
    assert_eq!(by_token("nonsense").await.unwrap().status(), 429);
    let reply = get("/foldback/v1/calls").await.unwrap();
    assert_eq!(reply.status(), 429);
    let problem: Value = reply.json().await.unwrap();
    assert_eq!(problem["type"], "urn:foldback:problem:tooManyRequests");
    // Whoever is signed in is not held up by others behind the same address.
    assert_eq!(browser.get(&format!("/foldback/v1/calls/{call}")).await.status(), 200);
    // Tokens of one person share an allowance.
    let text = house.server.app.metrics.text().unwrap();
    assert!(text.contains("foldback_limited_total{kind=\"address\"}"), "{text}");
}

#[tokio::test]
async fn tokens_of_one_person_are_one_session() {
    let house = House::limited("", |limits| limits.session = FEW).await;
    let ask = |who: &str| {
        let request = house.ask(&person(who), Method::GET, "/foldback/v1/calls");
        request.send()
    };
    let mut refused = 0;
    for _ in 0..40 {
        // A new token each time.
        refused += u32::from(ask("Look").await.unwrap().status() == 429);
    }
    assert!(refused >= 15, "{refused}");
    assert_eq!(ask("Mute").await.unwrap().status(), 200);
}

#[tokio::test]
async fn connections_of_an_address_are_counted() {
    let limits = Limits { connections_per_address: 8, ..Limits::default() };
    let stage = Stage::limited(limits).await;
    let address = stage.base.strip_prefix("http://").unwrap();
    let mut held = Vec::new();
    let mut turned_away = 0;
    for _ in 0..16 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let mut answer = [0; 12];
        // Those that have a place hear nothing before they ask.
        let read =
            tokio::time::timeout(std::time::Duration::from_millis(50), socket.read(&mut answer));
        match read.await {
            Ok(_) => turned_away += 1,
            Err(_) => held.push(socket),
        }
    }
    assert!((1..=8).contains(&held.len()), "{} have a place", held.len());
    assert!(turned_away >= 8);
    drop(held);
    crate::stage::eventually("places come back", || async {
        let reply = stage.service.http.get(format!("{}/healthz", stage.base)).send().await;
        reply.ok().filter(|reply| reply.status() == 200)
    })
    .await;
}
