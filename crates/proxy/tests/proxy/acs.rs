//! The ACS call of a rehearsal: read, muted, told of, and what it cannot do.

use foldback_callservice::engine::Face;
use foldback_model::{
    CallKind, CallState, Event, OperationKind, OperationState, Outcome, ParticipantId,
    call::{CallPhase, Can},
    participant::PersonKind,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stage::{Operator, Stage, eventually, shows_muted};

/// An operator at the ACS call.
pub struct Desk {
    pub house: Stage,
    pub operator: Operator,
    pub connection: String,
}

impl Desk {
    pub async fn start() -> Self {
        let house = Stage::start().await;
        let operator = house.operator().await;
        let connection = house.demo.service.acs_connection_id().to_owned();
        Self { house, operator, connection }
    }

    pub async fn state(&self) -> CallState {
        let path = format!("/foldback/v1/calls/acs.{}", self.connection);
        let reply = self.operator.get(&path).await;
        assert_eq!(reply.status(), 200);
        reply.json().await.unwrap()
    }

    fn path(&self, tail: &str) -> String {
        format!("/calling/callConnections/{}{tail}", self.connection)
    }

    async fn get(&self, tail: &str) -> Response {
        self.operator.get(&self.path(tail)).await
    }

    async fn send_mute(&self, body: &Value) -> Response {
        let request = self.operator.ask(Method::POST, &self.path("/participants:mute"));
        request
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
    }

    async fn mute(&self, person: &ParticipantId, context: &str) -> Response {
        self.send_mute(&mute_of(person, context)).await
    }

    /// ACS users whose microphones are open.
    async fn open_microphones(&self) -> Vec<ParticipantId> {
        let state = self.state().await;
        foldback_model::plan::mute_all_targets(&state.roster, state.call.as_ref(), None)
    }

    /// What the service received.
    pub async fn sent(&self, method: &str, part: &str) -> Vec<Value> {
        let all = self.house.service.requests(method, "").await;
        all.into_iter().filter(|it| it["path"].as_str().unwrap().contains(part)).collect()
    }

    /// Where the service posts the events of the call.
    pub async fn callback(&self) -> String {
        let join = self.sent("POST", ":connect").await.remove(0);
        join["body"]["callbackUri"].as_str().unwrap().to_owned()
    }

    /// Posts events with this token.
    pub async fn post(&self, token: &str, events: &Value) -> u16 {
        let request = self.house.service.http.post(self.callback().await).bearer_auth(token);
        request.body(events.to_string()).send().await.unwrap().status().as_u16()
    }

    pub async fn token(&self) -> String {
        self.house.demo.service.notification_token(Face::Acs).await.unwrap()
    }

    async fn tell(&self, events: &Value) -> u16 {
        self.post(&self.token().await, events).await
    }

    /// What somebody does by hand in this call.
    async fn person(&self, mut order: Value) -> Value {
        order["on"] = json!(self.connection);
        self.house.service.person(order).await
    }

    async fn last(&self) -> OperationState {
        self.state().await.operations.iter().next_back().unwrap().state.clone()
    }

    pub fn event(&self, kind: &str, mut data: Value) -> Value {
        data["callConnectionId"] = json!(self.connection);
        let source = format!("calling/callConnections/{}", self.connection);
        json!([{"id": uuid::Uuid::new_v4(), "source": source, "subject": source,
            "type": format!("Microsoft.Communication.{kind}"), "specversion": "1.0",
            "datacontenttype": "application/json", "data": data}])
    }
}

pub fn mute_of(person: &ParticipantId, context: &str) -> Value {
    json!({"targetParticipants": [{"kind": "communicationUser", "rawId": person,
        "communicationUser": {"id": person}}], "operationContext": context})
}

async fn refusal(reply: Response) -> (u16, String, String) {
    let status = reply.status().as_u16();
    let error: Value = reply.json().await.unwrap();
    let word = |name: &str| error["error"][name].as_str().unwrap().to_owned();
    (status, word("code"), word("message"))
}

#[tokio::test]
async fn the_rehearsal_has_both_calls_and_graphs_is_the_first() {
    let desk = Desk::start().await;
    let calls: Value = desk.operator.get("/foldback/v1/calls").await.json().await.unwrap();
    let kinds: Vec<_> = calls["calls"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["graph", "acs"]);
    let state = desk.state().await;
    let info = state.call.unwrap();
    assert_eq!((info.kind, info.own_participant, info.rehearsal), (CallKind::Acs, None, true));
    assert_eq!(info.can, Can { mute: true, unmute_self: false, mix: false, levels: false });
    let count = |kind| state.roster.iter().filter(|person| person.kind == kind).count();
    assert_eq!(
        (count(PersonKind::AcsUser), count(PersonKind::User), count(PersonKind::Phone)),
        (10, 1, 1)
    );
}

#[tokio::test]
async fn a_mute_is_accepted_and_true_once_the_roster_says_so() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    let start = desk.state().await;
    // The event comes late, so that accepted and true can be told apart.
    let late = json!({"notifications": {"late_ms": 400}, "on": desk.connection});
    let url = format!("{}/rehearsal/v1/faults", desk.house.service.base);
    assert!(
        desk.house.service.http.post(url).json(&late).send().await.unwrap().status().is_success()
    );
    let reply = desk.mute(&person, "acs-1").await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.json::<Value>().await.unwrap(), json!({"operationContext": "acs-1"}));
    assert_eq!(desk.last().await, OperationState::Accepted);
    assert!(!desk.state().await.roster.get(&person).unwrap().muted);
    eventually("the roster shows it", || async {
        desk.state().await.roster.get(&person).unwrap().muted.then_some(())
    })
    .await;
    assert_eq!(desk.last().await, OperationState::Finished(Outcome::Completed));
    let state = desk.state().await;
    let operation = state.operations.iter().next_back().unwrap();
    assert_eq!(operation.request.kind, OperationKind::Mute);
    assert_eq!(operation.request.targets, std::slice::from_ref(&person));
    assert_eq!(operation.request.client_context.as_deref(), Some("acs-1"));
    let path =
        format!("/foldback/v1/calls/acs.{}/events?after={}", desk.connection, start.sequence);
    assert_eq!(desk.operator.get(&path).await.status(), 200);
    // What was sent: the body as it came, once, under a name, with the version.
    let sent = desk.sent("POST", ":mute").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["text"], mute_of(&person, "acs-1").to_string());
    assert!(sent[0]["path"].as_str().unwrap().ends_with("?api-version=2024-09-15"), "{}", sent[0]);
    let headers = &sent[0]["headers"];
    let id = headers["repeatability-request-id"].as_str().unwrap();
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 4);
    assert!(headers["repeatability-first-sent"].as_str().unwrap().ends_with(" GMT"));
    assert!(headers["x-ms-content-sha256"].is_string());
    // Muted already: nothing will tell of it again, and it is true.
    assert_eq!(desk.mute(&person, "acs-2").await.status(), 200);
    assert_eq!(desk.last().await, OperationState::Finished(Outcome::Completed));
}

