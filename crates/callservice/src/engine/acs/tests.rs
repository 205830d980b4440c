//! The ACS face of the engine.

use super::super::{ESTABLISH_MS, Face, OPERATION_MS, Options};
use super::*;
use foldback_wire::ids::ParticipantId;

fn call(pace: f64) -> Rehearsal {
    let options = Options { participants: 12, seed: 7, speed: pace, face: Face::Acs };
    Rehearsal::new(options).unwrap()
}

/// A frozen call, connected, its first two events taken.
fn connected() -> Rehearsal {
    let mut call = call(0.0);
    call.connect(Some("hello".to_owned())).unwrap();
    call.advance(ESTABLISH_MS);
    assert_eq!(told(&mut call), ["CallConnected", "ParticipantsUpdated"]);
    call
}

fn events(call: &mut Rehearsal) -> Vec<CloudEvent> {
    let notices = call.take_notifications();
    notices.iter().map(|notice| notice.acs().unwrap().clone()).collect()
}

fn told(call: &mut Rehearsal) -> Vec<String> {
    events(call).iter().map(|event| event.short_type().to_owned()).collect()
}

fn somebody(call: &Rehearsal, muted: bool, prefix: &str) -> ParticipantId {
    let (people, _) = call.call_participants(None, 100).unwrap();
    let raw = people
        .into_iter()
        .find(|p| p.is_muted == muted && p.identifier.raw_id.as_ref().unwrap().starts_with(prefix));
    ParticipantId::parse(&raw.unwrap().identifier.raw_id.unwrap()).unwrap()
}

fn state(call: &Rehearsal) -> String {
    call.connection().unwrap().call_connection_state.unwrap()
}

#[test]
fn ten_users_one_of_teams_and_a_phone() {
    let call = call(0.0);
    let (people, more) = call.call_participants(None, 100).unwrap();
    let kinds =
        |kind: &str| people.iter().filter(|p| p.identifier.kind.as_deref() == Some(kind)).count();
    assert_eq!((people.len(), more), (12, None));
    assert_eq!(kinds("communicationUser"), 10);
    assert_eq!((kinds("microsoftTeamsUser"), kinds("phoneNumber")), (1, 1));
    assert!(people.iter().any(|p| !p.is_muted), "somebody can be heard");
    assert_eq!(state(&call), "connected");
}

#[test]
fn the_ids_are_not_those_of_the_graph_call() {
    let graph = Rehearsal::new(Options::default()).unwrap();
    let acs = call(0.0);
    assert_ne!(graph.call_id(), acs.call_id());
    assert_ne!(graph.tenant(), acs.tenant());
    assert_eq!(graph.app_id(), acs.app_id());
    assert_eq!(acs.sibling(1).unwrap().tenant(), acs.tenant());
    assert_ne!(acs.sibling(1).unwrap().call_id(), acs.call_id());
    assert_eq!(acs.sibling(1).unwrap().call_id(), call(0.0).sibling(1).unwrap().call_id());
}

