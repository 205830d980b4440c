//! `commsOperation` and its kin: what became of a command.

mod kin;

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{error::Error, open::open_enum, read};

/// `commsOperation`, `muteParticipantOperation`, `unmuteParticipantOperation` share this shape;
/// `muteParticipantsOperation` and `inviteParticipantsOperation` have people besides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommsOperation {
    /// For example `#microsoft.graph.commsOperation`.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// Only in replies.
    #[serde(rename = "@odata.context", default, skip_serializing_if = "Option::is_none")]
    pub odata_context: Option<String>,
    /// Absent in notifications: take it from `@odata.id` or the resource URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Echo of the request's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// Absent or null means not known yet: wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OperationStatus>,
    /// Why it ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// How far an operation is.
    OperationStatus {
        /// Accepted, not begun.
        NotStarted = "notStarted",
        /// Begun; a notification follows.
        Running = "running",
        /// Done.
        Completed = "completed",
        /// Ended without effect.
        Failed = "failed",
    }
}

/// Outcome codes: 2xx success, 4xx the client's fault, 5xx the service's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultInfo {
    /// HTTP-like code, number or text on the wire.
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
    pub subcode: Option<i64>,
    /// Words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CommsOperation {
    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }

    /// Whether the status is `completed` or `failed`, after which nothing more follows. A missing or
    /// unknown status is not final.
    pub fn is_final(&self) -> bool {
        matches!(self.status, Some(OperationStatus::Completed | OperationStatus::Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_in_any_case_and_written_in_one() {
        for (text, status, written, last) in [
            ("Completed", OperationStatus::Completed, "completed", true),
            ("FAILED", OperationStatus::Failed, "failed", true),
            ("NotStarted", OperationStatus::NotStarted, "notStarted", false),
            ("running", OperationStatus::Running, "running", false),
            ("Paused", OperationStatus::Other("Paused".to_owned()), "Paused", false),
        ] {
            let body = format!("{{\"status\":\"{text}\"}}");
            let operation = CommsOperation::read(body.as_bytes()).unwrap();
            assert_eq!(operation.status, Some(status));
            assert_eq!(operation.is_final(), last, "{text}");
            assert_eq!(serde_json::to_value(&operation).unwrap()["status"], written);
        }
        assert!(!CommsOperation::read(b"{\"status\":null}").unwrap().is_final());
        assert!(!CommsOperation::read(b"{}").unwrap().is_final());
    }

    #[test]
    fn codes_are_numbers_or_text() {
        let body = br#"{"resultInfo":{"code":"200","subcode":5001,"message":null}}"#;
        let info = CommsOperation::read(body).unwrap().result_info.unwrap();
        assert_eq!((info.code, info.subcode, info.message), (Some(200), Some(5001), None));
    }
}
