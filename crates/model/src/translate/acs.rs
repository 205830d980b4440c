//! The same for ACS: its events and lists as neutral events.
//!
//! ACS gives no display names and does not tell who muted somebody. What it has instead are whole
//! rosters with a number that orders them.

use foldback_wire::{
    acs::{
        CallConnectionProperties, CallConnectionState, CallParticipant, CloudEvent, EventTopic,
        Identifier,
    },
    ids::ParticipantId,
};

use super::{People, moved_on};
use crate::{
    call::{CallInfo, CallKind, CallPhase, Can},
    fact::Event,
    operation::{OperationKind, Outcome},
    participant::{Participant, PersonKey, PersonKind},
    state::CallState,
};

/// One event as neutral ones; the caller keeps those that are news to `before`. A mute has no event
/// of its own: the roster that shows it ends the operation.
///
/// # Errors
/// [`foldback_wire::Error`] when the event cannot be read.
pub fn events(
    event: &CloudEvent,
    before: &CallState,
    rehearsal: bool,
) -> Result<Vec<Event>, foldback_wire::Error> {
    let phase = |phase| vec![Event::CallChanged(call(phase, before.call.as_ref(), rehearsal))];
    Ok(match event.topic()? {
        EventTopic::Connected => phase(CallPhase::Established),
        EventTopic::Disconnected(_) | EventTopic::ConnectFailed(_) => phase(CallPhase::Ended),
        EventTopic::Participants { people, sequence_number } => {
            let roster_sequence = sequence_number.and_then(|number| u64::try_from(number).ok());
            let participants = people
                .iter()
                .map(|(who, person)| participant(who, person))
                .collect::<Result<Vec<_>, _>>()?;
            // An older list says nothing of now.
            if roster_sequence.is_some_and(|number| number < before.roster.sequence()) {
                return Ok(Vec::new());
            }
            let mut events = shown(&participants, before);
            events.insert(0, Event::RosterReplaced { participants, roster_sequence });
            events
        }
        EventTopic::Removal { .. } | EventTopic::Other => Vec::new(),
    })
}

/// The ends of mutes that this list shows to be done.
pub fn shown(people: &[Participant], before: &CallState) -> Vec<Event> {
    let muted = |id: &ParticipantId| people.iter().any(|person| person.id == *id && person.muted);
    let done = before.operations.open().filter(|operation| {
        let request = &operation.request;
        request.kind == OperationKind::Mute
            && !request.targets.is_empty()
            && request.targets.iter().all(muted)
    });
    done.map(|operation| Event::OperationFinished {
        operation: operation.request.operation.clone(),
        outcome: Outcome::Completed,
    })
    .collect()
}

/// Reads people one by one: a bad entry spoils no other.
pub fn people(list: &[CallParticipant]) -> People {
    let mut people = People::default();
    for person in list {
        let who = person.identifier.identify("$.identifier");
        match who.and_then(|who| participant(&who, person)) {
            Ok(person) => people.here.push(person),
            Err(_) => people.unreadable += 1,
        }
    }
    people
}

/// How far a connection is.
pub fn phase(wire: &CallConnectionProperties) -> CallPhase {
    match wire.state() {
        None | Some(CallConnectionState::Unknown | CallConnectionState::Connecting) => {
            CallPhase::Establishing
        }
        Some(CallConnectionState::Disconnecting | CallConnectionState::Disconnected) => {
            CallPhase::Ended
        }
        Some(_) => CallPhase::Established,
    }
}

/// The call after a message about it, which only moves on. ACS has neither a mixer nor an unmute, and
/// the app is no participant.
pub fn call(phase: CallPhase, before: Option<&CallInfo>, rehearsal: bool) -> CallInfo {
    CallInfo {
        state: moved_on(before, phase),
        subject: None,
        own_participant: None,
        kind: CallKind::Acs,
        can: Can { mute: true, unmute_self: false, mix: false, levels: false },
        rehearsal,
        ended: None,
    }
}

fn participant(
    who: &Identifier,
    person: &CallParticipant,
) -> Result<Participant, foldback_wire::Error> {
    let raw = who.raw_id();
    let (kind, name) = match who {
        Identifier::Phone(number) => (PersonKind::Phone, number.clone()),
        Identifier::User(_) => (PersonKind::AcsUser, named("ACS user", &raw)),
        Identifier::TeamsUser { is_anonymous: true, .. } => {
            (PersonKind::Guest, named("Teams guest", &raw))
        }
        Identifier::TeamsUser { .. } | Identifier::TeamsExtensionUser { .. } => {
            (PersonKind::User, named("Teams user", &raw))
        }
        Identifier::TeamsApp { .. } => (PersonKind::Application, named("Teams app", &raw)),
        _ => (PersonKind::Other, named("Participant", &raw)),
    };
    Ok(Participant {
        id: ParticipantId::parse(&raw)?,
        person: PersonKey { tenant: String::new(), kind: who.kind().as_str().to_owned(), id: raw },
        name,
        kind,
        muted: person.is_muted,
        // It may have been: the service does not tell, and nobody but they can lift either.
        server_muted: false,
        in_lobby: false,
        roster_sequence: None,
    })
}

