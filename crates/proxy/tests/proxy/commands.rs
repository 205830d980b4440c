//! Commands from the click to the fact.

use foldback_model::{
    By, Cell, CellChange, Event, Layer, MixChange, OperationKind, OperationState, Outcome,
    ParticipantId, Sequence, Setting, plan,
};
use foldback_wire::graph::ExclusiveMember;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, fold, level, shows_muted};

#[tokio::test]
async fn a_mute_is_pending_then_accepted_then_true() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let start = operator.snapshot().await;
    let person = operator.open_microphones().await.remove(0);
    let mut stream = operator.stream(start.sequence).await;

    let reply = operator.mute(&person, "ctx-1").await;
    assert_eq!(reply.status(), 200);
    let location = reply.headers()["location"].to_str().unwrap().to_owned();
    let body: Value = reply.json().await.unwrap();
    assert_eq!(body["clientContext"], "ctx-1");
    assert_eq!(body["status"], "completed");

    let facts = stream.facts_until(|fact| shows_muted(fact, &person)).await;
    let Event::OperationRequested(request) = &facts[0].event else { panic!("{facts:?}") };
    assert_eq!(request.kind, OperationKind::Mute);
    assert_eq!(request.targets, std::slice::from_ref(&person));
    assert!(matches!(&facts[0].by, By::Operator { name, .. } if name == "Operator 1"));
    let ends = facts.iter().filter(|fact| {
        matches!(&fact.event, Event::OperationFinished { outcome: Outcome::Completed, .. })
    });
    assert_eq!(ends.count(), 1);
    let now = operator.snapshot().await;
    assert!(now.roster.get(&person).unwrap().server_muted);
    assert_eq!(fold(start, &facts).roster, now.roster);

    // The service got the body as it came, and the operation is found where the answer said.
    let sent = house.service.requests("POST", "/mute").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["text"], json!({"clientContext": "ctx-1"}).to_string());
    assert!(location.starts_with(&house.base), "{location}");
    let operation = operator.get(location.strip_prefix(&house.base).unwrap()).await;
    assert_eq!(operation.status(), 200);
    assert_eq!(operation.json::<Value>().await.unwrap()["id"], body["id"]);
}

#[tokio::test]
async fn the_app_mutes_and_unmutes_itself() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let own = operator.snapshot().await.call.unwrap().own_participant.unwrap();
    let muted = async || operator.snapshot().await.roster.get(&own).unwrap().muted;
    for (action, expected) in [("mute", true), ("unmute", false)] {
        let path = format!("/v1.0/communications/calls/{}/{action}", operator.call);
        // A body is not needed.
        let reply = operator.ask(Method::POST, &path).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{action}");
        eventually(action, || async { (muted().await == expected).then_some(()) }).await;
    }
    let kinds: Vec<_> =
        operator.snapshot().await.operations.iter().map(|op| op.request.kind).collect();
    assert_eq!(kinds, [OperationKind::MuteSelf, OperationKind::UnmuteSelf]);
}

#[tokio::test]
async fn a_mix_reaches_the_desk_as_it_was_sent() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let body = level(&people[0], &people[1], 35, "mix-1");
    let mut stream = operator.stream(operator.snapshot().await.sequence).await;
    let reply = operator
        .command("participants/configureMixer", &body)
        .header("foldback-gesture", "g-1")
        .send()
        .await
        .unwrap();
    assert!(reply.status().is_success(), "{}", reply.status());
    let facts =
        stream.facts_until(|fact| matches!(fact.event, Event::OperationFinished { .. })).await;
    let changes: Vec<_> = facts
        .iter()
        .filter_map(|fact| match &fact.event {
            Event::MixChanged(change) => Some(change),
            _ => None,
        })
        .collect();
    assert_eq!(changes.len(), 1, "{facts:?}");
    assert_eq!(changes[0].layer, Layer::Listener(people[0].clone()));
    assert_eq!(changes[0].gesture.as_ref().unwrap().as_str(), "g-1");
    let desk = operator.snapshot().await.desk;
    assert_eq!(desk.heard(&people[0]).level(&people[1]), 35);
    assert_eq!(desk.heard(&people[2]).level(&people[1]), 100);
    let sent = house.service.requests("POST", "/configureMixer").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["text"], body.to_string());
}

