//! Microsoft Graph cloud communications, the current forms.
//!
//! Type names are the service's own. Every struct keeps members it does not know in `extra`, so that
//! what was read is written back without loss.

pub mod call;
pub mod command;
pub mod fault;
pub mod mixer;
pub mod notification;
pub mod operation;
pub mod participant;

pub use call::Call;
pub use command::MuteRequest;
pub use fault::{ErrorBody, GraphError};
pub use mixer::{
    AudioDuckingConfiguration, AudioSourceLevel, ConfigureMixer, ParticipantMixerLevel,
};
pub use notification::{CommsNotification, CommsNotifications, Topic};
pub use operation::{CommsOperation, OperationStatus, ResultInfo};
pub use participant::{
    DeltaParticipants, Identity, MediaStream, Participant, ParticipantInfo, ParticipantsPage,
    RemovedState,
};

/// Members the types do not name, kept with their values. Their order is not kept: JSON objects have none.
pub type Extra = serde_json::Map<String, serde_json::Value>;