#[test]
fn a_connection_comes_about_and_ends() {
    let mut call = call(0.0);
    let first = call.connect(Some("hello".to_owned())).unwrap();
    assert_eq!(first.call_connection_state.as_deref(), Some("connecting"));
    let id = somebody(&call, false, "8:acs:");
    let who = Identifier::of_raw_id(id.as_str());
    assert!(matches!(call.mute_people(std::slice::from_ref(&who)), Err(Error::Connecting)));
    call.advance(ESTABLISH_MS);
    assert_eq!(state(&call), "connected");
    let first = events(&mut call);
    assert_eq!(first[0].short_type(), "CallConnected");
    assert_eq!(first[0].data.operation_context.as_deref(), Some("hello"));
    assert_eq!(first[1].data.participants.as_ref().unwrap().len(), 12);
    assert_eq!(first[1].data.sequence_number, Some(1));

    call.hang_up().unwrap();
    assert_eq!(state(&call), "disconnecting");
    assert!(matches!(call.mute_people(&[who]), Err(Error::Disconnecting)));
    assert!(matches!(call.terminate(), Err(Error::Disconnecting)));
    assert!(matches!(call.connect(None), Err(Error::Disconnecting)));
    call.advance(ESTABLISH_MS + DISCONNECT_MS);
    let last = events(&mut call);
    assert_eq!(last.len(), 1);
    assert_eq!(last[0].short_type(), "CallDisconnected");
    assert_eq!(last[0].data.operation_context.as_deref(), Some("hello"));
    assert_eq!(last[0].data.result_information.as_ref().unwrap().code, Some(200));
    assert!(call.has_ended());
    assert!(matches!(call.connection(), Err(Error::UnknownCall)));
    call.advance(10_000);
    assert_eq!(told(&mut call), [""; 0]);
}

#[test]
fn who_hangs_up_while_it_connects_is_told_of_the_end_alone() {
    for (waited, fails) in [(1, false), (ESTABLISH_MS - 1, false), (ESTABLISH_MS - 1, true)] {
        let mut call = call(0.0);
        if fails {
            call.fail_to_connect("nowhere").unwrap();
        }
        call.connect(None).unwrap();
        call.advance(waited);
        call.hang_up().unwrap();
        call.advance(10_000);
        assert_eq!(told(&mut call), ["CallDisconnected"]);
        assert!(call.has_ended());
    }
}

#[test]
fn a_mute_is_told_once() {
    let mut call = connected();
    let id = somebody(&call, false, "8:acs:");
    let who = [Identifier::of_raw_id(id.as_str())];
    call.mute_people(&who).unwrap();
    let event = events(&mut call);
    assert_eq!(event[0].data.sequence_number, Some(2));
    let people = event[0].data.participants.as_ref().unwrap();
    let muted = people.iter().find(|p| p.identifier.raw_id.as_deref() == Some(id.as_str()));
    assert!(muted.unwrap().is_muted);
    call.mute_people(&who).unwrap();
    assert_eq!(told(&mut call), [""; 0]);
    call.person_unmutes(&id).unwrap();
    assert_eq!(told(&mut call), ["ParticipantsUpdated"]);
    assert!(!call.call_participant(&id).unwrap().is_muted);
    let stranger = Identifier::User("8:acs:nobody".to_owned());
    let both = [who[0].clone(), stranger];
    assert!(matches!(call.mute_people(&both), Err(Error::UnknownParticipant(_))));
    assert!(!call.call_participant(&id).unwrap().is_muted, "nobody is muted then");
    let own = somebody(&call, true, "8:acs:");
    call.mute_people(&[Identifier::of_raw_id(own.as_str())]).unwrap();
    assert_eq!(told(&mut call), [""; 0], "who muted themselves is muted already");
}

#[test]
fn a_remove_succeeds_or_fails_later() {
    let mut call = connected();
    let id = somebody(&call, false, "8:acs:");
    let who = Identifier::of_raw_id(id.as_str());
    call.remove_person(who.clone(), Some("out".to_owned()), None).unwrap();
    assert!(call.call_participant(&id).is_ok());
    call.advance(ESTABLISH_MS + OPERATION_MS);
    let gone = events(&mut call);
    assert_eq!(gone[0].short_type(), "RemoveParticipantSucceeded");
    assert_eq!(gone[0].data.operation_context.as_deref(), Some("out"));
    assert_eq!(gone[0].data.participant.as_ref().unwrap().raw_id.as_deref(), Some(id.as_str()));
    assert_eq!(gone[1].data.participants.as_ref().unwrap().len(), 11);
    call.remove_person(who, None, Some("http://127.0.0.1:1/x".to_owned())).unwrap();
    call.advance(ESTABLISH_MS + 2 * OPERATION_MS);
    assert_eq!(told(&mut call), [""; 0]);
    let asides = call.take_asides();
    assert_eq!(asides[0].0, "http://127.0.0.1:1/x");
    assert_eq!(asides[0].1.short_type(), "RemoveParticipantFailed");
    assert_eq!(asides[0].1.data.result_information.as_ref().unwrap().sub_code, Some(8558));
}

