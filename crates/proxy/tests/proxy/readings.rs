//! Readings of the roster against newer facts, with a service that can be stopped in mid-answer.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use foldback_model::{CallKey, Fact, ParticipantId, Sequence};
use foldback_proxy::{
    acs::{self, Credential, sign::AccessKey},
    app::Limits,
    graph::Target,
    journal::{Append, CallChange, Journal, JournalError, StoredCall, sqlite::Sqlite},
    secret::Secret,
    server::{self, Server},
};
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    signer::{self, Publisher},
    stage::{Operator, client, eventually, shows_muted},
};

/// A service whose answers are ours to time.
pub struct Fake {
    /// Where its keys are published.
    pub publisher: Arc<Publisher>,
    roster: Mutex<Value>,
    /// Readings wait for a permit after they were made.
    gate: Semaphore,
    readings: AtomicUsize,
    pub callback: Mutex<String>,
    /// Posted to the callback before the join is answered.
    early: Mutex<Option<Value>>,
    /// The join is answered once the early notification is, which is told here.
    early_answer: Mutex<Option<u16>>,
    join_waits: AtomicBool,
    /// Where everything but tokens is redirected to, if anywhere.
    elsewhere: Mutex<Option<String>>,
}

impl Fake {
    pub async fn start() -> (Arc<Self>, String) {
        let publisher = Publisher::new();
        let fake = Arc::new(Self {
            publisher: Arc::clone(&publisher),
            roster: Mutex::new(json!({"value": [person("ada", false), person("bob", false)]})),
            gate: Semaphore::new(100),
            readings: AtomicUsize::new(0),
            callback: Mutex::default(),
            early: Mutex::default(),
            early_answer: Mutex::default(),
            join_waits: AtomicBool::new(false),
            elsewhere: Mutex::default(),
        });
        let calls = "/v1.0/communications/calls";
        let token = || async { Json(json!({"access_token": "the-token", "expires_in": 3600})) };
        let call = || async { Json(json!({"id": "c1", "state": "established"})) };
        let router = Router::new()
            .route("/t/oauth2/v2.0/token", post(token))
            .route(calls, post(join))
            .route(&format!("{calls}/c1"), get(call))
            .route(&format!("{calls}/c1/participants"), get(participants))
            .with_state(Arc::clone(&fake))
            .merge(publisher.router());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (fake, base)
    }

    fn set(&self, roster: Value) {
        *self.roster.lock().unwrap() = roster;
    }

    async fn read(&self, times: usize) {
        eventually("it is read", || async {
            (self.readings.load(Ordering::SeqCst) >= times).then_some(())
        })
        .await;
    }

    /// Posts a full-form roster to the callback.
    async fn tell(&self, people: Value) {
        let url = self.callback.lock().unwrap().clone();
        assert_eq!(post_signed(&url, &roster_notification(&people)).await, 202);
    }
}

async fn post_signed(url: &str, body: &Value) -> u16 {
    let request = client().post(url).bearer_auth(signer::graph_token()).json(body);
    request.send().await.unwrap().status().as_u16()
}

pub fn person(id: &str, muted: bool) -> Value {
    json!({"id": id, "isMuted": muted, "info": {"identity": {"user": {"id": id, "displayName": id}}}})
}

pub fn roster_notification(people: &Value) -> Value {
    json!({"value": [{"changeType": "updated",
        "resourceUrl": "/communications/calls/c1/participants", "resourceData": people}]})
}

async fn join(State(fake): State<Arc<Fake>>, Json(body): Json<Value>) -> Response {
    let callback = body["callbackUri"].as_str().unwrap().to_owned();
    callback.clone_into(&mut fake.callback.lock().unwrap());
    assert_eq!(body["callOptions"]["isDeltaRosterEnabled"], true);
    let early = fake.early.lock().unwrap().take();
    if let Some(early) = early {
        let posted = tokio::spawn(async move { post_signed(&callback, &early).await });
        if fake.join_waits.load(Ordering::SeqCst) {
            *fake.early_answer.lock().unwrap() = Some(posted.await.unwrap());
        }
    }
    (StatusCode::CREATED, Json(json!({"id": "c1", "state": "establishing"}))).into_response()
}

