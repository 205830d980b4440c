//! The limits of the bodies that ask for a connection, and what the rarer members of its record say.

use super::{
    AnswerCall, CallConnectionProperties, CallConnectionState, CallLocator, ConnectCall, CreateCall,
};
use crate::{
    acs::CommunicationIdentifierModel,
    check,
    error::Error,
    ids::{self, CallId},
    limits, read,
};

/// Which call a locator names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Locator {
    /// A call by its server call id, opaque text.
    ServerCall(String),
    /// A group call by its GUID.
    GroupCall(String),
    /// A room by its id.
    Room(String),
}

/// Longest server call id Foldback accepts, in bytes: it is an address in base64.
const SERVER_CALL_ID_MAX: usize = 2_048;

impl CallLocator {
    /// Which call is meant: by the one id it has, with which `kind` has to agree. `at` is its JSON
    /// path.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] for no id or several, a contradicting kind, an id outside its alphabet.
    pub fn locate(&self, at: &str) -> Result<Locator, Error> {
        check::spelling(at, &self.extra, &["kind", "serverCallId", "groupCallId", "roomId"])?;
        let named = [
            ("serverCallLocator", self.server_call_id.as_deref()),
            ("groupCallLocator", self.group_call_id.as_deref()),
            ("roomCallLocator", self.room_id.as_deref()),
        ];
        let mut found = named.iter().filter_map(|(kind, id)| id.map(|id| (*kind, id)));
        let (Some((kind, id)), None) = (found.next(), found.next()) else {
            return Err(Error::out_of_limit(
                at,
                "this locator",
                "a locator has exactly one of serverCallId, groupCallId, roomId",
            ));
        };
        if let Some(stated) = &self.kind
            && !stated.eq_ignore_ascii_case(kind)
        {
            let limit = format!("it contradicts the id beside it; make it {kind} or leave it out");
            return Err(Error::out_of_limit(format!("{at}.kind"), stated, limit));
        }
        match kind {
            "serverCallLocator" => {
                let path = format!("{at}.serverCallId");
                let printable = id.chars().all(|c| c.is_ascii_graphic());
                if id.is_empty() || id.len() > SERVER_CALL_ID_MAX || !printable {
                    let limit = format!("it is 1 to {SERVER_CALL_ID_MAX} printable characters");
                    return Err(Error::out_of_limit(path, format_args!("{id:?}"), limit));
                }
                Ok(Locator::ServerCall(id.to_owned()))
            }
            "groupCallLocator" => {
                ids::check(&format!("{at}.groupCallId"), id).map(Locator::GroupCall)
            }
            _ => ids::check(&format!("{at}.roomId"), id).map(Locator::Room),
        }
    }
}

impl ConnectCall {
    /// Checks locator, callback address, `operationContext` and spellings.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        let names = ["callLocator", "callbackUri", "operationContext"];
        check::spelling("$", &self.extra, &names)?;
        self.call_locator.locate("$.callLocator")?;
        common(&self.callback_uri, self.operation_context.as_deref())
    }
}

impl CreateCall {
    /// Checks targets, source, callback address, `operationContext` and spellings.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        let names = ["targets", "callbackUri", "operationContext", "source"];
        check::spelling("$", &self.extra, &names)?;
        if self.targets.is_empty() {
            return Err(Error::out_of_limit("$.targets", "an empty list", "name whom to call"));
        }
        limits::items("$.targets", self.targets.len())?;
        for (i, model) in self.targets.iter().enumerate() {
            model.identify(&format!("$.targets[{i}]"))?;
        }
        if let Some(source) = &self.source {
            source.identify("$.source")?;
        }
        common(&self.callback_uri, self.operation_context.as_deref())
    }
}

impl AnswerCall {
    /// Checks that there is a call to answer, callback address, `operationContext` and spellings.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check(&self) -> Result<(), Error> {
        let names = ["incomingCallContext", "callbackUri", "operationContext"];
        check::spelling("$", &self.extra, &names)?;
        if self.incoming_call_context.is_empty() {
            let limit = "send the text the incoming call came with";
            return Err(Error::out_of_limit("$.incomingCallContext", "an empty text", limit));
        }
        common(&self.callback_uri, self.operation_context.as_deref())
    }
}

fn common(callback: &str, context: Option<&str>) -> Result<(), Error> {
    check::callback("$.callbackUri", callback)?;
    check::context("$.operationContext", context)
}

impl CallConnectionProperties {
    /// The id in every path of the call.
    ///
    /// # Errors
    /// [`Error::WrongShape`] when it is missing, [`Error::OutOfLimit`] outside the alphabet.
    pub fn id(&self) -> Result<CallId, Error> {
        let path = "$.callConnectionId";
        let id = self.call_connection_id.as_deref().ok_or_else(|| Error::WrongShape {
            path: path.to_owned(),
            message: "missing; every connection has an id".to_owned(),
        })?;
        CallId::parse(id).map_err(|error| error.at(path))
    }

    /// The state, read without regard to case.
    pub fn state(&self) -> Option<CallConnectionState> {
        self.call_connection_state.as_deref().map(CallConnectionState::of)
    }

