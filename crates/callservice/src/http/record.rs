//! What arrived at the paths of the services, for tests to look at.

use std::collections::VecDeque;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value, json};

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How many bytes of bodies are kept; the oldest requests go first.
const BYTES_KEPT: usize = 64 * 1024 * 1024;

/// Headers that tell tests how a client behaves; none of them is a secret.
const TELLING: [&str; 11] = [
    "accept",
    "client-request-id",
    "content-type",
    "repeatability-first-sent",
    "repeatability-request-id",
    "retry-attempt",
    "user-agent",
    "x-ms-client-request-id",
    "x-ms-content-sha256",
    "x-ms-date",
    "x-ms-return-client-request-id",
];

/// Requests in the order they arrived.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Somebody may read it; else nothing is kept.
    open: bool,
    requests: VecDeque<Request>,
    /// Number of the first one kept.
    first: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Request {
    method: String,
    path: String,
    headers: Value,
    body: String,
    status: Option<u16>,
    fault: Value,
    at_ms: u64,
}

impl Record {
    /// A record that keeps nothing unless somebody may read it.
    pub(super) fn new(open: bool) -> Self {
        Self { open, ..Self::default() }
    }

    /// Notes a request; the number returned names it for [`Record::answered`].
    pub(super) fn arrived(
        &mut self,
        method: &str,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
        at_ms: u64,
    ) -> usize {
        if !self.open {
            return usize::MAX;
        }
        let body = String::from_utf8_lossy(body).into_owned();
        self.bytes += body.len();
        self.requests.push_back(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: telling(headers),
            body,
            status: None,
            fault: Value::Null,
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

    /// Notes the fault that struck it.
    pub(super) fn struck(&mut self, number: usize, fault: Value) {
        let request = number.checked_sub(self.first).and_then(|i| self.requests.get_mut(i));
        if let Some(request) = request {
            request.fault = fault;
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
    /// `text` is the body as it came; `status` is null while (or when never) answered; `fault` is what
    /// struck it; `headers` are the telling ones, of `authorization` the scheme alone.
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
                    "headers": request.headers,
                    "body": body,
                    "text": request.body,
                    "status": request.status,
                    "fault": request.fault,
                    "at_ms": request.at_ms,
                })
            })
            .collect()
    }
}

/// What tests may see of the headers.
fn telling(headers: &HeaderMap) -> Value {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut told: Map<String, Value> = TELLING
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), Value::from(text(name)?))))
        .collect();
    if let Some(value) = text(header::AUTHORIZATION.as_str()) {
        // Without a space all of it may be the secret.
        let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
        told.insert(header::AUTHORIZATION.as_str().to_owned(), Value::from(scheme));
    }
    Value::Object(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer secret"),
            ("cookie", "secret"),
            ("x-ms-date", "Sun, 22 Nov 2026 03:08:20 GMT"),
            ("repeatability-request-id", "id"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let told = json!({"authorization": "Bearer", "x-ms-date": "Sun, 22 Nov 2026 03:08:20 GMT",
            "repeatability-request-id": "id"});
        assert_eq!(telling(&headers), told);
        headers.insert("authorization", "secret".parse().unwrap());
        assert_eq!(telling(&headers)["authorization"], "");
    }

    #[test]
    fn old_requests_give_way_and_numbers_stay_right() {
        let mut record = Record::new(true);
        let first = record.arrived("GET", "/a", &HeaderMap::new(), b"", 1);
        for i in 0..KEPT {
            record.arrived("POST", "/b", &HeaderMap::new(), b"{}", i as u64);
        }
        let last = record.arrived("POST", "/c", &HeaderMap::new(), b"no json", 9);
        record.answered(first, 500);
        record.answered(last, 204);
        let all = record.to_json();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), KEPT);
        assert!(all[..KEPT - 1].iter().all(|r| r["status"].is_null() && r["body"] == json!({})));
        assert_eq!(all[KEPT - 1]["status"], 204);
        assert_eq!(all[KEPT - 1]["body"], "no json");
        assert_eq!(record.clear(), KEPT);
        let next = record.arrived("GET", "/d", &HeaderMap::new(), b"", 10);
        record.answered(last, 500);
        record.answered(next, 200);
        assert_eq!(record.to_json()[0]["status"], 200);
        assert_eq!(record.to_json()[0]["body"], Value::Null);
    }

    #[test]
    fn large_bodies_do_not_pile_up() {
        let mut record = Record::new(true);
        for _ in 0..100 {
            record.arrived("POST", "/x", &HeaderMap::new(), &vec![b'x'; 1024 * 1024], 0);
        }
        assert_eq!(record.to_json().as_array().unwrap().len(), 64);
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let mut record = Record::new(false);
        let number = record.arrived("GET", "/a", &HeaderMap::new(), b"x", 1);
        record.answered(number, 200);
        record.struck(number, Value::Null);
        assert_eq!((record.clear(), record.bytes), (0, 0));
    }
}
