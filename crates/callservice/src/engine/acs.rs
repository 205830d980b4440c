//! A call connection of ACS Call Automation: the same rehearsal in the words of another service.
//!
//! People are named by raw ids, which stay the same when they return; the app is not one of them, and
//! there is no lobby. Every change of the roster is told with everybody in it and a sequence number
//! that grows. Nothing is told before `CallConnected` and nothing after `CallDisconnected`.

mod command;
mod event;
mod people;

use foldback_wire::acs::{
    CallConnectionProperties, CloudEvent, Extra, Identifier, ResultInformation,
};

pub(super) use people::people;

use super::{Rehearsal, State, chance::Chance};
use crate::error::Error;

/// From hanging up until the connection is gone, in milliseconds.
pub const DISCONNECT_MS: u64 = 80;

/// Most people of an ACS group call (published limits of the service).
pub const ACS_PEOPLE_MAX: usize = 350;

/// What an ACS call has beside what every call has.
#[derive(Debug)]
pub(super) struct Connection {
    server_call_id: String,
    correlation_id: String,
    /// Whom the app called.
    targets: Vec<Identifier>,
    /// As whom the app called.
    source: Option<Identifier>,
    /// Members of the request that the connection shows as they were sent.
    shown: Extra,
    /// Context of the request that connected the app.
    context: Option<String>,
    /// Number of the last list of people told.
    sequence: i64,
    /// How the connection will end; it is on its way.
    parting: Option<ResultInformation>,
    /// The connection will not come about.
    failure: Option<ResultInformation>,
    /// Events for other addresses than the call's callback.
    asides: Vec<(String, CloudEvent)>,
}

/// A consequence of a command at its time.
#[derive(Debug)]
pub(super) enum Due {
    /// The connection is gone.
    Disconnect,
    /// Somebody is taken out of the call.
    Remove(Box<command::Removal>),
}

impl Connection {
    pub(super) fn new(ids: &mut Chance) -> Self {
        Self {
            server_call_id: ids.uuid(),
            correlation_id: ids.uuid(),
            targets: Vec::new(),
            source: None,
            shown: Extra::new(),
            context: None,
            sequence: 0,
            parting: None,
            failure: None,
            asides: Vec::new(),
        }
    }
}

impl Rehearsal {
    /// The call connection as a reply shows it, without its callback.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it has ended or is none of ACS.
    pub fn connection(&self) -> Result<CallConnectionProperties, Error> {
        self.ongoing()?;
        let acs = self.acs()?;
        let state = match self.state {
            _ if acs.parting.is_some() => "disconnecting",
            State::Establishing => "connecting",
            State::Established => "connected",
            State::Ended => "disconnected",
        };
        Ok(CallConnectionProperties {
            call_connection_id: Some(self.call_id.to_string()),
            server_call_id: Some(acs.server_call_id.clone()),
            targets: acs.targets.iter().map(Identifier::model).collect(),
            call_connection_state: Some(state.to_owned()),
            callback_uri: None,
            correlation_id: Some(acs.correlation_id.clone()),
            source: acs.source.as_ref().map(Identifier::model),
            extra: acs.shown.clone(),
        })
    }

    /// Id of the call for every app in it; none of a Graph call.
    pub fn server_call_id(&self) -> Option<&str> {
        self.acs.as_ref().map(|acs| acs.server_call_id.as_str())
    }

    /// Events since the last time that go to an address of their own instead of the call's callback.
    pub fn take_asides(&mut self) -> Vec<(String, CloudEvent)> {
        self.acs.as_mut().map(|acs| std::mem::take(&mut acs.asides)).unwrap_or_default()
    }

    fn acs(&self) -> Result<&Connection, Error> {
        self.acs.as_ref().ok_or(Error::UnknownCall)
    }

    fn acs_mut(&mut self) -> Result<&mut Connection, Error> {
        self.acs.as_mut().ok_or(Error::UnknownCall)
    }

    /// Whether commands in the middle of a call make sense.
    fn in_call(&self) -> Result<(), Error> {
        self.ongoing()?;
        if self.acs()?.parting.is_some() {
            return Err(Error::Disconnecting);
        }
        if self.state == State::Establishing { Err(Error::Connecting) } else { Ok(()) }
    }
}

/// An outcome in the words of events.
pub(super) fn outcome(code: i64, sub_code: i64, message: &str) -> ResultInformation {
    ResultInformation {
        code: Some(code),
        sub_code: Some(sub_code),
        message: Some(message.to_owned()),
        extra: Extra::new(),
    }
}

#[cfg(test)]
mod tests;
