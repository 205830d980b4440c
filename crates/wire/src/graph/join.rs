//! `POST …/calls`: the body that creates a call or joins a meeting.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Extra, InvitationParticipantInfo};
use crate::{check, error::Error, limits, read};

/// A call to be created. Which members a service needs depends on the kind of call; only the
/// callback is always needed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// Where notifications go.
    pub callback_uri: String,
    /// `audio`, `video`, `videoBasedScreenSharing`, `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_modalities: Option<Vec<String>>,
    /// `serviceHostedMediaConfig` or `appHostedMediaConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_config: Option<Extra>,
    /// Whom to call: one person makes a peer-to-peer call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<InvitationParticipantInfo>>,
    /// Coordinates of a meeting: `organizerMeetingInfo`, `tokenMeetingInfo`, `joinMeetingIdMeetingInfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting_info: Option<Extra>,
    /// The chat of the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_info: Option<ChatInfo>,
    /// Tenant of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Options of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_options: Option<CallOptions>,
    /// Members not named here (`subject`, `source`…).
    #[serde(flatten)]
    pub extra: Extra,
}

/// The chat of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatInfo {
    /// For example `19:meeting_…@thread.v2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// Message the meeting hangs on; `0` outside channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// First message of the chain it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_chain_message_id: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `callOptions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallOptions {
    /// Whether rosters come as `deltaParticipants`; false when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_delta_roster_enabled: Option<bool>,
    /// Members not named here (`hideBotAfterEscalation`, `isContentSharingNotificationEnabled`…).
    #[serde(flatten)]
    pub extra: Extra,
}

const NAMES: [&str; 8] = [
    "callbackUri",
    "requestedModalities",
    "mediaConfig",
    "targets",
    "meetingInfo",
    "chatInfo",
    "tenantId",
    "callOptions",
];
const CHAT: [&str; 3] = ["threadId", "messageId", "replyChainMessageId"];

impl JoinRequest {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks the callback address, that every target is somebody, the number of items, spellings.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        check::spelling("$", &self.extra, &NAMES)?;
        check::callback("$.callbackUri", &self.callback_uri)?;
        let modalities = self.requested_modalities.as_ref().map_or(0, Vec::len);
        limits::items("$.requestedModalities", modalities)?;
        let targets = self.targets.as_deref().unwrap_or_default();
        limits::items("$.targets", targets.len())?;
        for (i, person) in targets.iter().enumerate() {
            person.check(&format!("$.targets[{i}]"))?;
        }
        if let Some(chat) = &self.chat_info {
            check::spelling("$.chatInfo", &chat.extra, &CHAT)?;
        }
        match &self.call_options {
            Some(options) => {
                check::spelling("$.callOptions", &options.extra, &["isDeltaRosterEnabled"])
            }
            None => Ok(()),
        }
    }

    /// Whether rosters shall come in the delta form.
    pub fn wants_delta_roster(&self) -> bool {
        let options = self.call_options.as_ref();
        options.and_then(|options| options.is_delta_roster_enabled) == Some(true)
    }

    /// Whether it calls one person and no meeting: such a call has no roster.
    pub fn is_peer_to_peer(&self) -> bool {
        let targets = self.targets.as_ref().map_or(0, Vec::len);
        targets == 1 && self.meeting_info.is_none() && self.chat_info.is_none()
    }

    /// A text that is the same for two bodies naming the same meeting: the chat's thread and message,
    /// else the join id or token, else the whole `meetingInfo`. `None` without coordinates.
    pub fn meeting(&self) -> Option<String> {
        if let Some(chat) = &self.chat_info
            && let Some(thread) = &chat.thread_id
        {
            let message = chat.message_id.as_deref().filter(|id| !id.is_empty()).unwrap_or("0");
            return Some(format!("chat {thread} {message}"));
        }
        let info = self.meeting_info.as_ref()?;
        let text = |name: &str| info.get(name).and_then(Value::as_str);
        if let Some(id) = text("joinMeetingId") {
            // People write the id in groups of digits.
            let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
            return Some(format!("id {id}"));
        }
        if let Some(token) = text("token") {
            return Some(format!("token {token}"));
        }
        Some(format!("info {}", Value::Object(info.clone())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<JoinRequest, Error> {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.entry("callbackUri").or_insert_with(|| json!("https://desk.example/n"));
        }
        JoinRequest::read(body.to_string().as_bytes())
    }

    #[test]
    fn what_is_refused() {
        for (body, path) in [
            (json!({}), None),
            (json!({"callbackUri": ""}), Some("$.callbackUri")),
            (json!({"callbackUri": "desk"}), Some("$.callbackUri")),
            (json!({"callbackUri": null}), Some("$.callbackUri")),
            (json!({"CallbackUri": "https://other.example"}), Some("$.CallbackUri")),
            (json!({"targets": [{}]}), Some("$.targets[0].identity")),
            (json!({"requestedModalities": "audio"}), Some("$.requestedModalities")),
            (
                json!({"callOptions": {"isDeltaRosterEnabled": "yes"}}),
                Some("$.callOptions.isDeltaRosterEnabled"),
            ),
            (
                json!({"callOptions": {"IsDeltaRosterEnabled": true}}),
                Some("$.callOptions.IsDeltaRosterEnabled"),
            ),
            (json!({"chatInfo": {"ThreadId": "t"}}), Some("$.chatInfo.ThreadId")),
        ] {
            let found = read(&body);
            assert_eq!(found.as_ref().err().map(Error::path), path, "{body}: {found:?}");
        }
        assert_eq!(JoinRequest::read(b"{}").unwrap_err().path(), "$");
    }

    #[test]
    fn which_meeting_is_meant() {
        let chat = |thread: &str, message: &str| json!({"chatInfo": {"threadId": thread, "messageId": message}});
        let meeting = |body: &Value| read(body).unwrap().meeting();
        assert_eq!(meeting(&chat("t", "0")), meeting(&json!({"chatInfo": {"threadId": "t"}})));
        assert_ne!(meeting(&chat("t", "0")), meeting(&chat("t", "1")));
        assert_ne!(meeting(&chat("t", "0")), meeting(&chat("u", "0")));
        let by_id = |id: &str| json!({"meetingInfo": {"joinMeetingId": id, "passcode": null}});
        assert_eq!(meeting(&by_id("12 34")), meeting(&by_id("1234")));
        assert_ne!(meeting(&by_id("1")), meeting(&json!({"meetingInfo": {"token": "1"}})));
        let organizer = |id: &str| json!({"meetingInfo": {"organizer": {"user": {"id": id}}}});
        assert_ne!(meeting(&organizer("a")), meeting(&organizer("b")));
        assert_eq!(meeting(&json!({})), None);
    }

    #[test]
    fn one_target_and_no_meeting_is_peer_to_peer() {
        let person = json!({"identity": {"user": {"id": "u"}}});
        for (body, expected) in [
            (json!({"targets": [person]}), true),
            (json!({"targets": [person, person]}), false),
            (json!({"targets": [person], "chatInfo": {"threadId": "t"}}), false),
            (json!({"targets": []}), false),
            (json!({}), false),
        ] {
            assert_eq!(read(&body).unwrap().is_peer_to_peer(), expected, "{body}");
        }
        let delta = json!({"callOptions": {"isDeltaRosterEnabled": true}});
        assert!(read(&delta).unwrap().wants_delta_roster());
        assert!(!read(&json!({"callOptions": {}})).unwrap().wants_delta_roster());
    }
}
