//! A rehearsal to test against, an operator at it, and a reader of its stream.

use std::{
    collections::VecDeque,
    future::Future,
    time::{Duration, Instant},
};

use foldback_callservice::{engine::Face, http::switches::Switches};
use foldback_model::{CallState, Event, Fact, Live, ParticipantId, Sequence, call::CallPhase};
use foldback_proxy::{
    app::Limits,
    call::Call,
    demo::{self, Demo},
};
use foldback_wire::graph::ExclusiveMember;
use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Time limit of the proxy's requests to the service in these tests.
pub const UPSTREAM: Duration = Duration::from_secs(2);

/// Asks again and again until there is an answer.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build().unwrap()
}

/// A frozen rehearsal behind a proxy.
pub struct Stage {
    pub demo: Demo,
    pub base: String,
    pub service: Service,
}

impl Stage {
    pub async fn start() -> Self {
        Self::with(43).await
    }

    pub async fn with(participants: usize) -> Self {
        Self::with_member(participants, ExclusiveMember::default()).await
    }

    /// With the name by which the service is to know an exclusive mix.
    pub async fn with_member(participants: usize, exclusive_member: ExclusiveMember) -> Self {
        Self::set(participants, exclusive_member, Limits::default()).await
    }

    /// With other limits than the standard ones.
    pub async fn limited(limits: Limits) -> Self {
        Self::set(43, ExclusiveMember::default(), limits).await
    }

    async fn set(participants: usize, exclusive_member: ExclusiveMember, limits: Limits) -> Self {
        let demo = Demo::start(demo::Options {
            addr: "127.0.0.1:0".parse().unwrap(),
            participants,
            seed: 7,
            speed: 0.0,
            inspect: true,
            switches: Switches::default(),
            faults: Vec::new(),
            exclusive_member,
            timeout: UPSTREAM,
            limits,
        })
        .await
        .unwrap();
        let base = demo.server.app.origin.clone();
        let service = Service {
            http: client(),
            base: demo.service.base_url(),
            call: demo.service.graph_call_id().to_owned(),
        };
        // What happens while the call is set up is over before a test begins.
        eventually("both calls are established and ACS has told who is there", || async {
            let established = |call: &Call| {
                let folded = call.read();
                let info = folded.state.call.as_ref();
                info.is_some_and(|info| info.state == CallPhase::Established)
            };
            let told = demo.acs_call.read().state.roster.sequence() > 0;
            (established(&demo.call) && established(&demo.acs_call) && told).then_some(())
        })
        .await;
        Self { demo, base, service }
    }

    pub async fn operator(&self) -> Operator {
        Operator::sign_in(&self.base, &self.demo.server.sign_in_url(), &self.service.call).await
    }

    /// Where the service posts notifications, told by what it received.
    pub async fn callback(&self) -> String {
        let join = self.service.requests("POST", "/communications/calls").await.remove(0);
        join["body"]["callbackUri"].as_str().unwrap().to_owned()
    }

    /// A token as the service's notifications of the Graph call carry.
    pub async fn token(&self) -> String {
        self.demo.service.notification_token(Face::Graph).await.unwrap()
    }

    /// Posts a notification as the service does.
    pub async fn notify(&self, url: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.service.http.post(url).bearer_auth(self.token().await);
        request.body(body).send().await.unwrap()
    }

