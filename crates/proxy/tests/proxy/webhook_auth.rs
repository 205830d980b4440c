//! Notifications without a good token: each kind of wrong one, through the door itself.

use std::sync::{Arc, atomic::Ordering};

use foldback_callservice::engine::Face;
use foldback_proxy::{
    server::Server,
    webhook::{
        family::Family,
        token::{Flaw, Refusal, Verifier},
    },
};
use serde_json::{Value, json};

use crate::{
    readings::{Fake, person, proxy, roster_notification},
    signer::{
        GRAPH_ISSUER, another, graph_claims, graph_token, header, jwk, now, ours, part, sign,
    },
    stage::{Operator, Stage, client},
};

/// A proxy whose service's keys are in our hands.
struct Rig {
    fake: Arc<Fake>,
    server: Server,
    operator: Operator,
}

impl Rig {
    async fn start() -> Self {
        let (fake, base) = Fake::start().await;
        let (server, operator) = proxy(&base).await;
        Self { fake, server, operator }
    }

    /// Posts a roster in which everybody is muted, with this `Authorization`.
    async fn post(&self, authorization: &[String]) -> (u16, String) {
        let body = roster_notification(&json!([person("ada", true), person("bob", true)]));
        let url = self.fake.callback.lock().unwrap().clone();
        let mut request = client().post(url).json(&body);
        for value in authorization {
            request = request.header("authorization", value);
        }
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    async fn bearer(&self, token: &str) -> (u16, String) {
        self.post(&[format!("Bearer {token}")]).await
    }

    /// How often tokens were found to be of this kind.
    fn counted(&self, kind: &str) -> u64 {
        counted(&self.server, kind)
    }
}

fn counted(server: &Server, kind: &str) -> u64 {
    let text = server.app.metrics.text().unwrap();
    let name = format!("foldback_notification_tokens_total{{kind=\"{kind}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |n| n.parse().unwrap())
}

/// A good token but for these members; null takes one out.
fn with(in_header: &Value, in_claims: &Value) -> String {
    let change = |mut base: Value, changes: &Value| {
        for (name, value) in changes.as_object().unwrap() {
            let members = base.as_object_mut().unwrap();
            match value {
                Value::Null => drop(members.remove(name)),
                value => drop(members.insert(name.clone(), value.clone())),
            }
        }
        base
    };
    sign(ours(), &change(header(ours()), in_header), &change(graph_claims(), in_claims))
}

fn claims(changes: &Value) -> String {
    with(&json!({}), changes)
}

/// HMAC with a secret a receiver could take for one: the published key in some spelling.
fn hmac_signed(secret: &[u8]) -> String {
    let mut head = header(ours());
    head["alg"] = json!("HS256");
    let message = format!("{}.{}", part(head.to_string()), part(graph_claims().to_string()));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    format!("{message}.{}", part(ring::hmac::sign(&key, message.as_bytes())))
}

fn unsigned(algorithm: &str) -> String {
    let head = json!({"alg": algorithm, "typ": "JWT", "kid": ours().kid()});
    format!("{}.{}.", part(head.to_string()), part(graph_claims().to_string()))
}

/// Every wrong token with what it is counted as.
fn wrong_tokens() -> Vec<(&'static str, String, &'static str)> {
    let good = graph_token();
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let (n, _) = ours().public();
    let swapped = graph_claims();
    let mut padded = good.clone();
    padded.push('=');
    vec![
        ("no text", String::new(), "form"),
        ("one part", head.to_owned(), "form"),
        ("two parts", format!("{head}.{body}"), "form"),
        ("four parts", format!("{good}.{signature}"), "form"),
        ("no JSON in the header", format!("{}.{body}.{signature}", part("x")), "form"),
        ("padding", padded, "form"),
        ("9 KiB", with(&json!({"x": "x".repeat(9 * 1024)}), &json!({})), "form"),
        ("a header that must be understood", with(&json!({"crit": ["exp"]}), &json!({})), "form"),
        ("none", unsigned("none"), "algorithm"),
        ("None", unsigned("None"), "algorithm"),
        ("none, with a signature", with(&json!({"alg": "none"}), &json!({})), "algorithm"),
        ("RS384", with(&json!({"alg": "RS384"}), &json!({})), "algorithm"),
        ("PS256", with(&json!({"alg": "PS256"}), &json!({})), "algorithm"),
        ("ES256", with(&json!({"alg": "ES256"}), &json!({})), "algorithm"),
        (
            "RSA256, as the metadata writes it",
            with(&json!({"alg": "RSA256"}), &json!({})),
            "algorithm",
        ),
        ("HS256 by the modulus", hmac_signed(n.as_bytes()), "algorithm"),
        ("HS256 by the key as JSON", hmac_signed(jwk(ours()).to_string().as_bytes()), "algorithm"),
        ("HS256 by nothing", hmac_signed(b""), "algorithm"),
        ("no kid", with(&json!({"kid": null}), &json!({})), "noKeyName"),
        ("empty kid", with(&json!({"kid": ""}), &json!({})), "noKeyName"),
        ("unknown kid", with(&json!({"kid": "../keys"}), &json!({})), "unknownKey"),
        ("another key, unpublished", sign(another(), &header(another()), &swapped), "unknownKey"),
        ("another key under our kid", sign(another(), &header(ours()), &swapped), "signature"),
        (
            "another key, brought along",
            sign(
                another(),
                &json!({"alg": "RS256", "kid": ours().kid(), "jwk": jwk(another())}),
                &swapped,
            ),
            "signature",
        ),
        (
            "another key, somewhere else",
            sign(
                another(),
                &json!({"alg": "RS256", "kid": ours().kid(), "jku": "https://evil.example/keys",
                    "x5u": "https://evil.example/cert"}),
                &swapped,
            ),
            "signature",
        ),
        (
            "claims of another token",
            format!("{head}.{}.{signature}", part(json!({"iss": GRAPH_ISSUER}).to_string())),
            "signature",
        ),
        ("no signature", format!("{head}.{body}."), "signature"),
        ("no claims", sign(ours(), &header(ours()), &json!("x")), "claims"),
        ("no exp", claims(&json!({"exp": null})), "claims"),
        ("exp as text", claims(&json!({"exp": "tomorrow"})), "claims"),
        ("negative exp", claims(&json!({"exp": -1})), "claims"),
        ("no iss", claims(&json!({"iss": null})), "claims"),
        ("several issuers", claims(&json!({"iss": [GRAPH_ISSUER, "x"]})), "claims"),
        ("no aud", claims(&json!({"aud": null})), "claims"),
        ("nbf as text", claims(&json!({"nbf": "now"})), "claims"),
        ("over for 5 min 2 s", claims(&json!({"exp": now() - 302})), "expired"),
        ("over since 1970", claims(&json!({"exp": 0})), "expired"),
        ("good in 5 min 30 s", claims(&json!({"nbf": now() + 330})), "early"),
        ("good in 2100", claims(&json!({"nbf": 4_102_444_800_u64})), "early"),
        ("foreign issuer", claims(&json!({"iss": "https://sts.windows.net/t/"})), "issuer"),
        ("issuer with a slash", claims(&json!({"iss": format!("{GRAPH_ISSUER}/")})), "issuer"),
        (
            "the other family's issuer",
            claims(&json!({"iss": "https://acscallautomation.communication.azure.com"})),
            "issuer",
        ),
        ("another app", claims(&json!({"aud": "app2"})), "audience"),
        ("other apps", claims(&json!({"aud": ["a", "b"]})), "audience"),
        ("app in capitals", claims(&json!({"aud": "APP"})), "audience"),
        ("no tenant", claims(&json!({"tid": null})), "tenant"),
        ("another tenant", claims(&json!({"tid": "t2"})), "tenant"),
        ("tenant as a number", claims(&json!({"tid": 7})), "claims"),
    ]
}

#[tokio::test]
async fn table() {
    let rig = Rig::start().await;
    let before = rig.operator.snapshot().await;
    let wrong = wrong_tokens();
    assert!(wrong.len() >= 25, "{}", wrong.len());
    for (what, token, kind) in wrong {
        let counted = rig.counted(kind);
        assert_eq!(rig.bearer(&token).await, (401, String::new()), "{what}");
        assert_eq!(rig.counted(kind), counted + 1, "{what} is counted as {kind}");
    }
    let good = graph_token();
    for (what, headers, kind) in [
        ("none at all", vec![], "missing"),
        ("another scheme", vec![format!("Basic {good}")], "form"),
        ("no scheme", vec![good.clone()], "form"),
        ("two", vec![format!("Bearer {good}"), format!("Bearer {}", graph_token())], "form"),
    ] {
        let counted = rig.counted(kind);
        assert_eq!(rig.post(&headers).await, (401, String::new()), "{what}");
        assert_eq!(rig.counted(kind), counted + 1, "{what} is counted as {kind}");
    }
    assert_eq!(rig.operator.snapshot().await, before, "nothing was believed");
    assert_eq!(rig.counted("good"), 0);
}

#[tokio::test]
async fn what_a_good_token_may_look_like() {
    let rig = Rig::start().await;
    for (what, token) in [
        ("plain", graph_token()),
        ("the other issuer", claims(&json!({"iss": "https://graph.microsoft.com"}))),
        ("the app among others", claims(&json!({"aud": ["x", "app"]}))),
        ("tenant in capitals", claims(&json!({"tid": "T"}))),
        ("without nbf", claims(&json!({"nbf": null}))),
        ("over for less than the leeway", claims(&json!({"exp": now() - 240}))),
        ("good soon", claims(&json!({"nbf": now() + 240}))),
        (
            "offers of keys, which are ignored",
            with(&json!({"jku": "https://evil.example", "jwk": jwk(another())}), &json!({})),
        ),
    ] {
        assert_eq!(rig.bearer(&token).await, (202, String::new()), "{what}");
    }
    assert_eq!(rig.post(&[format!("bearer {}", graph_token())]).await.0, 202);
}

#[tokio::test]
async fn the_path_comes_before_the_token() {
    let rig = Rig::start().await;
    let url = format!("{}/notifications/graph/nowhere", rig.server.app.origin);
    let reply = client().post(url).bearer_auth("x").body("x").send().await.unwrap();
    assert_eq!(reply.status(), 404);
    // A large body of somebody without a token is not read to its end.
    let url = rig.fake.callback.lock().unwrap().clone();
    let large = client().post(url).body(vec![b'x'; 4 * 1024 * 1024]).send().await;
    assert!(large.is_err() || large.is_ok_and(|reply| reply.status() == 401));
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_once_a_minute() {
    let rig = Rig::start().await;
    let publisher = &rig.fake.publisher;
    assert_eq!(rig.bearer(&graph_token()).await.0, 202);
    let start = publisher.times_read();
    let rotated = || sign(another(), &header(another()), &graph_claims());
    for _ in 0..20 {
        assert_eq!(rig.bearer(&rotated()).await.0, 401);
    }
    assert_eq!(publisher.times_read(), start + 1);
    // The service has a new key, but strangers have just had the keys read.
    publisher.keys.lock().unwrap().push(jwk(another()));
    assert_eq!(rig.bearer(&rotated()).await.0, 401);
    assert_eq!(rig.bearer(&graph_token()).await.0, 202, "known keys need no reading");
    tokio::time::pause();
    tokio::time::advance(foldback_proxy::webhook::keys::REFETCH).await;
    tokio::time::resume();
    assert_eq!(rig.bearer(&rotated()).await.0, 202);
    assert_eq!(publisher.times_read(), start + 2);
}

#[tokio::test]
async fn while_the_keys_cannot_be_read_the_service_is_asked_to_come_again() {
    let (fake, base) = Fake::start().await;
    fake.publisher.down.store(true, Ordering::SeqCst);
    let (server, operator) = proxy(&base).await;
    let rig = Rig { fake, server, operator };
    let token = graph_token();
    assert_eq!(rig.bearer(&token).await, (503, String::new()));
    assert!(rig.counted("noKeys") >= 1);
    // What is wrong whatever the keys are needs no key.
    assert_eq!(rig.bearer(&unsigned("none")).await.0, 401);
    rig.fake.publisher.down.store(false, Ordering::SeqCst);
    crate::stage::eventually("the keys are there again", || async {
        (rig.bearer(&token).await.0 == 202).then_some(())
    })
    .await;
    // Keys once read serve on while their server is away.
    rig.fake.publisher.down.store(true, Ordering::SeqCst);
    assert_eq!(rig.bearer(&graph_token()).await.0, 202);
    let rotated = sign(another(), &header(another()), &graph_claims());
    assert_eq!(rig.bearer(&rotated).await.0, 503, "it may be the service's new one");
}

#[tokio::test]
async fn keys_come_from_the_configured_host_alone() {
    let canary = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (fake, base) = Fake::start().await;
    let elsewhere = format!("http://{}/v1/keys", canary.local_addr().unwrap());
    *fake.publisher.elsewhere.lock().unwrap() = Some(elsewhere);
    let (server, operator) = proxy(&base).await;
    let rig = Rig { fake, server, operator };
    assert_eq!(rig.bearer(&graph_token()).await.0, 503);
    assert_eq!(rig.fake.publisher.times_read(), 0);
    let touched = tokio::time::timeout(std::time::Duration::ZERO, canary.accept()).await;
    assert!(touched.is_err());
}

#[tokio::test]
async fn the_embedded_service_is_held_to_the_same() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let callback = house.callback().await;
    let app = || &house.demo.server;
    let quiet = json!({"value": []}).to_string();
    let other = house.demo.service.notification_token(Face::Acs).await.unwrap();
    for (token, status) in
        [(house.token().await, 202), (other, 401), (graph_token(), 401), ("x".to_owned(), 401)]
    {
        let request = house.service.http.post(&callback).bearer_auth(token).body(quiet.clone());
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    for (flaw, kind) in [
        ("expired", "expired"),
        ("foreign_key", "unknownKey"),
        ("other_family", "unknownKey"),
        ("wrong_audience", "audience"),
        ("missing", "missing"),
    ] {
        let before = counted(app(), kind);
        house.service.flawed_token(flaw).await;
        let person = operator.open_microphones().await.remove(0);
        house.service.person(json!({"mute": person})).await;
        crate::stage::eventually("it is refused", || async {
            (counted(app(), kind) > before).then_some(())
        })
        .await;
        // The reading shows what the refused notification was about.
        crate::stage::eventually("the truth is read all the same", || async {
            house.demo.call.doubt.notify_one();
            operator.snapshot().await.roster.get(&person)?.muted.then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_rotated_key_of_the_embedded_service_is_found() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    house.service.rotate_keys().await;
    let person = operator.open_microphones().await.remove(0);
    let mut stream = operator.stream(operator.snapshot().await.sequence).await;
    house.service.person(json!({"mute": person})).await;
    stream.facts_until(|fact| crate::stage::shows_muted(fact, &person)).await;
}

#[tokio::test]
async fn tokens_of_acs_are_held_to_a_minute_and_name_no_tenant() {
    let publisher = crate::signer::Publisher::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = publisher.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let configuration = format!("{base}/v1/.well-known/OpenIdConfiguration");
    let verifier = Verifier::new(Family::acs(&configuration, "RESOURCE".to_owned())).unwrap();
    let issuer = "https://acscallautomation.communication.azure.com";
    let good = json!({"iss": issuer, "aud": "resource", "tid": null});
    let but = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        claims(&changed)
    };
    for (what, token, expected) in [
        ("plain", claims(&good), None),
        ("over for 50 s", but("exp", json!(now() - 50)), None),
        ("over for 62 s", but("exp", json!(now() - 62)), Some(Flaw::Expired)),
        ("good in 50 s", but("nbf", json!(now() + 50)), None),
        ("good in 90 s", but("nbf", json!(now() + 90)), Some(Flaw::Early)),
        ("no exp", but("exp", Value::Null), Some(Flaw::Claims)),
        ("the resource's name", but("aud", json!("contoso")), Some(Flaw::Audience)),
        ("Graph's issuer", but("iss", json!(GRAPH_ISSUER)), Some(Flaw::Issuer)),
        ("one of Graph", graph_token(), Some(Flaw::Issuer)),
    ] {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let found = verifier.check(&headers).await.err();
        assert_eq!(found, expected.map(Refusal::Flawed), "{what}");
    }
}
