//! A running service, a client with a token, and a receiver whose notifications come one by one.

use std::{collections::VecDeque, sync::Arc, sync::Mutex, time::Duration};

use axum::{Router, body::Bytes, extract::State, http::StatusCode};
use foldback_callservice::{
    engine,
    http::{Options, Service},
};
use foldback_wire::graph::{CommsNotification, CommsNotifications, Topic};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Longer than anything here takes; a test that gets here has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Takes what is posted to it.
pub struct Receiver {
    pub address: String,
    arrived: mpsc::UnboundedReceiver<CommsNotification>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

type Taken = (mpsc::UnboundedSender<CommsNotification>, Arc<Mutex<VecDeque<u16>>>);

async fn take(State((sender, answers)): State<Taken>, body: Bytes) -> StatusCode {
    let status = answers.lock().unwrap().pop_front().unwrap_or(202);
    if status < 300 {
        for notification in CommsNotifications::read(&body).unwrap().value {
            sender.send(notification).unwrap();
        }
    }
    StatusCode::from_u16(status).unwrap()
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/notifications/secret", listener.local_addr().unwrap());
        let (sender, arrived) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<u16>>>::default();
        let router = Router::new().fallback(take).with_state((sender, Arc::clone(&answers)));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, arrived, answers }
    }

    /// Statuses of the next answers; after them 202.
    pub fn answers_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub async fn next(&mut self) -> CommsNotification {
        let next = tokio::time::timeout(PATIENCE, self.arrived.recv());
        next.await.expect("a notification in time").expect("a receiver")
    }

    pub async fn topic(&mut self) -> Topic {
        self.next().await.topic().unwrap()
    }

    /// The next notification, which must be a full roster: id and whether muted.
    pub async fn roster(&mut self) -> Vec<(String, bool)> {
        match self.topic().await {
            Topic::Roster(people) => people.into_iter().map(|p| (p.id, p.is_muted)).collect(),
            other => panic!("expected a roster, got {other:?}"),
        }
    }
}

/// An answer taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or_default())
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub struct Bench {
    pub service: Service,
    pub receiver: Receiver,
    pub client: Client,
    pub token: String,
    pub call: String,
}

pub fn options(rehearsal: engine::Options) -> Options {
    Options { rehearsal, inspect: true, ..Options::new("127.0.0.1:0".parse().unwrap()) }
}

pub fn frozen() -> engine::Options {
    engine::Options { speed: 0.0, ..engine::Options::default() }
}

impl Bench {
    /// A frozen rehearsal with its levers open, not joined yet.
    pub async fn start() -> Self {
        Self::with(options(frozen())).await
    }

    pub async fn with(options: Options) -> Self {
        let service = Service::start(options).await.unwrap();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let call = service.graph_call_id().to_owned();
        let receiver = Receiver::start().await;
        let mut bench = Self { service, receiver, client, token: String::new(), call };
        bench.sign_in().await;
        bench
    }

    /// A frozen rehearsal, joined, its first three notifications taken.
    pub async fn joined(delta: bool) -> Self {
        let mut bench = Self::start().await;
        bench.join(delta).await;
        for _ in 0..3 {
            bench.receiver.next().await;
        }
        bench
    }

    pub async fn join(&self, delta: bool) -> Answer {
        let body = json!({
            "@odata.type": "#microsoft.graph.call",
            "callbackUri": self.receiver.address,
            "callOptions": {"isDeltaRosterEnabled": delta},
        });
        let answer = self.post("/v1.0/communications/calls", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer
    }

    pub async fn sign_in(&mut self) {
        let secret = self.service.client_secret().to_owned();
        let answer = self.ask_token(&[("client_secret", &secret)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Asks for a token with some fields changed; an empty value leaves a field out.
    pub async fn ask_token(&self, changes: &[(&str, &str)]) -> Answer {
        let secret = self.service.client_secret();
        let scope = "https://graph.microsoft.com/.default";
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.service.client_id()),
            ("client_secret", secret),
            ("scope", scope),
        ];
        for (name, value) in changes {
            fields.iter_mut().filter(|(n, _)| n == name).for_each(|field| field.1 = value);
        }
        fields.retain(|(_, value)| !value.is_empty());
        let path = format!("/{}/oauth2/v2.0/token", self.service.tenant());
        answer(self.request(Method::POST, &path).form(&fields)).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.service.base_url());
        let request = self.client.request(method, url);
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Pulls a lever, which must work.
    pub async fn pull(&self, lever: &str, body: Value) -> Value {
        let answer = self.post(&format!("/rehearsal/v1/{lever}"), &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// A path below the call.
    pub fn path(&self, below: &str) -> String {
        format!("/v1.0/communications/calls/{}{below}", self.call)
    }

    pub async fn mute(&self, person: &str) -> Answer {
        let path = self.path(&format!("/participants/{person}/mute"));
        self.post(&path, &json!({"clientContext": "c-1"})).await
    }

    pub async fn mix(&self, body: &Value) -> Answer {
        let path = format!("/beta/communications/calls/{}/participants/configureMixer", self.call);
        self.post(&path, body).await
    }

    pub async fn people(&self) -> Vec<Value> {
        let answer = self.get(&self.path("/participants")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["value"].as_array().unwrap().clone()
    }

    /// Ids of people with an open microphone, the app left out.
    pub async fn open(&self) -> Vec<String> {
        let people = self.people().await;
        people
            .iter()
            .filter(|p| p["isMuted"] == false && p["isInLobby"] == false)
            .filter(|p| p["info"]["identity"].get("application").is_none())
            .map(|p| p["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.bytes().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).unwrap() };
    Answer { status, headers, body }
}
