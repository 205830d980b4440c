//! Tokens against endpoints on this machine.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex as Lock,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::*;

// Made for these tests and used nowhere else.
const CERTIFICATE: &[u8] = include_bytes!("testdata/certificate.pem");
const KEY: &[u8] = include_bytes!("testdata/key.pem");
const OTHER_KEY: &[u8] = include_bytes!("testdata/other-key.pem");
const PUBLIC: &[u8] = include_bytes!("testdata/public.der");

/// What was asked: method, members of query or form, and headers.
type Asked = (Method, BTreeMap<String, String>, HeaderMap);

/// A token endpoint; after `good` tokens it fails.
struct Endpoint {
    url: String,
    asked: AtomicUsize,
    requests: Lock<Vec<Asked>>,
    good: usize,
    answer: Value,
}

impl Endpoint {
    async fn start(good: usize, answer: Value) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/t/oauth2/v2.0/token", listener.local_addr().unwrap());
        let (asked, requests) = (AtomicUsize::default(), Lock::default());
        let endpoint = Arc::new(Self { url, asked, requests, good, answer });
        let router = Router::new().fallback(answer_one).with_state(Arc::clone(&endpoint));
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    fn tokens(&self, proof: Proof) -> Tokens {
        let grant = Grant {
            url: self.url.clone(),
            client_id: "app".to_owned(),
            proof,
            scope: "https://graph.microsoft.com/.default".to_owned(),
        };
        Tokens::new(grant, Duration::from_secs(5), &Trust::default()).unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn last(&self) -> Asked {
        self.requests.lock().unwrap().last().unwrap().clone()
    }
}

async fn answer_one(
    State(endpoint): State<Arc<Endpoint>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let pairs =
        uri.query().map_or_else(|| String::from_utf8(body.to_vec()).unwrap(), str::to_owned);
    let pairs = reqwest::Url::parse(&format!("http://x/?{pairs}")).unwrap();
    let pairs = pairs.query_pairs().into_owned().collect();
    endpoint.requests.lock().unwrap().push((method, pairs, headers));
    let number = endpoint.asked.fetch_add(1, Ordering::SeqCst);
    // Long enough for everybody to be waiting.
    tokio::task::yield_now().await;
    if number >= endpoint.good {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"})));
    }
    let mut answer = endpoint.answer.clone();
    answer["access_token"] = json!(format!("token-{number}"));
    (StatusCode::OK, Json(answer))
}

fn secret() -> Proof {
    Proof::Secret(Secret::new("hunter2"))
}

fn hour() -> Value {
    json!({"expires_in": 3_600})
}

async fn make_due(tokens: &Tokens, early: bool) {
    let mut cached = tokens.cached.lock().await;
    let cached = cached.as_mut().unwrap();
    cached.renew_at = Instant::now();
    if !early {
        cached.ends_at = Instant::now();
    }
}

#[tokio::test]
async fn stampede() {
    let endpoint = Endpoint::start(9, hour()).await;
    let tokens = endpoint.tokens(secret());
    let all = futures_util::future::join_all((0..50).map(|_| tokens.get())).await;
    assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "token-0"));
    assert_eq!(endpoint.asked(), 1);
    // All of them were refused: one asks for another.
    let refused = tokens.get().await.unwrap();
    let again = (0..50).map(|_| tokens.instead_of(&refused));
    let all = futures_util::future::join_all(again).await;
    assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "token-1"));
    assert_eq!(endpoint.asked(), 2);
    // It is renewed before it ends, once.
    make_due(&tokens, true).await;
    let all = futures_util::future::join_all((0..50).map(|_| tokens.get())).await;
    assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "token-2"));
    assert_eq!(endpoint.asked(), 3);
}

#[tokio::test]
async fn outage() {
    let endpoint = Endpoint::start(1, hour()).await;
    let tokens = endpoint.tokens(secret());
    assert_eq!(tokens.get().await.unwrap().reveal(), "token-0");
    // It serves to its end.
    make_due(&tokens, true).await;
    assert_eq!(tokens.get().await.unwrap().reveal(), "token-0");
    assert_eq!(endpoint.asked(), 2);
    make_due(&tokens, false).await;
    let error = tokens.get().await.unwrap_err();
    assert_eq!(error, TokenError::Refused { status: 401, code: "invalid_client".to_owned() });
    assert!(!error.to_string().contains("hunter2"));
    let (_, form, _) = endpoint.last();
    assert_eq!(
        (form["grant_type"].as_str(), form["client_secret"].as_str()),
        ("client_credentials", "hunter2")
    );
}

