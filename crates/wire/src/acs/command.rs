//! The bodies of mute and remove, and what both are answered with.

use serde::{Deserialize, Serialize};

use super::{CommunicationIdentifierModel, Extra, Identifier};
use crate::{check, error::Error, limits, read};

const TARGETS: &str = "$.targetParticipants";

/// The body of `POST …/participants:mute`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MuteParticipants {
    /// Whom; the service takes one at a time.
    pub target_participants: Vec<CommunicationIdentifierModel>,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MuteParticipants {
    /// Reads a body and checks it. How many targets of which kind a service takes is for
    /// [`MuteParticipants::one_user`] to say.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks that there is a target, that each names somebody, and `operationContext`.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        check::spelling("$", &self.extra, &["targetParticipants", "operationContext"])?;
        self.targets()?;
        check::context("$.operationContext", self.operation_context.as_deref())
    }

    /// Everybody it names, in order.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] for an empty list, an identifier of nobody or a contradictory one.
    pub fn targets(&self) -> Result<Vec<Identifier>, Error> {
        if self.target_participants.is_empty() {
            return Err(Error::out_of_limit(TARGETS, "an empty list", "name one ACS user"));
        }
        limits::items(TARGETS, self.target_participants.len())?;
        let models = self.target_participants.iter().enumerate();
        models.map(|(i, model)| model.identify(&format!("{TARGETS}[{i}]"))).collect()
    }

    /// The raw id of the one ACS user it names: more people and other kinds are not supported.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn one_user(&self) -> Result<String, Error> {
        let mut targets = self.targets()?;
        let n = targets.len();
        match targets.pop() {
            Some(Identifier::User(raw)) if n == 1 => Ok(raw),
            Some(other) if n == 1 => Err(Error::out_of_limit(
                format!("{TARGETS}[0]"),
                other.raw_id(),
                "only ACS users (8:acs:…) can be muted",
            )),
            _ => Err(Error::out_of_limit(
                TARGETS,
                format_args!("a list of {n} identifiers"),
                "a request names one ACS user; send one request for each",
            )),
        }
    }
}

/// The body of `POST …/participants:remove`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveParticipant {
    /// Whom.
    pub participant_to_remove: CommunicationIdentifierModel,
    /// Correlation text, at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Where the events of this operation go instead of the call's callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_callback_uri: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RemoveParticipant {
    /// Reads a body and checks it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let request: Self = read::json(text)?;
        request.check()?;
        Ok(request)
    }

    /// Checks that somebody is named, the callback address and `operationContext`.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        let names = ["participantToRemove", "operationContext", "operationCallbackUri"];
        check::spelling("$", &self.extra, &names)?;
        self.who()?;
        if let Some(address) = &self.operation_callback_uri {
            check::callback("$.operationCallbackUri", address)?;
        }
        check::context("$.operationContext", self.operation_context.as_deref())
    }

    /// Whom it names.
    ///
    /// # Errors
    /// As [`CommunicationIdentifierModel::identify`].
    pub fn who(&self) -> Result<Identifier, Error> {
        self.participant_to_remove.identify("$.participantToRemove")
    }
}

/// What mute (200) and remove (202) answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationReply {
    /// Echo of the request's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_context: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OperationReply {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        read::json(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const USER: &str = "8:acs:r_u";

    fn mute(targets: &Value) -> Result<MuteParticipants, Error> {
        let body = json!({"targetParticipants": targets, "operationContext": "c"});
        MuteParticipants::read(body.to_string().as_bytes())
    }

    #[test]
    fn one_acs_user_at_a_time() {
        let user = json!({"communicationUser": {"id": USER}});
        let request = mute(&json!([user])).unwrap();
        assert_eq!(request.one_user().as_deref(), Ok(USER));
        for (targets, path, words) in [
            (json!([user, user]), TARGETS, "one request for each"),
            (json!([{"rawId": "8:orgid:u"}]), "$.targetParticipants[0]", "only ACS users"),
            (json!([{"rawId": "4:+1"}]), "$.targetParticipants[0]", "4:+1 is not allowed"),
        ] {
            let error = mute(&targets).unwrap().one_user().unwrap_err();
            assert_eq!(error.path(), path, "{targets}: {error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        for (targets, path) in [
            (json!([]), TARGETS),
            (json!(null), TARGETS),
            (json!([user, {}]), "$.targetParticipants[1]"),
            (json!([{"rawId": "a/b"}]), "$.targetParticipants[0].rawId"),
        ] {
            assert_eq!(mute(&targets).unwrap_err().path(), path, "{targets}");
        }
    }

    #[test]
    fn contexts_and_addresses_have_limits() {
        let user = json!({"rawId": USER});
        for (member, value, fits) in [
            ("operationContext", json!("ü".repeat(256)), true),
            ("operationContext", json!("ü".repeat(257)), false),
            ("operationCallbackUri", json!("https://desk.example/x"), true),
            ("operationCallbackUri", json!("desk"), false),
            ("OperationContext", json!("c"), false),
            ("participantToRemove", json!({}), false),
        ] {
            let mut body = json!({"participantToRemove": user});
            body[member] = value;
            let found = RemoveParticipant::read(body.to_string().as_bytes());
            assert_eq!(found.is_ok(), fits, "{member}: {found:?}");
            if let Err(error) = found {
                assert_eq!(error.path(), format!("$.{member}"));
            }
            if member == "operationContext" {
                let mut body = json!({"targetParticipants": [user]});
                body[member] = json!("x".repeat(257));
                let error = MuteParticipants::read(body.to_string().as_bytes()).unwrap_err();
                assert_eq!(error.path(), "$.operationContext");
            }
        }
    }
}