#[tokio::test]
async fn everyones_mix_is_the_base_and_reaches_those_who_join() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let source = operator.open_microphones().await.remove(0);
    let reply = for_everyone(&operator, &level_of(&source, 20)).await.send().await.unwrap();
    assert!(reply.status().is_success());
    let mixed = operator.snapshot().await;
    assert_eq!(mixed.desk.base.cell(&source).level, Some(20));
    assert!(mixed.desk.listeners.is_empty(), "{:?}", mixed.desk);

    let mut stream = operator.stream(mixed.sequence).await;
    let newcomer = house.service.joins().await;
    let facts =
        stream.facts_until(|fact| matches!(fact.event, Event::OperationAccepted { .. })).await;
    let asked =
        facts.iter().find(|fact| matches!(fact.event, Event::OperationRequested(_))).unwrap();
    assert_eq!(asked.by, By::Foldback);
    let Event::OperationRequested(request) = &asked.event else { unreachable!() };
    assert_eq!(request.targets, std::slice::from_ref(&newcomer));
    let sent = house.service.requests("POST", "/configureMixer").await;
    assert_eq!(sent.len(), 2);
    let entry = &sent[1]["body"]["participantMixerLevels"][0];
    assert_eq!(entry["participant"], newcomer.as_str());
    assert_eq!(entry["sourceLevels"][0]["level"], 20);
    // The desk says the same as before: the newcomer hears the base.
    assert_eq!(operator.snapshot().await.desk, mixed.desk);
}

#[tokio::test]
async fn an_exclusive_mix_is_written_by_the_name_the_service_knows() {
    for (member, name, other) in [
        (ExclusiveMember::Exclusive, "exclusive", "exclusiveMode"),
        (ExclusiveMember::ExclusiveMode, "exclusiveMode", "exclusive"),
    ] {
        let house = Stage::with_member(8, member).await;
        let operator = house.operator().await;
        let config: Value = operator.get("/config.json").await.json().await.unwrap();
        assert_eq!(config["exclusiveMode"], name == "exclusiveMode");
        // Both names are taken from clients; what Foldback writes by itself has the one name.
        let source = operator.open_microphones().await.remove(0);
        let mut change = level_of(&source, 20);
        change.exclusive = Some(Setting::Set(true));
        let reply = for_everyone(&operator, &change).await.send().await.unwrap();
        assert!(reply.status().is_success());
        house.service.joins().await;
        let sent = eventually("the newcomer's mix", || async {
            let sent = house.service.requests("POST", "/configureMixer").await;
            (sent.len() == 2).then_some(sent)
        })
        .await;
        let entry = &sent[1]["body"]["participantMixerLevels"][0];
        assert_eq!((&entry[name], entry.get(other)), (&json!(true), None), "{entry}");
    }
}

#[tokio::test]
async fn who_joins_while_everyones_mix_is_on_its_way_hears_it_too() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let source = operator.open_microphones().await.remove(0);
    let start = operator.snapshot().await;
    house.service.fault("/configureMixer", json!({ "latency_ms": 1_000 })).await;
    let sending = tokio::spawn(for_everyone(&operator, &level_of(&source, 20)).await.send());
    let mut stream = operator.stream(start.sequence).await;
    stream.facts_until(|fact| matches!(fact.event, Event::OperationRequested(_))).await;
    let newcomer = house.service.joins().await;
    stream.facts_until(|fact| matches!(fact.event, Event::ParticipantsChanged { .. })).await;
    assert!(operator.snapshot().await.desk.base.is_empty(), "the newcomer was here before the mix");
    assert!(sending.await.unwrap().unwrap().status().is_success());
    stream
        .facts_until(|fact| match &fact.event {
            Event::OperationRequested(request) => {
                fact.by == By::Foldback && request.targets == [newcomer.clone()]
            }
            _ => false,
        })
        .await;
}

/// A request that sets `source` in the base, naming everybody who is here now.
fn level_of(source: &ParticipantId, level: u8) -> MixChange {
    let mut change = MixChange::new(Layer::Everyone);
    change.cells.push(CellChange {
        source: source.clone(),
        cell: Cell { level: Some(level), ducks_others: None },
    });
    change
}

async fn for_everyone(
    operator: &crate::stage::Operator,
    change: &MixChange,
) -> reqwest::RequestBuilder {
    let state = operator.snapshot().await;
    let mut desk = state.desk.clone();
    desk.apply(change);
    let listeners: Vec<_> =
        plan::listeners(&state.roster, state.call.as_ref()).map(|p| p.id.clone()).collect();
    let request = plan::requests(&desk, &state.roster, &listeners, || "all".to_owned()).remove(0);
    operator
        .command("participants/configureMixer", &serde_json::to_value(&request).unwrap())
        .header("foldback-layer", "everyone")
}

#[tokio::test]
async fn of_a_gesture_the_last_mix_is_kept() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let start = operator.snapshot().await;
    let mut stream = operator.stream(start.sequence).await;
    for (step, context) in [(80, "a"), (60, "b"), (40, "c")] {
        let body = level(&people[0], &people[1], step, context);
        let request = operator.command("participants/configureMixer", &body);
        let reply = request.header("foldback-gesture", "drag").send().await.unwrap();
        assert!(reply.status().is_success());
    }
    let end = operator.snapshot().await;
    let live = stream.facts_to(end.sequence).await;
    let mixes = |facts: &[foldback_model::Fact]| {
        facts.iter().filter(|fact| matches!(fact.event, Event::MixChanged(_))).count()
    };
    assert_eq!(mixes(&live), 3);
    let kept = operator.replay().await;
    assert_eq!(mixes(&kept), 1);
    // Neither reader misses anything, though the kept facts have holes.
    assert_eq!(fold(start, &live).desk, end.desk);
    let folded = fold(foldback_model::CallState::default(), &kept);
    assert_eq!(folded.desk, end.desk);
    assert_eq!(folded.desk.heard(&people[0]).level(&people[1]), 40);
    // A reader who stopped at a fact that is gone goes on without a gap.
    let gone = live.iter().find(|fact| matches!(fact.event, Event::MixChanged(_))).unwrap();
    let rest = operator.stream(gone.sequence).await.facts_to(end.sequence).await;
    assert!(rest[0].prev <= gone.sequence, "{:?}", rest[0]);
}