#[tokio::test]
async fn the_end_of_a_mute_is_read_when_its_event_is_lost() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    let lost = json!({"notifications": "lose", "on": desk.connection});
    let url = format!("{}/rehearsal/v1/faults", desk.house.service.base);
    assert!(
        desk.house.service.http.post(url).json(&lost).send().await.unwrap().status().is_success()
    );
    assert_eq!(desk.mute(&person, "lost").await.status(), 200);
    assert_eq!(desk.last().await, OperationState::Accepted);
    desk.house.demo.acs_call.doubt.notify_one();
    eventually("it is read", || async {
        (desk.last().await == OperationState::Finished(Outcome::Completed)).then_some(())
    })
    .await;
    assert!(desk.state().await.roster.get(&person).unwrap().muted);
}

#[tokio::test]
async fn bad_mutes_are_refused_in_the_shape_of_acs() {
    let desk = Desk::start().await;
    let state = desk.state().await;
    let people = desk.open_microphones().await;
    let other = state.roster.iter().find(|it| it.kind == PersonKind::User).unwrap();
    let phone = state.roster.iter().find(|it| it.kind == PersonKind::Phone).unwrap();
    assert!(!people.contains(&other.id), "only ACS users can be muted");
    let another =
        state.roster.iter().find(|it| it.kind == PersonKind::AcsUser && it.muted).unwrap();
    let two = json!({"targetParticipants": [{"rawId": people[0]}, {"rawId": another.id}]});
    for (body, status, words) in [
        (two, 400, "one request for each"),
        (json!({"targetParticipants": []}), 400, "name one ACS user"),
        (json!({}), 400, "targetParticipants"),
        (json!([]), 400, "$"),
        (json!({"targetParticipants": [{"rawId": other.id}]}), 400, "only ACS users"),
        (json!({"targetParticipants": [{"rawId": phone.id}]}), 400, "only ACS users"),
        (json!({"targetParticipants": [{"rawId": "8:acs:../x"}]}), 400, "rawId"),
        (json!({"targetParticipants": [{"rawId": "8:acs:r_nobody"}]}), 404, "nobody in this call"),
        (mute_of(&people[0], &"x".repeat(257)), 400, "operationContext"),
    ] {
        let (told, _, message) = refusal(desk.send_mute(&body).await).await;
        assert_eq!(told, status, "{body}: {message}");
        assert!(message.contains(words), "{body}: {message}");
    }
    assert!(desk.sent("POST", ":mute").await.is_empty());
    assert_eq!(desk.state().await, state);
    // No mixer and no unmute: there are no paths for them, and Graph's are not this call's.
    for action in ["participants:unmute", "participants/configureMixer"] {
        let path = desk.path(&format!("/{action}"));
        let reply = desk.operator.ask(Method::POST, &path).body("{}").send().await.unwrap();
        assert!([404, 405].contains(&reply.status().as_u16()), "{action}: {}", reply.status());
    }
    let path =
        format!("/beta/communications/calls/{}/participants/configureMixer", desk.connection);
    let reply = desk.operator.ask(Method::POST, &path).body("{}").send().await.unwrap();
    assert_eq!(reply.status(), 404);
}

