//! Signed notifications, as a receiver checks them: by the published configuration and keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use foldback_callservice::http::Options;
use reqwest::Method;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::{
    bench::{Bench, answer, frozen, options},
    inbox::{Inbox, Post},
    notifications::{join, joined},
};

const GRAPH: &str = "/v1/.well-known/OpenIdConfiguration";
const ACS: &str = "/calling/.well-known/acsopenidconfiguration";

/// What a receiver makes of a token.
#[derive(Debug, PartialEq)]
enum Verdict {
    Good(Value),
    /// No published key has its `kid`.
    UnknownKey,
    BadSignature,
    Claim(&'static str),
}

/// One family as receivers know it.
struct Family {
    configuration: &'static str,
    audience: String,
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

async fn fetch(bench: &Bench, url: &str) -> Value {
    let answer = answer(bench.client.get(url)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

impl Family {
    fn graph(bench: &Bench) -> Self {
        Self { configuration: GRAPH, audience: bench.service.client_id().to_owned() }
    }

    fn acs(bench: &Bench) -> Self {
        Self { configuration: ACS, audience: bench.service.acs_resource().to_owned() }
    }

    /// Checks a token by what is published now, knowing nothing else but the audience.
    async fn check(&self, bench: &Bench, token: &str) -> Verdict {
        let base = bench.service.base_url();
        let configuration = fetch(bench, &format!("{base}{}", self.configuration)).await;
        let uri = configuration["jwks_uri"].as_str().unwrap();
        assert!(uri.starts_with(&base), "{uri}");
        let keys = fetch(bench, uri).await;
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("{token}")
        };
        assert_eq!(part(header)["alg"], "RS256");
        let kid = &part(header)["kid"];
        let Some(key) = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *kid)
        else {
            return Verdict::UnknownKey;
        };
        assert_eq!((&key["kty"], &key["use"]), (&json!("RSA"), &json!("sig")));
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let signed = &token.as_bytes()[..header.len() + 1 + claims.len()];
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") };
        if key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, &signature).is_err() {
            return Verdict::BadSignature;
        }
        let claims = part(claims);
        if claims["iss"] != configuration["issuer"] {
            return Verdict::Claim("iss");
        }
        if claims["aud"] != self.audience {
            return Verdict::Claim("aud");
        }
        if claims["exp"].as_u64().unwrap() < now() {
            return Verdict::Claim("exp");
        }
        assert!(claims["nbf"].as_u64().unwrap() <= now());
        Verdict::Good(claims)
    }
}

fn token(post: &Post) -> &str {
    post.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
}

async fn next_token(bench: &Bench, inbox: &mut Inbox) -> String {
    bench.pull("people", json!({"join": {}})).await;
    token(&inbox.next().await).to_owned()
}

#[tokio::test]
async fn a_graph_notification_proves_who_sent_it() {
    let bench = Bench::start().await;
    let mut inbox = Inbox::start().await;
    join(&bench, &inbox, None).await;
    let post = inbox.next().await;
    let Verdict::Good(claims) = Family::graph(&bench).check(&bench, token(&post)).await else {
        panic!("{post:?}")
    };
    assert_eq!(claims["iss"], "https://api.botframework.com");
    assert_eq!(claims["tid"], bench.service.tenant());
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 65 * 60);
    assert_eq!(Family::acs(&bench).check(&bench, token(&post)).await, Verdict::UnknownKey);
    let configuration = bench.get(GRAPH).await;
    assert_eq!(configuration.body["id_token_signing_alg_values_supported"], json!(["RSA256"]));
    assert_eq!(bench.post(GRAPH, &json!({})).await.status, 405);
}

