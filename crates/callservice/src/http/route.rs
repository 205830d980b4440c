//! The way of every request: to the levers, the token endpoint, or the face of a service.

use std::{sync::Arc, time::Duration};

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
};

use super::{
    acs,
    answer::{Answer, Family},
    door::Line,
    faults::Fault,
    graph, inspect,
    shared::{Shared, lock},
    sign_in, text,
};

/// Largest body accepted, in bytes.
const BODY_MAX: usize = 1024 * 1024;

/// A larger body is still read up to here, so that its sender gets to read the answer.
const BODY_READ_MAX: usize = 8 * 1024 * 1024;

/// Every request of the service.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let request_id = shared.request_id();
    let (parts, body) = request.into_parts();
    let answer = match to_bytes(body, BODY_READ_MAX).await {
        Ok(body) if body.len() <= BODY_MAX => answer(&shared, &line, &parts, &body).await,
        // Much too large, or the client went away; then nobody reads the answer.
        Ok(_) | Err(_) => Answer::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "requestEntityTooLarge",
            format!("A body has at most {BODY_MAX} bytes."),
        ),
    };
    tracing::debug!(
        request_id,
        method = %parts.method,
        path = parts.uri.path(),
        status = answer.status.as_u16(),
        "answered"
    );
    answer.finish(family(parts.uri.path()), &parts.headers, &request_id)
}

/// Whose path it is.
fn family(path: &str) -> Family {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if first.eq_ignore_ascii_case("calling") { Family::Acs } else { Family::Graph }
}

async fn answer(shared: &Arc<Shared>, line: &Line, parts: &Parts, body: &[u8]) -> Answer {
    let path = parts.uri.path();
    let segments: Option<Vec<String>> = path
        .trim_start_matches('/')
        .trim_end_matches('/')
        .split('/')
        .map(|segment| text::decode(segment, false))
        .collect();
    let Some(segments) = segments else {
        return Answer::bad("The path has a broken escape.");
    };
    let method = parts.method.as_str();
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["rehearsal", rest @ ..] = names.as_slice() {
        return if shared.inspect {
            inspect::answer(shared, method, &parts.headers, rest, body).await
        } else {
            nothing_there()
        };
    }
    if let [_, "oauth2", "v2.0", "token"] = names.as_slice() {
        let fault = lock(&shared.faults).strike(path, true);
        if let Some(answer) = suffer(shared, line, fault).await {
            return answer;
        }
        return sign_in::token(shared, method, &parts.headers, body);
    }
    let whole = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
    let now = shared.clock.now_ms();
    let number = lock(&shared.record).arrived(method, whole, body, now);
    let fault = lock(&shared.faults).strike(path, false);
    let answer = match suffer(shared, line, fault).await {
        Some(answer) => answer,
        None if family(path) == Family::Acs => acs::answer(shared, parts, &segments, body),
        None => graph::answer(shared, parts, &segments, body),
    };
    if !line.is_cut() {
        lock(&shared.record).answered(number, answer.status.as_u16());
    }
    answer
}

/// Lets a fault strike; the answer when the request shall not be carried out.
async fn suffer(shared: &Shared, line: &Line, fault: Option<Fault>) -> Option<Answer> {
    match fault? {
        Fault::Latency { ms } => {
            let wait = tokio::time::sleep(Duration::from_millis(ms));
            // A service that stops answers at once.
            shared.cancel.run_until_cancelled(wait).await;
            None
        }
        Fault::Status { status, retry_after_s } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            let code = match status {
                StatusCode::TOO_MANY_REQUESTS => "tooManyRequests",
                StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
                StatusCode::SERVICE_UNAVAILABLE => "serviceNotAvailable",
                _ if status.is_server_error() => "generalException",
                _ => "badRequest",
            };
            let answer = Answer::error(status, code, "Injected by the rehearsal.");
            Some(match retry_after_s {
                Some(seconds) => answer.with(header::RETRY_AFTER, seconds.to_string()),
                None => answer,
            })
        }
        Fault::Hang => {
            // Ends when the client goes away (then this future is dropped) or the service stops.
            shared.cancel.cancelled().await;
            line.cut();
            Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE))
        }
        Fault::Reset => {
            line.cut();
            Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

/// 404 for a path that means nothing.
pub(super) fn nothing_there() -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "ResourceNotFound", "There is no such resource.")
}