async fn participants(State(fake): State<Arc<Fake>>, headers: HeaderMap) -> Response {
    assert_eq!(headers["authorization"], "Bearer the-token");
    if let Some(url) = fake.elsewhere.lock().unwrap().clone() {
        fake.readings.fetch_add(1, Ordering::SeqCst);
        return Redirect::temporary(&url).into_response();
    }
    // What is answered was read now, whenever it arrives.
    let read = fake.roster.lock().unwrap().clone();
    fake.readings.fetch_add(1, Ordering::SeqCst);
    fake.gate.acquire().await.unwrap().forget();
    Json(read).into_response()
}

pub async fn proxy(base: &str) -> (Server, Operator) {
    proxy_with(base, Arc::new(Sqlite::in_memory().unwrap())).await
}

async fn proxy_with(base: &str, journal: Arc<dyn Journal>) -> (Server, Operator) {
    let mut target = Target::embedded(base, "t", "app".to_owned(), Secret::new("s"));
    target.timeout = Duration::from_secs(5);
    let server = Server::start(server::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        admin: None,
        public_url: None,
        graph: Some(target),
        acs: None,
        sign_in: None,
        journal,
        keep: None,
        limits: Limits::default(),
        rehearsal: true,
    })
    .await
    .unwrap();
    let operator = Operator::sign_in(&server.app.origin, &server.sign_in_url(), "c1").await;
    let open = operator.ask(Method::POST, "/foldback/v1/calls").body("{\"graph\":{}}");
    assert_eq!(open.send().await.unwrap().status(), 201);
    (server, operator)
}

pub fn id(text: &str) -> ParticipantId {
    ParticipantId::parse(text).unwrap()
}

#[tokio::test]
async fn a_reading_never_undoes_what_came_meanwhile() {
    let (fake, base) = Fake::start().await;
    let (_server, operator) = proxy(&base).await;
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    let read = fake.readings.load(Ordering::SeqCst);
    // From here on, readings are made and kept back.
    fake.gate.forget_permits(1_000);
    fake.tell(json!([person("ada", false)])).await;
    fake.read(read + 1).await;
    fake.set(json!({"value": [person("ada", true), person("bob", false)]}));
    fake.tell(json!([person("ada", true), person("bob", false)])).await;
    stream.facts_until(|fact| shows_muted(fact, &id("ada"))).await;
    fake.gate.add_permits(1_000);
    // It was overtaken, so it is made again, and only that one counts.
    fake.read(read + 2).await;
    fake.tell(json!([person("ada", true), person("bob", true)])).await;
    let facts = stream.facts_until(|fact| shows_muted(fact, &id("bob"))).await;
    assert_eq!(facts.len(), 1, "{facts:#?}");
    assert!(operator.snapshot().await.roster.get(&id("ada")).unwrap().muted);
}

