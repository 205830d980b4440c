//! Facts of a call and the pure reducers that fold them.
//!
//! Everything both the proxy and the panel must agree on lives here, once: what happened
//! ([`Fact`], [`Event`]; [`translate`] reads it from the wire), what follows from it ([`CallState`]: [`Roster`], [`Desk`], [`Operations`]),
//! how a wanted desk becomes requests ([`plan`]) and how an accepted request becomes a change of the
//! desk ([`Desk::changes`]). There is no clock, no randomness and no input or output in this crate:
//! times and ids are handed in.

pub mod by;
pub mod call;
pub mod desk;
pub mod fact;
pub mod ids;
pub mod intent;
pub mod live;
mod map;
pub mod mix;
pub mod name;
pub mod operation;
pub mod participant;
pub mod plan;
pub mod roster;
pub mod scene;
pub mod state;
pub mod translate;

pub use by::By;
pub use call::{CallInfo, CallKind, Can};
pub use desk::{Desk, LayerMix};
pub use fact::{Event, Fact};
pub use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};
pub use ids::{CallKey, GestureId, OperationId, OperatorId, SceneId, Sequence, Timestamp};
pub use intent::{Intent, IntentState, Intents};
pub use live::Live;
pub use mix::{
    Cell, CellChange, Ducking, DuckingChoice, Heard, HeardSource, Layer, MixChange, Setting,
};
pub use operation::{
    Operation, OperationKind, OperationRequest, OperationState, Operations, Outcome,
};
pub use participant::{Participant, PersonKey, PersonKind};
pub use roster::Roster;
pub use scene::{SavedScene, Scene, Scenes};
pub use state::{Applied, CallState};
