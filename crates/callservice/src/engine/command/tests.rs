//! What commands do to the call, with time handed in.

use foldback_wire::{
    graph::{
        AudioRoutingGroup, CommsNotification, ConfigureMixer, InvitationParticipantInfo,
        OperationStatus, Participant, RoutingMode, Topic,
    },
    ids::{ParticipantId, UpstreamOperationId},
};
use serde_json::{Value, json};

mod call;
mod sequence;

use super::*;
use crate::engine::{ESTABLISH_MS, Form, INVITATION_MS, OPERATION_MS, Options};

/// A frozen call of 43, joined and established, its first notifications taken.
fn joined(form: Form) -> Rehearsal {
    let mut rehearsal = Rehearsal::new(Options { speed: 0.0, ..Options::default() }).unwrap();
    rehearsal.join(form).unwrap();
    rehearsal.advance(ESTABLISH_MS);
    rehearsal.take_notifications();
    rehearsal
}

fn told(rehearsal: &mut Rehearsal) -> Vec<CommsNotification> {
    let notices = rehearsal.take_notifications();
    notices.iter().map(|notice| notice.graph().unwrap().clone()).collect()
}

fn topics(rehearsal: &mut Rehearsal) -> Vec<Topic> {
    told(rehearsal).iter().map(|notice| notice.topic().unwrap()).collect()
}

/// What the only notification says.
fn only(rehearsal: &mut Rehearsal) -> Topic {
    let [topic] = <[Topic; 1]>::try_from(topics(rehearsal)).unwrap();
    topic
}

fn people(rehearsal: &Rehearsal, which: impl Fn(&Participant) -> bool) -> Vec<ParticipantId> {
    let people = rehearsal.participants().unwrap();
    let found = people.iter().filter(|person| which(person));
    found.map(|person| ParticipantId::parse(&person.id).unwrap()).collect()
}

fn is_app(person: &Participant) -> bool {
    let identity = person.info.as_ref().and_then(|info| info.identity.as_ref());
    identity.is_some_and(|set| set.contains_key("application"))
}

fn open(rehearsal: &Rehearsal) -> Vec<ParticipantId> {
    people(rehearsal, |p| !p.is_muted && !p.is_in_lobby && !is_app(p))
}

fn operation_id(operation: &CommsOperation) -> UpstreamOperationId {
    UpstreamOperationId::parse(operation.id.as_deref().unwrap()).unwrap()
}

fn object(value: &Value) -> Extra {
    value.as_object().unwrap().clone()
}

fn guest(value: &Value) -> InvitationParticipantInfo {
    foldback_wire::read::value("$", value).unwrap()
}

fn user(id: &str) -> InvitationParticipantInfo {
    guest(&json!({"identity": {"user": {"id": id, "displayName": "Ada"}}}))
}

#[test]
fn all_are_muted_but_the_app_and_the_lobby() {
    let mut rehearsal = joined(Form::Delta);
    let already = open(&rehearsal)[0].clone();
    rehearsal.mute(&already, None).unwrap();
    told(&mut rehearsal);
    let done = rehearsal.mute_all(&[], Some("c".to_owned())).unwrap();
    assert_eq!(done.odata_type.as_deref(), Some(MUTE_MANY));
    assert_eq!(done.status, Some(OperationStatus::Completed));
    assert_eq!(done.extra["participants"].as_array().unwrap().len(), 40);
    let all = rehearsal.participants().unwrap();
    for person in &all {
        assert_eq!(person.is_server_muted(), !is_app(person) && !person.is_in_lobby);
    }
    let Topic::Delta(delta) = only(&mut rehearsal) else { panic!("no delta") };
    assert_eq!(delta.participants.len(), 39, "who was muted before did not change");
    assert!(delta.participants.iter().all(|p| p.roster_sequence_number == delta.sequence_number));
    rehearsal.mute_all(&[], None).unwrap();
    assert!(told(&mut rehearsal).is_empty(), "nobody changed");
}

