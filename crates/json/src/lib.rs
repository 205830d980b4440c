//! Reads JSON of the proxy with little code. The text becomes a tree by code that exists once, and
//! every type takes its members out of the tree by name ([`Read`]): readers that serde derives carry
//! their own lists of names, flags of what was seen and words for every flaw, which made up a tenth of
//! the panel. What is read here is written by serde; tests beside the types hold the two together.
//!
//! What the panel sends is written here too ([`write`]), word for word as serde would print it.
//!
//! Numbers are whole and not negative: nothing that the proxy sends is anything else. Others are passed
//! over where nobody reads them.

mod read;
mod tree;
mod write;

use std::fmt;

pub use read::Read;
pub use tree::{Node, parse};
pub use write::{Fill, Writer, write};

/// Why a text could not be read, in words that begin with the place: `roster: people: ada: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// A flaw in these words.
    #[cold]
    #[inline(never)]
    pub fn new(what: &str) -> Self {
        Self(what.to_owned())
    }

    /// The same flaw, seen from outside `place`.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self([place, ": ", &self.0].concat())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Reads a whole text.
///
/// # Errors
/// When it is no JSON, nested more than 64 deep, or not what `T` expects.
pub fn read<T: Read>(text: &str) -> Result<T, Error> {
    T::read(&parse(text)?)
}
