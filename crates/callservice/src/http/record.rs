//! What arrived at the Graph paths, for tests to look at.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How many bytes of bodies are kept; the oldest requests go first.
const BYTES_KEPT: usize = 64 * 1024 * 1024;

/// Requests in the order they arrived.
#[derive(Debug, Default)]
pub(super) struct Record {
    requests: VecDeque<Request>,
    /// Number of the first one kept.
    first: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Request {
    method: String,
    path: String,
    body: String,
    status: Option<u16>,
    at_ms: u64,
}

impl Record {
    /// Notes a request; the number returned names it for [`Record::answered`].
    pub(super) fn arrived(&mut self, method: &str, path: &str, body: &[u8], at_ms: u64) -> usize {
        let body = String::from_utf8_lossy(body).into_owned();
        self.bytes += body.len();
        self.requests.push_back(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body,
            status: None,
            at_ms,
        });
        while self.requests.len() > KEPT || self.bytes > BYTES_KEPT {
            let Some(oldest) = self.requests.pop_front() else { break };
            self.bytes -= oldest.body.len();
            self.first += 1;
        }
        self.first + self.requests.len() - 1
    }

    /// Notes the status it was answered with.
    pub(super) fn answered(&mut self, number: usize, status: u16) {
        let request = number.checked_sub(self.first).and_then(|i| self.requests.get_mut(i));
        if let Some(request) = request {
            request.status = Some(status);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) -> usize {
        let count = self.requests.len();
        self.first += count;
        self.requests.clear();
        self.bytes = 0;
        count
    }

    /// Everything kept: `body` is JSON where it was JSON, else text, and null when there was none;
    /// `text` is the body as it came; `status` is null while (or when never) answered.
    pub(super) fn to_json(&self) -> Value {
        self.requests
            .iter()
            .map(|request| {
                let body = if request.body.is_empty() {
                    Value::Null
                } else {
                    serde_json::from_str(&request.body)
                        .unwrap_or_else(|_| Value::from(request.body.as_str()))
                };
                json!({
                    "method": request.method,
                    "path": request.path,
                    "body": body,
                    "text": request.body,
                    "status": request.status,
                    "at_ms": request.at_ms,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_requests_give_way_and_numbers_stay_right() {
        let mut record = Record::default();
        let first = record.arrived("GET", "/a", b"", 1);
        for i in 0..KEPT {
            record.arrived("POST", "/b", b"{}", i as u64);
        }
        let last = record.arrived("POST", "/c", b"no json", 9);
        record.answered(first, 500);
        record.answered(last, 204);
        let all = record.to_json();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), KEPT);
        assert!(all[..KEPT - 1].iter().all(|r| r["status"].is_null() && r["body"] == json!({})));
        assert_eq!(all[KEPT - 1]["status"], 204);
        assert_eq!(all[KEPT - 1]["body"], "no json");
        assert_eq!(record.clear(), KEPT);
        let next = record.arrived("GET", "/d", b"", 10);
        record.answered(last, 500);
        record.answered(next, 200);
        assert_eq!(record.to_json()[0]["status"], 200);
        assert_eq!(record.to_json()[0]["body"], Value::Null);
    }

    #[test]
    fn large_bodies_do_not_pile_up() {
        let mut record = Record::default();
        for _ in 0..100 {
            record.arrived("POST", "/x", &vec![b'x'; 1024 * 1024], 0);
        }
        assert_eq!(record.to_json().as_array().unwrap().len(), 64);
    }
}
