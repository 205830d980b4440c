//! The call itself: state, own participant, what can be done with it.

use foldback_json::{Node, Read};
use foldback_wire::ids::ParticipantId;
use serde::{Deserialize, Serialize};

/// What is known of the call as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallInfo {
    /// Where the call stands.
    pub state: CallPhase,
    /// The meeting's subject, cleaned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The app's own leg: it can be unmuted, it is no listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_participant: Option<ParticipantId>,
    /// Which service carries the call.
    pub kind: CallKind,
    /// What the service offers for this call.
    pub can: Can,
    /// The call runs inside Foldback's embedded service: nobody real hears it.
    #[serde(default)]
    pub rehearsal: bool,
    /// Why it ended, in words, unless it ended as calls do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// Where a call stands, reduced to what operators act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallPhase {
    /// Being set up.
    Establishing,
    /// Running.
    Established,
    /// Over; nothing more can be done.
    Ended,
}

/// Which service carries the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallKind {
    /// Microsoft Graph cloud communications.
    Graph,
    /// Azure Communication Services Call Automation.
    Acs,
}

/// What the service offers for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent offers of a service, not a state")]
pub struct Can {
    /// Mute somebody.
    pub mute: bool,
    /// Unmute the app's own leg.
    pub unmute_self: bool,
    /// Set what a listener hears.
    pub mix: bool,
    /// Tell who is talking, how loud.
    pub levels: bool,
}

impl Read for CallInfo {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            state: node.field("state")?,
            subject: node.field("subject")?,
            own_participant: node.field("ownParticipant")?,
            kind: node.field("kind")?,
            can: node.field("can")?,
            rehearsal: node.field_or_default("rehearsal")?,
            ended: node.field("ended")?,
        })
    }
}

impl Read for CallPhase {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, _) = node.choice(&["establishing", "established", "ended"])?;
        Ok(match at {
            0 => Self::Establishing,
            1 => Self::Established,
            _ => Self::Ended,
        })
    }
}

impl Read for CallKind {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, _) = node.choice(&["graph", "acs"])?;
        Ok(match at {
            0 => Self::Graph,
            _ => Self::Acs,
        })
    }
}

impl Read for Can {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            mute: node.field("mute")?,
            unmute_self: node.field("unmuteSelf")?,
            mix: node.field("mix")?,
            levels: node.field("levels")?,
        })
    }
}
