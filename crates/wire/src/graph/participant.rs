//! `participant` and what hangs on it, and the delta form of the roster.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{error::Error, limits, read};

/// One person's leg in a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// Usually `#microsoft.graph.participant`, only inside notifications.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// Participant id; changes when the person leaves and returns.
    pub id: String,
    /// Who it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<ParticipantInfo>,
    /// In the roster but not in the conversation.
    #[serde(default, deserialize_with = "read::or_default")]
    pub is_in_lobby: bool,
    /// Muted by the client or by the server; `media_streams` tells which.
    #[serde(default, deserialize_with = "read::or_default")]
    pub is_muted: bool,
    /// Audio, video and data legs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_streams: Option<Vec<MediaStream>>,
    /// Free text of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// Present when the person has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_state: Option<RemovedState>,
    /// Roster number at which this record last changed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub roster_sequence_number: Option<i64>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Why a person is no longer in the roster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovedState {
    /// Words of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Who a participant is and where they call from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantInfo {
    /// The identity set: an open object whose first non-null member is who it is. Kept whole, so that
    /// kinds not known here survive. See [`ParticipantInfo::who`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Extra>,
    /// `default`, `skypeForBusiness`, `skypeForBusinessVoipPhone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_type: Option<String>,
    /// Members not named here (`region`, `languageId`, `countryCode`…).
    #[serde(flatten)]
    pub extra: Extra,
}

/// One identity of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Identity id: the same when the person returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Tenant of the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Kinds that say most about a person first. An open set may hold several, such as the device
/// beside the user, and its members have no order.
const KINDS: [&str; 15] = [
    "user",
    "guest",
    "phone",
    "application",
    "applicationInstance",
    "azureCommunicationServicesUser",
    "acsUser",
    "acsApplicationInstance",
    "spoolUser",
    "spoolApplicationInstance",
    "assertedIdentity",
    "encrypted",
    "onPremises",
    "conversation",
    "device",
];

impl ParticipantInfo {
    /// The identity that says who it is, with its kind: the first non-null of `user`, `guest`,
    /// `phone`, `application`, `applicationInstance`, the ACS and other service kinds, `encrypted`,
    /// `onPremises`, `conversation`, `device`, else of the unknown kinds by name. A member that is no
    /// object is passed over.
    pub fn who(&self) -> Option<(&str, Identity)> {
        who(self.identity.as_ref()?)
    }

    /// The client's country or region, two letters.
    pub fn country_code(&self) -> Option<&str> {
        self.extra.get("countryCode")?.as_str()
    }

    /// The client's language, for example `en-US`.
    pub fn language_id(&self) -> Option<&str> {
        self.extra.get("languageId")?.as_str()
    }

    /// The data center's region, for example `westus`.
    pub fn region(&self) -> Option<&str> {
        self.extra.get("region")?.as_str()
    }
}

/// Of an identity set: see [`ParticipantInfo::who`].
pub(super) fn who(set: &Extra) -> Option<(&str, Identity)> {
    let known = KINDS.iter().filter_map(|kind| set.get_key_value(*kind));
    let others =
        set.iter().filter(|(kind, _)| !kind.starts_with('@') && !KINDS.contains(&kind.as_str()));
    known.chain(others).find_map(|(kind, value)| {
        let identity = Option::<Identity>::deserialize(value).ok()??;
        Some((kind.as_str(), identity))
    })
}

impl Participant {
    /// Whether the server drops what this person says: any audio stream is `serverMuted`.
    pub fn is_server_muted(&self) -> bool {
        self.media_streams.iter().flatten().any(|stream| {
            stream.server_muted == Some(true)
                && stream.media_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("audio"))
        })
    }

    /// Whether this record says that the person has left; without a reason, too.
    pub fn has_left(&self) -> bool {
        self.removed_state.is_some()
    }

    /// `recordingInfo.recordingStatus`, or its older name `status`: `recording`, `notRecording`,
    /// `failed`, `unknown`.
    pub fn recording_status(&self) -> Option<&str> {
        let info = self.extra.get("recordingInfo")?;
        info.get("recordingStatus").or_else(|| info.get("status"))?.as_str()
    }

    /// Reads the reply to GET one participant.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

/// One media leg.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaStream {
    /// `audio`, `video`, `videoBasedScreenSharing`, `data`, `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// `inactive`, `sendOnly`, `receiveOnly`, `sendReceive`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Stream id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Free label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The server drops this stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_muted: Option<bool>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The delta form of a roster notification: who changed since the last one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeltaParticipants {
    /// `#microsoft.graph.deltaParticipants`.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// Changed people; the departed carry `removedState`.
    pub participants: Vec<Participant>,
    /// Orders the deltas of a call.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub sequence_number: Option<i64>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The reply to GET participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantsPage {
    /// `…$metadata#communications/calls('{id}')/participants`.
    #[serde(rename = "@odata.context", default, skip_serializing_if = "Option::is_none")]
    pub odata_context: Option<String>,
    /// The people of this page; everybody when there is no next page.
    pub value: Vec<Participant>,
    /// Absolute address of the next page.
    #[serde(rename = "@odata.nextLink", default, skip_serializing_if = "Option::is_none")]
    pub odata_next_link: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl ParticipantsPage {
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

#[cfg(test)]
mod tests;