    /// Who took the call.
    ///
    /// # Errors
    /// [`Error`] at `$.answeredBy`.
    pub fn answered_by(&self) -> Result<Option<CommunicationIdentifierModel>, Error> {
        self.model("answeredBy")
    }

    /// The number shown to those called by telephone.
    ///
    /// # Errors
    /// [`Error`] at `$.sourceCallerIdNumber`.
    pub fn source_caller_id_number(&self) -> Result<Option<crate::acs::PhoneNumber>, Error> {
        self.model("sourceCallerIdNumber")
    }

    /// The name shown to those called.
    pub fn source_display_name(&self) -> Option<&str> {
        self.extra.get("sourceDisplayName")?.as_str()
    }

    fn model<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        match self.extra.get(name) {
            None => Ok(None),
            Some(value) => read::value(&format!("$.{name}"), value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn which_call_a_locator_names() {
        for (locator, expected) in [
            (
                json!({"kind": "GroupCallLocator", "groupCallId": "g"}),
                Ok(Locator::GroupCall("g".to_owned())),
            ),
            (
                json!({"serverCallId": "aHR0cHM6Ly8="}),
                Ok(Locator::ServerCall("aHR0cHM6Ly8=".to_owned())),
            ),
            (json!({"kind": "roomCallLocator", "roomId": "r"}), Ok(Locator::Room("r".to_owned()))),
            (json!({}), Err("$.callLocator")),
            (json!({"groupCallId": "g", "roomId": "r"}), Err("$.callLocator")),
            (json!({"kind": "roomCallLocator", "groupCallId": "g"}), Err("$.callLocator.kind")),
            (json!({"groupCallId": "a/b"}), Err("$.callLocator.groupCallId")),
            (json!({"serverCallId": "a b"}), Err("$.callLocator.serverCallId")),
            (json!({"RoomId": "r"}), Err("$.callLocator.RoomId")),
        ] {
            let body = json!({"callLocator": locator, "callbackUri": "https://desk.example/n"});
            let found = ConnectCall::read(body.to_string().as_bytes());
            let found = found.map(|connect| connect.call_locator.locate("$.callLocator").unwrap());
            assert_eq!(
                found.as_ref().map_err(Error::path),
                expected.as_ref().map_err(|p| *p),
                "{body}"
            );
        }
    }

    #[test]
    fn creating_and_answering() {
        type Read = fn(&[u8]) -> Option<String>;
        fn path<T>(found: Result<T, Error>) -> Option<String> {
            found.err().map(|error| error.path().to_owned())
        }
        let create: Read = |text| path(CreateCall::read(text));
        let answer: Read = |text| path(AnswerCall::read(text));
        let connect: Read = |text| path(ConnectCall::read(text));
        let at = |mut body: Value, member: &str, value: Value| {
            body[member] = value;
            body
        };
        let callback = "https://desk.example/n";
        let created = json!({"targets": [{"rawId": "8:acs:r_u"}], "callbackUri": callback});
        let answered = json!({"incomingCallContext": "ctx", "callbackUri": callback});
        let connected = json!({"callLocator": {"roomId": "r"}, "callbackUri": callback});
        for (read, body, expected) in [
            (create, created.clone(), None),
            (create, at(created.clone(), "targets", json!([])), Some("$.targets")),
            (create, at(created.clone(), "targets", json!([{}])), Some("$.targets[0]")),
            (
                create,
                at(created.clone(), "source", json!({"rawId": "a b"})),
                Some("$.source.rawId"),
            ),
            (create, at(created.clone(), "callbackUri", json!("x")), Some("$.callbackUri")),
            (create, at(created, "Source", json!({})), Some("$.Source")),
            (answer, answered.clone(), None),
            (
                answer,
                at(answered.clone(), "incomingCallContext", json!("")),
                Some("$.incomingCallContext"),
            ),
            (answer, at(answered, "callbackUri", json!("")), Some("$.callbackUri")),
            (connect, connected.clone(), None),
            (
                connect,
                at(connected, "operationContext", json!("x".repeat(257))),
                Some("$.operationContext"),
            ),
        ] {
            assert_eq!(read(body.to_string().as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn what_a_record_says() {
        let record = json!({"callConnectionId": "CC", "callConnectionState": "Connected",
            "answeredBy": {"rawId": "8:acs:r_u"}, "sourceCallerIdNumber": {"value": "+1"},
            "sourceDisplayName": "Desk"});
        let record = CallConnectionProperties::read(record.to_string().as_bytes()).unwrap();
        assert_eq!(record.id().unwrap().as_str(), "CC");
        assert_eq!(record.state(), Some(CallConnectionState::Connected));
        assert_eq!(record.answered_by().unwrap().unwrap().raw_id.as_deref(), Some("8:acs:r_u"));
        assert_eq!(record.source_caller_id_number().unwrap().unwrap().value, "+1");
        assert_eq!(record.source_display_name(), Some("Desk"));
        let empty = CallConnectionProperties::read(br#"{"answeredBy":7}"#).unwrap();
        assert_eq!(empty.id().unwrap_err().path(), "$.callConnectionId");
        assert_eq!(empty.answered_by().unwrap_err().path(), "$.answeredBy");
        assert_eq!((empty.state(), empty.source_caller_id_number()), (None, Ok(None)));
    }
}
