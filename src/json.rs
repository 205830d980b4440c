//! Reads JSON of the proxy. The text becomes a tree by code that exists once, and serde's derived
//! readers walk the tree: compiled against a reader of text, each of them would carry a part of the
//! grammar, which made up an eighth of the panel.
//!
//! Numbers are whole: nothing that the proxy sends has a fraction. A fraction in a member that nobody
//! reads is passed over like everything else there.

mod tree;
mod walk;

use std::fmt;

use serde::de::DeserializeOwned;

/// Why a text could not be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

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
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(&tree::parse(text)?)
}

#[cfg(test)]
mod tests;
