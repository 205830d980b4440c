//! The Graph calls themselves. Names such as G8 are rows of the published list of endpoints.

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use foldback_wire::{
    graph::{Call, CommsOperation, ConfigureMixer, MuteRequest, ParticipantsPage},
    ids::CallId,
    read,
};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    route::{self, Route, Target},
    shared::Shared,
    sign_in, text,
};
use crate::{
    engine::{Form, Rehearsal},
    error::Error,
};

/// One request with all that its answer needs.
struct Ask<'a> {
    shared: &'a Shared,
    method: &'a str,
    body: &'a [u8],
    route: Route,
}

/// Answers a request at a Graph path.
pub(super) fn answer(shared: &Shared, parts: &Parts, segments: &[String], body: &[u8]) -> Answer {
    if !sign_in::is_signed_in(shared, &parts.headers) {
        return Answer::error(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "The access token is missing, unknown or expired.",
        )
        .with(header::WWW_AUTHENTICATE, "Bearer");
    }
    let route = match route::read(segments) {
        Ok(Some(route)) => route,
        Ok(None) => return route::nothing_there(),
        Err(answer) => return answer,
    };
    let method = parts.method.as_str();
    if method == "POST" && !body.is_empty() && !is_json(&parts.headers) {
        return Answer::error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            "The body must be application/json.",
        );
    }
    let ask = Ask { shared, method, body, route };
    ask.answer().unwrap_or_else(|answer| answer)
}