#[tokio::test]
async fn people_who_have_left_are_taken_out_of_a_mix() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let gone = &people[0];
    house.service.person(json!({"leave": gone})).await;
    eventually("they have left", || async {
        operator.snapshot().await.roster.has_left(gone).then_some(())
    })
    .await;
    let body = json!({"clientContext": "late", "participantMixerLevels": [
        {"participant": gone, "exclusive": false, "sourceLevels": []},
        {"participant": people[1], "exclusive": false, "sourceLevels": [
            {"participant": gone, "level": 5}, {"participant": people[2], "level": 50}]},
    ]});
    let reply = operator.command("participants/configureMixer", &body).send().await.unwrap();
    assert!(reply.status().is_success());
    let state = operator.snapshot().await;
    let operation = state.operations.iter().next_back().unwrap();
    assert_eq!(operation.request.targets, [people[1].clone()]);
    let sent = house.service.requests("POST", "/configureMixer").await.remove(0);
    assert_eq!(sent["body"]["participantMixerLevels"].as_array().unwrap().len(), 1);
    assert_eq!(
        sent["body"]["participantMixerLevels"][0]["sourceLevels"].as_array().unwrap().len(),
        1
    );

    let only = level(gone, &people[2], 5, "nobody");
    let reply = operator.command("participants/configureMixer", &only).send().await.unwrap();
    assert_eq!(reply.status(), 404);
    assert_eq!(operator.mute(gone, "x").await.status(), 404);
}

#[tokio::test]
async fn mixes_leave_one_after_the_other() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    house.service.fault("configureMixer", json!({"latency_ms": 300})).await;
    let post = |step: u8| {
        let body = level(&people[0], &people[1], step, &format!("c-{step}"));
        let request = operator.command("participants/configureMixer", &body);
        tokio::spawn(async move { request.send().await.unwrap().status() })
    };
    let first = post(10);
    eventually("the first is on its way", || async {
        (house.service.requests("POST", "/configureMixer").await.len() == 1).then_some(())
    })
    .await;
    let second = post(90);
    assert!(first.await.unwrap().is_success());
    assert!(second.await.unwrap().is_success());
    let sent = house.service.requests("POST", "/configureMixer").await;
    let at = |n: usize| sent[n]["at_ms"].as_u64().unwrap();
    assert_eq!(sent[1]["body"]["clientContext"], "c-90");
    assert!(at(1) - at(0) >= 300, "{} {}", at(0), at(1));
    assert_eq!(operator.snapshot().await.desk.heard(&people[0]).level(&people[1]), 90);
}

#[tokio::test]
async fn readings_are_passed_on_rebuilt() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let person = operator.open_microphones().await.remove(0);
    operator.mute(&person, "r").await;
    let root = format!("/v1.0/communications/calls/{}", operator.call);
    let call: Value = operator.get(&root).await.json().await.unwrap();
    assert_eq!(call["id"], operator.call.as_str());
    assert!(call.get("callbackUri").is_none(), "the secret path is not shown: {call}");
    let list: Value = operator.get(&format!("{root}/participants")).await.json().await.unwrap();
    assert_eq!(list["value"].as_array().unwrap().len(), 43);
    let one: Value =
        operator.get(&format!("{root}/participants/{person}")).await.json().await.unwrap();
    assert_eq!(one["isMuted"], true);
    let operations: Value = operator.get(&format!("{root}/operations")).await.json().await.unwrap();
    assert_eq!(operations["value"].as_array().unwrap().len(), 1);
    let alive = operator.ask(Method::POST, &format!("{root}/keepAlive")).send().await.unwrap();
    assert_eq!(alive.status(), 200);
    let calls: Value = operator.get("/foldback/v1/calls").await.json().await.unwrap();
    assert_eq!(calls["calls"][0]["id"], format!("graph.{}", operator.call));
    assert_eq!(calls["calls"][0]["people"], 43);
    assert_eq!(calls["calls"][0]["rehearsal"], true);
    let state = operator.snapshot().await;
    assert!(
        state.operations.iter().all(|op| op.state == OperationState::Finished(Outcome::Completed))
    );
    assert!(state.sequence > Sequence(0));
}