#[tokio::test]
async fn an_acs_event_proves_who_sent_it() {
    let mut inbox = Inbox::start().await;
    let with = Options { acs_callback: Some(inbox.address.clone()), ..options(frozen()) };
    let bench = Bench::with(with).await;
    let (first, second) = (inbox.next().await, inbox.next().await);
    let acs = Family::acs(&bench);
    for post in [&first, &second] {
        let Verdict::Good(claims) = acs.check(&bench, token(post)).await else {
            panic!("{post:?}")
        };
        assert_eq!(claims["iss"], "https://acscallautomation.communication.azure.com");
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 5 * 60);
        assert!(post.header("content-type").starts_with("application/json"));
        assert!(!post.header("user-agent").contains("Skype"));
    }
    let configuration = bench.get(ACS).await;
    assert_eq!(configuration.body["id_token_signing_alg_values_supported"], json!(["RS256"]));
    let bare =
        bench.client.request(Method::GET, format!("{}/calling/keys", bench.service.base_url()));
    assert_eq!(answer(bare).await.status, 200);
}

#[tokio::test]
async fn keys_rotate() {
    let (bench, mut inbox) = joined().await;
    let graph = Family::graph(&bench);
    let first = next_token(&bench, &mut inbox).await;
    let rotated = bench.pull("keys", json!({"rotate": "graph"})).await;
    let second = next_token(&bench, &mut inbox).await;
    assert_eq!(part(second.split('.').next().unwrap())["kid"], rotated["kid"]);
    for token in [&first, &second] {
        assert!(matches!(graph.check(&bench, token).await, Verdict::Good(_)));
    }
    bench.pull("keys", json!({"rotate": "graph"})).await;
    assert_eq!(graph.check(&bench, &first).await, Verdict::UnknownKey);
    assert!(matches!(graph.check(&bench, &second).await, Verdict::Good(_)));
    for (order, words) in
        [(json!({}), "\"graph\" or \"acs\""), (json!({"rotate": "graph", "x": 1}), "unknown")]
    {
        let answer = bench.post("/rehearsal/v1/keys", &order).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body["error"].as_str().unwrap().contains(words), "{answer:?}");
    }
}

#[tokio::test]
async fn flawed_tokens_come_as_often_as_ordered() {
    let (bench, mut inbox) = joined().await;
    let graph = Family::graph(&bench);
    for (flaw, verdict) in [
        ("expired", Verdict::Claim("exp")),
        ("foreign_key", Verdict::UnknownKey),
        ("other_family", Verdict::UnknownKey),
        ("wrong_audience", Verdict::Claim("aud")),
    ] {
        bench.pull("faults", json!({"notification_tokens": flaw, "times": 2})).await;
        for _ in 0..2 {
            let token = next_token(&bench, &mut inbox).await;
            assert_eq!(graph.check(&bench, &token).await, verdict, "{flaw}");
        }
        let token = next_token(&bench, &mut inbox).await;
        assert!(matches!(graph.check(&bench, &token).await, Verdict::Good(_)), "{flaw}");
    }
    bench.pull("faults", json!({"notification_tokens": "missing"})).await;
    bench.pull("people", json!({"join": {}})).await;
    assert!(!inbox.next().await.headers.contains_key("authorization"));
    let listed = bench.get("/rehearsal/v1/notifications").await.body;
    assert_eq!(listed.as_array().unwrap().last().unwrap()["token"], "missing");
    // A token of the other family is a good one there, but for its audience.
    bench.pull("faults", json!({"notification_tokens": "other_family"})).await;
    let token = next_token(&bench, &mut inbox).await;
    let acs = Family { audience: graph.audience.clone(), ..Family::acs(&bench) };
    assert!(matches!(acs.check(&bench, &token).await, Verdict::Good(_)));
}

#[tokio::test]
async fn access_tokens_are_refused_until_a_new_one_is_taken() {
    let mut bench = Bench::start().await;
    for (flaw, words) in [("expired", "has expired"), ("foreign", "another audience")] {
        assert_eq!(bench.get(&bench.path("")).await.status, 200);
        bench.pull("faults", json!({"access_tokens": flaw})).await;
        let refused = bench.get(&bench.path("")).await;
        assert_eq!(refused.code(), (401, "InvalidAuthenticationToken"));
        assert!(refused.message().contains(words), "{refused:?}");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
        bench.sign_in().await;
    }
    bench.pull("faults", json!({"access_tokens": "expired"})).await;
    bench.delete("/rehearsal/v1/faults").await;
    assert_eq!(bench.get(&bench.path("")).await.status, 200);
}
