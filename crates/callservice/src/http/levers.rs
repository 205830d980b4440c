//! `POST /rehearsal/v1/call`: what happens to a call from outside; `POST /rehearsal/v1/routing`: its
//! audio routing groups, which the Graph face only shows.

use foldback_wire::graph::AudioRoutingGroup;
use serde_json::{Map, Value, json};

use super::{
    faults::{number, only},
    people::Wrong,
    shared::Shared,
};
use crate::engine::Ending;

/// Longest wait in the lobby that can be ordered: a day.
const LOBBY_MAX_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long the app waits in the lobby when nothing else is ordered. No page says it; half an hour
/// is Foldback's assumption.
const LOBBY_MS: u64 = 30 * 60 * 1_000;

/// Largest code or subcode.
const CODE_MAX: u64 = i32::MAX as u64;

const CALL: &str = "give exactly one of end, remove_app, lobby, admit_app; and on, when another call than the standing Graph one is meant";
const ROUTING: &str = "give exactly one of group, remove; and on, when another call than the standing Graph one is meant";

/// Carries out one order about a call.
pub(super) fn call(shared: &Shared, order: &Map<String, Value>) -> Result<Value, Wrong> {
    only(order, &["on", "end", "remove_app", "lobby", "admit_app"])?;
    let leg = shared.lever_leg(order.get("on"))?;
    match single(order, CALL)? {
        ("end", value) => {
            let codes = value.as_object().ok_or("end must be an object such as {\"code\": 200}")?;
            only(codes, &["code", "subcode"])?;
            let code = code(codes, "code")?.ok_or("end needs a code")?;
            let ending = Ending::new(code, self::code(codes, "subcode")?.unwrap_or_default());
            shared.ask(&leg, |engine| engine.end_with(&ending))?;
        }
        ("remove_app", Value::Bool(true)) => {
            shared.ask(&leg, |engine| engine.end_with(&Ending::new(200, 5000)))?;
        }
        ("admit_app", Value::Bool(true)) => {
            shared.ask(&leg, crate::engine::Rehearsal::admit_app)?;
        }
        ("lobby", Value::Bool(wait)) => {
            let timeout = wait.then_some(LOBBY_MS);
            shared.ask(&leg, |engine| engine.await_in_lobby(timeout));
        }
        ("lobby", Value::Object(wait)) => {
            only(wait, &["timeout_ms"])?;
            let timeout = number(wait, "timeout_ms", 1, LOBBY_MAX_MS)?.unwrap_or(LOBBY_MS);
            shared.ask(&leg, |engine| engine.await_in_lobby(Some(timeout)));
        }
        ("lobby", _) => {
            let words = "lobby must be true, false or {\"timeout_ms\": n}";
            return Err(words.to_owned().into());
        }
        (other, _) => return Err(format!("{other} must be true").into()),
    }
    Ok(json!({"call": leg.id, "done": order}))
}

/// Carries out one order about routing groups.
pub(super) fn routing(shared: &Shared, order: &Map<String, Value>) -> Result<Value, Wrong> {
    only(order, &["on", "group", "remove"])?;
    let leg = shared.lever_leg(order.get("on"))?;
    match single(order, ROUTING)? {
        ("group", value) => {
            let group = AudioRoutingGroup::read(value.to_string().as_bytes())
                .map_err(|error| error.to_string())?;
            shared.ask(&leg, |engine| engine.route(group))?;
        }
        (_, value) => {
            let id = value.as_str().ok_or("remove names a group by its id")?;
            shared.ask(&leg, |engine| engine.unroute(id))?;
        }
    }
    let groups = shared.ask(&leg, |engine| engine.groups())?;
    Ok(json!({"groups": groups}))
}

fn single<'a>(order: &'a Map<String, Value>, shape: &str) -> Result<(&'a str, &'a Value), String> {
    let mut orders = order.iter().filter(|(name, _)| *name != "on");
    match (orders.next(), orders.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(shape.to_owned()),
    }
}

fn code(codes: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let code = number(codes, name, 0, CODE_MAX)?;
    code.map(|code| i64::try_from(code).map_err(|error| error.to_string())).transpose()
}
