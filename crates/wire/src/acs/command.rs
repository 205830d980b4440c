//! The bodies of mute and remove, and what both are answered with.

use serde::{Deserialize, Serialize};

use super::{CommunicationIdentifierModel, Extra};
use crate::{error::Error, read};

/// The body of `POST …/participants:mute`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MuteParticipants {
    /// Whom; the service takes one at a time.
    pub target_participants: Vec<CommunicationIdentifierModel>,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MuteParticipants {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

/// The body of `POST …/participants:remove`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveParticipant {
    /// Whom.
    pub participant_to_remove: CommunicationIdentifierModel,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Where the events of this operation go instead of the call's callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_callback_uri: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RemoveParticipant {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

/// What mute (200) and remove (202) answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationReply {
    /// Echo of the request's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OperationReply {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}
