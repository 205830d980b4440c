//! The JSON of Microsoft Graph cloud communications and of ACS Call Automation: read tolerantly,
//! written strictly.
//!
//! The crate knows shapes and limits. It does no input or output, keeps no state and knows nothing
//! of Foldback's own facts; translating wire shapes into facts is the proxy's work.
//!
//! Reading is two steps in one call: `read` parses the text (unknown members are kept, Int64s may be
//! numbers or text, enum casing is ignored) and then checks every limit. What is wrong comes back as
//! an [`Error`] that names the JSON path, the value, the limit and what to do.
//!
//! ```
//! use foldback_wire::graph::{CommsNotifications, ConfigureMixer, Topic};
//!
//! let mix = ConfigureMixer::read(
//!     br#"{"clientContext": "c-1", "participantMixerLevels": [
//!         {"participant": "ada", "sourceLevels": [{"participant": "bob", "level": "50"}]}]}"#,
//! )?;
//! assert_eq!(mix.participant_mixer_levels[0].source_levels[0].level, Some(50));
//!
//! let error = ConfigureMixer::read(
//!     br#"{"participantMixerLevels": [
//!         {"participant": "ada", "sourceLevels": [{"participant": "bob", "level": 101}]}]}"#,
//! )
//! .unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "$.participantMixerLevels[0].sourceLevels[0].level: 101 is not allowed; \
//!      a level is a whole percent from 0 to 100"
//! );
//!
//! let posted = CommsNotifications::read(
//!     br#"{"value": [{"changeType": "updated", "resourceUrl": "/communications/calls/c/participants",
//!         "resourceData": [{"id": "bob", "isMuted": true}]}]}"#,
//! )?;
//! let notification = &posted.value[0];
//! assert_eq!(notification.call_id()?.as_str(), "c");
//! assert!(matches!(notification.topic()?, Topic::Roster(people) if people[0].is_muted));
//! # Ok::<(), foldback_wire::Error>(())
//! ```
//!
//! ACS says who somebody is in up to three members at once, which have to agree:
//!
//! ```
//! use foldback_wire::acs::MuteParticipants;
//!
//! let mute = MuteParticipants::read(br#"{"targetParticipants": [{"rawId": "8:acs:r_u"}]}"#)?;
//! assert_eq!(mute.one_user()?, "8:acs:r_u");
//!
//! let error = MuteParticipants::read(
//!     br#"{"targetParticipants": [{"rawId": "8:acs:r_u", "phoneNumber": {"value": "+15550100"}}]}"#,
//! )
//! .unwrap_err();
//! assert_eq!(error.path(), "$.targetParticipants[0].rawId");
//! # Ok::<(), foldback_wire::Error>(())
//! ```
//!
//! A named member that is null reads as absent and is written as absent.

pub mod acs;
mod check;
pub mod error;
pub mod graph;
pub mod ids;
pub mod limits;
mod open;
pub mod read;

pub use error::Error;
