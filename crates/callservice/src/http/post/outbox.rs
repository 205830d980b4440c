//! What was posted to callbacks, for tests to look at.

use std::{collections::VecDeque, sync::Arc};

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::engine::Face;

/// How many notifications are kept.
const KEPT: usize = 10_000;

/// How many bytes of bodies are kept; the oldest notifications go first.
const BYTES_KEPT: usize = 64 * 1024 * 1024;

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Outcome {
    /// It waits for its turn, or for an answer.
    Waiting,
    /// The receiver has it.
    Taken,
    /// The receiver does not want it.
    Refused,
    /// Nobody took it in all its tries, or the queue was full, or somebody else joined.
    Dropped,
    /// A fault let it vanish.
    Lost,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Dropped => "dropped",
            Self::Lost => "lost",
        }
    }
}

/// What is known of a notification when it joins the queue.
#[derive(Debug)]
pub(in crate::http) struct Label {
    pub(in crate::http) face: Face,
    pub(in crate::http) call: String,
    /// Resource of a Graph notification, type of a `CloudEvent`.
    pub(in crate::http) about: Arc<str>,
    /// The fault that struck it and its token, as orders name them; null for none.
    pub(in crate::http) fault: Value,
    pub(in crate::http) token: Value,
}

/// Notifications in the order they came about. Keeps nothing unless it was told to.
#[derive(Debug, Default)]
pub(in crate::http) struct Outbox {
    keeps: bool,
    entries: VecDeque<Entry>,
    /// Number of the first one kept.
    first: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    label: Label,
    at_ms: u64,
    /// Scheme and host of the callback; the rest of it may be a secret.
    to: Option<String>,
    body: Bytes,
    tries: Vec<Value>,
    outcome: Outcome,
}

impl Outbox {
    pub(in crate::http) fn new(keeps: bool) -> Self {
        Self { keeps, ..Self::default() }
    }

    /// Notes a notification; the number returned names it from now on.
    pub(super) fn posted(
        &mut self,
        label: Label,
        at_ms: u64,
        outcome: Outcome,
        body: &Bytes,
    ) -> usize {
        if !self.keeps {
            return 0;
        }
        self.bytes += body.len();
        let entry =
            Entry { label, at_ms, to: None, body: body.clone(), tries: Vec::new(), outcome };
        self.entries.push_back(entry);
        self.make_room();
        (self.first + self.entries.len()).saturating_sub(1)
    }

    /// Notes where it goes.
    pub(super) fn addressed(&mut self, number: usize, to: Option<String>) {
        if let Some(entry) = self.entry(number) {
            entry.to = to;
        }
    }

    /// Notes how one try ended: with a status, or with words.
    pub(super) fn tried(&mut self, number: usize, at_ms: u64, result: Result<u16, &str>) {
        if let Some(entry) = self.entry(number) {
            entry.tries.push(match result {
                Ok(status) => json!({"at_ms": at_ms, "status": status}),
                Err(error) => json!({"at_ms": at_ms, "error": error}),
            });
        }
    }

    /// Notes what became of it.
    pub(super) fn ended(&mut self, number: usize, outcome: Outcome) {
        if let Some(entry) = self.entry(number) {
            entry.outcome = outcome;
        }
    }

    fn entry(&mut self, number: usize) -> Option<&mut Entry> {
        number.checked_sub(self.first).and_then(|index| self.entries.get_mut(index))
    }

    fn make_room(&mut self) {
        while self.entries.len() > KEPT || self.bytes > BYTES_KEPT {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.body.len());
            self.first += 1;
        }
    }

    /// Forgets everything.
    pub(in crate::http) fn clear(&mut self) -> usize {
        let count = self.entries.len();
        self.first += count;
        self.entries.clear();
        self.bytes = 0;
        count
    }

    /// Everything kept; `to` is null until the first try and has no path.
    pub(in crate::http) fn to_json(&self) -> Value {
        self.entries
            .iter()
            .map(|entry| {
                let service = match entry.label.face {
                    Face::Graph => "graph",
                    Face::Acs => "acs",
                };
                json!({
                    "service": service,
                    "call": entry.label.call,
                    "about": &*entry.label.about,
                    "at_ms": entry.at_ms,
                    "to": entry.to,
                    "body": serde_json::from_slice(&entry.body).unwrap_or(Value::Null),
                    "tries": entry.tries,
                    "outcome": entry.outcome.name(),
                    "fault": entry.label.fault,
                    "token": entry.label.token,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        Label {
            face: Face::Graph,
            call: "c".to_owned(),
            about: "/".into(),
            fault: Value::Null,
            token: Value::Null,
        }
    }

    #[test]
    fn old_notifications_give_way_and_numbers_stay_right() {
        let mut outbox = Outbox::new(true);
        let body = Bytes::from_static(b"[1]");
        let first = outbox.posted(label(), 1, Outcome::Waiting, &body);
        for _ in 0..KEPT {
            outbox.posted(label(), 2, Outcome::Lost, &body);
        }
        let last = outbox.posted(label(), 3, Outcome::Waiting, &body);
        outbox.tried(first, 4, Ok(500));
        outbox.tried(last, 4, Ok(503));
        outbox.tried(last, 5, Err("no answer"));
        outbox.ended(last, Outcome::Dropped);
        let all = outbox.to_json();
        let all = all.as_array().unwrap();
        assert_eq!((all.len(), outbox.bytes), (KEPT, KEPT * body.len()));
        assert!(all.iter().rev().skip(1).all(|it| it["outcome"] == "lost"));
        let tries = json!([{"at_ms": 4, "status": 503}, {"at_ms": 5, "error": "no answer"}]);
        assert_eq!((&all[KEPT - 1]["tries"], &all[KEPT - 1]["to"]), (&tries, &Value::Null));
        assert_eq!(outbox.clear(), KEPT);
        let next = outbox.posted(label(), 6, Outcome::Waiting, &body);
        outbox.ended(last, Outcome::Taken);
        outbox.addressed(next, Some("http://127.0.0.1:9".to_owned()));
        let all = outbox.to_json();
        assert_eq!((&all[0]["outcome"], &all[0]["body"]), (&json!("waiting"), &json!([1])));
        assert_eq!(all[0]["to"], "http://127.0.0.1:9");
        outbox.posted(label(), 7, Outcome::Waiting, &vec![b'x'; BYTES_KEPT + 1].into());
        assert_eq!(outbox.to_json(), json!([]));
    }

    #[test]
    fn nothing_is_kept_unless_told() {
        let mut outbox = Outbox::new(false);
        let number = outbox.posted(label(), 1, Outcome::Waiting, &Bytes::new());
        outbox.ended(number, Outcome::Taken);
        assert_eq!(outbox.to_json(), json!([]));
    }
}
