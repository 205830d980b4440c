//! People of an ACS call: lists and pages, one of them, mute and remove.

use foldback_wire::acs::CallParticipantsPage;
use reqwest::Method;
use serde_json::{Value, json};

use crate::acs_bench::{Acs, escaped, raw_id, user};

#[tokio::test]
async fn the_list_and_everybody_in_it() {
    let acs = Acs::start().await;
    let people = acs.people().await;
    let kinds =
        |kind: &str| people.iter().filter(|p| p.identifier.kind.as_deref() == Some(kind)).count();
    assert_eq!(kinds("communicationUser"), 10);
    assert_eq!((kinds("microsoftTeamsUser"), kinds("phoneNumber")), (1, 1));
    for person in &people {
        let path = format!("/{}/participants/{}", acs.id, escaped(&raw_id(person)));
        let answer = acs.get(&path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body, serde_json::to_value(person).unwrap());
        assert_eq!(answer.body["identifier"]["rawId"], raw_id(person));
    }
    for raw in ["8%3Aacs%3Anobody", "4%3A%2B4900000"] {
        let answer = acs.get(&format!("/{}/participants/{raw}", acs.id)).await;
        assert_eq!(answer.code(), (404, "8522"));
    }
    assert_eq!(acs.get("/nowhere/participants").await.code(), (404, "8522"));
    assert_eq!(acs.get("/nowhere/participants/8%3Aacs%3Ax").await.code(), (404, "8522"));
}

#[tokio::test]
async fn pages_lead_to_everybody_once() {
    let acs = Acs::start().await;
    let targets: Vec<Value> = (0..70).map(|n| user(&format!("8:acs:r_{n}"))).collect();
    let body = json!({"targets": targets, "callbackUri": acs.events.address});
    let answer = acs.post("", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["callConnectionId"].as_str().unwrap();
    let mut answer = acs.get(&format!("/{id}/participants")).await;
    let (mut people, mut sizes) = (vec![], vec![]);
    loop {
        let page: CallParticipantsPage = serde_json::from_value(answer.body).unwrap();
        sizes.push(page.value.len());
        people.extend(page.value.iter().map(raw_id));
        let Some(next) = page.next_link else { break };
        let target = next.strip_prefix(&acs.service.base_url()).expect("an absolute link");
        let mut ask = acs.ask(Method::GET, "", None);
        target.clone_into(&mut ask.target);
        answer = acs.send(ask).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(sizes, [30, 30, 10]);
    let called: Vec<String> = (0..70).map(|n| format!("8:acs:r_{n}")).collect();
    assert_eq!(people, called);
    let answer = acs.get(&format!("/{id}/participants?after=x")).await;
    assert_eq!(answer.code(), (400, "8523"));
}

#[tokio::test]
async fn a_mute_is_confirmed_by_the_roster_and_told_once() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    let answer = acs.mute(&raw).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"operationContext": "m"})));
    let (first, people) = acs.events.roster().await;
    assert_eq!(people.len(), 12);
    assert!(people.iter().any(|p| raw_id(p) == raw && p.is_muted));
    // Muted already: the next thing told is that they unmuted themselves.
    assert_eq!(acs.mute(&raw).await.status, 200);
    acs.person("unmute", &raw).await;
    let (second, people) = acs.events.roster().await;
    assert!(second > first && people.iter().any(|p| raw_id(p) == raw && !p.is_muted));

    let body = json!({"targetParticipants": [{"rawId": raw}]});
    let answer = acs.post(&format!("/{}/participants:mute", acs.id), &body).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({})));
    assert!(acs.is_muted(&raw).await);
}