#[test]
fn some_are_muted_or_nobody() {
    let mut rehearsal = joined(Form::Changed);
    let open = open(&rehearsal);
    let nobody = ParticipantId::parse("00000000-0000-4000-8000-000000000000").unwrap();
    let refused = rehearsal.mute_all(&[open[0].clone(), nobody], None).unwrap_err();
    assert!(matches!(refused, Error::UnknownParticipant(_)));
    assert!(told(&mut rehearsal).is_empty());
    rehearsal.mute_all(&open[..2], None).unwrap();
    let Topic::Roster(changed) = only(&mut rehearsal) else { panic!("no roster") };
    let ids: Vec<&str> = changed.iter().map(|person| person.id.as_str()).collect();
    assert_eq!(ids, [open[0].as_str(), open[1].as_str()]);
}

#[test]
fn somebody_in_the_lobby_can_be_muted() {
    let mut rehearsal = joined(Form::Delta);
    let waiting = people(&rehearsal, |person| person.is_in_lobby)[0].clone();
    rehearsal.mute(&waiting, None).unwrap();
    assert!(rehearsal.participant(&waiting).unwrap().is_muted);
    assert_eq!(told(&mut rehearsal).len(), 1);
}

#[test]
fn a_removed_person_is_told_with_the_reason_and_does_not_return() {
    let mut rehearsal = joined(Form::Delta);
    let person = open(&rehearsal)[0].clone();
    rehearsal.remove_participant(&person).unwrap();
    let Topic::Delta(delta) = only(&mut rehearsal) else { panic!("no delta") };
    let state = delta.participants[0].removed_state.as_ref().unwrap();
    assert_eq!(state.reason.as_deref(), Some("removed"));
    let gone = rehearsal.remove_participant(&person).unwrap_err();
    assert!(matches!(gone, Error::UnknownParticipant(_)));
    assert!(rehearsal.away.is_empty());
    let app = people(&rehearsal, is_app)[0].clone();
    let refused = rehearsal.remove_participant(&app).unwrap_err();
    assert!(refused.to_string().contains("DELETE of the call"), "{refused}");
}

#[test]
fn those_invited_come_after_their_operation() {
    let mut rehearsal = joined(Form::Delta);
    let here = people(&rehearsal, |p| !is_app(p))[0].clone();
    let here = rehearsal.find(&here).unwrap().1.identity.clone();
    let guests = [
        user("00000000-0000-4000-8000-00000000000a"),
        guest(&json!({"identity": {"guest": {"id": "g-1"}}, "participantId": "leg-1"})),
        guest(&json!({"identity": {"user": null, "phone": {"id": "+12065550199"}}})),
        user(&here.id),
    ];
    let running = rehearsal.invite(&guests, Some("c-7".to_owned())).unwrap();
    assert_eq!(serde_json::to_value(&running).unwrap()["status"], "Running");
    assert_eq!(running.extra["participants"][0]["identity"]["phone"], Value::Null);
    assert_eq!(
        running.extra["participants"][0]["identity"]["user"]["tenantId"],
        rehearsal.tenant()
    );
    rehearsal.advance(ESTABLISH_MS + INVITATION_MS);
    let told = told(&mut rehearsal);
    assert_eq!(told[0].resource_data["clientContext"], "c-7");
    assert_eq!(told[0].resource_data["id"], running.id.clone().unwrap());
    let Topic::Operation(operation) = told[0].topic().unwrap() else { panic!("{told:?}") };
    assert_eq!(operation.status, Some(OperationStatus::Completed));
    let Topic::Delta(delta) = told[1].topic().unwrap() else { panic!("{told:?}") };
    assert_eq!((told.len(), delta.participants.len()), (2, 3), "who is here is not called twice");
    assert_eq!(delta.participants[1].id, "leg-1");
    let names: Vec<_> = delta
        .participants
        .iter()
        .map(|p| p.info.as_ref().unwrap().who().unwrap().1.display_name.unwrap())
        .collect();
    assert_eq!((names[0].as_str(), names[2].as_str()), ("Ada", "+12065550199"));
    assert!(!names[1].is_empty(), "a name was invented");
    let kept = rehearsal.operation_by_id(&operation_id(&running)).unwrap();
    assert_eq!(kept.status, Some(OperationStatus::Completed));
    let times = rehearsal.operation_times(&operation_id(&running)).unwrap();
    assert_eq!(times.last_action_ms - times.created_ms, INVITATION_MS);
}

