//! The Graph calls themselves. Names such as G8 are rows of the published list of endpoints.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use foldback_wire::{
    graph::{Call, CommsOperation, ConfigureMixer, MuteRequest, ParticipantsPage},
    ids::CallId,
    read,
};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    calls::{Leg, Meeting},
    route::{self, Route, Target},
    shared::Shared,
    sign_in, text,
};
use crate::engine::{Face, Form, Rehearsal};

/// One request with all that its answer needs.
struct Ask<'a> {
    shared: &'a Arc<Shared>,
    method: &'a str,
    body: &'a [u8],
    route: Route,
}

/// Answers a request at a Graph path.
pub(super) fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    segments: &[String],
    body: &[u8],
) -> Answer {
    if let Err(refusal) = sign_in::check(shared, &parts.headers, sign_in::Audience::Graph) {
        let code = "InvalidAuthenticationToken";
        return Answer::error(StatusCode::UNAUTHORIZED, code, refusal.words())
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

/// The meeting a join names by its coordinates.
fn meeting(request: &Call) -> Meeting {
    let named = |name: &str| request.extra.get(name).filter(|value| !value.is_null());
    match (named("meetingInfo"), named("chatInfo")) {
        (None, None) => Meeting::Unnamed,
        (info, chat) => Meeting::Named(json!([info, chat]).to_string()),
    }
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
                let leg = shared.leg(Face::Graph, call)?;
                match self.method {
                    "GET" => {
                        let record = shared.ask(&leg, |engine| engine.call())?;
                        Ok(self.call(&leg, record, StatusCode::OK))
                    }
                    "DELETE" => {
                        shared.ask(&leg, Rehearsal::end)?;
                        Ok(Answer::empty(StatusCode::NO_CONTENT))
                    }
                    other => Err(Answer::not_allowed(other, "GET, DELETE")),
                }
            }
            Target::KeepAlive(call) => {
                self.only("POST")?;
                shared.graph(call, Rehearsal::keep_alive)?;
                Ok(Answer::empty(StatusCode::OK))
            }
            Target::MuteApp(call) => {
                let context = self.mute_body()?;
                let operation = shared.graph(call, |engine| engine.mute_app(context))?;
                Ok(self.muted(call, operation, "mute"))
            }
            Target::UnmuteApp(call) => {
                let context = self.mute_body()?;
                let operation = shared.graph(call, |engine| engine.unmute_app(context))?;
                Ok(self.muted(call, operation, "unmute"))
            }
            Target::Mute(call, person) => {
                let context = self.mute_body()?;
                let operation = shared.graph(call, |engine| engine.mute(person, context))?;
                Ok(self.muted(call, operation, "mute"))
            }
            Target::Participants(call) => {
                self.only("GET")?;
                let page = ParticipantsPage {
                    odata_context: Some(self.context(&self.below(call, "participants"))),
                    value: shared.graph(call, |engine| engine.participants())?,
                    odata_next_link: None,
                    extra: serde_json::Map::new(),
                };
                Ok(Answer::json(StatusCode::OK, &page))
            }
            Target::Participant(call, person) => {
                self.only("GET")?;
                let mut record = shared.graph(call, |engine| engine.participant(person))?;
                let context = self.context(&self.below(call, "participants/$entity"));
                record.extra.insert("@odata.context".to_owned(), Value::from(context));
                Ok(Answer::json(StatusCode::OK, &record))
            }
            Target::ConfigureMixer(call) => {
                self.only("POST")?;
                let request = ConfigureMixer::read(self.body)?;
                let operation = shared.graph(call, |engine| engine.configure_mixer(&request))?;
                Ok(self.operation(call, StatusCode::ACCEPTED, operation, "commsOperation"))
            }
            Target::Operations(call) => {
                self.only("GET")?;
                let operations = shared.graph(call, |engine| engine.operations())?;
                let context = self.context(&self.below(call, "operations"));
                let body = json!({"@odata.context": context, "value": operations});
                Ok(Answer::json(StatusCode::OK, &body))
            }
            Target::Operation(call, id) => {
                self.only("GET")?;
                let mut operation = shared.graph(call, |engine| engine.operation_by_id(id))?;
                let context = self.context(&self.below(call, "operations/$entity"));
                operation.odata_context = Some(context);
                Ok(Answer::json(StatusCode::OK, &operation))
            }
        }
    }

    /// G1.
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
        let leg = self.shared.meeting(Face::Graph, &meeting(&request))?;
        let call = self.shared.ask(&leg, |engine| {
            // Who joined before is told nothing more.
            leg.post.readdress(&callback);
            engine.join(form)
        })?;
        let answer = self.call(&leg, call, StatusCode::CREATED);
        Ok(answer.with(header::LOCATION, self.address(&leg.id, "")))
    }

    fn call(&self, leg: &Leg, mut call: Call, status: StatusCode) -> Answer {
        call.callback_uri = leg.post.address();
        let context = self.context(&format!("{}/calls/$entity", self.route.root));
        call.extra.insert("@odata.context".to_owned(), Value::from(context));
        Answer::json(status, &call)
    }

    fn muted(&self, call: &CallId, operation: CommsOperation, verb: &str) -> Answer {
        self.operation(call, StatusCode::OK, operation, &format!("{verb}ParticipantOperation"))
    }

    fn operation(
        &self,
        call: &CallId,
        status: StatusCode,
        mut operation: CommsOperation,
        kind: &str,
    ) -> Answer {
        let id = operation.id.clone().unwrap_or_default();
        operation.odata_context = Some(self.context(kind));
        let location = self.address(call, &format!("/operations/{id}"));
        Answer::json(status, &operation).with(header::LOCATION, location)
    }

    /// The body of a mute or unmute: its client context.
    fn mute_body(&self) -> Result<Option<String>, Answer> {
        self.only("POST")?;
        Ok(MuteRequest::read(self.body)?.client_context)
    }

    fn only(&self, method: &str) -> Result<(), Answer> {
        if self.method == method {
            return Ok(());
        }
        Err(Answer::not_allowed(self.method, method))
    }

    /// The absolute address of the call and something below it.
    fn address(&self, call: &CallId, below: &str) -> String {
        let Route { version, root, .. } = &self.route;
        format!("{}/{version}/{root}/calls/{call}{below}", self.shared.base_url)
    }

    fn below(&self, call: &CallId, what: &str) -> String {
        format!("{}/calls('{call}')/{what}", self.route.root)
    }

    fn context(&self, what: &str) -> String {
        format!("{}/{}/$metadata#{what}", self.shared.base_url, self.route.version)
    }
}
