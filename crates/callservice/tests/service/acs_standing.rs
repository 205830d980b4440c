//! The standing ACS call: it is there without connecting, it lives, and what can happen to it from
//! outside; and how many calls there are at most.

use serde_json::json;

use crate::{
    acs_bench::{Acs, Events, group, raw_id, user},
    bench::{frozen, options},
};

const USER: &str =
    "8:acs:11111111-0000-4000-8000-000000000000_22222222-0000-4000-8000-000000000000";

#[tokio::test]
async fn the_standing_call_serves_without_connecting_and_tells_a_callback_from_the_start() {
    let acs = Acs::start().await;
    let answer = acs.get(&format!("/{}", acs.id)).await;
    assert_eq!((answer.status, &answer.body["callConnectionState"]), (200, &json!("connected")));
    assert_eq!(acs.people().await.len(), 12);
    let raw = acs.open().await;
    assert_eq!(acs.mute(&raw).await.status, 200);
    assert!(acs.is_muted(&raw).await);

    let mut events = Events::start().await;
    let mut options = options(frozen());
    options.acs_callback = Some(events.address.clone());
    let _acs = Acs::with(options).await;
    events.expect("CallConnected").await;
    assert_eq!(events.roster().await.1.len(), 12);
}

#[tokio::test]
async fn the_call_is_alive() {
    let mut rehearsal = frozen();
    rehearsal.speed = 60.0;
    let mut acs = Acs::with(options(rehearsal)).await;
    assert_eq!(acs.connect(&group("g"), None).await.status, 200);
    acs.events.expect("CallConnected").await;
    let mut last = 0;
    for _ in 0..10 {
        let (sequence, people) = acs.events.roster().await;
        assert!(sequence > last && people.len() <= 12);
        last = sequence;
    }
}

#[tokio::test]
async fn a_hundred_calls_and_no_more() {
    let acs = Acs::start().await;
    let body = json!({"targets": [user(USER)], "callbackUri": acs.events.address});
    for n in 1..100 {
        assert_eq!(acs.post("", &body).await.status, 201, "{n}");
    }
    assert_eq!(acs.post("", &body).await.code(), (429, "8530"));
    assert_eq!(acs.connect(&group("g"), None).await.status, 200, "the standing call is there");
}

#[tokio::test]
async fn a_call_can_end_from_outside_and_in_the_middle_of_a_remove() {
    let mut acs = Acs::connected().await;
    acs.pull("call", json!({"on": acs.id, "end": {"code": 500, "subcode": 1005}})).await;
    let event = acs.events.expect("CallDisconnected").await;
    let result = event.data.result_information.unwrap();
    assert_eq!((result.code, result.sub_code), (Some(500), Some(1005)));
    assert_eq!(acs.get(&format!("/{}", acs.id)).await.code(), (404, "8522"));

    let mut acs = Acs::connected().await;
    acs.pull("faults", json!({"on": acs.id, "call": "ends_mid_operation"})).await;
    let body = json!({"participantToRemove": user(&acs.open().await)});
    let answer = acs.post(&format!("/{}/participants:remove", acs.id), &body).await;
    assert_eq!(answer.status, 202);
    acs.events.expect("CallDisconnected").await;
    assert_eq!(acs.get(&format!("/{}", acs.id)).await.code(), (404, "8522"));
}

#[tokio::test]
async fn a_roster_that_lies_tells_the_truth_in_the_end() {
    let mut acs = Acs::connected().await;
    let raw = acs.open().await;
    acs.pull("faults", json!({"on": acs.id, "roster": "lies", "for_ms": 60_000})).await;
    assert_eq!(acs.mute(&raw).await.status, 200);
    let (lie, people) = acs.events.roster().await;
    let muted = |people: &[foldback_wire::acs::CallParticipant]| {
        people.iter().find(|p| raw_id(p) == raw).unwrap().is_muted
    };
    assert!(!muted(&people) && !acs.is_muted(&raw).await);
    acs.pull("clock", json!({"advance_ms": 60_000})).await;
    let (truth, people) = acs.events.roster().await;
    assert!(truth > lie && muted(&people) && acs.is_muted(&raw).await);
}
