//! `/rehearsal/v1/`: the levers of a test bench, open only with `--inspect`.
//!
//! | path | what |
//! |---|---|
//! | `GET requests` | what arrived at the paths of the services; `DELETE` forgets it |
//! | `GET notifications` | what was posted, each try and what became of it; `DELETE` forgets it |
//! | `POST faults` | the next faults; `DELETE` clears them |
//! | `POST keys` | `{"rotate": "graph"}` or `"acs"`: a new key signs notifications |
//! | `POST clock` | `{"advance_ms": n}` |
//! | `POST people` | what one person does; `on` names another call than the standing Graph one |
//! | `POST call` | what happens to a call from outside: it ends, its lobby |
//! | `POST routing` | audio routing groups made and taken away |
//! | `GET switches` | how open points are decided; `POST` changes those it names |
//!
//! Mistakes are answered with 400 and `{"error": "a sentence"}`.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    faults::{number, only},
    graph, keys, levers, people, route,
    shared::{Shared, lock},
};

/// Longest leap of the clock: a day.
const ADVANCE_MAX_MS: u64 = 24 * 60 * 60 * 1_000;

/// A leap is made in steps of this length, so that a long one holds up nobody else.
const STEP_MS: u64 = 60_000;

/// Answers a request below `/rehearsal`.
pub(super) async fn answer(
    shared: &Shared,
    method: &str,
    headers: &HeaderMap,
    path: &[&str],
    body: &[u8],
) -> Answer {
    // A page whose name was bent to this address must not pull the levers.
    if !is_local(headers) {
        return problem(StatusCode::FORBIDDEN, "only addresses of this machine are served here");
    }
    let ["v1", what] = path else {
        return route::nothing_there();
    };
    match (*what, method) {
        ("requests", "GET") => Answer::json(StatusCode::OK, &lock(&shared.record).to_json()),
        ("requests", "DELETE") => done(&json!({"cleared": lock(&shared.record).clear()})),
        ("notifications", "GET") => Answer::json(StatusCode::OK, &lock(&shared.outbox).to_json()),
        ("notifications", "DELETE") => done(&json!({"cleared": lock(&shared.outbox).clear()})),
        ("requests" | "notifications", _) => Answer::not_allowed(method, "GET, DELETE"),
        ("faults", "DELETE") => {
            shared.clear_faults();
            done(&json!({"cleared": true}))
        }
        ("switches", "GET") => Answer::json(StatusCode::OK, &shared.switches()),
        ("switches", "POST") => {
            match object(headers, body).map(|it| lock(&shared.switches).change(it)) {
                Ok(Ok(())) => Answer::json(StatusCode::OK, &shared.switches()),
                Ok(Err(sentence)) => problem(StatusCode::BAD_REQUEST, &sentence),
                Err(answer) => answer,
            }
        }
        ("switches", _) => Answer::not_allowed(method, "GET, POST"),
        ("faults" | "clock" | "people" | "call" | "routing" | "keys", "POST") => {
            match object(headers, body) {
                Ok(order) => post(shared, what, order).await,
                Err(answer) => answer,
            }
        }
        ("faults", _) => Answer::not_allowed(method, "POST, DELETE"),
        ("clock" | "people" | "call" | "routing" | "keys", _) => {
            Answer::not_allowed(method, "POST")
        }
        _ => route::nothing_there(),
    }
}

async fn post(shared: &Shared, what: &str, order: Map<String, Value>) -> Answer {
    let result = match what {
        "faults" => shared.order_fault(&Value::Object(order)),
        "keys" => keys::rotate(shared, &order).await,
        "clock" => clock(shared, &order).await,
        _ => {
            let done = match what {
                "call" => levers::call(shared, &order),
                "routing" => levers::routing(shared, &order),
                _ => people::carry_out(shared, &order),
            };
            return done.map_or_else(people::Wrong::answer, |value| self::done(&value));
        }
    };
    match result {
        Ok(value) => done(&value),
        Err(sentence) => problem(StatusCode::BAD_REQUEST, &sentence),
    }
}

async fn clock(shared: &Shared, order: &Map<String, Value>) -> Result<Value, String> {
    only(order, &["advance_ms"])?;
    let ms = number(order, "advance_ms", 0, ADVANCE_MAX_MS)?.ok_or("advance_ms is missing")?;
    let mut left = ms;
    loop {
        let step = left.min(STEP_MS);
        shared.clock.add(step);
        shared.catch_up();
        left -= step;
        if left == 0 {
            break;
        }
        if shared.cancel.is_cancelled() {
            return Err("the service is ending in the middle of the leap".to_owned());
        }
        tokio::task::yield_now().await;
    }
    Ok(json!({"advanced_ms": ms, "now_ms": shared.clock.now_ms()}))
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Answer> {
    if !graph::is_json(headers) {
        let words = "the content type must be application/json";
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    serde_json::from_slice(body)
        .map_err(|error| problem(StatusCode::BAD_REQUEST, &format!("the body: {error}")))
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// 200 with what was done.
pub(super) fn done(value: &Value) -> Answer {
    Answer::json(StatusCode::OK, value)
}

/// A sentence about what is wrong.
pub(super) fn problem(status: StatusCode, sentence: &str) -> Answer {
    Answer::json(status, &json!({"error": sentence}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine() {
        for (host, local) in [
            ("127.0.0.1:9090", true),
            ("localhost", true),
            ("[::1]:9090", true),
            ("rehearsal.example:9090", false),
            ("127.0.0.1.example", false),
            ("10.0.0.1", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            assert_eq!(is_local(&headers), local, "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
