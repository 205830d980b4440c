//! From what the service says to neutral events, once, at the edge: the proxy's, or that of a
//! rehearsal inside the page. This module reads Graph, [`acs`] the other service.

pub mod acs;

use foldback_wire::{
    graph::{self, Call, CommsNotification, CommsOperation, OperationStatus, ResultInfo, Topic},
    ids::{ParticipantId, UpstreamOperationId},
};

use crate::{
    call::{CallInfo, CallKind, CallPhase, Can},
    fact::Event,
    ids::OperationId,
    name,
    operation::{Operations, Outcome},
    participant::Participant,
    state::CallState,
};

/// A roster as far as it could be read.
#[derive(Debug, Default, PartialEq)]
pub struct People {
    /// Who is in the call.
    pub here: Vec<Participant>,
    /// Who is said to have left.
    pub left: Vec<ParticipantId>,
    /// The first reason given for leaving.
    pub reason: Option<String>,
    /// Entries that could not be read.
    pub unreadable: usize,
}

impl People {
    /// What it says as events, in order; either may be no news. `roster_sequence` is the number of
    /// the list as a whole, where the service gives one.
    pub fn events(&self, roster_sequence: Option<u64>) -> [Event; 2] {
        [
            Event::ParticipantsChanged { participants: self.here.clone(), roster_sequence },
            Event::ParticipantsLeft { ids: self.left.clone(), reason: self.reason.clone() },
        ]
    }
}

/// How far a notification says that one of Foldback's operations is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Foldback's own id of it.
    pub operation: OperationId,
    /// The service's.
    pub upstream_id: Option<UpstreamOperationId>,
    /// How it ended, when it did.
    pub outcome: Option<Outcome>,
}

impl Progress {
    /// That the service took it.
    pub fn accepted(&self) -> Event {
        let upstream_id = self.upstream_id.clone();
        Event::OperationAccepted { operation: self.operation.clone(), upstream_id }
    }

    /// That it ended, when it did.
    pub fn finished(&self) -> Option<Event> {
        let outcome = self.outcome.clone()?;
        Some(Event::OperationFinished { operation: self.operation.clone(), outcome })
    }
}

/// One notification as events; the caller keeps those that are news to `before`. A roster in the full
/// form names who is there: who is missing in it has to be read, which is not done here.
///
/// # Errors
/// [`foldback_wire::Error`] when the notification cannot be read.
pub fn events(
    notification: &CommsNotification,
    before: &CallState,
    rehearsal: bool,
) -> Result<Vec<Event>, foldback_wire::Error> {
    Ok(match notification.topic()? {
        Topic::Call { call: wire, deleted } => {
            vec![Event::CallChanged(call(&wire, deleted, before.call.as_ref(), rehearsal))]
        }
        Topic::Roster(list) => people(&list).events(None).into(),
        Topic::Delta(delta) => people(&delta.participants).events(roster_number(&delta)).into(),
        Topic::Operation(wire) => progress(&wire, notification.is_deleted(), &before.operations)
            .map(|progress| [progress.accepted()].into_iter().chain(progress.finished()).collect())
            .unwrap_or_default(),
        Topic::Other => Vec::new(),
    })
}

/// The number of a delta, where it has one.
pub fn roster_number(delta: &graph::DeltaParticipants) -> Option<u64> {
    delta.sequence_number.and_then(|number| u64::try_from(number).ok())
}

/// Which of Foldback's operations a notification is about, and how far it says it is; none for
/// somebody else's.
pub fn progress(wire: &CommsOperation, deleted: bool, operations: &Operations) -> Option<Progress> {
    let upstream_id = wire.id.as_deref().and_then(|id| UpstreamOperationId::parse(id).ok());
    let found = operations.find(upstream_id.as_ref(), wire.client_context.as_deref())?;
    let operation = found.request.operation.clone();
    Some(Progress { operation, upstream_id, outcome: outcome(wire, deleted) })
}

/// Reads people one by one: a bad entry spoils no other.
pub fn people(list: &[graph::Participant]) -> People {
    let mut people = People::default();
    for wire in list {
        let Ok(person) = Participant::from_graph(wire) else {
            people.unreadable += 1;
            continue;
        };
        match &wire.removed_state {
            Some(removed) => {
                people.left.push(person.id);
                let reason = removed.reason.as_deref().map(name::line).unwrap_or_default();
                if people.reason.is_none() && !reason.is_empty() {
                    people.reason = Some(reason);
                }
            }
            None => people.here.push(person),
        }
    }
    people
}

