//! Requests by token: scripts, the services' own clients, panels on other hosts.

use std::sync::{Arc, atomic::Ordering};

use foldback_model::{By, Event, Fact, ParticipantId};
use foldback_proxy::{
    access,
    bearer::Bearers,
    role::Role,
    session::Lifetimes,
    sign_in::{People, SignIn},
    upstream::Trust,
    webhook::{
        family::Family,
        token::{Flaw, Refusal, Verifier},
    },
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{
    kill::{Process, Rig},
    signer::{Publisher, another, header, jwk, now, ours, part, sign},
    stage::{Operator, Stage, client, eventually},
};

const PANEL: &str = "https://panel.example";
const SUBJECT: &str = "7h4E-subject_of.Ada";

/// An organization's issuer, and a proxy that takes its tokens.
struct Desk {
    issuer: String,
    publisher: Arc<Publisher>,
    rig: Rig,
    process: Process,
    /// Somebody who came by the link.
    operator: Operator,
}

async fn issuer() -> (Arc<Publisher>, String) {
    let publisher = Publisher::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let router = publisher.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (publisher, issuer)
}

impl Desk {
    async fn start() -> Self {
        let (publisher, issuer) = issuer().await;
        let section = format!(
            "[sign_in]\nissuer = \"{issuer}\"\nclient_id = \"panel\"\ndefault_role = \"producer\"\norigins = [\"{PANEL}\"]\n"
        );
        let rig = Rig::with(&section).await;
        let (process, operator) = rig.first().await;
        Self { issuer, publisher, rig, process, operator }
    }

    fn claims(&self) -> Value {
        json!({"iss": self.issuer, "aud": "panel", "sub": SUBJECT, "name": "Ada\u{202e} \u{7}King",
            "preferred_username": "ada@example.org", "iat": now(), "nbf": now(), "exp": now() + 600})
    }

    /// A good token but for these members; null takes one out.
    fn token(&self, in_header: &Value, in_claims: &Value) -> String {
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
        sign(ours(), &change(header(ours()), in_header), &change(self.claims(), in_claims))
    }

    fn good(&self) -> String {
        self.token(&json!({}), &json!({}))
    }

    /// A request without cookie and without a browser's words.
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, format!("{}{path}", self.process.address))
    }

    async fn who(&self, token: &str) -> (u16, Value) {
        let reply = self.ask(Method::GET, "/foldback/v1/session").bearer_auth(token);
        let reply = reply.send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap())
    }

    fn mute(&self, person: &ParticipantId) -> RequestBuilder {
        let call = &self.rig.glass.call;
        let path = format!("/v1.0/communications/calls/{call}/participants/{person}/mute");
        self.ask(Method::POST, &path).json(&json!({"clientContext": "by token"}))
    }

    async fn mutes(&self) -> usize {
        self.rig.glass.requests("POST", "/mute").await.len()
    }

    /// Every wrong token with words of what it is told.
    fn wrong_tokens(&self) -> Vec<(&'static str, String, &'static str)> {
        let header_with = |changes: Value| self.token(&changes, &json!({}));
        let claims_with = |changes: Value| self.token(&json!({}), &changes);
        let good = self.good();
        let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let unsigned = |algorithm| {
            let head = json!({"alg": algorithm, "typ": "JWT", "kid": ours().kid()});
            format!("{}.{body}.", part(head.to_string()))
        };
        let of_another = sign(another(), &header(ours()), &self.claims());
        let other_subject = self.token(&json!({}), &json!({"sub": "somebody-else"}));
        let other_body = other_subject.split('.').nth(1).unwrap();
        vec![
            ("no text", "x".to_owned(), "no JSON web token"),
            ("two parts", format!("{head}.{body}"), "no JSON web token"),
            ("four parts", format!("{good}.{signature}"), "no JSON web token"),
            ("padding", format!("{good}="), "no JSON web token"),
            ("9 KiB", header_with(json!({"x": "x".repeat(9 * 1024)})), "8 KiB"),
            ("must be understood", header_with(json!({"crit": ["exp"]})), "no JSON web token"),
            ("none", unsigned("none"), "RS256"),
            ("None", unsigned("None"), "RS256"),
            ("HS256", header_with(json!({"alg": "HS256"})), "RS256"),
            ("RS384", header_with(json!({"alg": "RS384"})), "RS256"),
            ("PS256", header_with(json!({"alg": "PS256"})), "RS256"),
            ("ES256", header_with(json!({"alg": "ES256"})), "RS256"),
            ("no key name", header_with(json!({"kid": null})), "kid"),
            ("an empty key name", header_with(json!({"kid": ""})), "kid"),
            ("another key", header_with(json!({"kid": "another"})), "publishes no key"),
            (
                "a key of its own",
                {
                    let with = json!({"kid": another().kid(), "jwk": jwk(another()), "jku": "https://evil.example"});
                    let mut head = header(another());
                    head.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
                    sign(another(), &head, &self.claims())
                },
                "publishes no key",
            ),
            ("signed by another", of_another, "signature"),
            ("another body", format!("{head}.{other_body}.{signature}"), "signature"),
            ("no signature", format!("{head}.{body}."), "signature"),
            ("no exp", claims_with(json!({"exp": null})), "exp"),
            ("exp as text", claims_with(json!({"exp": "tomorrow"})), "exp"),
            ("no iss", claims_with(json!({"iss": null})), "iss"),
            ("no aud", claims_with(json!({"aud": null})), "aud"),
            ("no sub", claims_with(json!({"sub": null})), "sub"),
            ("an empty sub", claims_with(json!({"sub": ""})), "sub"),
            ("sub as number", claims_with(json!({"sub": 7})), "sub"),
            ("over", claims_with(json!({"exp": now() - 61})), "expired"),
            ("early", claims_with(json!({"nbf": now() + 120})), "nbf"),
            ("another issuer", claims_with(json!({"iss": "https://evil.example"})), "(iss)"),
            (
                "nearly the issuer",
                claims_with(json!({"iss": format!("{}/", self.issuer)})),
                "(iss)",
            ),
            ("two issuers", claims_with(json!({"iss": [self.issuer, "x"]})), "iss"),
            ("another audience", claims_with(json!({"aud": "app"})), "(aud)"),
            ("audiences without ours", claims_with(json!({"aud": ["app", "panels"]})), "(aud)"),
        ]
    }
}