#[tokio::test]
async fn questions_are_answered_in_the_words_of_acs_without_secrets() {
    let desk = Desk::start().await;
    for _ in 0..40 {
        desk.person(json!({"join": {}})).await;
    }
    let page: Value = desk.get("/participants?api-version=2024-09-15").await.json().await.unwrap();
    assert_eq!(page["value"].as_array().unwrap().len(), 52);
    assert!(page.get("nextLink").is_none(), "the pages are one");
    let pages = desk.sent("GET", "/participants?").await;
    assert!(pages.iter().filter(|it| it["path"].as_str().unwrap().contains("after=")).count() > 0);
    let call: Value = desk.get("").await.json().await.unwrap();
    assert_eq!(call["callConnectionState"], "connected");
    assert!(call.get("callbackUri").is_none(), "{call}");
    let person = desk.open_microphones().await.remove(0);
    let encoded = person.as_str().replace(':', "%3A");
    let one: Value = desk.get(&format!("/participants/{encoded}")).await.json().await.unwrap();
    assert_eq!(one["identifier"]["rawId"], person.as_str());
    assert_eq!(desk.sent("GET", &format!("/participants/{encoded}?api-version=")).await.len(), 1);
    for path in [
        "/calling/callConnections/nowhere".to_owned(),
        "/calling/callConnections/nowhere/participants".to_owned(),
        desk.path("/participants/8%3Aacs%3Ar_nobody"),
    ] {
        let (status, code, _) = refusal(desk.operator.get(&path).await).await;
        assert_eq!((status, code.as_str()), (404, "8522"), "{path}");
    }
    eventually("the roster has them all", || async {
        (desk.state().await.roster.len() == 52).then_some(())
    })
    .await;
}

#[tokio::test]
async fn lists_are_ordered_and_people_come_back_under_their_id() {
    let desk = Desk::start().await;
    let state = desk.state().await;
    let person = desk.open_microphones().await.remove(0);
    let number = state.roster.sequence() + 10;
    let list = |number: u64, muted: bool| {
        let people: Vec<Value> = state
            .roster
            .iter()
            .map(|it| json!({"identifier": {"rawId": it.id}, "isMuted": it.id == person && muted}))
            .collect();
        desk.event("ParticipantsUpdated", json!({"participants": people, "sequenceNumber": number}))
    };
    let muted = async || desk.state().await.roster.get(&person).map(|it| it.muted);
    assert_eq!(desk.tell(&list(number, true)).await, 200);
    assert_eq!(muted().await, Some(true));
    let before = desk.state().await;
    assert_eq!(desk.tell(&list(number - 1, false)).await, 200, "stale");
    assert_eq!(desk.tell(&list(number, true)).await, 200, "repeated, under another token");
    assert_eq!(desk.state().await, before);
    let nobody = json!({"participants": [], "sequenceNumber": number + 1});
    assert_eq!(desk.tell(&desk.event("ParticipantsUpdated", nobody)).await, 200);
    assert_eq!(muted().await, None);
    assert_eq!(desk.tell(&list(number + 2, false)).await, 200);
    assert_eq!(muted().await, Some(false));
    // An event said they left and none that they are back: the reading does.
    let left = list(number + 3, false);
    let mut without = left.clone();
    let people = without[0]["data"]["participants"].as_array_mut().unwrap();
    people.retain(|it| it["identifier"]["rawId"] != person.as_str());
    assert_eq!(desk.tell(&without).await, 200);
    assert_eq!(muted().await, None);
    desk.house.demo.acs_call.doubt.notify_one();
    eventually("they are back", || async { muted().await }).await;
    // What cannot be read, or is about something else, is no reason to send it again.
    let mut other = list(number + 4, true);
    other[0]["data"]["callConnectionId"] = json!("another");
    for events in [
        other,
        desk.event("PlayCompleted", json!({})),
        desk.event(
            "ParticipantsUpdated",
            json!({"participants": [{"identifier": {"rawId": "../x"}}]}),
        ),
        json!([]),
    ] {
        assert_eq!(desk.tell(&events).await, 200, "{events}");
    }
    for events in
        [json!({}), json!("x"), desk.event("ParticipantsUpdated", json!({"participants": 7}))]
    {
        assert_eq!(desk.tell(&events).await, 400, "{events}");
    }
    assert_eq!(muted().await, Some(false));
}