    /// Sends bytes as they are and gives back what came, head and body.
    pub async fn raw(&self, request: &str) -> String {
        let address = self.base.strip_prefix("http://").unwrap();
        let request = request.replace("{host}", address);
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = socket.read_to_end(&mut answer);
        // One that is refused in the middle may be cut off after its answer.
        let read = tokio::time::timeout(PATIENCE, read).await;
        assert!(
            read.is_ok(),
            "it stays open after {request:.200}: {}",
            String::from_utf8_lossy(&answer)
        );
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// The embedded service and its looking glass.
#[derive(Clone)]
pub struct Service {
    pub http: Client,
    pub base: String,
    pub call: String,
}

impl Service {
    /// What arrived with this method and a path that ends so.
    pub async fn requests(&self, method: &str, ends: &str) -> Vec<Value> {
        let url = format!("{}/rehearsal/v1/requests", self.base);
        let all: Vec<Value> = self.http.get(url).send().await.unwrap().json().await.unwrap();
        all.into_iter()
            .filter(|r| r["method"] == method && r["path"].as_str().unwrap().ends_with(ends))
            .collect()
    }

    async fn order(&self, what: &str, order: Value) -> Value {
        let url = format!("{}/rehearsal/v1/{what}", self.base);
        let reply = self.http.post(url).json(&order).send().await.unwrap();
        let status = reply.status();
        let body: Value = reply.json().await.unwrap();
        assert!(status.is_success(), "{order}: {body}");
        body
    }

    /// Lets a fault strike requests whose path holds `path`.
    pub async fn fault(&self, path: &str, fault: Value) {
        self.order("faults", json!({"path_contains": path, "fault": fault})).await;
    }

    /// Lets the next notification of the Graph call be lost, repeated or reordered.
    pub async fn disturb(&self, how: &str) {
        self.order("faults", json!({"notifications": how, "on": self.call})).await;
    }

    /// Gives the next notification of the Graph call a token with this flaw.
    pub async fn flawed_token(&self, flaw: &str) {
        let order = json!({"notification_tokens": flaw, "on": self.call});
        self.order("faults", order).await;
    }

    /// Has Graph notifications signed with a new key from now on.
    pub async fn rotate_keys(&self) {
        self.order("keys", json!({"rotate": "graph"})).await;
    }

    /// What a person does by hand.
    pub async fn person(&self, order: Value) -> Value {
        self.order("people", order).await
    }

    /// Decides how the service answers.
    pub async fn switch(&self, order: Value) {
        self.order("switches", order).await;
    }

    /// What happens to the Graph call.
    pub async fn call(&self, order: Value) -> Value {
        self.order("call", order).await
    }

    pub async fn joins(&self) -> ParticipantId {
        let joined = self.person(json!({"join": {"name": "Newcomer"}})).await;
        ParticipantId::parse(joined["joined"].as_str().unwrap()).unwrap()
    }
}

/// Somebody signed in, as their browser.
#[derive(Clone)]
pub struct Operator {
    pub http: Client,
    pub base: String,
    pub cookie: String,
    pub call: String,
}

impl Operator {
    pub async fn sign_in(base: &str, link: &str, call: &str) -> Self {
        let http = client();
        let reply = http.get(link).send().await.unwrap();
        assert_eq!(reply.status(), 303);
        let cookie = reply.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { http, base: base.to_owned(), cookie, call: call.to_owned() }
    }

    /// A request as the panel sends it.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    /// A command below the call, with a JSON body.
    pub fn command(&self, action: &str, body: &Value) -> RequestBuilder {
        let path = format!("/beta/communications/calls/{}/{action}", self.call);
        self.ask(Method::POST, &path)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub async fn mute(&self, person: &ParticipantId, context: &str) -> Response {
        let action = format!("participants/{person}/mute");
        self.command(&action, &json!({"clientContext": context})).send().await.unwrap()
    }

    pub async fn snapshot(&self) -> CallState {
        let reply = self.get(&format!("/foldback/v1/calls/graph.{}", self.call)).await;
        assert_eq!(reply.status(), 200);
        reply.json().await.unwrap()
    }

    pub async fn stream(&self, after: Sequence) -> Stream {
        self.stream_of(&format!("graph.{}", self.call), after).await
    }

    pub async fn stream_of(&self, call: &str, after: Sequence) -> Stream {
        let path = format!("/foldback/v1/calls/{call}/events?after={after}");
        let reply = self.get(&path).await;
        assert_eq!(reply.status(), 200);
        Stream { reply, bytes: Vec::new(), events: VecDeque::new() }
    }

    /// What lies between two states, as a stream gives it.
    pub async fn missed(&self, seen: &CallState, now: &CallState) -> Vec<Fact> {
        if seen.sequence == now.sequence {
            return Vec::new();
        }
        self.stream(seen.sequence).await.facts_to(now.sequence).await
    }

    /// Everything the journal holds, as a stream gives it.
    pub async fn replay(&self) -> Vec<Fact> {
        let head = self.snapshot().await.sequence;
        self.stream(Sequence(0)).await.facts_to(head).await
    }

    /// People who can be muted now, by id.
    pub async fn open_microphones(&self) -> Vec<ParticipantId> {
        let state = self.snapshot().await;
        foldback_model::plan::mute_all_targets(&state.roster, state.call.as_ref(), None)
    }
}

/// One server-sent event.
#[derive(Debug, Clone)]
pub enum Sent {
    Fact(Fact),
    Live(Live),
    Reset(Value),
}

/// A reader of a stream.
pub struct Stream {
    reply: Response,
    bytes: Vec<u8>,
    events: VecDeque<Sent>,
}

impl Stream {
    /// The next event, or none when the stream has ended.
    pub async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.reply.chunk()).await.expect("silence");
            // A proxy that was killed breaks the stream off.
            let chunk = chunk.ok().flatten()?;
            // A chunk may end in the middle of a character; a block does not.
            self.bytes.extend_from_slice(&chunk);
            while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                self.events.extend(parse(std::str::from_utf8(&block[..end]).unwrap()));
            }
        }
    }

    pub async fn fact(&mut self) -> Fact {
        loop {
            if let Sent::Fact(fact) = self.next().await.expect("the stream ended") {
                return fact;
            }
        }
    }

    /// Facts up to and with the one that `is` accepts.
    pub async fn facts_until(&mut self, is: impl Fn(&Fact) -> bool) -> Vec<Fact> {
        let mut facts = Vec::new();
        loop {
            facts.push(self.fact().await);
            if is(facts.last().unwrap()) {
                return facts;
            }
        }
    }

    pub async fn facts_to(&mut self, last: Sequence) -> Vec<Fact> {
        if last == Sequence(0) {
            return Vec::new();
        }
        self.facts_until(|fact| fact.sequence >= last).await
    }
}