/// The call after a message about it; members the message leaves out stay as they were. A call only
/// moves on: notifications of its beginning can arrive after a reading that shows it running.
pub fn call(wire: &Call, gone: bool, before: Option<&CallInfo>, rehearsal: bool) -> CallInfo {
    let phase = match wire.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
        _ if gone => CallPhase::Ended,
        Some("terminated") => CallPhase::Ended,
        Some("incoming" | "establishing" | "ringing") => CallPhase::Establishing,
        Some(_) => CallPhase::Established,
        None => before.map_or(CallPhase::Establishing, |before| before.state),
    };
    let subject = wire.subject.as_deref().map(name::clean).filter(|subject| !subject.is_empty());
    let own = wire.my_participant_id.as_deref().and_then(|id| ParticipantId::parse(id).ok());
    CallInfo {
        state: moved_on(before, phase),
        subject: subject.or_else(|| before?.subject.clone()),
        own_participant: own.or_else(|| before?.own_participant.clone()),
        kind: CallKind::Graph,
        // A mixer that was found missing does not come back in this call.
        can: Can {
            mute: true,
            unmute_self: true,
            mix: before.is_none_or(|before| before.can.mix),
            levels: rehearsal,
        },
        rehearsal,
        ended: before.and_then(|before| before.ended.clone()).or_else(|| {
            let info = wire.result_info.as_ref().filter(|_| phase == CallPhase::Ended)?;
            end(info)
        }),
    }
}

/// Why a call ended, in words; none for the ends that nobody has to be told of.
fn end(info: &ResultInfo) -> Option<String> {
    let words = match info.subcode.unwrap_or_default() {
        5000 => "Somebody removed Foldback from the call.",
        5855 => "Nobody let Foldback in from the lobby in time.",
        8537 => "The service had not heard of Foldback for too long.",
        0 | 5001..=5030 | 5300 | 7000 | 10550 => return None,
        _ => {
            let words = info.message.as_deref().map(name::line).unwrap_or_default();
            return (!words.is_empty()).then_some(words);
        }
    };
    Some(words.to_owned())
}

/// The later one of where a call stood and where a message says it is.
fn moved_on(before: Option<&CallInfo>, phase: CallPhase) -> CallPhase {
    match (before.map(|before| before.state), phase) {
        (Some(CallPhase::Ended), _) => CallPhase::Ended,
        (Some(CallPhase::Established), CallPhase::Establishing) => CallPhase::Established,
        (_, phase) => phase,
    }
}

