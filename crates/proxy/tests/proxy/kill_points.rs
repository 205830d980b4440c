//! The proxy killed at each point of an operation's way, many times: nothing is lost, nothing is done
//! twice, and what was pending has an end afterwards.

use std::{path::PathBuf, sync::Arc};

use foldback_callservice::{engine, http};
use foldback_model::{CallState, OperationState, Outcome, ParticipantId, Sequence, plan};
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    acs::mute_of,
    kill::{Folder, Process},
    relay::{Hold, Relay},
    stage::{Operator, Service, client, eventually, fold, level},
};

/// How often each kind of operation is killed at each point.
const ROUNDS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mute,
    Mix,
    AcsMute,
}

/// Where the proxy is when it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    BeforeTheIntent,
    BeforeSending,
    NoReply,
    ReplyNotWritten,
    NoNotification,
    NotificationNotWritten,
}

const POINTS: [Point; 6] = [
    Point::BeforeTheIntent,
    Point::BeforeSending,
    Point::NoReply,
    Point::ReplyNotWritten,
    Point::NoNotification,
    Point::NotificationNotWritten,
];

/// A service behind a relay, and a proxy that is started again and again.
struct Rig {
    _service: http::Service,
    relay: Arc<Relay>,
    glass: Service,
    folder: Folder,
    config: PathBuf,
    kind: Kind,
    /// `graph.…` or `acs.…`.
    key: String,
}

impl Rig {
    async fn start(kind: Kind) -> (Self, Process, Operator) {
        let address = "127.0.0.1:0".parse().unwrap();
        let rehearsal =
            engine::Options { participants: 60, speed: 0.0, ..engine::Options::default() };
        let service = http::Service::start(http::Options {
            rehearsal,
            inspect: true,
            ..http::Options::new(address)
        })
        .await
        .unwrap();
        let relay = Relay::start(&service.base_url()).await;
        let folder = Folder::new();
        std::fs::write(folder.path("secret"), service.client_secret()).unwrap();
        std::fs::write(folder.path("key"), service.acs_access_key()).unwrap();
        let text = format!(
            "admin_listen = \"127.0.0.1:0\"\n[graph]\ntenant = \"{}\"\nclient_id = \"{}\"\ncredential = {{ secret_file = \"secret\" }}\n\
             [acs]\ncredential = {{ access_key_file = \"key\" }}\nresource_id = \"{}\"\n\
             [journal]\nsqlite = \"journal.sqlite\"\n\
             [rehearsal]\nenabled = true\ncall_service = \"{}\"\n",
            service.tenant(),
            service.client_id(),
            service.acs_resource(),
            relay.base,
        );
        let config = folder.path("foldback.toml");
        std::fs::write(&config, text).unwrap();
        let glass = Service {
            http: client(),
            base: service.base_url(),
            call: service.graph_call_id().to_owned(),
        };
        let process = Process::start(&config, "127.0.0.1:0").await;
        let operator = Operator::sign_in(&process.address, &process.link, &glass.call).await;
        let meeting = match kind {
            Kind::AcsMute => json!({"acs": {"groupCallId": uuid::Uuid::new_v4()}}),
            _ => json!({"graph": {}}),
        };
        let join = operator.ask(Method::POST, "/foldback/v1/calls").body(meeting.to_string());
        let reply = join.send().await.unwrap();
        assert_eq!(reply.status(), 201);
        let call: Value = reply.json().await.unwrap();
        let key = call["id"].as_str().unwrap().to_owned();
        let rig = Self { _service: service, relay, glass, folder, config, kind, key };
        eventually("the call is told of", || async {
            let state = rig.state(&operator).await;
            let established = state
                .call
                .is_some_and(|call| call.state == foldback_model::call::CallPhase::Established);
            (established && !state.roster.is_empty()).then_some(())
        })
        .await;
        (rig, process, operator)
    }

    async fn state(&self, operator: &Operator) -> CallState {
        operator.get(&format!("/foldback/v1/calls/{}", self.key)).await.json().await.unwrap()
    }

    fn sql(&self) -> Connection {
        Connection::open(self.folder.path("journal.sqlite")).unwrap()
    }

    /// How often the journal has the intent, seen from outside.
    fn intents(&self, context: &str) -> i64 {
        let count = "SELECT count(*) FROM facts WHERE event LIKE '%\"operationRequested\"%'
            AND event LIKE ?1";
        let like = format!("%\"{context}\"%");
        self.sql().query_row(count, [like], |row| row.get(0)).unwrap()
    }

