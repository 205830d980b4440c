//! The bodies of the small commands: participant mute, call mute and unmute.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{check, error::Error, read};

/// The body of `…/participants/{id}/mute`, `…/mute` and `…/unmute`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MuteRequest {
    /// Correlation text, at most 256 characters; the panel writes a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MuteRequest {
    /// Reads a body and checks `clientContext`. An empty body reads as `{}`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks that `clientContext` has at most 256 characters, and is spelled so.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] at `$.clientContext` or at its other spelling.
    pub fn check(&self) -> Result<(), Error> {
        check::context("$.clientContext", self.client_context.as_deref())?;
        check::spelling("$", &self.extra, &["clientContext"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::CLIENT_CONTEXT_MAX;

    #[test]
    fn the_context_is_counted_in_characters() {
        let body = |n: usize| format!("{{\"clientContext\":\"{}\"}}", "ü".repeat(n));
        assert!(MuteRequest::read(body(CLIENT_CONTEXT_MAX).as_bytes()).is_ok());
        let error = MuteRequest::read(body(CLIENT_CONTEXT_MAX + 1).as_bytes()).unwrap_err();
        assert_eq!(error.path(), "$.clientContext");
        assert!(error.to_string().contains("257 characters and at most 256"), "{error}");
    }

    #[test]
    fn a_context_in_capitals_is_refused() {
        let error = MuteRequest::read(b"{\"ClientContext\":\"c\"}").unwrap_err();
        assert_eq!(error.path(), "$.ClientContext");
        assert!(error.to_string().contains("`clientContext`"), "{error}");
    }

    #[test]
    fn nothing_is_an_empty_body() {
        for text in ["", " \r\n", "{}", "{\"clientContext\":null}"] {
            assert_eq!(MuteRequest::read(text.as_bytes()), Ok(MuteRequest::default()), "{text:?}");
        }
        assert!(MuteRequest::read(b"[]").is_err());
        assert!(MuteRequest::read(b"null").is_err());
    }
}
