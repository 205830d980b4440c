//! `participant: configureMixer`: what each listener hears.
//!
//! One [`ParticipantMixerLevel`] replaces its listener's earlier mix as a whole; listeners that are
//! not named keep theirs.

mod check;

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{error::Error, limits::Limits, read};

/// The body of `POST …/participants/configureMixer`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigureMixer {
    /// Correlation text, at most 256 characters; the panel writes a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// One entry a listener, no listener twice.
    pub participant_mixer_levels: Vec<ParticipantMixerLevel>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One listener's mix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantMixerLevel {
    /// Participant id of the listener.
    pub participant: String,
    /// When true, sources without an entry in `source_levels` are silent for this listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
    /// The other published spelling of `exclusive`; see [`ConfigureMixer::spelled`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_mode: Option<bool>,
    /// How ducked sources behave; needed as soon as one source ducks others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ducking: Option<AudioDuckingConfiguration>,
    /// Explicit levels, no source twice, never the listener itself.
    #[serde(default, deserialize_with = "read::or_default")]
    pub source_levels: Vec<AudioSourceLevel>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How ducked sources behave for one listener.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioDuckingConfiguration {
    /// Milliseconds to reach `lower_level`, 0 to 5,000.
    #[serde(deserialize_with = "read::int64")]
    pub ramp_active: i64,
    /// Milliseconds to return to `upper_level`, 0 to 5,000.
    #[serde(deserialize_with = "read::int64")]
    pub ramp_inactive: i64,
    /// Percent while ducking is on, 0 to 100.
    #[serde(deserialize_with = "read::int64")]
    pub lower_level: i64,
    /// Percent while ducking is off, 0 to 100.
    #[serde(deserialize_with = "read::int64")]
    pub upper_level: i64,
    /// Members not named here (`@odata.type` among them, which is ignored).
    #[serde(flatten)]
    pub extra: Extra,
}

/// The explicit level of one source for one listener.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioSourceLevel {
    /// Participant id of the source.
    pub participant: String,
    /// Percent, 0 to 100. May be left out (100) unless the source ducks others.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read::optional_int64"
    )]
    pub level: Option<i64>,
    /// Whether this source, while active, lowers the listener's other sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duck_others: Option<bool>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which of its two published names `exclusive` is written under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExclusiveMember {
    /// `exclusive`, as both pages of configureMixer have it.
    #[default]
    Exclusive,
    /// `exclusiveMode`, as the resource page and a generated SDK have it.
    ExclusiveMode,
}

impl ParticipantMixerLevel {
    /// Whether the mix is exclusive, whichever spelling says so; absent means no.
    pub fn is_exclusive(&self) -> bool {
        self.exclusive.or(self.exclusive_mode).unwrap_or(false)
    }
}

impl ConfigureMixer {
    /// Reads a body and checks every limit.
    ///
    /// # Errors
    /// See [`Error`]; the first problem in document order is reported.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        Self::read_with(text, Limits::default())
    }

    /// As [`ConfigureMixer::read`], with limits of one's own.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read_with(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check_with(limits)?;
        Ok(request)
    }

    /// Checks every limit: levels, ramps, `clientContext`, ids, doubled listeners and sources, a
    /// listener among its own sources, `duckOthers` without ducking or level, unequal `exclusive`
    /// spellings, members known but for their case.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        self.check_with(Limits::default())
    }

    /// As [`ConfigureMixer::check`], with limits of one's own.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check_with(&self, limits: Limits) -> Result<(), Error> {
        check::request(self, limits)
    }

    /// The same request with `exclusive` under one name. Where both stand and differ, which
    /// [`ConfigureMixer::check`] refuses, `exclusive` wins.
    #[must_use]
    pub fn spelled(mut self, member: ExclusiveMember) -> Self {
        for level in &mut self.participant_mixer_levels {
            let exclusive = level.exclusive.or(level.exclusive_mode);
            (level.exclusive, level.exclusive_mode) = match member {
                ExclusiveMember::Exclusive => (exclusive, None),
                ExclusiveMember::ExclusiveMode => (None, exclusive),
            };
        }
        self
    }
}
