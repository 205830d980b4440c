//! A service asked as ACS clients ask it: signed with the access key; and a receiver of CloudEvents.

use std::time::{Duration, SystemTime};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, http::Uri};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use foldback_callservice::http::{Options, Service};
use foldback_wire::acs::{CallParticipant, CloudEvent};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::bench::{Answer, PATIENCE, answer, frozen, options};

pub const VERSION: &str = "2024-09-15";

/// Takes events; each with the path it was posted to.
pub struct Events {
    pub address: String,
    arrived: mpsc::UnboundedReceiver<(String, CloudEvent)>,
}

async fn take(
    State(sender): State<mpsc::UnboundedSender<(String, CloudEvent)>>,
    uri: Uri,
    body: Bytes,
) -> StatusCode {
    for event in CloudEvent::read_all(&body).unwrap() {
        sender.send((uri.path().to_owned(), event)).unwrap();
    }
    StatusCode::OK
}

impl Events {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/events", listener.local_addr().unwrap());
        let (sender, arrived) = mpsc::unbounded_channel();
        let router = Router::new().fallback(take).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, arrived }
    }

    pub async fn posted(&mut self) -> (String, CloudEvent) {
        let next = tokio::time::timeout(PATIENCE, self.arrived.recv());
        next.await.expect("an event in time").expect("a receiver")
    }

    pub async fn next(&mut self) -> CloudEvent {
        self.posted().await.1
    }

    /// The next event, which must be of this type.
    pub async fn expect(&mut self, kind: &str) -> CloudEvent {
        let event = self.next().await;
        assert_eq!(event.short_type(), kind, "{event:?}");
        event
    }

    /// The next event, which must be a roster: its number and everybody.
    pub async fn roster(&mut self) -> (i64, Vec<CallParticipant>) {
        let event = self.expect("ParticipantsUpdated").await;
        (event.data.sequence_number.unwrap(), event.data.participants.unwrap())
    }

    pub fn is_quiet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

/// A request before it is signed.
pub struct Ask {
    pub method: Method,
    pub target: String,
    pub body: Vec<u8>,
    pub key: String,
    /// What is signed when it differs from what is sent.
    pub signed_verb: Option<Method>,
    pub signed_target: Option<String>,
    pub signed_date: Option<String>,
    pub sent_body: Option<Vec<u8>>,
    /// Headers changed after signing; an empty value removes one.
    pub changes: Vec<(&'static str, String)>,
}

pub struct Acs {
    pub service: Service,
    pub events: Events,
    pub client: Client,
    /// The standing connection.
    pub id: String,
}

pub fn date(from_now_s: i64) -> String {
    let shift = Duration::from_secs(from_now_s.unsigned_abs());
    let now = SystemTime::now();
    httpdate::fmt_http_date(if from_now_s < 0 { now - shift } else { now + shift })
}

pub fn hash(body: &[u8]) -> String {
    BASE64.encode(Sha256::digest(body))
}

pub fn raw_id(person: &CallParticipant) -> String {
    person.identifier.raw_id.clone().unwrap()
}

pub fn user(raw: &str) -> Value {
    json!({"rawId": raw, "communicationUser": {"id": raw}})
}

/// As real clients escape a raw id in a path.
pub fn escaped(raw: &str) -> String {
    raw.replace(':', "%3A").replace('+', "%2B")
}

impl Acs {
    /// A frozen service, its levers open, not connected.
    pub async fn start() -> Self {
        Self::with(options(frozen())).await
    }

    pub async fn with(options: Options) -> Self {
        let service = Service::start(options).await.unwrap();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let id = service.acs_connection_id().to_owned();
        Self { service, events: Events::start().await, client, id }
    }