#[tokio::test]
async fn table() {
    let desk = Desk::start().await;
    let person = desk.operator.open_microphones().await.remove(0);
    for (name, token, words) in desk.wrong_tokens() {
        let (status, body) = desk.who(&token).await;
        assert_eq!(status, 401, "{name}: {body}");
        let told = body["detail"].as_str().unwrap();
        assert!(told.contains(words), "{name}: {told}");
        assert!(!told.contains(&token), "{name}");
        let reply = desk.mute(&person).bearer_auth(&token).send().await.unwrap();
        assert_eq!(reply.status(), 401, "{name}");
        let error: Value = reply.json().await.unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains(words), "{name}: {error}");
    }
    for value in ["", "Bearer", "Basic YTpi", "Negotiate x"] {
        let ask = desk.ask(Method::GET, "/foldback/v1/session").header("authorization", value);
        assert_eq!(ask.send().await.unwrap().status(), 401, "{value:?}");
    }
    let twice = desk.mute(&person).bearer_auth(desk.good()).bearer_auth(desk.good());
    assert_eq!(twice.send().await.unwrap().status(), 401);
    assert_eq!(desk.mutes().await, 0, "nothing was sent");
    // What clocks may be apart is allowed, and audiences may be many.
    for good in
        [json!({"exp": now() - 50}), json!({"nbf": now() + 50}), json!({"aud": ["x", "panel"]})]
    {
        assert_eq!(desk.who(&desk.token(&json!({}), &good)).await.0, 200, "{good}");
    }
}

fn requested(facts: &[Fact]) -> Vec<&By> {
    let asked = facts.iter().filter(|it| matches!(it.event, Event::OperationRequested(_)));
    asked.map(|fact| &fact.by).collect()
}

