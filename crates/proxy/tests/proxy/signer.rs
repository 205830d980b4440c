//! A service's signing keys in the hands of a test: tokens of any shape, and where keys are published.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use foldback_callservice::http::Pair;
use serde_json::{Value, json};

pub const GRAPH_ISSUER: &str = "https://api.botframework.com";

/// The first key of every publisher here.
pub fn ours() -> &'static Pair {
    static KEY: OnceLock<Pair> = OnceLock::new();
    KEY.get_or_init(|| Pair::make().unwrap())
}

/// A key that is published only where a test says so.
pub fn another() -> &'static Pair {
    static KEY: OnceLock<Pair> = OnceLock::new();
    KEY.get_or_init(|| Pair::make().unwrap())
}

pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// One part of a token.
pub fn part(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token with these header and claims, signed by this key whatever they say.
pub fn sign(key: &Pair, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    let signature = key.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", part(signature))
}

pub fn header(key: &Pair) -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": key.kid()})
}

/// A token of Graph for the app `app` in the tenant `t`; each call gives another one.
pub fn graph_token() -> String {
    sign(ours(), &header(ours()), &graph_claims())
}

pub fn graph_claims() -> Value {
    json!({"iss": GRAPH_ISSUER, "aud": "app", "tid": "t", "iat": now(), "nbf": now(),
        "exp": now() + 3_900, "jti": uuid::Uuid::new_v4()})
}

pub fn jwk(key: &Pair) -> Value {
    let (n, e) = key.public();
    json!({"kty": "RSA", "use": "sig", "kid": key.kid(), "n": n, "e": e})
}

/// Publishes keys as Graph does, and counts who asks.
pub struct Publisher {
    pub keys: Mutex<Vec<Value>>,
    /// How often the keys were read.
    pub read: AtomicUsize,
    /// Answers nothing but 503.
    pub down: AtomicBool,
    /// Where the configuration says the keys are, if not here.
    pub elsewhere: Mutex<Option<String>>,
    /// Whose configuration it says it is, if not that of whoever is asked.
    pub calls_itself: Mutex<Option<String>>,
    /// More that it says.
    pub more: Mutex<Value>,
}

impl Publisher {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            keys: Mutex::new(vec![jwk(ours())]),
            read: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            elsewhere: Mutex::default(),
            calls_itself: Mutex::default(),
            more: Mutex::new(json!({})),
        })
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/v1/.well-known/OpenIdConfiguration", get(configuration))
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/v1/keys", get(keys))
            .with_state(Arc::clone(self))
    }

    pub fn times_read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }
}

async fn configuration(State(publisher): State<Arc<Publisher>>, headers: HeaderMap) -> Response {
    if publisher.down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let here = format!("http://{}/v1/keys", headers["host"].to_str().unwrap());
    let at = publisher.elsewhere.lock().unwrap().clone().unwrap_or(here);
    Json(json!({"issuer": GRAPH_ISSUER, "jwks_uri": at})).into_response()
}

/// What an organization's issuer says of itself.
async fn discovery(State(publisher): State<Arc<Publisher>>, headers: HeaderMap) -> Response {
    if publisher.down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let here = format!("http://{}", headers["host"].to_str().unwrap());
    let at = publisher.elsewhere.lock().unwrap().clone();
    let issuer = publisher.calls_itself.lock().unwrap().clone();
    let mut told = json!({
        "issuer": issuer.unwrap_or_else(|| here.clone()),
        "jwks_uri": at.unwrap_or_else(|| format!("{here}/v1/keys")),
        "authorization_endpoint": format!("{here}/authorize?tenant=ours"),
        "token_endpoint": format!("{here}/token"),
        "end_session_endpoint": format!("{here}/end-session"),
    });
    let more = publisher.more.lock().unwrap().clone();
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Json(told).into_response()
}

async fn keys(State(publisher): State<Arc<Publisher>>) -> Response {
    publisher.read.fetch_add(1, Ordering::SeqCst);
    Json(json!({"keys": *publisher.keys.lock().unwrap()})).into_response()
}
