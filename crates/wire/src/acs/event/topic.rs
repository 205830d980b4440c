//! What an event says, once its data is checked against its type.

use super::{CloudEvent, ResultInformation};
use crate::{
    acs::{CallParticipant, Identifier},
    error::Error,
    ids::CallId,
    limits,
};

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
pub enum EventTopic<'a> {
    /// Everybody who is in the call now.
    Participants {
        /// With whom they are, in the order of the event.
        people: Vec<(Identifier, &'a CallParticipant)>,
        /// A number lower than one already seen marks a stale list.
        sequence_number: Option<i64>,
    },
    /// The app is in the call.
    Connected,
    /// The app is no longer in the call; nothing follows.
    Disconnected(Option<&'a ResultInformation>),
    /// The app could not get into the call.
    ConnectFailed(Option<&'a ResultInformation>),
    /// What became of the removal of one person.
    Removal {
        /// Whom, where the event says it.
        who: Option<Identifier>,
        /// Whether they are out.
        succeeded: bool,
        /// Why.
        result: Option<&'a ResultInformation>,
    },
    /// Something Foldback does not follow.
    Other,
}

impl CloudEvent {
    /// What it says, by its type in any case.
    ///
    /// # Errors
    /// [`Error::WrongShape`] when a roster has no list (an absent list is not an empty call),
    /// [`Error::OutOfLimit`] for identifiers and collections. Paths begin with `$.data` of this event.
    pub fn topic(&self) -> Result<EventTopic<'_>, Error> {
        let data = &self.data;
        let result = data.result_information.as_ref();
        let kind = self.short_type();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        if is("ParticipantsUpdated") {
            return self.roster();
        }
        if is("CallConnected") {
            return Ok(EventTopic::Connected);
        }
        if is("CallDisconnected") {
            return Ok(EventTopic::Disconnected(result));
        }
        if is("ConnectFailed") || is("CreateCallFailed") || is("AnswerFailed") {
            return Ok(EventTopic::ConnectFailed(result));
        }
        let succeeded = is("RemoveParticipantSucceeded");
        if succeeded || is("RemoveParticipantFailed") {
            let who = data.participant.as_ref().map(|who| who.identify("$.data.participant"));
            return Ok(EventTopic::Removal { who: who.transpose()?, succeeded, result });
        }
        Ok(EventTopic::Other)
    }

    fn roster(&self) -> Result<EventTopic<'_>, Error> {
        let path = "$.data.participants";
        let Some(people) = &self.data.participants else {
            let message = "missing; this event always carries the whole list".to_owned();
            return Err(Error::WrongShape { path: path.to_owned(), message });
        };
        limits::items(path, people.len())?;
        let people = people.iter().enumerate().map(|(i, person)| {
            person.identifier.identify(&format!("{path}[{i}].identifier")).map(|who| (who, person))
        });
        Ok(EventTopic::Participants {
            people: people.collect::<Result<_, _>>()?,
            sequence_number: self.data.sequence_number,
        })
    }

    /// The connection it belongs to: by its data, else by `subject` or `source`
    /// (`calling/callConnections/{id}`).
    ///
    /// # Errors
    /// [`Error::WrongShape`] when nothing names a connection, [`Error::OutOfLimit`] for an id outside
    /// the alphabet.
    pub fn call_connection_id(&self) -> Result<CallId, Error> {
        let path = "$.data.callConnectionId";
        if let Some(id) = &self.data.call_connection_id {
            return CallId::parse(id).map_err(|error| error.at(path));
        }
        for (place, address) in
            [("$.subject", self.subject.as_deref()), ("$.source", Some(self.source.as_str()))]
        {
            let after = address.and_then(|address| {
                let start = address.to_ascii_lowercase().find("callconnections/")?;
                address.get(start + "callconnections/".len()..)?.split('/').next()
            });
            if let Some(id) = after {
                return CallId::parse(id).map_err(|error| error.at(place));
            }
        }
        let message = "missing; neither the data nor subject nor source names a connection";
        Err(Error::WrongShape { path: path.to_owned(), message: message.to_owned() })
    }
}
