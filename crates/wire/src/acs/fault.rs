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

impl AcsErrorBody {
    /// The code as a number, where it is one; the service publishes its meaning as a subcode.
    pub fn number(&self) -> Option<u32> {
        self.code.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn written_and_read() {
        let error = AcsError::new("8522", "Call not found.");
        let text = json!(error).to_string();
        assert_eq!(text, r#"{"error":{"code":"8522","message":"Call not found."}}"#);
        assert_eq!(AcsError::read(text.as_bytes()), Ok(error));
    }

    #[test]
    fn details_and_inner_errors_are_kept() {
        let body = json!({"error": {"code": "BadRequest", "message": "m", "target": "t",
            "details": [{"code": "8523", "message": "d", "innererror": {"code": "x"}}],
            "innererror": {"code": "y"}}});
        let error = AcsError::read(body.to_string().as_bytes()).unwrap();
        assert_eq!((error.error.number(), error.error.details[0].number()), (None, Some(8523)));
        assert_eq!(json!(error), body);
        for text in
            ["<html>", "{}", r#"{"error":{"code":"x"}}"#, r#"{"error":{"code":7,"message":""}}"#]
        {
            assert!(AcsError::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
