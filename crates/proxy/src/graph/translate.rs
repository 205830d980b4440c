//! From what the service says to neutral events. Pure; once, at the edge.

use foldback_model::{
    CallInfo, CallKind, Can, Outcome, Participant, ParticipantId, call::CallPhase, name,
};
use foldback_wire::graph::{self, Call, CommsOperation, OperationStatus};

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
                let reason = removed.reason.as_deref().map(super::line).unwrap_or_default();
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
    let phase = match (before.map(|before| before.state), phase) {
        (Some(CallPhase::Ended), _) => CallPhase::Ended,
        (Some(CallPhase::Established), CallPhase::Establishing) => CallPhase::Established,
        (_, phase) => phase,
    };
    let subject = wire.subject.as_deref().map(name::clean).filter(|subject| !subject.is_empty());
    let own = wire.my_participant_id.as_deref().and_then(|id| ParticipantId::parse(id).ok());
    CallInfo {
        state: phase,
        subject: subject.or_else(|| before?.subject.clone()),
        own_participant: own.or_else(|| before?.own_participant.clone()),
        kind: CallKind::Graph,
        can: Can { mute: true, unmute_self: true, mix: true, levels: rehearsal },
        rehearsal,
    }
}

/// How an operation ended; `None` while it has not. A deleted operation is a finished one.
pub fn outcome(operation: &CommsOperation, deleted: bool) -> Option<Outcome> {
    let info = operation.result_info.as_ref();
    let code = info.and_then(|info| info.code);
    let failed = || {
        let subcode = info.and_then(|info| info.subcode).filter(|subcode| *subcode != 0);
        let message = info.and_then(|info| info.message.as_deref()).map(super::line);
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

    fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).unwrap()
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
