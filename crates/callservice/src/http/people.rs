//! `POST /rehearsal/v1/people`: what one person does by hand.

use std::sync::Arc;

use axum::http::StatusCode;
use foldback_wire::ids::{CallId, ParticipantId};
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    calls::Leg,
    faults::{number, only},
    inspect::problem,
    shared::{Shared, lock},
};
use crate::{engine::Face, error::Error};

const SHAPE: &str = "give exactly one of join, admit, leave, talk, hand, mute, unmute; and on, when another call than the standing Graph one is meant";

/// Why an order was not carried out.
pub(super) enum Wrong {
    Sentence(String),
    Engine(Error),
    /// The call it was meant for is over.
    Ended(CallId),
}

impl From<String> for Wrong {
    fn from(sentence: String) -> Self {
        Self::Sentence(sentence)
    }
}

impl From<&str> for Wrong {
    fn from(sentence: &str) -> Self {
        Self::Sentence(sentence.to_owned())
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Wrong {
    /// The answer that says so.
    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Sentence(sentence) => problem(StatusCode::BAD_REQUEST, &sentence),
            Self::Engine(error) => {
                let status = match error {
                    Error::UnknownCall | Error::UnknownParticipant(_) | Error::UnknownGroup(_) => {
                        StatusCode::NOT_FOUND
                    }
                    _ => StatusCode::BAD_REQUEST,
                };
                problem(status, &error.to_string())
            }
            Self::Ended(call) => problem(
                StatusCode::NOT_FOUND,
                &format!("the call {call} has ended; join anew, or name another call by on"),
            ),
        }
    }
}

/// Carries out one order.
pub(super) fn carry_out(shared: &Shared, order: &Map<String, Value>) -> Result<Value, Wrong> {
    only(order, &["on", "join", "admit", "leave", "talk", "hand", "mute", "unmute"])?;
    let leg = shared.lever_leg(order.get("on"))?;
    let mut orders = order.iter().filter(|(name, _)| *name != "on");
    let (Some((what, value)), None) = (orders.next(), orders.next()) else {
        return Err(SHAPE.to_owned().into());
    };
    match what.as_str() {
        "join" => {
            let details = members(value)?;
            only(details, &["name", "lobby"])?;
            let name = match details.get("name") {
                None => None,
                Some(Value::String(name)) => Some(name.clone()),
                Some(_) => return Err("name must be text".to_owned().into()),
            };
            let waits = flag(details, "lobby")?.unwrap_or_default();
            let id = shared.ask(&leg, |engine| {
                if waits { engine.person_waits(name) } else { engine.person_joins(name) }
            })?;
            Ok(json!({"joined": id}))
        }
        "talk" => {
            let details = members(value)?;
            only(details, &["id", "active", "level"])?;
            let id = person(details.get("id"))?;
            let active = flag(details, "active")?.ok_or("active must be true or false")?;
            let level = number(details, "level", 0, 100)?.and_then(|n| u8::try_from(n).ok());
            shared.ask(&leg, |engine| engine.person_talks(&id, active, level))?;
            Ok(json!({"talk": {"id": id, "active": active}}))
        }
        "hand" => {
            let details = members(value)?;
            only(details, &["id", "raised"])?;
            let id = person(details.get("id"))?;
            let raised = flag(details, "raised")?.ok_or("raised must be true or false")?;
            shared.ask(&leg, |engine| engine.person_raises_hand(&id, raised))?;
            Ok(json!({"hand": {"id": id, "raised": raised}}))
        }
        "admit" => {
            let id = person(Some(value))?;
            shared.ask(&leg, |engine| engine.person_admitted(&id))?;
            Ok(json!({"admitted": id}))
        }
        "leave" => {
            let id = person(Some(value))?;
            shared.ask(&leg, |engine| engine.person_leaves(&id))?;
            Ok(json!({"left": id}))
        }
        "mute" => {
            let id = person(Some(value))?;
            shared.ask(&leg, |engine| engine.person_mutes(&id))?;
            Ok(json!({"muted": id}))
        }
        _ => {
            let id = person(Some(value))?;
            shared.ask(&leg, |engine| engine.person_unmutes(&id))?;
            Ok(json!({"unmuted": id}))
        }
    }
}

impl Shared {
    /// The call a lever is about: the one named by its id, or the standing Graph call. In a call that
    /// is over a lever would move nothing, so it is said.
    pub(super) fn lever_leg(&self, on: Option<&Value>) -> Result<Arc<Leg>, Wrong> {
        let leg = match on {
            None => self.standing(Face::Graph)?,
            Some(on) => {
                let id = on.as_str().ok_or("on must be the id of a call or call connection")?;
                let id = CallId::parse(id).map_err(|error| format!("on: {error}"))?;
                self.leg(Face::Graph, &id).or_else(|_| self.leg(Face::Acs, &id))?
            }
        };
        if lock(&leg.engine).has_ended() {
            return Err(Wrong::Ended(leg.id.clone()));
        }
        Ok(leg)
    }
}

fn members(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "it must be an object, such as {}".to_owned())
}

fn flag(details: &Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match details.get(name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(format!("{name} must be true or false")),
    }
}

fn person(value: Option<&Value>) -> Result<ParticipantId, String> {
    let text = value.and_then(Value::as_str).ok_or("a person is named by the participant id")?;
    ParticipantId::parse(text).map_err(|error| error.to_string())
}
