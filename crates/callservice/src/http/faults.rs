//! Faults to inject: into answers, and into the stream of notifications.

use serde_json::{Map, Value};

use crate::engine::Notice;

/// Longest latency and longest `retry_after`.
const LATENCY_MAX_MS: u64 = 60_000;
const RETRY_AFTER_MAX_S: u64 = 3_600;

/// Most times one fault strikes, and most faults waiting.
const TIMES_MAX: u64 = 10_000;
const FAULTS_MAX: usize = 1_000;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// It is answered as usual, later.
    Latency { ms: u64 },
    /// It is answered with this status and not carried out.
    Status { status: u16, retry_after_s: Option<u64> },
    /// It is never answered and not carried out.
    Hang,
    /// Its connection is reset and it is not carried out.
    Reset,
}

/// What happens to a notification.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Disturbance {
    Lose,
    Repeat,
    /// It comes after the next one.
    Reorder,
}

#[derive(Debug, PartialEq)]
enum Order {
    Answers { path_contains: Option<String>, fault: Fault },
    Notifications(Disturbance),
}

/// Faults in the order they were given; each strikes its number of times.
#[derive(Debug, Default)]
pub(super) struct Faults {
    orders: Vec<(Order, u64)>,
}

impl Faults {
    /// Takes an order as JSON.
    pub(super) fn add(&mut self, order: &Value) -> Result<(), String> {
        if self.orders.len() >= FAULTS_MAX {
            return Err(format!("{FAULTS_MAX} faults are waiting; DELETE clears them"));
        }
        self.orders.push(read(order)?);
        Ok(())
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.orders.clear();
    }

    /// The fault that strikes a request at this path now. `named_only` spares what no order names.
    pub(super) fn strike(&mut self, path: &str, named_only: bool) -> Option<Fault> {
        self.next(|order| match order {
            Order::Answers { path_contains, fault } => {
                let fits = path_contains.as_ref().map_or(!named_only, |part| path.contains(part));
                fits.then(|| fault.clone())
            }
            Order::Notifications(_) => None,
        })
    }

    /// What becomes of a notification now: none, one or several to send. `held` is what the call
    /// holds back until its next notification.
    pub(super) fn disturb(&mut self, notice: Notice, held: &mut Option<Notice>) -> Vec<Notice> {
        if let Some(held) = held.take() {
            return vec![notice, held];
        }
        let disturbance = self.next(|order| match order {
            Order::Notifications(disturbance) => Some(*disturbance),
            Order::Answers { .. } => None,
        });
        match disturbance {
            None => vec![notice],
            Some(Disturbance::Lose) => Vec::new(),
            Some(Disturbance::Repeat) => vec![notice.clone(), notice],
            Some(Disturbance::Reorder) => {
                *held = Some(notice);
                Vec::new()
            }
        }
    }

    /// The first order that gives something, one time of it used up.
    fn next<T>(&mut self, pick: impl Fn(&Order) -> Option<T>) -> Option<T> {
        let mut used_up = None;
        let found = self.orders.iter_mut().enumerate().find_map(|(index, (order, times))| {
            let found = pick(order)?;
            *times -= 1;
            used_up = (*times == 0).then_some(index);
            Some(found)
        });
        if let Some(index) = used_up {
            self.orders.remove(index);
        }
        found
    }
}

fn read(order: &Value) -> Result<(Order, u64), String> {
    let object = order.as_object().ok_or("a fault is a JSON object")?;
    let times = number(object, "times", 1, TIMES_MAX)?.unwrap_or(1);
    if let Some(notifications) = object.get("notifications") {
        only(object, &["notifications", "times"])?;
        let disturbance = match notifications.as_str() {
            Some("lose") => Disturbance::Lose,
            Some("repeat") => Disturbance::Repeat,
            Some("reorder") => Disturbance::Reorder,
            _ => return Err("notifications must be \"lose\", \"repeat\" or \"reorder\"".to_owned()),
        };
        return Ok((Order::Notifications(disturbance), times));
    }
    only(object, &["path_contains", "times", "fault"])?;
    let path_contains = match object.get("path_contains") {
        None => None,
        Some(Value::String(part)) => Some(part.clone()),
        Some(_) => return Err("path_contains must be text".to_owned()),
    };
    let fault = match object.get("fault") {
        Some(Value::String(name)) if name == "hang" => Fault::Hang,
        Some(Value::String(name)) if name == "reset" => Fault::Reset,
        Some(Value::Object(fault)) => detailed(fault)?,
        _ => {
            return Err(
                "fault must be \"hang\", \"reset\", {\"latency_ms\": n} or {\"status\": n}"
                    .to_owned(),
            );
        }
    };
    Ok((Order::Answers { path_contains, fault }, times))
}