    /// Nobody else can write to the journal as long as this is held.
    fn locked(&self) -> Connection {
        let lock = self.sql();
        lock.execute_batch("BEGIN IMMEDIATE").unwrap();
        lock
    }

    /// How often the service got it.
    async fn sent(&self, context: &str) -> usize {
        let all = self.glass.requests("POST", "").await;
        let named = |it: &Value| {
            let body = &it["body"];
            body["clientContext"] == context || body["operationContext"] == context
        };
        all.iter().filter(|it| named(it)).count()
    }

    async fn disturb(&self, how: Value) {
        let (_, id) = self.key.split_once('.').unwrap();
        let url = format!("{}/rehearsal/v1/faults", self.glass.base);
        let order = json!({"notifications": how, "on": id, "times": 2});
        let reply = self.glass.http.post(url).json(&order).send().await.unwrap();
        assert!(reply.status().is_success());
    }

    async fn clear(&self) {
        let url = format!("{}/rehearsal/v1/faults", self.glass.base);
        self.glass.http.delete(url).send().await.unwrap();
    }

    /// Whether the service has a notification of this call on its way: posted, not answered.
    async fn on_its_way(&self) -> bool {
        let url = format!("{}/rehearsal/v1/notifications", self.glass.base);
        let all: Vec<Value> = self.glass.http.get(url).send().await.unwrap().json().await.unwrap();
        all.iter().any(|it| it["outcome"] == "waiting" && it["to"].is_string())
    }

    /// Asks as the panel does, and does not wait.
    fn ask(
        &self,
        operator: &Operator,
        people: &[ParticipantId],
        value: u8,
        context: &str,
    ) -> Asking {
        let request = match self.kind {
            Kind::Mute => {
                let action = format!("participants/{}/mute", people[0]);
                operator.command(&action, &json!({"clientContext": context}))
            }
            Kind::Mix => operator.command(
                "participants/configureMixer",
                &level(&people[0], &people[1], value, context),
            ),
            Kind::AcsMute => {
                let (_, id) = self.key.split_once('.').unwrap();
                let path = format!("/calling/callConnections/{id}/participants:mute");
                operator.ask(Method::POST, &path).body(mute_of(&people[0], context).to_string())
            }
        };
        tokio::spawn(async move { request.send().await })
    }

    /// Brings the proxy to the point, kills it there, and says whether the service was asked.
    async fn kill_at(
        &self,
        point: Point,
        process: &mut Process,
        operator: &Operator,
        ask: impl FnOnce() -> Asking,
        context: &str,
    ) {
        // It goes on working, as far as it can.
        let still_there = async || drop(self.state(operator).await);
        let relay = &self.relay;
        let asking = match point {
            Point::BeforeTheIntent => {
                let lock = self.locked();
                let asking = ask();
                still_there().await;
                process.kill().await;
                drop(lock);
                asking
            }
            Point::BeforeSending | Point::NoReply => {
                let hold = match (point, self.kind) {
                    (Point::NoReply, _) => Hold::Reply,
                    // A signed request needs no token first: it gets as far as the wire.
                    (_, Kind::AcsMute) => Hold::Request,
                    _ => Hold::Token,
                };
                relay.hold(hold);
                let asking = ask();
                relay.holds_one().await;
                assert_eq!(self.intents(context), 1, "requested before sent");
                process.kill().await;
                asking
            }
            Point::ReplyNotWritten => {
                relay.hold(Hold::Reply);
                let asking = ask();
                relay.holds_one().await;
                let lock = self.locked();
                relay.hold(Hold::Nothing);
                still_there().await;
                process.kill().await;
                drop(lock);
                asking
            }
            Point::NoNotification => {
                self.disturb(json!("lose")).await;
                let asking = ask();
                eventually("it is accepted", || async { asking.is_finished().then_some(()) }).await;
                process.kill().await;
                asking
            }
            Point::NotificationNotWritten => {
                self.disturb(json!({"late_ms": 300})).await;
                let asking = ask();
                eventually("it is accepted", || async { asking.is_finished().then_some(()) }).await;
                let lock = self.locked();
                eventually("the proxy is told", || async { self.on_its_way().await.then_some(()) })
                    .await;
                still_there().await;
                process.kill().await;
                drop(lock);
                asking
            }
        };
        drop(asking.await.unwrap());
        relay.hold(Hold::Nothing);
        self.clear().await;
    }

    async fn again(&self, before: &Process) -> (Process, Operator) {
        let addr = before.address.strip_prefix("http://").unwrap();
        let process = Process::start(&self.config, addr).await;
        let operator = Operator::sign_in(&process.address, &process.link, &self.glass.call).await;
        (process, operator)
    }

