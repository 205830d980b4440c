//! A relay before the embedded service that can hold what passes: tokens, requests or replies of
//! commands; and that can put the service's clock wrong. Tokens it passes on are over at once, so that each request asks for one.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use reqwest::Client;
use serde_json::Value;
use tokio::sync::watch;

use crate::stage::{client, eventually};

/// What is held until something else is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Nothing,
    /// Requests for tokens: what needs one is not sent.
    Token,
    /// Commands: the service never sees them.
    Request,
    /// Their replies: the service has done it.
    Reply,
}

/// What it makes of the `Date` of answers.
#[derive(Debug, Clone, Copy)]
pub enum Date {
    /// So many seconds after ours, or before it.
    Off(i64),
    /// Something that is none.
    Unreadable,
}

pub struct Relay {
    pub base: String,
    service: String,
    http: Client,
    hold: watch::Sender<Hold>,
    held: watch::Sender<usize>,
    credentials: Mutex<BTreeSet<String>>,
    date: Mutex<Option<Date>>,
}

impl Relay {
    pub async fn start(service: &str) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Arc::new(Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            service: service.to_owned(),
            http: client(),
            hold: watch::Sender::new(Hold::Nothing),
            held: watch::Sender::new(0),
            credentials: Mutex::default(),
            date: Mutex::default(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&relay));
        tokio::spawn(async move { axum::serve(listener, router).await });
        relay
    }

    /// Tokens and signatures that came with requests.
    pub fn credentials(&self) -> BTreeSet<String> {
        self.credentials.lock().unwrap().clone()
    }

    /// Answers have this date from now on.
    pub fn date(&self, date: Date) {
        *self.date.lock().unwrap() = Some(date);
    }

    /// Holds this from now on, and lets go what was held.
    pub fn hold(&self, what: Hold) {
        self.held.send_replace(0);
        self.hold.send_replace(what);
    }

    /// Waits until something is held.
    pub async fn holds_one(&self) {
        eventually("the relay holds it", || async { (*self.held.borrow() > 0).then_some(()) })
            .await;
    }

    async fn stop_at(&self, what: Hold) {
        if *self.hold.borrow() != what {
            return;
        }
        self.held.send_modify(|held| *held += 1);
        drop(self.hold.subscribe().wait_for(|hold| *hold != what).await);
    }
}

async fn pass(
    State(relay): State<Arc<Relay>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<axum::body::Body> {
    let path = uri.path();
    let token = path.ends_with("/token");
    let command =
        path.ends_with("/mute") || path.ends_with(":mute") || path.ends_with("/configureMixer");
    if token {
        relay.stop_at(Hold::Token).await;
    }
    if command && *relay.hold.borrow() == Hold::Request {
        relay.stop_at(Hold::Request).await;
        // Whoever sent it is gone.
        return Response::builder().status(502).body(axum::body::Body::empty()).unwrap();
    }
    if let Some(value) = headers.get("authorization") {
        let value = value.to_str().unwrap();
        let secret = value.rsplit_once("Signature=").or_else(|| value.split_once(' ')).unwrap().1;
        relay.credentials.lock().unwrap().insert(secret.to_owned());
    }
    // Signatures cover the host as it was called.
    let mut passed = relay.http.request(method, format!("{}{uri}", relay.service)).body(body);
    for (name, value) in &headers {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()) {
            passed = passed.header(name, value);
        }
    }
    let reply = passed.send().await.unwrap();
    let mut answer = Response::builder().status(reply.status());
    for (name, value) in reply.headers() {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()) {
            answer = answer.header(name, value);
        }
    }
    let mut text = reply.text().await.unwrap().replace(&relay.service, &relay.base);
    if token && let Ok(mut body) = serde_json::from_str::<Value>(&text) {
        body["expires_in"] = Value::from(0);
        text = body.to_string();
    }
    if command {
        relay.stop_at(Hold::Reply).await;
    }
    let mut answer = answer.body(axum::body::Body::from(text)).unwrap();
    if let Some(date) = *relay.date.lock().unwrap() {
        let text = match date {
            Date::Off(seconds) => {
                let off = Duration::from_secs(seconds.unsigned_abs());
                let now = SystemTime::now();
                httpdate::fmt_http_date(if seconds < 0 { now - off } else { now + off })
            }
            Date::Unreadable => "soon".to_owned(),
        };
        answer.headers_mut().insert("date", text.parse().unwrap());
    }
    answer
}