fn detailed(fault: &Map<String, Value>) -> Result<Fault, String> {
    if let Some(ms) = number(fault, "latency_ms", 0, LATENCY_MAX_MS)? {
        only(fault, &["latency_ms"])?;
        return Ok(Fault::Latency { ms });
    }
    only(fault, &["status", "retry_after"])?;
    let status =
        number(fault, "status", 400, 599)?.ok_or("a fault object needs latency_ms or status")?;
    let retry_after_s = number(fault, "retry_after", 0, RETRY_AFTER_MAX_S)?;
    let status = u16::try_from(status).map_err(|error| error.to_string())?;
    Ok(Fault::Status { status, retry_after_s })
}

/// A whole number within its limits, or none.
pub(super) fn number(
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
pub(super) fn only(object: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(format!("{unknown:?} is unknown here; use {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use foldback_wire::graph::CommsNotification;
    use serde_json::json;

    use super::*;

    fn faults(orders: &[Value]) -> Faults {
        let mut faults = Faults::default();
        for order in orders {
            faults.add(order).unwrap();
        }
        faults
    }

    #[test]
    fn orders_strike_where_and_as_often_as_told() {
        let mut faults = faults(&[
            json!({"path_contains": "mute", "times": 2, "fault": {"status": 429, "retry_after": 2}}),
            json!({"fault": "hang"}),
        ]);
        let throttled = Some(Fault::Status { status: 429, retry_after_s: Some(2) });
        assert_eq!(faults.strike("/x/oauth2/v2.0/token", true), None);
        assert_eq!(faults.strike("/calls/c/mute", false), throttled);
        assert_eq!(faults.strike("/calls/c", false), Some(Fault::Hang));
        assert_eq!(faults.strike("/calls/c", false), None);
        assert_eq!(faults.strike("/calls/c/mute", false), throttled);
        assert_eq!(faults.strike("/calls/c/mute", false), None);
    }

    #[test]
    fn notifications_are_lost_repeated_and_swapped() {
        let note = |n: u64| Notice::from(CommsNotification::new("updated", "/", json!(n)));
        let run = |how: &str| -> Vec<u64> {
            let mut faults = faults(&[json!({"notifications": how})]);
            let mut held = None;
            (1..=4)
                .flat_map(|n| faults.disturb(note(n), &mut held))
                .map(|n| n.graph().unwrap().resource_data.as_u64().unwrap())
                .collect()
        };
        assert_eq!(run("lose"), [2, 3, 4]);
        assert_eq!(run("repeat"), [1, 1, 2, 3, 4]);
        assert_eq!(run("reorder"), [2, 1, 3, 4]);
        let mut held = None;
        let mut faults = faults(&[json!({"notifications": "reorder"})]);
        assert!(faults.disturb(note(1), &mut held).is_empty());
        assert_eq!(held, Some(note(1)));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (order, words) in [
            (json!([]), "a JSON object"),
            (json!({}), "fault must be"),
            (json!({"fault": "explode"}), "fault must be"),
            (json!({"fault": {}}), "needs latency_ms or status"),
            (json!({"fault": {"status": 200}}), "status must be a whole number from 400"),
            (json!({"fault": {"status": 429, "retry_after": -1}}), "retry_after must be"),
            (json!({"fault": {"latency_ms": 5, "status": 503}}), "\"status\" is unknown here"),
            (json!({"fault": "hang", "times": 0}), "times must be"),
            (json!({"fault": "hang", "path": "x"}), "\"path\" is unknown here"),
            (json!({"fault": "hang", "path_contains": 7}), "path_contains must be text"),
            (json!({"notifications": "eat"}), "notifications must be"),
            (json!({"notifications": "lose", "fault": "hang"}), "\"fault\" is unknown here"),
        ] {
            let error = Faults::default().add(&order).unwrap_err();
            assert!(error.contains(words), "{order}: {error}");
        }
    }
}