#[tokio::test]
async fn a_mute_by_token_is_journaled_with_its_operator() {
    let desk = Desk::start().await;
    let person = desk.operator.open_microphones().await.remove(0);
    let reply = desk.mute(&person).bearer_auth(desk.good()).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.headers().get("set-cookie").is_none());
    let facts = desk.operator.replay().await;
    let [By::Operator { id, name }] = requested(&facts)[..] else { panic!("{facts:#?}") };
    assert_eq!((id.as_str(), name.as_str()), (SUBJECT, "Ada King"));
    let (_, body) = desk.who(&desk.good()).await;
    assert_eq!(body["operator"], json!({"id": SUBJECT, "name": "Ada King"}));
    // The names a token may have for whoever brings it.
    for (claims, name) in [
        (json!({"name": null}), "ada@example.org"),
        (json!({"name": 7, "preferred_username": ["x"]}), SUBJECT),
        (json!({"name": "\u{200b}"}), "ada@example.org"),
    ] {
        let (_, body) = desk.who(&desk.token(&json!({}), &claims)).await;
        assert_eq!(body["operator"]["name"], name, "{claims}");
    }
    let long = json!({"sub": format!("auth|{}", "é".repeat(100))});
    let (status, body) = desk.who(&desk.token(&json!({}), &long)).await;
    assert_eq!((status, body["operator"]["id"].as_str().unwrap().len()), (200, 43));
}

#[tokio::test]
async fn a_cookie_beside_a_token_is_refused() {
    let desk = Desk::start().await;
    let person = desk.operator.open_microphones().await.remove(0);
    for cookie in [desk.operator.cookie.as_str(), "other=1"] {
        for token in [desk.good(), "x".to_owned()] {
            let ask = desk.mute(&person).bearer_auth(token).header("cookie", cookie);
            let reply = ask.header("sec-fetch-site", "same-origin").send().await.unwrap();
            assert_eq!(reply.status(), 400, "{cookie}");
            assert!(reply.text().await.unwrap().contains("not both"));
        }
    }
    assert_eq!(desk.mutes().await, 0);
    // What a token cannot do is end a session.
    let reply = desk.ask(Method::DELETE, "/foldback/v1/session").bearer_auth(desk.good());
    assert_eq!(reply.send().await.unwrap().status(), 400);
    assert_eq!(desk.operator.get("/foldback/v1/session").await.status(), 200);
}

#[tokio::test]
async fn without_an_issuer_no_token_is_taken() {
    let stage = Stage::start().await;
    let tokens = [stage.token().await, "x".to_owned()];
    for token in tokens {
        let url = format!("{}/foldback/v1/calls", stage.base);
        let reply = client().get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(reply.status(), 401);
        let body: Value = reply.json().await.unwrap();
        assert!(body["detail"].as_str().unwrap().contains("[sign_in]"), "{body}");
    }
}

