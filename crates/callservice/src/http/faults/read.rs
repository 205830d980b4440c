//! Orders as JSON: what is allowed, and what is said when it is not.

use foldback_wire::ids::CallId;
use serde_json::{Map, Value};

use super::{AccessFlaw, Deed, Disturbance, Entry, Fault, Order, RetryAfter, ToCall};
use crate::http::keys::Flaw;

/// Longest latency, jitter, delay of a notification and `retry_after`.
const LATENCY_MAX_MS: u64 = 60_000;
const RETRY_AFTER_MAX_S: u64 = 3_600;

/// Longest lie: an hour.
const LIE_MAX_MS: u64 = 3_600_000;

/// Most times one fault strikes.
const TIMES_MAX: u64 = 10_000;

/// Highest code and subcode of a call's end.
const CODE_MAX: u64 = 999_999;

const KINDS: &str = "a fault has exactly one of \"fault\", \"notifications\", \
                     \"notification_tokens\", \"access_tokens\", \"roster\" and \"call\"";
const FAULTS: &str = "fault must be \"hang\", \"reset\", \"half_body\", {\"latency_ms\": n} or \
                      {\"status\": n}";
const NOTIFICATIONS: &str =
    "notifications must be \"lose\", \"repeat\", \"reorder\" or {\"late_ms\": n}";
const TOKENS: &str = "notification_tokens must be \"expired\", \"foreign_key\", \"other_family\", \
                      \"wrong_audience\" or \"missing\"";
const ACCESS: &str = "access_tokens must be \"expired\" or \"foreign\"";
const ROSTER: &str = "roster must be \"lies\"";
const CALL: &str = "call must be \"ends\" or \"ends_mid_operation\"";

/// Reads the order with this number.
pub(super) fn entry(order: &Value, serial: u64) -> Result<Entry, String> {
    let object = order.as_object().ok_or("a fault is a JSON object")?;
    let kinds =
        ["fault", "notifications", "notification_tokens", "access_tokens", "roster", "call"];
    let mut named = kinds.into_iter().filter(|kind| object.contains_key(*kind));
    let (Some(kind), None) = (named.next(), named.next()) else {
        return Err(KINDS.to_owned());
    };
    let value = object.get(kind).unwrap_or(&Value::Null);
    let (order, members): (Order, &[&str]) = match kind {
        "fault" => (answers(object, value)?, &["path_contains", "times"]),
        "notifications" => {
            let disturbance = disturbance(value)?;
            (Order::Notifications { on: on(object)?, disturbance }, &["on", "times"])
        }
        "notification_tokens" => {
            let flaw = flaw(value).ok_or(TOKENS)?;
            (Order::Tokens { on: on(object)?, flaw }, &["on", "times"])
        }
        "access_tokens" => (access(value)?, &[]),
        "roster" => (roster(object, value)?, &["for_ms", "on"]),
        _ => ends(object, value)?,
    };
    let allowed: Vec<&str> = [kind, "percent"].iter().chain(members).copied().collect();
    only(object, &allowed)?;
    let given = number(object, "times", 1, TIMES_MAX)?;
    let percent = number(object, "percent", 1, 100)?;
    // A fault that strikes by chance goes on until it is cleared, unless its times are told.
    let times = given.or(if percent.is_some() { None } else { Some(1) });
    Ok(Entry { order, times, percent: percent.unwrap_or(100), number: serial, asked: 0 })
}

fn answers(object: &Map<String, Value>, value: &Value) -> Result<Order, String> {
    let path_contains = match object.get("path_contains") {
        None => None,
        Some(Value::String(part)) => Some(part.clone()),
        Some(_) => return Err("path_contains must be text".to_owned()),
    };
    let fault = match value {
        Value::String(name) => match name.as_str() {
            "hang" => Fault::Hang,
            "reset" => Fault::Reset,
            "half_body" => Fault::HalfBody,
            _ => return Err(FAULTS.to_owned()),
        },
        Value::Object(fault) => detailed(fault)?,
        _ => return Err(FAULTS.to_owned()),
    };
    Ok(Order::Answers { path_contains, fault })
}

