//! Every limit of the wire in one place, with its source.

use crate::error::Error;

/// Highest level a source can have, in percent of amplitude. The services state no range; Foldback
/// accepts 0 to 100.
pub const LEVEL_MAX: i64 = 100;

/// Highest level where the setting [`Limits::with_levels_above_100`] is on: ten times the amplitude,
/// which is 20 dB.
pub const LEVEL_MAX_RAISED: i64 = 1_000;

/// Most people one invitation may name (`participant: invite` page).
pub const INVITED_MAX: usize = 5;

/// Longest callback address Foldback accepts, in bytes.
pub const CALLBACK_MAX: usize = 2_048;

/// Longest ducking ramp in milliseconds (`audioDuckingConfiguration` resource page).
pub const RAMP_MAX_MS: i64 = 5_000;

/// Longest `clientContext` in characters (`participant: mute` page). ACS publishes no number for
/// `operationContext`; the same one is used.
pub const CLIENT_CONTEXT_MAX: usize = 256;

/// Longest id Foldback accepts in a path or body, in bytes. Real ids stay below 200.
pub const ID_MAX: usize = 256;

/// Most items one collection of a request or notification may hold.
pub const ITEMS_MAX: usize = 10_000;

/// A configureMixer body above this many bytes is split on listener borders before it is sent.
pub const MIXER_BODY_SPLIT_BYTES: usize = 256 * 1024;

/// The limits a deployment may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Highest level of a source and of ducking, in percent.
    pub level_max: i64,
}

impl Default for Limits {
    /// Levels up to [`LEVEL_MAX`].
    fn default() -> Self {
        Self { level_max: LEVEL_MAX }
    }
}

impl Limits {
    /// Levels up to [`LEVEL_MAX_RAISED`]: no page states the range, so a service may take more than
    /// 100.
    #[must_use]
    pub fn with_levels_above_100() -> Self {
        Self { level_max: LEVEL_MAX_RAISED }
    }
}

/// Refuses a collection of more than [`ITEMS_MAX`] items.
///
/// # Errors
/// [`Error::OutOfLimit`] at `path`.
pub(crate) fn items(path: &str, length: usize) -> Result<(), Error> {
    if length <= ITEMS_MAX {
        return Ok(());
    }
    let limit = format!("a collection holds at most {ITEMS_MAX} items; send it in parts");
    Err(Error::out_of_limit(path, format_args!("a list of {length} items"), limit))
}
