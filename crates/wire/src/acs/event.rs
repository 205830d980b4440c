//! CloudEvents: what the service posts to the callback, an array at a time.

mod topic;

use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use topic::EventTopic;

use super::{CallParticipant, CommunicationIdentifierModel, Extra};
use crate::{error::Error, limits, read};

/// One event in the form of CloudEvents 1.0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// Unique; a repetition has the same.
    pub id: String,
    /// `calling/callConnections/{id}`.
    pub source: String,
    /// `Microsoft.Communication.ParticipantsUpdated` and so on.
    #[serde(rename = "type")]
    pub event_type: String,
    /// As `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `1.0`.
    pub specversion: String,
    /// `application/json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<String>,
    /// What happened. Data of another shape, which only types not known here have, stays as it came
    /// under `data` in `extra`.
    #[serde(
        default,
        skip_serializing_if = "EventData::is_empty",
        deserialize_with = "read::or_default"
    )]
    pub data: EventData,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What all events of a call connection share, and what some have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventData {
    /// Everybody, with `ParticipantsUpdated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<CallParticipant>>,
    /// Orders the lists of a call: a lower number than the last is stale.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub sequence_number: Option<i64>,
    /// Whom a command was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<CommunicationIdentifierModel>,
    /// Id in every path of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_connection_id: Option<String>,
    /// Id of the call for every app in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_call_id: Option<String>,
    /// Ties log lines of the service together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Echo of the command's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_information: Option<ResultInformation>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Outcome codes; note `subCode`, which Graph writes `subcode`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultInformation {
    /// HTTP-like code.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub code: Option<i64>,
    /// The service's finer code; 0 is success.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub sub_code: Option<i64>,
    /// Words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Types whose data has to have the shape of [`EventData`].
const KNOWN: [&str; 8] = [
    "ParticipantsUpdated",
    "CallConnected",
    "CallDisconnected",
    "ConnectFailed",
    "CreateCallFailed",
    "AnswerFailed",
    "RemoveParticipantSucceeded",
    "RemoveParticipantFailed",
];

impl CloudEvent {
    /// Reads a posted body: an array of events. Types not known here are kept whatever their data;
    /// what the others say is told by [`CloudEvent::topic`].
    ///
    /// # Errors
    /// See [`Error`]; more than [`limits::ITEMS_MAX`] events are refused.
    pub fn read_all(text: &[u8]) -> Result<Vec<Self>, Error> {
        let events: Vec<Extra> = read::json(text)?;
        limits::items("$", events.len())?;
        events.into_iter().enumerate().map(|(i, event)| one(&format!("$[{i}]"), event)).collect()
    }

    /// The type without `Microsoft.Communication.`, for example `ParticipantsUpdated`.
    pub fn short_type(&self) -> &str {
        self.event_type.strip_prefix("Microsoft.Communication.").unwrap_or(&self.event_type)
    }

    /// Whether Foldback knows what the data of this type looks like.
    fn is_known(&self) -> bool {
        KNOWN.iter().any(|name| self.short_type().eq_ignore_ascii_case(name))
    }
}

/// Reads one event at the path `at`.
fn one(at: &str, mut members: Extra) -> Result<CloudEvent, Error> {
    let data = members.remove("data");
    let mut event: CloudEvent = read::value(at, &Value::Object(members))?;
    let data = match data {
        None | Some(Value::Null) => return Ok(event),
        Some(data) => data,
    };
    match read::value::<EventData>(&format!("{at}.data"), &data) {
        // Data without any member is not written; kept here, it comes back as it was.
        Ok(found) if !found.is_empty() => event.data = found,
        Err(error) if event.is_known() => return Err(error),
        _ => {
            event.extra.insert("data".to_owned(), data);
        }
    }
    Ok(event)
}

impl EventData {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests;
