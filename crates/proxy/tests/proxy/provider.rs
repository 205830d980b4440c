//! An organization's OpenID provider in the hands of a test: it signs in whomever the test says, and can
//! be made to answer wrongly.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::signer::{Publisher, header as head, now, ours, sign};

pub const CLIENT: &str = "panel";
pub const SECRET: &str = "hunter2: +%";

pub type Query = HashMap<String, String>;

/// See the module.
pub struct Provider {
    pub issuer: String,
    pub publisher: Arc<Publisher>,
    /// Claims of whoever signs in next.
    pub person: Mutex<Value>,
    /// Members that replace those of the next ID tokens; null takes one out.
    pub twist: Mutex<Value>,
    /// Members that replace those of the next redirects.
    pub detour: Mutex<Value>,
    /// How often the token endpoint was asked.
    pub exchanges: AtomicUsize,
    codes: Mutex<HashMap<String, Query>>,
}

impl Provider {
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            publisher: Publisher::new(),
            person: Mutex::new(json!({"sub": "ada", "name": "Ada King"})),
            twist: Mutex::new(json!({})),
            detour: Mutex::new(json!({})),
            exchanges: AtomicUsize::new(0),
            codes: Mutex::default(),
        });
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&provider))
            .merge(provider.publisher.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn asked_for_tokens(&self) -> usize {
        self.exchanges.load(Ordering::SeqCst)
    }

    /// A bearer token of this person, for the panel's own API.
    pub fn bearer(&self, person: &Value) -> String {
        let mut claims =
            json!({"iss": self.issuer, "aud": CLIENT, "iat": now(), "exp": now() + 600});
        claims.as_object_mut().unwrap().extend(person.as_object().unwrap().clone());
        sign(ours(), &head(ours()), &claims)
    }
}

/// Takes the changes over: null takes a member out.
fn twist(base: &mut Value, changes: &Value) {
    let members = base.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
}

pub fn pairs(query: &str) -> Query {
    let url = Url::parse(&format!("http://x/?{query}")).unwrap();
    url.query_pairs().into_owned().collect()
}

async fn authorize(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let asked = pairs(&query.unwrap());
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["tenant"], "ours", "what the endpoint's own query says stays");
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    let code = uuid::Uuid::new_v4().to_string();
    let mut back = json!({"code": code, "state": asked["state"], "iss": provider.issuer});
    twist(&mut back, &provider.detour.lock().unwrap());
    let mut to = Url::parse(&asked["redirect_uri"]).unwrap();
    for (name, value) in back.as_object().unwrap() {
        to.query_pairs_mut().append_pair(name, value.as_str().unwrap());
    }
    provider.codes.lock().unwrap().insert(code, asked);
    (StatusCode::FOUND, [(header::LOCATION, to.to_string())]).into_response()
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    provider.exchanges.fetch_add(1, Ordering::SeqCst);
    let form = pairs(&body);
    let refuse = |error: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({"error": error, "error_description": "<b>"})))
            .into_response()
    };
    if !is_client(&headers, &form) {
        return refuse("invalid_client");
    }
    let asked = provider.codes.lock().unwrap().remove(&form["code"]);
    let Some(asked) = asked else { return refuse("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let fits = challenge == asked["code_challenge"]
        && form["redirect_uri"] == asked["redirect_uri"]
        && form["grant_type"] == "authorization_code";
    if !fits {
        return refuse("invalid_grant");
    }
    let mut claims = json!({"iss": provider.issuer, "aud": CLIENT, "iat": now(), "exp": now() + 600,
        "nonce": asked["nonce"]});
    twist(&mut claims, &provider.person.lock().unwrap());
    twist(&mut claims, &provider.twist.lock().unwrap());
    let token = sign(ours(), &head(ours()), &claims);
    Json(json!({"access_token": "planted-access-token", "token_type": "Bearer", "id_token": token}))
        .into_response()
}

/// In the header, or in the body where the issuer says so.
fn is_client(headers: &HeaderMap, form: &Query) -> bool {
    if let Some(id) = form.get("client_id") {
        return id == CLIENT && form["client_secret"] == SECRET;
    }
    let basic = headers["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
    let basic = String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap();
    let (id, secret) = basic.split_once(':').unwrap();
    id == CLIENT && pairs(&format!("s={secret}"))["s"] == SECRET
}