#[tokio::test]
async fn a_call_that_is_over_takes_no_mutes() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    let over = desk.event("CallDisconnected", json!({"resultInformation": {"code": 200}}));
    assert_eq!(desk.tell(&over).await, 200);
    assert_eq!(desk.state().await.call.unwrap().state, CallPhase::Ended);
    let (status, code, _) = refusal(desk.mute(&person, "late").await).await;
    assert_eq!((status, code.as_str()), (404, "8522"));
    assert!(desk.sent("POST", ":mute").await.is_empty());
}

#[tokio::test]
async fn a_refused_or_lost_mute_is_told_and_sent_once() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    for (fault, status) in
        [(json!({"status": 403}), 403), (json!("hang"), 504), (json!("reset"), 502)]
    {
        let before = desk.sent("POST", ":mute").await.len();
        desk.house.service.fault(":mute", fault.clone()).await;
        let (told, _, message) = refusal(desk.mute(&person, "x").await).await;
        assert_eq!(told, status, "{fault}: {message}");
        let expected = if status == 403 {
            matches!(desk.last().await, OperationState::Finished(Outcome::Failed { .. }))
        } else {
            desk.last().await == OperationState::Finished(Outcome::Unconfirmed)
        };
        assert!(expected, "{fault}: {:?}", desk.last().await);
        assert_eq!(desk.sent("POST", ":mute").await.len(), before + 1);
    }
    // A later roster settles what nobody knew.
    desk.person(json!({"mute": person})).await;
    eventually("the roster says so", || async {
        desk.state().await.roster.get(&person).unwrap().muted.then_some(())
    })
    .await;
}

#[tokio::test]
async fn facts_of_acs_come_through_the_same_stream() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    let start = desk.state().await;
    let mut stream =
        desk.operator.stream_of(&format!("acs.{}", desk.connection), start.sequence).await;
    assert_eq!(desk.mute(&person, "streamed").await.status(), 200);
    let facts =
        stream.facts_until(|fact| matches!(fact.event, Event::OperationFinished { .. })).await;
    assert!(matches!(facts[0].event, Event::OperationRequested(_)), "{facts:?}");
    assert!(facts.iter().any(|fact| shows_muted(fact, &person)));
    assert_eq!(crate::stage::fold(start, &facts), desk.state().await);
}

#[tokio::test]
async fn a_mute_keeps_its_name_when_it_is_sent_again() {
    let desk = Desk::start().await;
    let person = desk.open_microphones().await.remove(0);
    desk.house.service.fault(":mute", json!({"status": 429, "retry_after": 1})).await;
    assert_eq!(desk.mute(&person, "again").await.status(), 200);
    let sent = desk.sent("POST", ":mute").await;
    let [first, second] = &sent[..] else { panic!("{sent:?}") };
    for name in [
        "repeatability-request-id",
        "repeatability-first-sent",
        "x-ms-client-request-id",
        "x-ms-content-sha256",
    ] {
        assert!(first["headers"][name].is_string(), "{name}: {first}");
        assert_eq!(first["headers"][name], second["headers"][name], "{name}");
    }
    assert_ne!(first["headers"]["x-ms-date"], second["headers"]["x-ms-date"], "signed anew");
    assert_eq!(first["text"], second["text"]);
    assert_eq!(desk.state().await.operations.iter().count(), 1);
}