fn parse(block: &str) -> Option<Sent> {
    let (mut event, mut id, mut data) = ("", None, None);
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", value)) => event = value,
            Some(("id", value)) => id = Some(value),
            Some(("data", value)) => data = Some(value),
            Some(("", _)) | None => {}
            Some(other) => panic!("{other:?} is no line of a stream"),
        }
    }
    let data = data?;
    Some(match event {
        "fact" => {
            let fact: Fact = serde_json::from_str(data).unwrap();
            assert_eq!(id, Some(fact.sequence.to_string().as_str()));
            Sent::Fact(fact)
        }
        "live" => {
            assert_eq!(id, None);
            Sent::Live(serde_json::from_str(data).unwrap())
        }
        "reset" => Sent::Reset(serde_json::from_str(data).unwrap()),
        "end" => return None,
        other => panic!("{other:?} is no event of a stream"),
    })
}

/// Whether a fact says that the roster shows this person muted.
pub fn shows_muted(fact: &Fact, person: &ParticipantId) -> bool {
    match &fact.event {
        Event::ParticipantsChanged { participants, .. }
        | Event::RosterReplaced { participants, .. } => {
            participants.iter().any(|one| one.id == *person && one.muted)
        }
        _ => false,
    }
}

/// Folds facts and checks that none is missing or doubled.
pub fn fold(mut state: CallState, facts: &[Fact]) -> CallState {
    for fact in facts {
        let applied = state.apply(fact);
        assert!(
            !matches!(
                applied,
                foldback_model::state::Applied::Repeat | foldback_model::state::Applied::Gap
            ),
            "{applied:?}: {fact:?}"
        );
    }
    state
}

/// A request that sets one level.
pub fn level(listener: &ParticipantId, source: &ParticipantId, level: u8, context: &str) -> Value {
    json!({
        "clientContext": context,
        "participantMixerLevels": [{
            "participant": listener,
            "exclusive": false,
            "sourceLevels": [{"participant": source, "level": level, "duckOthers": false}],
        }],
    })
}
