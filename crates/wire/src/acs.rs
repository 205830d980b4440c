//! The JSON of ACS Call Automation: identifiers, commands, participants, CloudEvents and errors.
//!
//! Where a model of the service carries an identifier in several ways, [`Identifier`] is what it
//! means; [`CommunicationIdentifierModel`] is how it is written.

mod command;
mod connection;
mod event;
mod fault;
mod identifier;
mod participant;

pub use command::{MuteParticipants, OperationReply, RemoveParticipant};
pub use connection::{
    AnswerCall, CallConnectionProperties, CallConnectionState, CallLocator, ConnectCall,
    CreateCall, Locator,
};
pub use event::{CloudEvent, EventData, EventTopic, ResultInformation};
pub use fault::{AcsError, AcsErrorBody};
pub use identifier::{
    CommunicationIdentifierModel, CommunicationUser, Identifier, IdentifierKind, MicrosoftTeamsApp,
    MicrosoftTeamsUser, PhoneNumber,
};
pub use participant::{CallParticipant, CallParticipantsPage};

pub use crate::graph::Extra;