    /// People whose microphones are open, as many as are needed.
    async fn people(&self, operator: &Operator) -> Vec<ParticipantId> {
        let needed = if self.kind == Kind::Mix { 2 } else { 1 };
        eventually("microphones are open", || async {
            let state = self.state(operator).await;
            let open = plan::mute_all_targets(&state.roster, state.call.as_ref(), None);
            (open.len() >= needed).then_some(open)
        })
        .await
    }
}

type Asking = tokio::task::JoinHandle<reqwest::Result<reqwest::Response>>;

/// Kills the proxy `ROUNDS` times at each point.
async fn six_points_of(kind: Kind) {
    let (rig, mut process, mut operator) = Rig::start(kind).await;
    let mut seen = rig.state(&operator).await;
    let mut value = 0;
    for round in 0..ROUNDS {
        for point in POINTS {
            let people = rig.people(&operator).await;
            let case = format!("{kind:?} {point:?} {round}");
            let context = case.replace(' ', "-");
            value += 5;
            let before = rig.state(&operator).await;
            let ask = || rig.ask(&operator, &people, value, &context);
            rig.kill_at(point, &mut process, &operator, ask, &context).await;
            (process, operator) = rig.again(&process).await;
            let state = eventually("everything has an end", || async {
                let state = rig.state(&operator).await;
                let ended = state.operations.iter().all(|it| !it.is_open());
                ended.then_some(state)
            })
            .await;

            // Nothing was done twice, and nothing that was not written down.
            let reached = !matches!(point, Point::BeforeTheIntent | Point::BeforeSending);
            assert_eq!(rig.sent(&context).await, usize::from(reached), "{case}");
            let written = point != Point::BeforeTheIntent;
            assert_eq!(rig.intents(&context), i64::from(written), "{case}");
            let found: Vec<_> = state
                .operations
                .iter()
                .filter(|it| it.request.client_context.as_deref() == Some(context.as_str()))
                .map(|it| it.state.clone())
                .collect();
            let done = OperationState::Finished(Outcome::Completed);
            let unknown = OperationState::Finished(Outcome::Unconfirmed);
            match (point, kind, &found[..]) {
                (Point::BeforeTheIntent, _, []) => {}
                (Point::BeforeSending, _, [end]) => assert_eq!(*end, unknown, "{case}"),
                // What was in it is gone with the process, and nobody can read a mix.
                (Point::NoReply | Point::ReplyNotWritten, Kind::Mix, [end]) => {
                    assert_eq!(*end, unknown, "{case}");
                }
                (_, _, [end]) => assert_eq!(*end, done, "{case}"),
                other => panic!("{case}: {other:?}"),
            }
            // What is shown is what is so.
            match kind {
                Kind::Mute | Kind::AcsMute => {
                    assert_eq!(state.roster.get(&people[0]).unwrap().muted, reached, "{case}");
                }
                Kind::Mix => {
                    let heard = |state: &CallState| state.desk.heard(&people[0]).level(&people[1]);
                    let shown =
                        matches!(point, Point::NoNotification | Point::NotificationNotWritten);
                    let expected = if shown { value } else { heard(&before) };
                    assert_eq!(heard(&state), expected, "{case}");
                }
            }
            // A reader who was cut off misses nothing and sees nothing twice.
            let mut stream = operator.stream_of(&rig.key, seen.sequence).await;
            let now = rig.state(&operator).await;
            if now.sequence > seen.sequence {
                seen = fold(seen, &stream.facts_to(now.sequence).await);
            }
            assert_eq!(seen, now, "{case}");
            // There are not enough people: they open their microphones again.
            if kind != Kind::Mix && reached {
                let (_, id) = rig.key.split_once('.').unwrap();
                rig.glass.person(json!({"unmute": people[0], "on": id})).await;
            }
        }
    }
    let whole = rig.state(&operator).await;
    let all = operator.stream_of(&rig.key, Sequence(0)).await;
    let all = { all }.facts_to(whole.sequence).await;
    assert_eq!(fold(CallState::default(), &all).roster, whole.roster);
}

#[tokio::test]
async fn six_points() {
    six_points_of(Kind::Mute).await;
}

#[tokio::test]
async fn six_points_of_a_mix() {
    six_points_of(Kind::Mix).await;
}

#[tokio::test]
async fn six_points_in_acs() {
    six_points_of(Kind::AcsMute).await;
}
