//! Microsoft Graph cloud communications, the current forms and the older ones still met.
//!
//! Type names are the service's own. Every struct keeps members it does not know in `extra`, so that
//! what was read is written back without loss.

pub mod call;
pub mod command;
pub mod fault;
pub mod int64;
pub mod invite;
pub mod join;
pub mod mixer;
pub mod mute_all;
pub mod notification;
pub mod operation;
pub mod page;
pub mod participant;
pub mod routing;

pub use call::{Call, CallState};
pub use command::MuteRequest;
pub use fault::{ErrorBody, GraphError};
pub use int64::int64_as_text;
pub use invite::{InvitationParticipantInfo, InviteRequest};
pub use join::{CallOptions, ChatInfo, JoinRequest};
pub use mixer::{
    AudioDuckingConfiguration, AudioSourceLevel, ConfigureMixer, ExclusiveMember,
    ParticipantMixerLevel,
};
pub use mute_all::MuteAllRequest;
pub use notification::{CommsNotification, CommsNotifications, Envelope, Topic};
pub use operation::{CommsOperation, OperationStatus, ResultInfo};
pub use page::{OperationsPage, Page};
pub use participant::{
    DeltaParticipants, Identity, MediaStream, Participant, ParticipantInfo, ParticipantsPage,
    RemovedState,
};
pub use routing::{AudioRoutingGroup, AudioRoutingGroupsPage, RoutingMode};

/// Members the types do not name, kept with their values. Their order is not kept: JSON objects have none.
pub type Extra = serde_json::Map<String, serde_json::Value>;