#[tokio::test]
async fn whom_a_mute_cannot_be_about() {
    let acs = Acs::connected().await;
    let path = format!("/{}/participants:mute", acs.id);
    let people = acs.people().await;
    let raw = |prefix: &str| people.iter().map(raw_id).find(|id| id.starts_with(prefix)).unwrap();
    let (phone, teams, somebody) = (raw("4:"), raw("8:orgid:"), raw("8:acs:"));
    let long =
        json!({"targetParticipants": [user(&somebody)], "operationContext": "c".repeat(257)});
    for (body, code, words) in [
        (json!({}), (400, "8523"), "targetParticipants"),
        (json!({"targetParticipants": []}), (400, "8523"), "an empty list"),
        (
            json!({"targetParticipants": [user(&somebody), user("8:acs:x")]}),
            (400, "8523"),
            "2 targets",
        ),
        (
            json!({"targetParticipants": [{"rawId": phone}]}),
            (400, "8523"),
            "CommunicationIdentifier is invalid",
        ),
        (json!({"targetParticipants": [{"rawId": teams}]}), (400, "8523"), "no ACS user"),
        (
            json!({"targetParticipants": [{"kind": "communicationUser"}]}),
            (400, "8523"),
            "$.targetParticipants[0]",
        ),
        (long, (400, "8523"), "257 characters"),
        (json!({"targetParticipants": [user("8:acs:nobody")]}), (404, "8558"), "8:acs:nobody"),
    ] {
        let answer = acs.post(&path, &body).await;
        assert_eq!(answer.code(), code, "{body}: {answer:?}");
        assert!(answer.message().contains(words), "{words}: {}", answer.message());
    }
    let body = json!({"targetParticipants": [user("8:acs:x")]});
    assert_eq!(acs.post("/nowhere/participants:mute", &body).await.code(), (404, "8522"));

    acs.pull("switches", json!({"mute_any_target": true})).await;
    let body = json!({"targetParticipants": [{"rawId": phone}, {"rawId": teams}]});
    assert_eq!(acs.post(&path, &body).await.status, 200);
    assert!(acs.is_muted(&phone).await && acs.is_muted(&teams).await);
}

#[tokio::test]
async fn a_remove_is_accepted_and_then_told() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    let path = format!("/{}/participants:remove", acs.id);
    let body = json!({"participantToRemove": user(&raw), "operationContext": "out"});
    let answer = acs.post(&path, &body).await;
    assert_eq!((answer.status, &answer.body), (202, &json!({"operationContext": "out"})));
    let event = acs.events.expect("RemoveParticipantSucceeded").await;
    assert_eq!(event.data.operation_context.as_deref(), Some("out"));
    assert_eq!(event.data.participant.unwrap().raw_id.as_deref(), Some(raw.as_str()));
    let result = event.data.result_information.unwrap();
    assert_eq!((result.code, result.sub_code), (Some(200), Some(0)));
    let (_, people) = acs.events.roster().await;
    assert!(people.len() == 11 && people.iter().all(|p| raw_id(p) != raw));
    let gone = acs.get(&format!("/{}/participants/{}", acs.id, escaped(&raw))).await;
    assert_eq!(gone.code(), (404, "8522"));

    // Nobody to remove: accepted, and told that it failed.
    assert_eq!(acs.post(&path, &body).await.status, 202);
    let event = acs.events.expect("RemoveParticipantFailed").await;
    let result = event.data.result_information.unwrap();
    assert_eq!((result.code, result.sub_code), (Some(404), Some(8558)));
    for body in [json!({}), json!({"participantToRemove": {}})] {
        assert_eq!(acs.post(&path, &body).await.code(), (400, "8523"));
    }
}

#[tokio::test]
async fn a_remove_can_tell_another_address() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    let elsewhere = acs.events.address.replace("/events", "/elsewhere");
    let path = format!("/{}/participants:remove", acs.id);
    let body = |callback: &str| json!({"participantToRemove": {"rawId": raw}, "operationCallbackUri": callback});
    assert_eq!(acs.post(&path, &body("ftp://x")).await.code(), (400, "8523"));
    assert_eq!(acs.post(&path, &body(&elsewhere)).await.status, 202);
    // Each address has a queue of its own, so that either may be told first.
    let mut told = [acs.events.posted().await, acs.events.posted().await]
        .map(|(path, event)| (path, event.short_type().to_owned()));
    told.sort();
    let expected =
        [("/elsewhere", "RemoveParticipantSucceeded"), ("/events", "ParticipantsUpdated")];
    assert_eq!(told, expected.map(|(path, kind)| (path.to_owned(), kind.to_owned())));
}