#[tokio::test]
async fn a_certificate_signs_a_letter_for_each_token() {
    let endpoint = Endpoint::start(9, hour()).await;
    let certificate = Certificate::read(CERTIFICATE, KEY, SystemTime::now()).unwrap();
    let tokens = endpoint.tokens(Proof::Certificate(Arc::new(certificate)));
    let mut letters = Vec::new();
    for _ in 0..2 {
        tokens.get().await.unwrap();
        make_due(&tokens, false).await;
        let (method, form, _) = endpoint.last();
        assert_eq!(method, Method::POST);
        assert_eq!(form["client_assertion_type"], BY_ASSERTION);
        assert!(!form.contains_key("client_secret"));
        letters.push(form["client_assertion"].clone());
    }
    assert_ne!(letters[0], letters[1]);
    let (text, signature) = letters[0].rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, PUBLIC);
    key.verify(text.as_bytes(), &signature).unwrap();
    let part = |text: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    let (header, claims) = text.split_once('.').unwrap();
    let (header, claims) = (part(header), part(claims));
    assert_eq!(header["alg"], "PS256");
    assert_eq!(header["x5t#S256"], include_str!("testdata/print.txt").trim());
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("app"), &json!("app")));
    assert_eq!(claims["aud"], endpoint.url);
    let lasts = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lasts, 600);
}

#[test]
fn a_certificate_without_its_key_is_refused_and_nothing_is_printed() {
    for (certificate, key, words) in [
        (KEY, KEY, "BEGIN CERTIFICATE"),
        (CERTIFICATE, CERTIFICATE, "BEGIN PRIVATE KEY"),
        (CERTIFICATE, OTHER_KEY, "another certificate"),
        (b"".as_slice(), KEY, "BEGIN CERTIFICATE"),
    ] {
        let wrong = Certificate::read(certificate, key, SystemTime::now()).unwrap_err();
        assert!(wrong.contains(words), "{wrong}");
    }
    let late = SystemTime::now() + Duration::from_hours(200 * 365 * 24);
    assert!(Certificate::read(CERTIFICATE, KEY, late).unwrap_err().contains("is over"));
    let both = [KEY, CERTIFICATE].concat();
    let certificate = Certificate::read(&both, &both, SystemTime::now()).unwrap();
    assert_eq!(format!("{certificate:?}"), "Certificate(…)");
}

#[tokio::test]
async fn a_file_that_vouches_is_read_anew_for_each_token() {
    let endpoint = Endpoint::start(9, hour()).await;
    let path = std::env::temp_dir().join(format!("foldback-test-{}", uuid::Uuid::new_v4()));
    std::fs::write(&path, "first\n").unwrap();
    let tokens = endpoint.tokens(Proof::Federated(path.clone()));
    tokens.get().await.unwrap();
    assert_eq!(endpoint.last().1["client_assertion"], "first");
    std::fs::write(&path, "second").unwrap();
    tokens.get().await.unwrap();
    assert_eq!(endpoint.asked(), 1, "what is good is not asked for");
    make_due(&tokens, true).await;
    tokens.get().await.unwrap();
    assert_eq!(endpoint.last().1["client_assertion"], "second");
    std::fs::remove_file(&path).unwrap();
    make_due(&tokens, false).await;
    let error = tokens.get().await.unwrap_err();
    assert!(
        matches!(&error, TokenError::NoProof(words) if words.contains("cannot be read")),
        "{error}"
    );
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn the_machine_vouches_in_the_words_of_its_platform() {
    for (header, assigned) in [(None, false), (None, true), (Some("h"), true)] {
        let answer =
            json!({"expires_in": "86399", "expires_on": "4102444800", "token_type": "Bearer"});
        let endpoint = Endpoint::start(9, answer).await;
        let url = endpoint.url.clone();
        let identity = Identity { url, header: header.map(Secret::new), assigned };
        let tokens = endpoint.tokens(Proof::Managed(identity));
        assert_eq!(tokens.get().await.unwrap().reveal(), "token-0");
        let (method, query, headers) = endpoint.last();
        assert_eq!(method, Method::GET);
        assert_eq!(query["resource"], "https://graph.microsoft.com");
        assert_eq!(query.get("client_id").map(String::as_str), assigned.then_some("app"));
        let (version, name, value) = match header {
            Some(header) => ("2019-08-01", "x-identity-header", header),
            None => ("2018-02-01", "metadata", "true"),
        };
        assert_eq!(
            (query["api-version"].as_str(), headers[name].to_str().unwrap()),
            (version, value)
        );
    }
    let found = |pairs: &[(&str, &str)]| {
        let pairs: BTreeMap<_, _> = pairs.iter().copied().collect();
        Identity::found(true, &|name| pairs.get(name).map(|it| (*it).to_owned()))
    };
    assert!(found(&[]).unwrap().url.starts_with("http://169.254.169.254/"));
    let here = ("IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token");
    assert_eq!(found(&[here, ("IDENTITY_HEADER", "h")]).unwrap().url, here.1);
    assert!(found(&[here]).unwrap_err().contains("IDENTITY_HEADER"));
    assert!(found(&[("IDENTITY_ENDPOINT", "x"), ("IDENTITY_HEADER", "h")]).is_err());
}
