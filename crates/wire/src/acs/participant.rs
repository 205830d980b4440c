//! Who is in an ACS call.

use serde::{Deserialize, Serialize};

use super::{CommunicationIdentifierModel, Extra};
use crate::{error::Error, limits, read};

/// One person of the call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallParticipant {
    /// Who it is.
    pub identifier: CommunicationIdentifierModel,
    /// Muted, by themselves or by the service.
    #[serde(default, deserialize_with = "read::or_default")]
    pub is_muted: bool,
    /// On hold; newer versions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_on_hold: Option<bool>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The reply to GET participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallParticipantsPage {
    /// The people of this page.
    pub value: Vec<CallParticipant>,
    /// Absolute address of the next page; absent or empty on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_link: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CallParticipantsPage {
    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`]; more than [`limits::ITEMS_MAX`] people are refused.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let page: Self = read::json(text)?;
        limits::items("$.value", page.value.len())?;
        Ok(page)
    }
}