/// How an operation ended; `None` while it has not. A deleted operation is a finished one.
pub fn outcome(operation: &CommsOperation, deleted: bool) -> Option<Outcome> {
    let info = operation.result_info.as_ref();
    let code = info.and_then(|info| info.code);
    let failed = || {
        let subcode = info.and_then(|info| info.subcode).filter(|subcode| *subcode != 0);
        let message = info.and_then(|info| info.message.as_deref()).map(name::line);
        Outcome::Failed {
            status: code.and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
            code: subcode.or(code).unwrap_or(500).to_string(),
            message: message
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| "the service ended it without giving a reason".to_owned()),
            retry: None,
        }
    };
    match operation.status {
        Some(OperationStatus::Completed) => Some(Outcome::Completed),
        Some(OperationStatus::Failed) => Some(failed()),
        _ if deleted && code.is_some_and(|code| code >= 400) => Some(failed()),
        _ if deleted => Some(Outcome::Completed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        by::By,
        fact::Fact,
        ids::{Sequence, Timestamp},
        operation::{OperationKind, OperationRequest},
    };

    fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_end_of_a_call_is_told_in_words_and_stays() {
        let ended = |code: i64, message: &str| {
            let wire = read(json!({"state": "terminated",
                "resultInfo": {"code": 200, "subcode": code, "message": message}}));
            call(&wire, true, None, false)
        };
        let removed = ended(5000, "x");
        assert_eq!(removed.ended.as_deref(), Some("Somebody removed Foldback from the call."));
        assert_eq!(ended(5001, "hung up").ended, None);
        assert_eq!(ended(10037, "No\nmedia").ended.as_deref(), Some("Nomedia"));
        let later = call(&read(json!({"state": "terminated"})), true, Some(&removed), false);
        assert_eq!(later, removed);
    }

    #[test]
    fn a_bad_entry_spoils_no_other() {
        let list: Vec<graph::Participant> = read(json!([
            {"id": "a"}, {"id": "../b"}, {"id": "c", "removedState": {"reason": "Removed\u{202e}"}}
        ]));
        let found = people(&list);
        assert_eq!(found.here.len(), 1);
        assert_eq!(found.left[0].as_str(), "c");
        assert_eq!(found.reason.as_deref(), Some("Removed"));
        assert_eq!(found.unreadable, 1);
    }

    #[test]
    fn a_call_keeps_what_a_message_leaves_out_and_stays_over() {
        let first: Call =
            read(json!({"state": "established", "subject": "Weekly", "myParticipantId": "me"}));
        let first = call(&first, false, None, true);
        assert_eq!(first.state, CallPhase::Established);
        let stale = call(&read(json!({"state": "establishing"})), false, Some(&first), true);
        assert_eq!(stale, first);
        let ended = call(&read(json!({"state": null})), true, Some(&first), true);
        assert_eq!(ended.state, CallPhase::Ended);
        assert_eq!(ended.subject.as_deref(), Some("Weekly"));
        assert_eq!(ended.own_participant, first.own_participant);
        let late = call(&read(json!({"state": "established"})), false, Some(&ended), true);
        assert_eq!(late.state, CallPhase::Ended);
        let mut without = first;
        without.can.mix = false;
        let later = call(&read(json!({"state": "established"})), false, Some(&without), true);
        assert!(!later.can.mix && later.can.mute, "a mixer that is missing stays missing");
    }

    #[test]
    fn a_notification_becomes_events() {
        let told = |url: &str, change: &str, data: serde_json::Value| {
            let url = format!("/communications/calls/c{url}");
            events(&CommsNotification::new(change, url, data), &CallState::default(), false)
        };
        let call = told("", "updated", json!({"state": "established"})).unwrap();
        assert!(matches!(&call[..], [Event::CallChanged(info)] if !info.can.levels), "{call:?}");
        let delta = json!({"sequenceNumber": 4, "participants": [
            {"id": "a"}, {"id": "b", "removedState": {"reason": "left"}}]});
        let [Event::ParticipantsChanged { participants, roster_sequence: Some(4) }, left] =
            &told("/participants", "updated", delta).unwrap()[..]
        else {
            panic!("a delta says who changed, with its number, and who left");
        };
        assert_eq!(participants[0].id.as_str(), "a");
        let gone = vec![ParticipantId::parse("b").unwrap()];
        assert_eq!(*left, Event::ParticipantsLeft { ids: gone, reason: Some("left".to_owned()) });
        let full = told("/participants", "updated", json!([{"id": "a"}])).unwrap();
        assert!(matches!(&full[0], Event::ParticipantsChanged { roster_sequence: None, .. }));
        // Nobody here asked for it.
        let foreign = told("/operations/o", "deleted", json!({"status": "completed"})).unwrap();
        assert_eq!(foreign, []);
        assert_eq!(told("/audioRoutingGroups", "updated", json!({})).unwrap(), []);
        assert!(told("/participants", "updated", json!("nobody")).is_err());
    }

    #[test]
    fn an_operation_is_found_by_its_context_and_ends_once_it_is_deleted() {
        let mut state = CallState::default();
        let operation = OperationId::new("ours").unwrap();
        let request = OperationRequest {
            operation: operation.clone(),
            gesture: None,
            kind: OperationKind::ConfigureMixer,
            targets: Vec::new(),
            client_context: Some("context".to_owned()),
        };
        let (sequence, prev) = (Sequence(1), Sequence(0));
        let event = Event::OperationRequested(request);
        state.apply(&Fact { sequence, prev, at: Timestamp(0), by: By::Foldback, event });
        let tell = |change: &str| {
            let data = json!({"clientContext": "context"});
            let url = "/communications/calls/c/operations/theirs";
            events(&CommsNotification::new(change, url, data), &state, true).unwrap()
        };
        let upstream_id = UpstreamOperationId::parse("theirs").ok();
        let accepted = Event::OperationAccepted { operation: operation.clone(), upstream_id };
        assert_eq!(tell("updated"), std::slice::from_ref(&accepted));
        let finished = Event::OperationFinished { operation, outcome: Outcome::Completed };
        assert_eq!(tell("deleted"), [accepted, finished]);
    }

    #[test]
    fn ends_of_operations() {
        for (value, deleted, expected) in [
            (json!({"status": "completed"}), false, Some(Ok(()))),
            (
                json!({"status": "Failed", "resultInfo": {"code": "404", "subcode": 8538}}),
                false,
                Some(Err((404, "8538"))),
            ),
            (json!({"status": "running"}), false, None),
            (json!({}), true, Some(Ok(()))),
            (json!({"resultInfo": {"code": 500}}), true, Some(Err((500, "500")))),
            (json!({}), false, None),
        ] {
            let found = outcome(&read(value.clone()), deleted).map(|outcome| match outcome {
                Outcome::Failed { status, code, .. } => Err((status, code)),
                _ => Ok(()),
            });
            let expected =
                expected.map(|r: Result<(), (u16, &str)>| r.map_err(|(s, c)| (s, c.to_owned())));
            assert_eq!(found, expected, "{value}");
        }
    }
}
