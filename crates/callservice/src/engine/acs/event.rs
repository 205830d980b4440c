//! What an ACS call tells, as CloudEvents.

use foldback_wire::acs::{
    CallParticipant, CloudEvent, EventData, Extra, Identifier, ResultInformation,
};

use super::{Connection, command::Removal};
use crate::engine::{Rehearsal, person::Person};

impl Rehearsal {
    /// Tells something of the call itself.
    pub(super) fn tell_event(
        &mut self,
        kind: &str,
        context: Option<String>,
        how: Option<ResultInformation>,
    ) {
        let data = EventData {
            operation_context: context,
            result_information: how,
            ..EventData::default()
        };
        self.push_event(kind, data, None);
    }

    /// Tells who is in the call now.
    pub(in crate::engine) fn tell_acs_roster(&mut self) {
        let people = self.seen_here().map(participant).collect();
        let sequence = self.acs.as_mut().map(|acs| {
            acs.sequence += 1;
            acs.sequence
        });
        let data = EventData {
            participants: Some(people),
            sequence_number: sequence,
            ..EventData::default()
        };
        self.push_event("ParticipantsUpdated", data, None);
    }

    pub(super) fn tell_removal(&mut self, kind: &str, removal: Removal, how: ResultInformation) {
        let data = EventData {
            participant: Some(removal.who.model()),
            operation_context: removal.context,
            result_information: Some(how),
            ..EventData::default()
        };
        self.push_event(kind, data, removal.callback);
    }

    fn push_event(&mut self, kind: &str, data: EventData, callback: Option<String>) {
        let id = self.operation_ids.uuid();
        let source = format!("calling/callConnections/{}", self.call_id);
        let Some(acs) = &mut self.acs else { return };
        let event = CloudEvent {
            id,
            source: source.clone(),
            event_type: format!("Microsoft.Communication.{kind}"),
            subject: Some(source),
            time: None,
            specversion: "1.0".to_owned(),
            datacontenttype: Some("application/json".to_owned()),
            data: acs.sign(data, self.call_id.as_str()),
            extra: Extra::new(),
        };
        match callback {
            Some(callback) => acs.asides.push((callback, event)),
            None if self.form.is_some() => self.notifications.push(event.into()),
            None => {}
        }
    }
}

impl Connection {
    /// Says which call it is about.
    fn sign(&self, data: EventData, id: &str) -> EventData {
        EventData {
            call_connection_id: Some(id.to_owned()),
            server_call_id: Some(self.server_call_id.clone()),
            correlation_id: Some(self.correlation_id.clone()),
            ..data
        }
    }
}

/// How the roster tells of somebody.
pub(super) fn participant(person: &Person) -> CallParticipant {
    CallParticipant {
        identifier: Identifier::of_raw_id(person.id.as_str()).model(),
        is_muted: person.is_muted(),
        is_on_hold: Some(false),
        extra: Extra::new(),
    }
}