#[tokio::test]
async fn a_reading_that_is_not_whole_removes_nobody() {
    let (fake, base) = Fake::start().await;
    let (_server, operator) = proxy(&base).await;
    for part in [
        json!({"value": [person("ada", false)], "@odata.nextLink": format!("{base}/v1.0/next")}),
        json!({"value": [person("ada", false), person("../bob", false)]}),
    ] {
        let read = fake.readings.load(Ordering::SeqCst);
        fake.set(part);
        fake.tell(json!([person("ada", false)])).await;
        fake.read(read + 1).await;
    }
    // A whole one does.
    fake.set(json!({"value": [person("ada", false)]}));
    assert!(operator.snapshot().await.roster.contains(&id("bob")));
    fake.tell(json!([person("ada", true)])).await;
    eventually("they have left", || async {
        operator.snapshot().await.roster.has_left(&id("bob")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_notification_before_the_join_is_answered_is_kept() {
    let (fake, base) = Fake::start().await;
    *fake.early.lock().unwrap() = Some(roster_notification(&json!([person("eve", true)])));
    let (_server, operator) = proxy(&base).await;
    let facts =
        operator.stream(Sequence(0)).await.facts_until(|fact| shows_muted(fact, &id("eve"))).await;
    assert!(!facts.is_empty());
}

#[tokio::test]
async fn a_notification_long_before_the_join_is_answered_is_to_be_sent_again() {
    let (fake, base) = Fake::start().await;
    *fake.early.lock().unwrap() = Some(roster_notification(&json!([person("eve", true)])));
    fake.join_waits.store(true, Ordering::SeqCst);
    let (server, operator) = proxy(&base).await;
    assert_eq!(*fake.early_answer.lock().unwrap(), Some(503));
    assert!(server.app.metrics.text().unwrap().contains("{kind=\"tooEarly\"} 1"));
    assert!(!operator.snapshot().await.roster.contains(&id("eve")));
    // Sent again, it is taken, with the token it came with or another.
    fake.tell(json!([person("eve", true)])).await;
    assert!(operator.snapshot().await.roster.contains(&id("eve")));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (fake, base) = Fake::start().await;
    let (_server, operator) = proxy(&base).await;
    let canary = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", canary.local_addr().unwrap());
    *fake.elsewhere.lock().unwrap() = Some(elsewhere);
    let reply = operator.get("/v1.0/communications/calls/c1/participants").await;
    assert_eq!(reply.status(), 502);
    assert!(reply.headers().get("location").is_none());
    let touched = tokio::time::timeout(Duration::ZERO, canary.accept()).await;
    assert!(touched.is_err(), "the token would have gone there");
    assert_eq!(operator.snapshot().await.roster.len(), 2);
}

/// A journal on a disk that fills up.
struct Full {
    journal: Sqlite,
    full: Arc<AtomicBool>,
}

impl Journal for Full {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Broken("the disk is full".to_owned())) });
        }
        self.journal.append(append)
    }

    fn read(
        &self,
        call: CallKey,
        after: Sequence,
        until: Sequence,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        self.journal.read(call, after, until, limit)
    }

    fn store_call(&self, call: StoredCall) -> BoxFuture<'_, Result<(), JournalError>> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Broken("the disk is full".to_owned())) });
        }
        self.journal.store_call(call)
    }

    fn change_call(
        &self,
        call: CallKey,
        change: CallChange,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Broken("the disk is full".to_owned())) });
        }
        self.journal.change_call(call, change)
    }

    fn calls(&self) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>> {
        self.journal.calls()
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_neither_done_nor_taken() {
    let (fake, base) = Fake::start().await;
    let full = Arc::new(AtomicBool::new(false));
    let journal = Full { journal: Sqlite::in_memory().unwrap(), full: Arc::clone(&full) };
    let (_server, operator) = proxy_with(&base, Arc::new(journal)).await;
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    full.store(true, Ordering::SeqCst);
    let reply = operator.mute(&id("ada"), "unrecorded").await;
    // The service has no such path: had it been asked, it would have said 404.
    assert_eq!(reply.status(), 503);
    let error: Value = reply.json().await.unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("nothing was done"), "{error}");
    let url = fake.callback.lock().unwrap().clone();
    let told = roster_notification(&json!([person("ada", true), person("bob", false)]));
    let post = async || post_signed(&url, &told).await;
    assert_eq!(post().await, 503, "the service is to send it again");
    assert_eq!(operator.snapshot().await, start);
    full.store(false, Ordering::SeqCst);
    assert_eq!(post().await, 202);
    let facts = stream.facts_until(|fact| shows_muted(fact, &id("ada"))).await;
    assert_eq!(facts.len(), 1);
}

#[tokio::test]
async fn a_call_that_cannot_be_recorded_is_left_again() {
    let stage = crate::stage::Stage::start().await;
    let service = &stage.demo.service;
    let key = AccessKey::parse(service.acs_access_key()).unwrap();
    let secret = Secret::new(service.client_secret());
    let (base, app) = (service.base_url(), service.client_id().to_owned());
    let resource = service.acs_resource().to_owned();
    let full = Arc::new(AtomicBool::new(true));
    let server = Server::start(server::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        admin: None,
        public_url: None,
        graph: Some(Target::embedded(&base, service.tenant(), app, secret)),
        acs: Some(acs::Target::embedded(&base, Credential::Key(key), resource)),
        sign_in: None,
        journal: Arc::new(Full { journal: Sqlite::in_memory().unwrap(), full }),
        keep: None,
        limits: Limits::default(),
        rehearsal: true,
    })
    .await
    .unwrap();
    let operator = Operator::sign_in(&server.app.origin, &server.sign_in_url(), "x").await;
    for (body, path) in [
        (json!({"graph": {"chatInfo": {"threadId": "other"}}}), "/communications/calls/"),
        (json!({"acs": {"roomId": "other"}}), "/calling/callConnections/"),
    ] {
        let request = operator.ask(Method::POST, "/foldback/v1/calls").body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), 503, "{body}");
        let left = stage.service.requests("DELETE", "").await;
        assert!(left.iter().any(|it| it["path"].as_str().unwrap().contains(path)), "{left:?}");
    }
    assert!(server.app.calls.all().is_empty());
}