fn detailed(fault: &Map<String, Value>) -> Result<Fault, String> {
    if let Some(ms) = number(fault, "latency_ms", 0, LATENCY_MAX_MS)? {
        only(fault, &["latency_ms", "jitter_ms"])?;
        let jitter_ms = number(fault, "jitter_ms", 0, LATENCY_MAX_MS)?.unwrap_or(0);
        return Ok(Fault::Latency { ms, jitter_ms });
    }
    only(fault, &["status", "retry_after", "retry_after_date"])?;
    let status =
        number(fault, "status", 400, 599)?.ok_or("a fault object needs latency_ms or status")?;
    let status = u16::try_from(status).map_err(|error| error.to_string())?;
    let seconds = number(fault, "retry_after", 0, RETRY_AFTER_MAX_S)?;
    let ahead = number(fault, "retry_after_date", 0, RETRY_AFTER_MAX_S)?;
    let retry_after = match (seconds, ahead) {
        (Some(_), Some(_)) => {
            return Err("give retry_after or retry_after_date, not both".to_owned());
        }
        (Some(seconds), None) => Some(RetryAfter::Seconds(seconds)),
        (None, Some(ahead)) => Some(RetryAfter::Date(ahead)),
        (None, None) => None,
    };
    Ok(Fault::Status { status, retry_after })
}

fn disturbance(value: &Value) -> Result<Disturbance, String> {
    match value {
        Value::String(name) => match name.as_str() {
            "lose" => Ok(Disturbance::Lose),
            "repeat" => Ok(Disturbance::Repeat),
            "reorder" => Ok(Disturbance::Reorder),
            _ => Err(NOTIFICATIONS.to_owned()),
        },
        Value::Object(late) => {
            only(late, &["late_ms"])?;
            let ms = number(late, "late_ms", 1, LATENCY_MAX_MS)?.ok_or(NOTIFICATIONS)?;
            Ok(Disturbance::Late { ms })
        }
        _ => Err(NOTIFICATIONS.to_owned()),
    }
}

fn flaw(value: &Value) -> Option<Flaw> {
    let name = value.as_str()?;
    [Flaw::Expired, Flaw::ForeignKey, Flaw::OtherFamily, Flaw::WrongAudience, Flaw::Missing]
        .into_iter()
        .find(|flaw| flaw.name() == name)
}

fn access(value: &Value) -> Result<Order, String> {
    let flaw = match value.as_str() {
        Some("expired") => AccessFlaw::Expired,
        Some("foreign") => AccessFlaw::Foreign,
        _ => return Err(ACCESS.to_owned()),
    };
    Ok(Order::AtOnce(Deed::Access(flaw)))
}

fn roster(object: &Map<String, Value>, value: &Value) -> Result<Order, String> {
    if value.as_str() != Some("lies") {
        return Err(ROSTER.to_owned());
    }
    let for_ms = number(object, "for_ms", 1, LIE_MAX_MS)?.ok_or("for_ms is missing")?;
    to_call(object, ToCall::Lie { for_ms })
}

fn ends(
    object: &Map<String, Value>,
    value: &Value,
) -> Result<(Order, &'static [&'static str]), String> {
    match value.as_str() {
        Some("ends") => {
            // Somebody else removed the app: the reason a receiver meets most often.
            let code = |name, usual| -> Result<i64, String> {
                let given = number(object, name, 0, CODE_MAX)?.unwrap_or(usual);
                i64::try_from(given).map_err(|error| error.to_string())
            };
            let end = ToCall::End { code: code("code", 200)?, subcode: code("subcode", 5_000)? };
            Ok((to_call(object, end)?, &["code", "subcode", "on"]))
        }
        Some("ends_mid_operation") => Ok((to_call(object, ToCall::EndMidOperation)?, &["on"])),
        _ => Err(CALL.to_owned()),
    }
}

fn to_call(object: &Map<String, Value>, what: ToCall) -> Result<Order, String> {
    Ok(Order::AtOnce(Deed::ToCall(on(object)?, what)))
}

/// The call an order is about.
fn on(object: &Map<String, Value>) -> Result<Option<CallId>, String> {
    let id = match object.get("on") {
        None => return Ok(None),
        Some(Value::String(id)) => id,
        Some(_) => return Err("on must be the id of a call or call connection".to_owned()),
    };
    CallId::parse(id).map(Some).map_err(|error| format!("on: {error}"))
}

/// A whole number within its limits, or none.
pub(in crate::http) fn number(
    object: &Map<String, Value>,
    name: &str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, String> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    value
        .as_u64()
        .filter(|n| (least..=most).contains(n))
        .map(Some)
        .ok_or_else(|| format!("{name} must be a whole number from {least} to {most}"))
}

/// Refuses members that mean nothing here.
pub(in crate::http) fn only(object: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(format!("{unknown:?} is unknown here; use {}", names.join(", ")))
        }
    }
}
