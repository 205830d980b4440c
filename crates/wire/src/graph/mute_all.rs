//! `participant: muteAll`: several people, or everybody, muted by one request.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::{check, error::Error, ids::ParticipantId, limits, read};

/// The body of `POST …/participants/muteAll`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MuteAllRequest {
    /// Participant ids. Needed, so that a slip in its name cannot mute everybody; without a single
    /// id in it (the page's example has one empty text) it means everybody.
    pub participants: Vec<String>,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MuteAllRequest {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks ids, their number, and `clientContext`.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        check::spelling("$", &self.extra, &["participants", "clientContext"])?;
        limits::items("$.participants", self.participants.len())?;
        self.named()?;
        check::context("$.clientContext", self.client_context.as_deref())
    }

    /// Whom it names, in order; `None` means everybody.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] for an id outside the alphabet, or for an empty one among others.
    pub fn named(&self) -> Result<Option<Vec<ParticipantId>>, Error> {
        if self.participants.iter().all(String::is_empty) {
            return Ok(None);
        }
        let parsed = self.participants.iter().enumerate().map(|(i, id)| {
            ParticipantId::parse(id).map_err(|error| error.at(&format!("$.participants[{i}]")))
        });
        parsed.collect::<Result<_, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_to_be_meant() {
        for (text, named) in [
            (r#"{"participants":[]}"#, Ok(None)),
            (r#"{"participants":[""],"clientContext":"c"}"#, Ok(None)),
            (r#"{"participants":["a","8:acs:b"]}"#, Ok(Some(vec!["a", "8:acs:b"]))),
            ("{}", Err("$")),
            (r#"{"participants":null}"#, Err("$.participants")),
            (r#"{"Participants":[]}"#, Err("$")),
            (r#"{"participants":["a",""]}"#, Err("$.participants[1]")),
            (r#"{"participants":["a/b"]}"#, Err("$.participants[0]")),
            (r#"{"participants":[],"clientcontext":"c"}"#, Err("$.clientcontext")),
            ("", Err("$")),
        ] {
            let found = MuteAllRequest::read(text.as_bytes()).map(|r| r.named().unwrap());
            match (found, named) {
                (Ok(found), Ok(named)) => {
                    let found = found.map(|f| f.iter().map(ToString::to_string).collect());
                    let named =
                        named.map(|n| n.iter().map(ToString::to_string).collect::<Vec<_>>());
                    assert_eq!(found, named, "{text}");
                }
                (Err(error), Err(path)) => assert_eq!(error.path(), path, "{text}: {error}"),
                (found, _) => panic!("{text} gave {found:?}"),
            }
        }
    }
}