/// A name for somebody without one: what they are, and the end of their id, which tells them apart.
fn named(what: &str, raw: &str) -> String {
    let start = raw.len().saturating_sub(6);
    format!("{what} {}", raw.get(start..).unwrap_or(raw))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        by::By,
        fact::Fact,
        ids::{OperationId, Sequence, Timestamp},
        operation::OperationRequest,
    };

    fn told(kind: &str, mut data: Value) -> CloudEvent {
        data["callConnectionId"] = json!("c");
        let event = json!({"id": "e", "source": "calling/callConnections/c", "specversion": "1.0",
            "type": format!("Microsoft.Communication.{kind}"), "data": data});
        CloudEvent::read_all(json!([event]).to_string().as_bytes()).unwrap().remove(0)
    }

    fn roster(number: u64, muted: bool) -> CloudEvent {
        let people = json!([{"identifier": {"rawId": "8:acs:r_adaada"}, "isMuted": muted},
            {"identifier": {"rawId": "4:+15550100"}}]);
        told("ParticipantsUpdated", json!({"participants": people, "sequenceNumber": number}))
    }

    fn fold(state: &mut CallState, events: Vec<Event>) -> usize {
        let mut n = 0;
        for event in events {
            let Some(event) = state.news(event) else { continue };
            let (sequence, prev) = (Sequence(state.sequence.0 + 1), state.sequence);
            state.apply(&Fact { sequence, prev, at: Timestamp(0), by: By::Service, event });
            n += 1;
        }
        n
    }

    #[test]
    fn an_acs_call_can_mute_and_nothing_else() {
        let mut state = CallState::default();
        for (kind, phase) in [
            ("CallConnected", CallPhase::Established),
            ("CallDisconnected", CallPhase::Ended),
            ("CallConnected", CallPhase::Ended),
        ] {
            let events = events(&told(kind, json!({})), &state, true).unwrap();
            fold(&mut state, events);
            let info = state.call.as_ref().unwrap();
            assert_eq!(info.state, phase, "{kind}");
            let can = Can { mute: true, unmute_self: false, mix: false, levels: false };
            assert_eq!((info.kind, info.can), (CallKind::Acs, can));
        }
        let failed = events(&told("ConnectFailed", json!({})), &CallState::default(), false);
        let [Event::CallChanged(info)] = &failed.unwrap()[..] else { panic!() };
        assert_eq!((info.state, info.rehearsal), (CallPhase::Ended, false));
        assert_eq!(events(&told("PlayCompleted", json!({})), &state, true), Ok(Vec::new()));
        assert!(events(&told("ParticipantsUpdated", json!({})), &state, true).is_err());
    }

    #[test]
    fn lists_are_ordered_by_their_number_and_end_mutes() {
        let mut state = CallState::default();
        let tell = |state: &mut CallState, number, muted| {
            let events = events(&roster(number, muted), state, true).unwrap();
            fold(state, events)
        };
        assert_eq!(tell(&mut state, 3, false), 1);
        let ada = ParticipantId::parse("8:acs:r_adaada").unwrap();
        let operation = OperationId::new("ours").unwrap();
        let request = OperationRequest {
            operation: operation.clone(),
            gesture: None,
            kind: OperationKind::Mute,
            targets: vec![ada.clone()],
            client_context: None,
        };
        fold(&mut state, vec![Event::OperationRequested(request)]);
        // Stale and repeated lists change nothing, whatever they say.
        assert_eq!(tell(&mut state, 2, true), 0);
        assert_eq!(tell(&mut state, 3, false), 0);
        assert!(state.operations.get(&operation).unwrap().is_open());
        assert_eq!(tell(&mut state, 4, true), 2, "the roster, and the end of the mute");
        assert!(!state.operations.get(&operation).unwrap().is_open());
        assert!(state.roster.get(&ada).unwrap().muted);
        assert_eq!(tell(&mut state, 4, true), 0);
        // Raw ids come back: who left and returns is here again.
        let empty = told("ParticipantsUpdated", json!({"participants": [], "sequenceNumber": 5}));
        let left = events(&empty, &state, true).unwrap();
        fold(&mut state, left);
        assert!(state.roster.has_left(&ada));
        assert_eq!(tell(&mut state, 6, false), 1);
        assert!(!state.roster.get(&ada).unwrap().muted);
    }

    #[test]
    fn people_are_named_by_what_they_are() {
        let list = json!([
            {"identifier": {"rawId": "8:acs:r_11223344"}, "isMuted": true},
            {"identifier": {"rawId": "4:+15550100"}},
            {"identifier": {"rawId": "8:orgid:abcdef99"}},
            {"identifier": {"rawId": "8:teamsvisitor:v1"}},
            {"identifier": {"rawId": "28:orgid:bot"}},
            {"identifier": {"kind": "robot", "rawId": "9:x"}},
            {"identifier": {"rawId": "../x"}},
        ]);
        let list: Vec<CallParticipant> = serde_json::from_value(list).unwrap();
        let found = people(&list);
        let shown: Vec<_> =
            found.here.iter().map(|it| (it.name.as_str(), it.kind, it.muted)).collect();
        assert_eq!(
            shown,
            [
                ("ACS user 223344", PersonKind::AcsUser, true),
                ("+15550100", PersonKind::Phone, false),
                ("Teams user cdef99", PersonKind::User, false),
                ("Teams guest tor:v1", PersonKind::Guest, false),
                ("Teams app id:bot", PersonKind::Application, false),
                ("Participant 9:x", PersonKind::Other, false),
            ]
        );
        assert_eq!((found.unreadable, found.left.len()), (1, 0));
        assert_eq!(found.here[0].person.kind, "communicationUser");
    }
}
