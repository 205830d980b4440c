//! One person in a call, whichever service carries it.

use foldback_json::{Node, Read};
use foldback_wire::{graph, ids::ParticipantId};
use serde::{Deserialize, Serialize};

use crate::name;

/// One person's leg as the roster last told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// Changes when the person leaves and returns.
    pub id: ParticipantId,
    /// Stays the same when the person returns.
    pub person: PersonKey,
    /// Cleaned display name, never empty.
    pub name: String,
    /// What the person is, from the kind of identity.
    pub kind: PersonKind,
    /// Muted by themselves or by the server.
    pub muted: bool,
    /// The server drops their audio; only they or their service can lift it.
    pub server_muted: bool,
    /// Waiting, not in the conversation.
    pub in_lobby: bool,
    /// Roster number at which this record last changed, where the service gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster_sequence: Option<u64>,
}

/// Who a person is across rejoining: tenant, kind of identity, identity id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonKey {
    /// Tenant id, empty when the service gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The identity's kind as the service names it.
    pub kind: String,
    /// The identity's id.
    pub id: String,
}

/// What a person is, as far as operators treat them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonKind {
    /// A signed-in user.
    User,
    /// An anonymous or invited guest.
    Guest,
    /// Somebody on a telephone line.
    Phone,
    /// A program, such as the app itself or a recorder.
    Application,
    /// An Azure Communication Services user.
    AcsUser,
    /// Anything else.
    Other,
}

impl Participant {
    /// Translates a Graph participant. Text is cleaned; a person without identity is keyed by the
    /// participant id.
    ///
    /// # Errors
    /// [`foldback_wire::Error`] when the id leaves the alphabet of ids.
    pub fn from_graph(wire: &graph::Participant) -> Result<Self, foldback_wire::Error> {
        let id = ParticipantId::parse(&wire.id)?;
        let (kind_word, identity) = wire
            .info
            .as_ref()
            .and_then(graph::ParticipantInfo::who)
            .map_or_else(|| ("", graph::Identity::default()), |(kind, identity)| (kind, identity));
        let kind = match kind_word {
            "user" => PersonKind::User,
            "guest" => PersonKind::Guest,
            "phone" => PersonKind::Phone,
            "application" | "applicationInstance" => PersonKind::Application,
            "acsUser" | "communicationsUser" | "azureCommunicationServicesUser" => {
                PersonKind::AcsUser
            }
            _ => PersonKind::Other,
        };
        let fallback = if kind == PersonKind::Phone { identity.id.as_deref() } else { None };
        let server_muted = wire.media_streams.iter().flatten().any(|stream| {
            stream.media_type.as_deref() == Some("audio") && stream.server_muted == Some(true)
        });
        Ok(Self {
            person: PersonKey {
                tenant: identity.tenant_id.clone().unwrap_or_default(),
                kind: kind_word.to_owned(),
                id: identity.id.clone().unwrap_or_else(|| id.as_str().to_owned()),
            },
            name: name::clean_or(
                identity.display_name.as_deref().or(fallback).unwrap_or_default(),
                "Unnamed",
            ),
            kind,
            muted: wire.is_muted || server_muted,
            server_muted,
            in_lobby: wire.is_in_lobby,
            roster_sequence: wire.roster_sequence_number.and_then(|n| u64::try_from(n).ok()),
            id,
        })
    }
}

impl Read for Participant {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            id: node.field("id")?,
            person: node.field("person")?,
            name: node.field("name")?,
            kind: node.field("kind")?,
            muted: node.field("muted")?,
            server_muted: node.field("serverMuted")?,
            in_lobby: node.field("inLobby")?,
            roster_sequence: node.field("rosterSequence")?,
        })
    }
}

impl Read for PersonKey {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            tenant: node.field_or_default("tenant")?,
            kind: node.field("kind")?,
            id: node.field("id")?,
        })
    }
}

impl Read for PersonKind {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, _) =
            node.choice(&["user", "guest", "phone", "application", "acsUser", "other"])?;
        Ok(match at {
            0 => Self::User,
            1 => Self::Guest,
            2 => Self::Phone,
            3 => Self::Application,
            4 => Self::AcsUser,
            _ => Self::Other,
        })
    }
}
