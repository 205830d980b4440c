//! `participant: invite`, and the people an invitation or a new call names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Extra, Identity, participant};
use crate::{check, error::Error, ids, limits::INVITED_MAX, read};

/// The body of `POST …/participants/invite`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteRequest {
    /// One to five people.
    pub participants: Vec<InvitationParticipantInfo>,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Whom to call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationParticipantInfo {
    /// The identity set; see [`InvitationParticipantInfo::who`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Extra>,
    /// A call this person is in and which ends once they have joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces_call_id: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl InvitationParticipantInfo {
    /// Who it is, with the kind; as [`super::ParticipantInfo::who`].
    pub fn who(&self) -> Option<(&str, Identity)> {
        participant::who(self.identity.as_ref()?)
    }

    /// Checks that somebody is named; `at` is the JSON path of this person.
    pub(super) fn check(&self, at: &str) -> Result<(), Error> {
        check::spelling(at, &self.extra, &["identity", "replacesCallId"])?;
        let somebody = self.who().is_some_and(|(_, who)| who.id.is_some_and(|id| !id.is_empty()));
        if !somebody {
            return Err(Error::out_of_limit(
                format!("{at}.identity"),
                "nobody",
                "an invitation names one person: give for example `user` with its `id`",
            ));
        }
        match self.replaces_call_id.as_deref() {
            Some(id) => ids::check(&format!("{at}.replacesCallId"), id).map(drop),
            None => Ok(()),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let mut members = self.extra.clone();
        if let Some(identity) = &self.identity {
            members.insert("identity".to_owned(), Value::Object(identity.clone()));
        }
        if let Some(call) = &self.replaces_call_id {
            members.insert("replacesCallId".to_owned(), Value::from(call.as_str()));
        }
        Value::Object(members)
    }
}

impl InviteRequest {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks the number of people, that each is named, and `clientContext`.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        check::spelling("$", &self.extra, &["participants", "clientContext"])?;
        let n = self.participants.len();
        if !(1..=INVITED_MAX).contains(&n) {
            return Err(Error::out_of_limit(
                "$.participants",
                format_args!("a list of {n} people"),
                format!("one invitation names 1 to {INVITED_MAX} people; send more invitations"),
            ));
        }
        for (i, person) in self.participants.iter().enumerate() {
            person.check(&format!("$.participants[{i}]"))?;
        }
        check::context("$.clientContext", self.client_context.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(id: &str) -> Value {
        json!({"identity": {"user": {"id": id}}})
    }

    #[test]
    fn one_to_five_people_with_names() {
        for (people, path) in [
            (json!([person("u")]), None),
            (json!(vec![person("u"); INVITED_MAX]), None),
            (json!([]), Some("$.participants")),
            (json!(vec![person("u"); INVITED_MAX + 1]), Some("$.participants")),
            (json!(null), Some("$.participants")),
            (json!([person("u"), {}]), Some("$.participants[1].identity")),
            (json!([person("")]), Some("$.participants[0].identity")),
            (json!([{"identity": {"user": null}}]), Some("$.participants[0].identity")),
            (json!([{"identity": "u"}]), Some("$.participants[0].identity")),
            (
                json!([{"identity": {"user": {"id": "u"}}, "replacesCallId": "a/b"}]),
                Some("$.participants[0].replacesCallId"),
            ),
            (json!([{"Identity": {"user": {"id": "u"}}}]), Some("$.participants[0].Identity")),
        ] {
            let text = json!({"participants": people, "clientContext": "c"}).to_string();
            let found = InviteRequest::read(text.as_bytes());
            assert_eq!(found.as_ref().err().map(Error::path), path, "{text}: {found:?}");
        }
        let long = json!({"participants": [person("u")], "clientContext": "x".repeat(257)});
        let error = InviteRequest::read(long.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.path(), "$.clientContext");
    }
}