/// Whether the content type is JSON, with whatever parameters.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl Ask<'_> {
    fn answer(&self) -> Result<Answer, Answer> {
        let shared = self.shared;
        match &self.route.target {
            Target::Calls => {
                self.only("POST")?;
                self.join()
            }
            Target::Call(call) => {
                self.is_ours(call)?;
                match self.method {
                    "GET" => Ok(self.call(shared.engine(|engine| engine.call())?, StatusCode::OK)),
                    "DELETE" => {
                        shared.engine(Rehearsal::end)?;
                        Ok(Answer::empty(StatusCode::NO_CONTENT))
                    }
                    other => Err(Answer::not_allowed(other, "GET, DELETE")),
                }
            }
            Target::KeepAlive(call) => {
                self.post(call)?;
                shared.engine(|engine| engine.keep_alive())?;
                Ok(Answer::empty(StatusCode::OK))
            }
            Target::MuteApp(call) => {
                let context = self.mute_body(call)?;
                Ok(self.muted(shared.engine(|engine| engine.mute_app(context))?, "mute"))
            }
            Target::UnmuteApp(call) => {
                let context = self.mute_body(call)?;
                Ok(self.muted(shared.engine(|engine| engine.unmute_app(context))?, "unmute"))
            }
            Target::Mute(call, person) => {
                let context = self.mute_body(call)?;
                Ok(self.muted(shared.engine(|engine| engine.mute(person, context))?, "mute"))
            }
            Target::Participants(call) => {
                self.get(call)?;
                let page = ParticipantsPage {
                    odata_context: Some(self.context(&self.below("participants"))),
                    value: shared.engine(|engine| engine.participants())?,
                    odata_next_link: None,
                    extra: serde_json::Map::new(),
                };
                Ok(Answer::json(StatusCode::OK, &page))
            }
            Target::Participant(call, person) => {
                self.get(call)?;
                let mut record = shared.engine(|engine| engine.participant(person))?;
                let context = self.context(&self.below("participants/$entity"));
                record.extra.insert("@odata.context".to_owned(), Value::from(context));
                Ok(Answer::json(StatusCode::OK, &record))
            }
            Target::ConfigureMixer(call) => {
                self.post(call)?;
                let request = ConfigureMixer::read(self.body)?;
                let operation = shared.engine(|engine| engine.configure_mixer(&request))?;
                Ok(self.operation(StatusCode::ACCEPTED, operation, "commsOperation"))
            }
            Target::Operations(call) => {
                self.get(call)?;
                let operations = shared.engine(|engine| engine.operations())?;
                let context = self.context(&self.below("operations"));
                let body = json!({"@odata.context": context, "value": operations});
                Ok(Answer::json(StatusCode::OK, &body))
            }
            Target::Operation(call, id) => {
                self.get(call)?;
                let mut operation = shared.engine(|engine| engine.operation_by_id(id))?;
                let context = self.context(&self.below("operations/$entity"));
                operation.odata_context = Some(context);
                Ok(Answer::json(StatusCode::OK, &operation))
            }
        }
    }

    /// G1. There is one call, and every join answers with it.
    fn join(&self) -> Result<Answer, Answer> {
        let request: Call = read::json(self.body)?;
        let Some(callback) = &request.callback_uri else {
            return Err(Answer::bad("$.callbackUri: missing; notifications need an address"));
        };
        let callback = text::callback(callback)
            .map_err(|reason| Answer::bad(format!("$.callbackUri: {reason}")))?;
        let delta = request.extra.get("callOptions").and_then(|o| o.get("isDeltaRosterEnabled"));
        let form = match delta {
            Some(Value::Bool(true)) => Form::Delta,
            None | Some(Value::Null | Value::Bool(false)) => Form::Full,
            Some(_) => {
                let words = "$.callOptions.isDeltaRosterEnabled: it must be true or false";
                return Err(Answer::bad(words));
            }
        };
        let call = self.shared.join(&callback, form)?;
        let answer = self.call(call, StatusCode::CREATED);
        Ok(answer.with(header::LOCATION, self.address("")))
    }

    fn call(&self, mut call: Call, status: StatusCode) -> Answer {
        call.callback_uri = self.shared.callback();
        let context = self.context(&format!("{}/calls/$entity", self.route.root));
        call.extra.insert("@odata.context".to_owned(), Value::from(context));
        Answer::json(status, &call)
    }

    fn muted(&self, operation: CommsOperation, verb: &str) -> Answer {
        self.operation(StatusCode::OK, operation, &format!("{verb}ParticipantOperation"))
    }

    fn operation(&self, status: StatusCode, mut operation: CommsOperation, kind: &str) -> Answer {
        let id = operation.id.clone().unwrap_or_default();
        operation.odata_context = Some(self.context(kind));
        let location = self.address(&format!("/operations/{id}"));
        Answer::json(status, &operation).with(header::LOCATION, location)
    }

    /// The body of a mute or unmute of the call `call`: its client context.
    fn mute_body(&self, call: &CallId) -> Result<Option<String>, Answer> {
        self.post(call)?;
        Ok(MuteRequest::read(self.body)?.client_context)
    }

    fn get(&self, call: &CallId) -> Result<(), Answer> {
        self.only("GET")?;
        self.is_ours(call)
    }

    fn post(&self, call: &CallId) -> Result<(), Answer> {
        self.only("POST")?;
        self.is_ours(call)
    }

    fn only(&self, method: &str) -> Result<(), Answer> {
        if self.method == method {
            return Ok(());
        }
        Err(Answer::not_allowed(self.method, method))
    }

    fn is_ours(&self, call: &CallId) -> Result<(), Answer> {
        if call.as_str() == self.shared.facts.call_id {
            return Ok(());
        }
        Err(Error::UnknownCall.into())
    }

    /// The absolute address of the call and something below it.
    fn address(&self, below: &str) -> String {
        let Shared { base_url, facts, .. } = self.shared;
        let Route { version, root, .. } = &self.route;
        format!("{base_url}/{version}/{root}/calls/{}{below}", facts.call_id)
    }

    fn below(&self, what: &str) -> String {
        format!("{}/calls('{}')/{what}", self.route.root, self.shared.facts.call_id)
    }

    fn context(&self, what: &str) -> String {
        format!("{}/{}/$metadata#{what}", self.shared.base_url, self.route.version)
    }
}
