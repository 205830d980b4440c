//! The Graph error object.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{error::Error, read};

/// `{"error":{"code","message","innerError"}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphError {
    /// Code and words.
    pub error: ErrorBody,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Code and words of a Graph error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// A word such as `badRequest`, or for calling a number in text such as `8522`.
    pub code: String,
    /// Words for people.
    #[serde(default, deserialize_with = "read::or_default")]
    pub message: String,
    /// `request-id`, `date`, `client-request-id`; documentation also spells it `innererror`.
    #[serde(default, alias = "innererror", skip_serializing_if = "Option::is_none")]
    pub inner_error: Option<Extra>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl GraphError {
    /// An error to be written, without `innerError`.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            error: ErrorBody {
                code: code.into(),
                message: message.into(),
                inner_error: None,
                extra: Extra::new(),
            },
            extra: Extra::new(),
        }
    }

    /// Reads the body of an answer that is not a success.
    ///
    /// # Errors
    /// See [`Error`]: gateways answer with pages that are no Graph error at all.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn written_and_read() {
        let error = GraphError::new("8522", "Call not found.");
        let text = serde_json::to_vec(&error).unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&text).unwrap(),
            json!({"error": {"code": "8522", "message": "Call not found."}})
        );
        assert_eq!(GraphError::read(&text), Ok(error));
    }

    #[test]
    fn both_spellings_of_the_inner_error() {
        for name in ["innerError", "innererror"] {
            let text = json!({"error": {"code": "badRequest", "message": null,
                name: {"request-id": "r", "date": "d"}, "target": "t"}})
            .to_string();
            let body = GraphError::read(text.as_bytes()).unwrap().error;
            assert_eq!(body.inner_error.unwrap()["request-id"], "r");
            assert_eq!((body.message.as_str(), &body.extra["target"]), ("", &json!("t")));
        }
    }

    #[test]
    fn a_page_is_not_a_graph_error() {
        for text in ["<html>", "{}", "{\"error\":\"no\"}", "{\"error\":{}}"] {
            assert!(GraphError::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