#[test]
fn an_invitation_can_be_taken_back() {
    let mut rehearsal = joined(Form::Delta);
    let guest = guest(&json!({"identity": {"user": {"id": "u-1"}}, "participantId": "leg-1"}));
    rehearsal.invite(&[guest], None).unwrap();
    rehearsal.remove_participant(&ParticipantId::parse("leg-1").unwrap()).unwrap();
    rehearsal.advance(10_000);
    let Topic::Operation(operation) = only(&mut rehearsal) else { panic!("no operation") };
    assert_eq!(operation.status, Some(OperationStatus::Failed));
    assert_eq!(rehearsal.participants().unwrap().len(), 43);
}

#[test]
fn wrong_invitations_say_where() {
    let mut rehearsal = joined(Form::Delta);
    let taken = open(&rehearsal)[0].clone();
    for (guests, words) in [
        (vec![], "1 to 5"),
        (vec![user("a"); 6], "6 people"),
        (vec![InvitationParticipantInfo::default()], "$.participants[0].identity: missing"),
        (vec![user("a"), user("")], "$.participants[1].identity: its id"),
        (vec![guest(&json!({"identity": {"encrypted": {"id": "a"}}}))], "identity.encrypted"),
        (
            vec![guest(&json!({"identity": {"user": {"id": "a"}}, "participantId": taken}))],
            "in the call already",
        ),
        (
            vec![guest(&json!({"identity": {"user": {"id": "a"}}, "participantId": "a/b"}))],
            "participantId",
        ),
        (vec![guest(&json!({"identity": {"user": {"id": "a"}}, "participantId": 7}))], "text"),
    ] {
        let refused = rehearsal.invite(&guests, None).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert!(rehearsal.operations().unwrap().is_empty());
}

#[test]
fn an_operation_of_2018_is_told_in_its_form() {
    let mut rehearsal = joined(Form::Full);
    let open = open(&rehearsal);
    let body = json!({"participantMixerLevels": [
        {"participant": open[0], "sourceLevels": [{"participant": open[1], "level": 9}]}]});
    let request = ConfigureMixer::read(body.to_string().as_bytes()).unwrap();
    let running = rehearsal.configure_mixer_read(&request, true).unwrap();
    rehearsal.advance(ESTABLISH_MS + OPERATION_MS);
    let [notice] = <[_; 1]>::try_from(told(&mut rehearsal)).unwrap();
    assert_eq!((&notice.odata_type, &notice.resource_url), (&None, &None));
    let bare = |id: &str| id.replace('-', "").to_uppercase();
    let expected = format!(
        "/app/calls/{}/operations/{}",
        bare(rehearsal.call_id().as_str()),
        bare(&running.id.unwrap())
    );
    assert_eq!(notice.resource.as_deref(), Some(expected.as_str()));
    assert_eq!(notice.resource_data["@odata.id"], expected);
}

#[test]
fn groups_hold_people_who_are_there() {
    let mut rehearsal = joined(Form::Delta);
    let open = open(&rehearsal);
    let group = |id: &str, routing_mode, receivers: &[ParticipantId]| AudioRoutingGroup {
        id: Some(id.to_owned()),
        routing_mode: Some(routing_mode),
        receivers: receivers.iter().map(ToString::to_string).collect(),
        sources: vec![open[0].to_string()],
        ..AudioRoutingGroup::default()
    };
    rehearsal.route(group("multicast", RoutingMode::Multicast, &open[1..3])).unwrap();
    rehearsal.route(group("oneToOne", RoutingMode::OneToOne, &open[1..2])).unwrap();
    assert_eq!(rehearsal.groups().unwrap().len(), 2);
    for wrong in [
        group("oneToOne", RoutingMode::OneToOne, &open[1..3]),
        group("multicast", RoutingMode::Multicast, &[]),
        AudioRoutingGroup { id: None, ..group("", RoutingMode::Multicast, &open[1..2]) },
    ] {
        assert!(matches!(rehearsal.route(wrong), Err(Error::NotPossible(_))));
    }
    rehearsal.person_leaves(&open[1]).unwrap();
    assert_eq!(rehearsal.group("multicast").unwrap().receivers, [open[2].to_string()]);
    assert!(matches!(rehearsal.group("oneToOne"), Err(Error::UnknownGroup(_))));
    rehearsal.unroute("multicast").unwrap();
    assert!(matches!(rehearsal.unroute("multicast"), Err(Error::UnknownGroup(_))));
}