/// What a browser is told about other pages.
fn told(reply: &Response) -> Vec<(String, String)> {
    let headers = reply.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    headers.filter(|(name, _)| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn another_page_needs_a_place_on_the_list_and_a_token() {
    let desk = Desk::start().await;
    let person = desk.operator.open_microphones().await.remove(0);
    let preflight = async |origin: &str| {
        let path = desk.mute(&person).build().unwrap().url().path().to_owned();
        let ask = desk.ask(Method::OPTIONS, &path).header("origin", origin);
        let ask = ask.header("access-control-request-method", "POST");
        ask.header("sec-fetch-site", "cross-site").send().await.unwrap()
    };
    let reply = preflight(PANEL).await;
    assert_eq!(reply.status(), 204);
    assert_eq!(reply.headers()["access-control-allow-origin"], PANEL);
    assert_eq!(reply.headers()["vary"], "origin");
    let allowed = reply.headers()["access-control-allow-headers"].to_str().unwrap();
    let allowed: Vec<_> = allowed.split(", ").collect();
    for sent in ["authorization", "content-type", "foldback-gesture", "foldback-layer", "if-match"]
    {
        assert!(allowed.contains(&sent), "{sent}");
    }
    assert!(reply.headers().get("access-control-allow-credentials").is_none());
    for origin in [
        "https://evil.example",
        "https://panel.example.evil.example",
        "null",
        "http://panel.example",
        "https://PANEL.example",
        "https://panel.example:8443",
    ] {
        let reply = preflight(origin).await;
        assert_eq!((reply.status().as_u16(), told(&reply)), (403, Vec::new()), "{origin}");
        let reply = desk.mute(&person).bearer_auth(desk.good()).header("origin", origin);
        let reply = reply.send().await.unwrap();
        assert_eq!((reply.status().as_u16(), told(&reply)), (403, Vec::new()), "{origin}");
    }
    // On the list, but with the cookie, with nothing, or with both.
    let by_cookie = desk.mute(&person).header("cookie", &desk.operator.cookie);
    for ask in [by_cookie, desk.mute(&person)] {
        let reply = ask
            .header("origin", PANEL)
            .header("sec-fetch-site", "cross-site")
            .send()
            .await
            .unwrap();
        assert_eq!((reply.status().as_u16(), told(&reply)), (403, Vec::new()));
    }
    assert_eq!(desk.mutes().await, 0);
    // A page may read why its token is not taken, and use a good one.
    for (token, status) in [("x".to_owned(), 401), (desk.good(), 200)] {
        let ask = desk.mute(&person).bearer_auth(token).header("origin", PANEL);
        let reply = ask.header("sec-fetch-site", "cross-site").send().await.unwrap();
        assert_eq!(reply.status(), status);
        assert_eq!(reply.headers()["access-control-allow-origin"], PANEL);
        assert!(reply.headers().get("access-control-allow-credentials").is_none());
    }
    assert_eq!(desk.mutes().await, 1);
    // Static files and webhooks are for nobody's page.
    for path in ["/", "/config.json", "/notifications/graph/x"] {
        let ask = desk.ask(Method::GET, path).bearer_auth(desk.good()).header("origin", PANEL);
        assert_eq!(told(&ask.send().await.unwrap()), Vec::new(), "{path}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let desk = Desk::start().await;
    let short = desk.token(&json!({}), &json!({"exp": now() - 58}));
    let path = format!("/foldback/v1/calls/graph.{}/events", desk.rig.glass.call);
    let mut reply = desk.ask(Method::GET, &path).bearer_auth(&short).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    while reply.chunk().await.unwrap().is_some() {}
    eventually("the token is over", || async {
        let again = desk.ask(Method::GET, &path).bearer_auth(&short).send().await.unwrap();
        (again.status() == 401).then_some(())
    })
    .await;
}

/// Who believes this issuer alone, and a token of it.
fn at_issuer(desk: &Desk, issuer: &str) -> (Bearers, axum::http::HeaderMap) {
    let sign_in = SignIn {
        issuer: issuer.to_owned(),
        client_id: "panel".to_owned(),
        client_secret: None,
        scopes: Vec::new(),
        people: People { default_role: Some(Role::Viewer), ..People::default() },
        lifetimes: Lifetimes::default(),
        calls: access::Calls::default(),
        origins: Vec::new(),
        trust: Trust::default(),
    };
    let mut claims = desk.claims();
    claims["iss"] = json!(issuer);
    let mut headers = axum::http::HeaderMap::new();
    let token = format!("Bearer {}", sign(ours(), &header(ours()), &claims));
    headers.insert("authorization", token.parse().unwrap());
    (Bearers::new(&sign_in).unwrap(), headers)
}

#[tokio::test]
async fn an_audience_is_compared_letter_by_letter() {
    let (_publisher, issuer) = issuer().await;
    let verifier = Verifier::new(Family::operators(&issuer, "Panel".to_owned())).unwrap();
    for (audience, good) in [("Panel", true), ("panel", false), ("PANEL", false)] {
        let claims = json!({"iss": issuer, "aud": audience, "sub": SUBJECT, "exp": now() + 600});
        let token = format!("Bearer {}", sign(ours(), &header(ours()), &claims));
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("authorization", token.parse().unwrap());
        let refused = verifier.claims::<Value>(&headers).await.err();
        assert_eq!(refused, (!good).then_some(Refusal::Flawed(Flaw::Audience)), "{audience}");
    }
}

#[tokio::test]
async fn an_issuer_that_hangs_is_waited_for_once_however_many_ask() {
    let desk = Desk::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let hanging = tokio::spawn({
        let came = Arc::clone(&came);
        async move {
            let mut held = Vec::new();
            loop {
                held.push(listener.accept().await.unwrap());
                came.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let (bearers, headers) = at_issuer(&desk, &issuer);
    let asked = (0..10).map(|_| bearers.verifier.claims::<Value>(&headers));
    for refused in futures_util::future::join_all(asked).await {
        assert_eq!(refused.unwrap_err(), Refusal::NoKeys);
    }
    assert_eq!(came.load(Ordering::SeqCst), 1);
    // Whoever comes right after that is told at once.
    assert_eq!(bearers.verifier.claims::<Value>(&headers).await.unwrap_err(), Refusal::NoKeys);
    assert_eq!(came.load(Ordering::SeqCst), 1);
    hanging.abort();
}

#[tokio::test]
async fn a_token_that_was_good_before_is_looked_at_all_the_same() {
    let desk = Desk::start().await;
    let short = desk.token(&json!({}), &json!({"exp": now() - 57}));
    let good = desk.good();
    for _ in 0..2 {
        assert_eq!(desk.who(&short).await.0, 200);
        assert_eq!(desk.who(&good).await.0, 200);
    }
    let refused = async |token: &str, words: &str| {
        let (status, body) = desk.who(token).await;
        assert_eq!(status, 401, "{body}");
        assert!(body["detail"].as_str().unwrap().contains(words), "{body}");
    };
    // Other bytes under the same name are another signature.
    let (message, signature) = good.rsplit_once('.').unwrap();
    for at in [0, 100, signature.len() - 2] {
        let mut other = signature.as_bytes().to_vec();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        refused(&format!("{message}.{other}"), "signature").await;
    }
    eventually("the short one is over", || async {
        let (status, body) = desk.who(&short).await;
        (status == 401).then(|| assert!(body["detail"].as_str().unwrap().contains("expired")))
    })
    .await;
    assert_eq!(desk.who(&good).await.0, 200);
    let whose = json!({"operator": SUBJECT});
    let ended = desk.operator.ask(Method::POST, "/foldback/v1/revocations").json(&whose);
    assert_eq!(ended.send().await.unwrap().status(), 200);
    refused(&good, "ended").await;
}

#[tokio::test]
async fn a_key_that_is_published_no_more_ends_what_it_signed() {
    let desk = Desk::start().await;
    let good = desk.good();
    for _ in 0..2 {
        assert_eq!(desk.who(&good).await.0, 200);
    }
    // A name nobody knows yet has the keys read anew.
    *desk.publisher.keys.lock().unwrap() = vec![jwk(another())];
    let by_another = sign(another(), &header(another()), &desk.claims());
    assert_eq!(desk.who(&by_another).await.0, 200);
    let (status, body) = desk.who(&good).await;
    assert_eq!(status, 401);
    assert!(body["detail"].as_str().unwrap().contains("publishes no key"), "{body}");
    // Another key in its place, under its name, did not sign it either.
    let desk = Desk::start().await;
    let good = desk.good();
    assert_eq!(desk.who(&good).await.0, 200);
    let mut renamed = jwk(another());
    renamed["kid"] = json!(ours().kid());
    let mut other = jwk(another());
    other["kid"] = json!("other");
    *desk.publisher.keys.lock().unwrap() = vec![renamed, other];
    let token = sign(another(), &json!({"alg": "RS256", "kid": "other"}), &desk.claims());
    assert_eq!(desk.who(&token).await.0, 200);
    let (status, body) = desk.who(&good).await;
    assert_eq!(status, 401);
    assert!(body["detail"].as_str().unwrap().contains("signature"), "{body}");
}

#[tokio::test]
async fn keys_come_from_the_issuer_and_are_read_again_once_a_minute() {
    let desk = Desk::start().await;
    assert_eq!(desk.who(&desk.good()).await.0, 200);
    let unknown = sign(another(), &header(another()), &desk.claims());
    let read = desk.publisher.times_read();
    for _ in 0..20 {
        assert_eq!(desk.who(&unknown).await.0, 401);
    }
    assert_eq!(desk.publisher.times_read(), read + 1);
    // An issuer that cannot be read, or leads elsewhere, vouches for nobody.
    for trouble in ["down", "elsewhere", "another issuer"] {
        let (publisher, issuer) = issuer().await;
        publisher.down.store(trouble == "down", Ordering::SeqCst);
        let (evil, other_host) = self::issuer().await;
        let elsewhere = trouble == "elsewhere";
        *publisher.elsewhere.lock().unwrap() = elsewhere.then(|| format!("{other_host}/v1/keys"));
        let another = trouble == "another issuer";
        *publisher.calls_itself.lock().unwrap() = another.then(|| format!("{issuer}/"));
        let (bearers, headers) = at_issuer(&desk, &issuer);
        let refused = bearers.verifier.claims::<Value>(&headers).await.unwrap_err();
        assert_eq!(refused, Refusal::NoKeys);
        assert_ne!(refused, Refusal::Flawed(Flaw::UnknownKey));
        assert_eq!(evil.times_read(), 0);
    }
}
