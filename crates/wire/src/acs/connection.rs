//! A call connection: how one is asked for, and what the service says of it.

mod check;

pub use check::Locator;
use serde::{Deserialize, Serialize};

use super::{CommunicationIdentifierModel, Extra};
use crate::{error::Error, open::open_enum, read};

/// `CallConnectionProperties`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallConnectionProperties {
    /// Id in every path of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_connection_id: Option<String>,
    /// Id of the call for every app in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_call_id: Option<String>,
    /// Who was called; empty for a group call.
    #[serde(default, deserialize_with = "read::or_default")]
    pub targets: Vec<CommunicationIdentifierModel>,
    /// As it came; [`CallConnectionProperties::state`] reads it in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_connection_state: Option<String>,
    /// Where events go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_uri: Option<String>,
    /// Ties log lines of the service together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Who called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<CommunicationIdentifierModel>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// How far a connection is.
    CallConnectionState {
        /// Not told.
        Unknown = "unknown",
        /// Being set up.
        Connecting = "connecting",
        /// Running.
        Connected = "connected",
        /// Being handed to somebody else.
        Transferring = "transferring",
        /// The hand-over was accepted.
        TransferAccepted = "transferAccepted",
        /// Ending.
        Disconnecting = "disconnecting",
        /// Over.
        Disconnected = "disconnected",
    }
}

impl CallConnectionProperties {
    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

/// Which call is meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallLocator {
    /// `serverCallLocator`, `groupCallLocator` or `roomCallLocator`, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// With `serverCallLocator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_call_id: Option<String>,
    /// With `groupCallLocator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_call_id: Option<String>,
    /// With `roomCallLocator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The body of `POST /calling/callConnections:connect`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectCall {
    /// Which call.
    pub call_locator: CallLocator,
    /// Where events go.
    pub callback_uri: String,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl ConnectCall {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }
}

/// The body of `POST /calling/callConnections`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateCall {
    /// Whom to call.
    pub targets: Vec<CommunicationIdentifierModel>,
    /// Where events go.
    pub callback_uri: String,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<CommunicationIdentifierModel>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CreateCall {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }
}

/// The body of `POST /calling/callConnections:answer`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerCall {
    /// Opaque text of the incoming call.
    pub incoming_call_context: String,
    /// Where events go.
    pub callback_uri: String,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AnswerCall {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }
}
