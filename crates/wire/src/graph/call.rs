//! `call`: the state of one call as the service tells it.

use serde::{Deserialize, Serialize};

use super::{Extra, operation::ResultInfo};
use crate::{error::Error, read};

/// A call. Only what Foldback uses is named; the rest stays in `extra`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Call id. Absent in some notifications: take it from the resource URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `incoming`, `establishing`, `established`, `terminating`, `terminated`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Subject of the meeting; untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The app's own participant id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub my_participant_id: Option<String>,
    /// Tenant of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Where the service posts notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_uri: Option<String>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Call {
    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}
