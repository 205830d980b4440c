//! Every limit of the wire in one place, with its source.

use crate::error::Error;

/// Highest level a source can have, in percent of amplitude. The services state no range; Foldback
/// accepts 0 to 100.
pub const LEVEL_MAX: i64 = 100;

/// Longest ducking ramp in milliseconds (`audioDuckingConfiguration` resource page).
pub const RAMP_MAX_MS: i64 = 5_000;

/// Longest `clientContext` in characters (`participant: mute` page).
pub const CLIENT_CONTEXT_MAX: usize = 256;

/// Longest id Foldback accepts in a path or body, in bytes. Real ids stay below 200.
pub const ID_MAX: usize = 256;

/// Most items one collection of a request or notification may hold.
pub const ITEMS_MAX: usize = 10_000;

/// A configureMixer body above this many bytes is split on listener borders before it is sent.
pub const MIXER_BODY_SPLIT_BYTES: usize = 256 * 1024;

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
