//! Who is in an ACS call.

use serde::{Deserialize, Serialize};

use super::{CommunicationIdentifierModel, Extra};
use crate::{error::Error, limits, read};

/// One person of the call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallParticipant {
    /// Who it is.
    pub identifier: CommunicationIdentifierModel,
    /// Muted, by themselves or by the service.
    #[serde(default, deserialize_with = "read::or_default")]
    pub is_muted: bool,
    /// On hold; newer versions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_on_hold: Option<bool>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The reply to GET participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallParticipantsPage {
    /// The people of this page.
    pub value: Vec<CallParticipant>,
    /// Absolute address of the next page; absent or empty on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_link: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CallParticipantsPage {
    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`]; more than [`limits::ITEMS_MAX`] people are refused.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let page: Self = read::json(text)?;
        limits::items("$.value", page.value.len())?;
        Ok(page)
    }

    /// The address of the next page; an empty one means none.
    pub fn next(&self) -> Option<&str> {
        self.next_link.as_deref().filter(|link| !link.is_empty())
    }
}

impl CallParticipant {
    /// Reads the reply to GET one participant.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_with_no_link_or_an_empty_one() {
        for (text, next) in [
            (r#"{"value":[]}"#, None),
            (r#"{"value":[],"nextLink":null}"#, None),
            (r#"{"value":[],"nextLink":""}"#, None),
            (r#"{"value":[],"nextLink":"https://h/x?skip=1"}"#, Some("https://h/x?skip=1")),
        ] {
            assert_eq!(CallParticipantsPage::read(text.as_bytes()).unwrap().next(), next, "{text}");
        }
        let person = |id: &str| format!(r#"{{"identifier":{{"rawId":"{id}"}}}}"#);
        let many = vec![person("4:+1"); limits::ITEMS_MAX + 1].join(",");
        let error = CallParticipantsPage::read(format!(r#"{{"value":[{many}]}}"#).as_bytes());
        assert_eq!(error.unwrap_err().path(), "$.value");
        assert!(CallParticipant::read(b"{}").is_err());
        assert!(!CallParticipant::read(person("4:+1").as_bytes()).unwrap().is_muted);
    }
}