#[test]
fn a_call_the_app_sets_up_has_those_called() {
    let mut call = call(0.0);
    let phone = Identifier::Phone("+14255550100".to_owned());
    let user = Identifier::User("8:acs:r_u".to_owned());
    assert!(call.call_people(vec![], None, Extra::new()).is_err());
    assert!(call.call_people(vec![user.clone(), user.clone()], None, Extra::new()).is_err());
    assert!(call.call_people(vec![user.clone(); 351], None, Extra::new()).is_err());
    let strange = Identifier::Unknown("a/b".to_owned());
    assert!(call.call_people(vec![strange], None, Extra::new()).is_err());
    call.call_people(vec![user, phone.clone()], Some(phone), Extra::new()).unwrap();
    let record = call.connect(None).unwrap();
    assert_eq!(record.targets.len(), 2);
    assert_eq!(record.source.unwrap().kind.as_deref(), Some("phoneNumber"));
    assert_eq!(call.call_participants(None, 9).unwrap().0.len(), 2);
    let mut incoming = connected();
    incoming.be_called().unwrap();
    assert_eq!(incoming.call_participants(None, 9).unwrap().0.len(), 1);
}

#[test]
fn a_connection_can_fail() {
    let mut call = call(0.0);
    call.fail_to_connect("no such call").unwrap();
    call.connect(Some("c".to_owned())).unwrap();
    call.advance(ESTABLISH_MS);
    let events = events(&mut call);
    assert_eq!((events.len(), events[0].short_type()), (1, "ConnectFailed"));
    assert_eq!(events[0].data.operation_context.as_deref(), Some("c"));
    assert!(call.has_ended());
}

#[test]
fn pages_hold_everybody_once_even_when_somebody_leaves() {
    let mut call = call(0.0);
    let (first, next) = call.call_participants(None, 5).unwrap();
    let second = call.call_participants(next, 1).unwrap().0.remove(0);
    let raw = |p: &foldback_wire::acs::CallParticipant| p.identifier.raw_id.clone().unwrap();
    call.person_leaves(&ParticipantId::parse(&raw(&first[4])).unwrap()).unwrap();
    call.person_leaves(&ParticipantId::parse(&raw(&second)).unwrap()).unwrap();
    let (rest, last) = call.call_participants(next, 50).unwrap();
    assert_eq!((rest.len(), last), (6, None));
    assert!(rest.iter().all(|p| !first.contains(p)));
}

#[test]
fn the_call_lives_and_who_returns_is_the_same() {
    let mut call = call(20.0);
    call.connect(None).unwrap();
    let mut seen = std::collections::BTreeMap::<String, bool>::new();
    let (mut sequence, mut returned, mut talked) = (0, false, false);
    for second in 1..1_200 {
        call.advance(second * 1_000);
        talked |= !call.take_talk().is_empty();
        for event in events(&mut call) {
            let Some(people) = event.data.participants else { continue };
            assert!(event.data.sequence_number > Some(sequence));
            sequence = event.data.sequence_number.unwrap();
            let here: std::collections::BTreeSet<String> =
                people.into_iter().map(|p| p.identifier.raw_id.unwrap()).collect();
            assert!(here.len() <= 12);
            for (raw, was_here) in &mut seen {
                returned |= !*was_here && here.contains(raw);
                *was_here = here.contains(raw);
            }
            seen.extend(here.into_iter().map(|raw| (raw, true)));
        }
    }
    assert!(sequence > 20 && returned && talked, "{sequence} {returned} {talked}");
}
