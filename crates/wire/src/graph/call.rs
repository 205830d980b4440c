//! `call`: the state of one call as the service tells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Extra, operation::ResultInfo};
use crate::{error::Error, open::open_enum, read};

/// A call. Only what Foldback uses is named; the rest stays in `extra`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Call id. Absent in some notifications: take it from the resource URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// As it came; [`Call::call_state`] reads it in any case.
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

    /// The state, read without regard to case: the oldest notifications write `Established`.
    pub fn call_state(&self) -> Option<CallState> {
        self.state.as_deref().map(CallState::of)
    }

    /// The same with the members the service writes as explicit nulls where it knows nothing. The last
    /// step before writing: a value set later would stand beside its null.
    #[must_use]
    pub fn with_nulls(mut self) -> Self {
        for (name, known) in [
            ("subject", self.subject.is_some()),
            ("resultInfo", self.result_info.is_some()),
            ("ringingTimeoutInSeconds", false),
            ("answeredBy", false),
            ("toneInfo", false),
        ] {
            if !known {
                self.extra.entry(name).or_insert(Value::Null);
            }
        }
        self
    }
}

open_enum! {
    /// How far a call is.
    CallState {
        /// Somebody calls the app.
        Incoming = "incoming",
        /// Being set up.
        Establishing = "establishing",
        /// Ringing at the other end.
        Ringing = "ringing",
        /// Running.
        Established = "established",
        /// On hold.
        Hold = "hold",
        /// Being handed to somebody else.
        Transferring = "transferring",
        /// The hand-over was accepted.
        TransferAccepted = "transferAccepted",
        /// Being redirected.
        Redirecting = "redirecting",
        /// Ending.
        Terminating = "terminating",
        /// Over.
        Terminated = "terminated",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_are_read_in_any_case_and_kept_as_they_came() {
        for (text, state) in [
            ("Established", CallState::Established),
            ("terminated", CallState::Terminated),
            ("TRANSFERACCEPTED", CallState::TransferAccepted),
            ("paused", CallState::Other("paused".to_owned())),
        ] {
            let call = Call::read(json!({"state": text}).to_string().as_bytes()).unwrap();
            assert_eq!(call.call_state(), Some(state));
            assert_eq!(json!(call)["state"], text);
        }
        assert_eq!(Call::default().call_state(), None);
    }

    #[test]
    fn explicit_nulls_hide_nothing() {
        let call = Call { subject: Some("S".to_owned()), ..Call::default() };
        let written = json!(call.clone().with_nulls());
        assert_eq!((&written["subject"], &written["resultInfo"]), (&json!("S"), &Value::Null));
        assert!(written.get("toneInfo").is_some_and(Value::is_null));
        let again = Call::read(written.to_string().as_bytes()).unwrap();
        assert_eq!((again.subject, again.result_info), (call.subject, None));
    }
}
