//! One person of the rehearsal, and how the roster tells of them.
//!
//! No page says how a raised hand is told. The rehearsal's assumption: `participant.metadata` holds
//! the JSON text `{"raisedHand":{"at":n}}` while the hand is up, `n` being milliseconds since the
//! rehearsal began (the lowest was first), and is absent otherwise.

use foldback_wire::{
    graph::{Extra, MediaStream, Participant, ParticipantInfo, RemovedState},
    ids::ParticipantId,
};
use serde_json::{Value, json};

/// Which member of the identity set names the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Guest,
    Phone,
    Application,
}

/// Who somebody is, also after leaving and returning.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) kind: Kind,
    /// A UUID, or the E.164 number of a phone.
    pub(super) id: String,
    pub(super) name: String,
}

/// Somebody's leg in the call.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: ParticipantId,
    pub(super) identity: Identity,
    pub(super) in_lobby: bool,
    /// Muted by their own client.
    pub(super) muted_self: bool,
    /// The server drops their sound.
    pub(super) muted_by_server: bool,
    /// Number of the audio stream, unique in the call.
    pub(super) source: u64,
    /// Number of the video stream of those with a camera.
    pub(super) video: Option<u64>,
    /// Roster number at which this record last changed.
    pub(super) changed: u64,
    /// When the raised hand was raised, in milliseconds of the rehearsal.
    pub(super) hand: Option<u64>,
    /// How much more often than the most silent this person speaks.
    pub(super) eagerness: u64,
}

/// What the roster says of one person, before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    pub(super) person: &'a Person,
    pub(super) tenant: &'a str,
}

impl Record<'_> {
    /// Whose it is.
    pub fn id(&self) -> &ParticipantId {
        &self.person.id
    }

    /// Roster number of the last change: two records of one person with one number say the same.
    pub fn changed(&self) -> u64 {
        self.person.changed
    }

    /// The record in a reply.
    pub fn participant(&self) -> Participant {
        self.person.record(self.tenant)
    }
}

impl Person {
    /// Somebody in the conversation with an open microphone, the `key`th to come.
    pub(super) fn new(id: ParticipantId, identity: Identity, key: u64) -> Self {
        Self {
            id,
            identity,
            in_lobby: false,
            muted_self: false,
            muted_by_server: false,
            source: key * 2 + 1,
            video: None,
            changed: 0,
            hand: None,
            eagerness: 1,
        }
    }

    pub(super) fn is_muted(&self) -> bool {
        self.muted_self || self.muted_by_server
    }

    /// In the conversation with an open microphone.
    pub(super) fn can_talk(&self) -> bool {
        !self.in_lobby && !self.is_muted()
    }

    /// In the conversation, muted by nobody but themselves.
    pub(super) fn may_unmute(&self) -> bool {
        !self.in_lobby && self.muted_self && !self.muted_by_server
    }

    pub(super) fn is_app(&self) -> bool {
        self.identity.kind == Kind::Application
    }

    /// The record in a reply. Nobody in the lobby has media yet.
    pub(super) fn record(&self, tenant: &str) -> Participant {
        let (member, mut identity) = match self.identity.kind {
            Kind::User => ("user", json!({"tenantId": tenant})),
            Kind::Guest => ("guest", json!({})),
            Kind::Phone => ("phone", json!({})),
            Kind::Application => ("application", json!({"tenantId": tenant})),
        };
        if let Value::Object(members) = &mut identity {
            members.insert("id".to_owned(), Value::from(self.identity.id.as_str()));
            members.insert("displayName".to_owned(), Value::from(self.identity.name.as_str()));
        }
        let mut set = Extra::new();
        set.insert(member.to_owned(), identity);
        Participant {
            id: self.id.as_str().to_owned(),
            info: Some(ParticipantInfo {
                identity: Some(set),
                endpoint_type: Some("default".to_owned()),
                extra: Extra::new(),
            }),
            is_in_lobby: self.in_lobby,
            is_muted: self.is_muted(),
            media_streams: Some(if self.in_lobby { Vec::new() } else { self.streams() }),
            metadata: self.hand.map(|at| json!({"raisedHand": {"at": at}}).to_string()),
            roster_sequence_number: i64::try_from(self.changed).ok(),
            ..Participant::default()
        }
    }

    /// The record in a notification; with a reason when the person has left.
    pub(super) fn notice(&self, tenant: &str, left: Option<&str>) -> Participant {
        Participant {
            odata_type: Some("#microsoft.graph.participant".to_owned()),
            removed_state: left.map(|reason| RemovedState {
                reason: Some(reason.to_owned()),
                ..RemovedState::default()
            }),
            ..self.record(tenant)
        }
    }

    fn streams(&self) -> Vec<MediaStream> {
        let mut streams = vec![MediaStream {
            media_type: Some("audio".to_owned()),
            direction: Some("sendReceive".to_owned()),
            source_id: Some(self.source.to_string()),
            label: Some("main-audio".to_owned()),
            server_muted: Some(self.muted_by_server),
            extra: Extra::new(),
        }];
        if let Some(video) = self.video {
            streams.push(MediaStream {
                media_type: Some("video".to_owned()),
                direction: Some("sendReceive".to_owned()),
                source_id: Some(video.to_string()),
                label: Some("main-video".to_owned()),
                server_muted: Some(false),
                extra: Extra::new(),
            });
        }
        streams
    }
}