    /// Connected to the standing call, its first two events taken.
    pub async fn connected() -> Self {
        let mut acs = Self::start().await;
        let answer = acs.connect(&group("g"), Some("hello")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        acs.events.expect("CallConnected").await;
        acs.events.roster().await;
        acs
    }

    fn target(path: &str) -> String {
        let sign = if path.contains('?') { '&' } else { '?' };
        format!("/calling/callConnections{path}{sign}api-version={VERSION}")
    }

    /// A request to be signed; `path` is below callConnections.
    pub fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Ask {
        Ask {
            method,
            target: Self::target(path),
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
            key: self.service.acs_access_key().to_owned(),
            signed_verb: None,
            signed_target: None,
            signed_date: None,
            sent_body: None,
            changes: Vec::new(),
        }
    }

    pub async fn send(&self, ask: Ask) -> Answer {
        answer(self.request(ask)).await
    }

    /// The request as it is sent.
    pub fn request(&self, ask: Ask) -> RequestBuilder {
        let date = ask.signed_date.unwrap_or_else(|| date(0));
        let host = self.service.address().to_string();
        let hash = hash(&ask.body);
        let target = ask.signed_target.as_ref().unwrap_or(&ask.target);
        let verb = ask.signed_verb.as_ref().unwrap_or(&ask.method);
        let text = format!("{verb}\n{target}\n{date};{host};{hash}");
        let key = BASE64.decode(&ask.key).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(text.as_bytes());
        let signature = BASE64.encode(mac.finalize().into_bytes());
        let mut headers = vec![
            ("x-ms-date", date),
            ("x-ms-content-sha256", hash),
            (
                "authorization",
                format!(
                    "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
                ),
            ),
            ("content-type", "application/json".to_owned()),
        ];
        for (name, value) in ask.changes {
            headers.retain(|(known, _)| *known != name);
            if !value.is_empty() {
                headers.push((name, value));
            }
        }
        let url = format!("{}{}", self.service.base_url(), ask.target);
        let mut request = self.client.request(ask.method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(ask.sent_body.unwrap_or(ask.body))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.ask(Method::GET, path, None)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.ask(Method::DELETE, path, None)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.ask(Method::POST, path, Some(body))).await
    }

    pub async fn connect(&self, locator: &Value, context: Option<&str>) -> Answer {
        let mut body = json!({"callLocator": locator, "callbackUri": self.events.address});
        if let Some(context) = context {
            body["operationContext"] = json!(context);
        }
        self.post(":connect", &body).await
    }

    pub async fn mute(&self, raw: &str) -> Answer {
        let body = json!({"targetParticipants": [user(raw)], "operationContext": "m"});
        self.post(&format!("/{}/participants:mute", self.id), &body).await
    }

    /// Everybody of the standing call.
    pub async fn people(&self) -> Vec<CallParticipant> {
        let answer = self.get(&format!("/{}/participants", self.id)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value(answer.body["value"].clone()).unwrap()
    }

    /// An ACS user with an open microphone.
    pub async fn open(&self) -> String {
        let people = self.people().await;
        let open = people.iter().find(|p| !p.is_muted && raw_id(p).starts_with("8:acs:"));
        raw_id(open.expect("somebody with an open microphone"))
    }

    pub async fn is_muted(&self, raw: &str) -> bool {
        let answer = self.get(&format!("/{}/participants/{}", self.id, escaped(raw))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["isMuted"].as_bool().unwrap()
    }

    /// Pulls a lever, which must work.
    pub async fn pull(&self, lever: &str, body: Value) -> Value {
        let url = format!("{}/rehearsal/v1/{lever}", self.service.base_url());
        let answer = answer(self.client.post(url).json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// What one person of the standing call does.
    pub async fn person(&self, what: &str, raw: &str) {
        self.pull("people", json!({"on": self.id, what: raw})).await;
    }

    /// How many requests with this in their path were answered.
    pub async fn answered(&self, path: &str) -> usize {
        let all = self.requests(path).await;
        all.iter().filter(|request| !request["status"].is_null()).count()
    }

    /// The requests with this in their path.
    pub async fn requests(&self, path: &str) -> Vec<Value> {
        let url = format!("{}/rehearsal/v1/requests", self.service.base_url());
        let all = answer(self.client.get(url)).await.body;
        let all = all.as_array().unwrap().iter();
        all.filter(|request| request["path"].as_str().unwrap().contains(path)).cloned().collect()
    }
}

pub fn group(id: &str) -> Value {
    json!({"kind": "groupCallLocator", "groupCallId": id})
}

pub fn room(id: &str) -> Value {
    json!({"kind": "roomCallLocator", "roomId": id})
}

pub fn server(id: &str) -> Value {
    json!({"kind": "serverCallLocator", "serverCallId": id})
}
