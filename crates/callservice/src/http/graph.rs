//! The Graph face: what is answered at Graph's own paths. Names such as G8 are rows of the published
//! list of endpoints.

mod join;
mod odata;
mod operation;
mod permit;
mod route;
mod shape;
mod written;

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use foldback_wire::{
    graph::{Call, InviteRequest, MuteAllRequest, int64_as_text},
    ids::{CallId, ParticipantId},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    calls::Leg,
    post,
    shared::{Shared, lock},
    sign_in,
    switches::{Int64, Mixer, Switches},
};
use crate::{
    engine::{Face, Rehearsal},
    error::Error,
};
use odata::{Kind, Query};
use route::{Below, Root, Route, Target};
pub(super) use written::Written;

/// One request with all that its answer needs.
struct Asked<'a> {
    shared: &'a Arc<Shared>,
    method: &'a str,
    query: Option<&'a str>,
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
        Ok(route) => route,
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
    let asked = Asked { shared, method, query: parts.uri.query(), body, route };
    asked.answer().unwrap_or_else(|answer| answer)
}

/// Whether the content type is JSON, with whatever parameters.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl Asked<'_> {
    fn answer(&self) -> Result<Answer, Answer> {
        if let Root::Application(id) = &self.route.root
            && !id.eq_ignore_ascii_case(&self.shared.facts.client_id)
        {
            let words = format!("Application {id} not found; it has no calls here.");
            return Err(Answer::error(StatusCode::NOT_FOUND, "ResourceNotFound", words));
        }
        match &self.route.target {
            Target::Calls => {
                self.only("POST")?;
                self.join()
            }
            Target::Call(call, below) => self.below(call, below),
        }
    }

    fn below(&self, call: &CallId, below: &Below) -> Result<Answer, Answer> {
        self.only(match below {
            Below::Itself | Below::Participant(_) => "GET, DELETE",
            Below::Participants
            | Below::Operations
            | Below::Operation(_)
            | Below::Groups
            | Below::Group(_) => "GET",
            _ => "POST",
        })?;
        let shared = self.shared;
        // A call that has ended is unknown to everybody, whatever they may do.
        shared.graph(
            call,
            |engine| {
                if engine.has_ended() { Err(Error::UnknownCall) } else { Ok(()) }
            },
        )?;
        let leg = shared.leg(Face::Graph, call)?;
        let switches = shared.switches();
        permit::act(&switches, self.method, below)?;
        match below {
            Below::Itself if self.method == "DELETE" => {
                shared.ask(&leg, Rehearsal::end)?;
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            Below::Itself => {
                let record = shared.ask(&leg, |engine| engine.call())?;
                let context = format!("{}/calls/$entity", self.route.root.context());
                self.call(&leg, record, StatusCode::OK, &context)
            }
            Below::KeepAlive => {
                shared.ask(&leg, Rehearsal::keep_alive)?;
                Ok(Answer::empty(StatusCode::OK))
            }
            Below::MuteApp | Below::UnmuteApp | Below::Mute(_) => self.mute(&leg, below),
            Below::MuteAll => {
                let request = MuteAllRequest::read(self.body)?;
                let named = request.named()?.unwrap_or_default();
                let context = request.client_context;
                let operation = shared.ask(&leg, |engine| engine.mute_all(&named, context))?;
                Ok(self.done(call, operation, "muteParticipantsOperation"))
            }
            Below::ConfigureMixer => match switches.mixer {
                Mixer::Served => self.mix(&leg, &switches),
                Mixer::Gone => Err(route::unknown("configureMixer")),
                Mixer::Unimplemented => Err(Answer::error(
                    StatusCode::NOT_IMPLEMENTED,
                    "NotImplemented",
                    "configureMixer is not implemented.",
                )),
            },
            Below::Invite => {
                let request = InviteRequest::read(self.body)?;
                let context = request.client_context;
                let operation =
                    shared.ask(&leg, |engine| engine.invite(&request.participants, context))?;
                Ok(self.accepted(call, StatusCode::OK, operation))
            }
            Below::Participant(person) if self.method == "DELETE" => {
                self.remove(&leg, person, &switches)
            }
            Below::Participant(person) => {
                let record = shared.ask(&leg, |engine| engine.participant(person))?;
                self.one(call, "participants", shape::participant(&record))
            }
            Below::Participants
                if self.query(Kind::Many)? == Query::default()
                    && switches.int64 == Int64::Number =>
            {
                let context = self.context(&self.within(call, "participants"));
                let body = shared.ask(&leg, |engine| {
                    let records = engine.records()?;
                    Ok::<_, Error>(lock(&leg.written).list(&context, records))
                })?;
                Ok(Answer::written(StatusCode::OK, body))
            }
            Below::Participants => {
                let people = shared.ask(&leg, |engine| engine.participants())?;
                self.many(call, "participants", people, |it| Ok(shape::participant(&it)))
            }
            Below::Operations => {
                let operations = shared.ask(&leg, |engine| engine.operations())?;
                self.many(call, "operations", operations, |it| self.operation(&leg, it))
            }
            Below::Operation(id) => {
                let operation = shared.ask(&leg, |engine| engine.operation_by_id(id))?;
                self.one(call, "operations", self.operation(&leg, operation)?)
            }
            Below::Groups => {
                let groups = shared.ask(&leg, |engine| engine.groups())?;
                self.many(call, "audioRoutingGroups", groups, |it| Ok(json!(it)))
            }
            Below::Group(id) => {
                let group = shared.ask(&leg, |engine| engine.group(id))?;
                self.one(call, "audioRoutingGroups", json!(group))
            }
        }
    }

    /// A call in a reply.
    fn call(
        &self,
        leg: &Leg,
        mut call: Call,
        status: StatusCode,
        context: &str,
    ) -> Result<Answer, Answer> {
        let query = self.query(Kind::One)?;
        call.callback_uri = leg.post.address();
        call.extra.insert("@odata.context".to_owned(), Value::from(self.context(context)));
        call.extra.entry("callChainId").or_insert_with(|| json!(post::chain_id(&leg.id)));
        let mut value = json!(call);
        shape::targets(&mut value);
        Ok(self.json(status, &query.selected(value)))
    }

    /// G7.
    fn remove(
        &self,
        leg: &Leg,
        person: &ParticipantId,
        switches: &Switches,
    ) -> Result<Answer, Answer> {
        if !switches.remove_participants {
            return Err(Answer::error(
                StatusCode::FORBIDDEN,
                "7504",
                "Insufficient enterprise tenant permissions: the tenant does not allow this app to remove participants; its administrator can.",
            ));
        }
        self.shared.ask(leg, |engine| engine.remove_participant(person))?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// One thing out of a collection of the call.
    fn one(&self, call: &CallId, collection: &str, mut value: Value) -> Result<Answer, Answer> {
        let query = self.query(Kind::One)?;
        if let Value::Object(members) = &mut value {
            let context = self.context(&self.within(call, &format!("{collection}/$entity")));
            members.insert("@odata.context".to_owned(), Value::from(context));
        }
        Ok(self.json(StatusCode::OK, &query.selected(value)))
    }

    /// A collection of the call; `show` writes one item of it.
    fn many<T>(
        &self,
        call: &CallId,
        collection: &str,
        items: Vec<T>,
        show: impl Fn(T) -> Result<Value, Error>,
    ) -> Result<Answer, Answer> {
        let query = self.query(Kind::Many)?;
        let context = self.context(&self.within(call, collection));
        let address = self.address(call, &format!("/{collection}"));
        let page = query.page(&context, items, &address, show)?;
        Ok(self.json(StatusCode::OK, &page))
    }

    fn query(&self, kind: Kind) -> Result<Query, Answer> {
        // Options of a reading mean nothing to a command.
        if self.method == "GET" { Query::read(self.query, kind) } else { Ok(Query::default()) }
    }

    /// A body with its Int64s as the switch says.
    fn json<T: Serialize>(&self, status: StatusCode, body: &T) -> Answer {
        if self.shared.switches().int64 == Int64::Number {
            return Answer::json(status, body);
        }
        let mut value = json!(body);
        int64_as_text(&mut value);
        Answer::json(status, &value)
    }

    /// Refuses a method that is not among `allowed`, separated by commas.
    fn only(&self, allowed: &str) -> Result<(), Answer> {
        if allowed.split(", ").any(|method| method == self.method) {
            return Ok(());
        }
        Err(Answer::not_allowed(self.method, allowed))
    }

    fn is_2018(&self) -> bool {
        matches!(self.route.root, Root::Application(_))
    }

    /// The absolute address of the call and something below it.
    fn address(&self, call: &CallId, below: &str) -> String {
        let Route { version, root, .. } = &self.route;
        format!("{}/{version}/{}/calls/{call}{below}", self.shared.base_url, root.path())
    }

    fn within(&self, call: &CallId, what: &str) -> String {
        format!("{}/calls('{call}')/{what}", self.route.root.context())
    }

    fn context(&self, what: &str) -> String {
        format!("{}/{}/$metadata#{what}", self.shared.base_url, self.route.version)
    }
}
