//! The ACS error object.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{error::Error, read};

/// `CommunicationErrorResponse`: `{"error":{"code","message"}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcsError {
    /// Code and words.
    pub error: AcsErrorBody,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Code and words of an ACS error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcsErrorBody {
    /// A number in text such as `8522`, or a word.
    pub code: String,
    /// Words for people.
    pub message: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Further errors in the same shape.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::or_default")]
    pub details: Vec<AcsErrorBody>,
    /// Members not named here (`innererror` among them).
    #[serde(flatten)]
    pub extra: Extra,
}

impl AcsError {
    /// An error to be written.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            error: AcsErrorBody {
                code: code.into(),
                message: message.into(),
                target: None,
                details: Vec::new(),
                extra: Extra::new(),
            },
            extra: Extra::new(),
        }
    }

    /// Reads the body of an answer that is not a success.
    ///
    /// # Errors
    /// See [`Error`]: gateways answer with pages that are no ACS error at all.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}
