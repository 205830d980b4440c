//! Which request is meant: paths in any spelling Graph accepts, and the way of every request.

use std::{sync::Arc, time::Duration};

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
};
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};

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

/// What is addressed below a version and root.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    Calls,
    Call(CallId),
    KeepAlive(CallId),
    MuteApp(CallId),
    UnmuteApp(CallId),
    Participants(CallId),
    ConfigureMixer(CallId),
    Participant(CallId, ParticipantId),
    Mute(CallId, ParticipantId),
    Operations(CallId),
    Operation(CallId, UpstreamOperationId),
}

/// A Graph path taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Route {
    /// `v1.0` or `beta`.
    pub(super) version: &'static str,
    /// `communications` or `app`, for addresses in the answer.
    pub(super) root: &'static str,
    pub(super) target: Target,
}

/// Reads a path. None when nothing is there.
///
/// # Errors
/// An answer when an id in the path leaves its alphabet.
pub(super) fn read(segments: &[String]) -> Result<Option<Route>, Answer> {
    let [version, root, calls, rest @ ..] = segments else {
        return Ok(None);
    };
    let version = match version.to_ascii_lowercase().as_str() {
        "v1.0" => "v1.0",
        "beta" => "beta",
        _ => return Ok(None),
    };
    let root = match root.to_ascii_lowercase().as_str() {
        "communications" => "communications",
        "app" if version == "beta" => "app",
        _ => return Ok(None),
    };
    if !calls.eq_ignore_ascii_case("calls") {
        return Ok(None);
    }
    let Some((call, rest)) = rest.split_first() else {
        return Ok(Some(Route { version, root, target: Target::Calls }));
    };
    let call = CallId::parse(call)?;
    let words: Vec<String> = rest.iter().map(|segment| action(segment)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let target = match (words.as_slice(), rest) {
        ([], _) => Target::Call(call),
        (["keepalive"], _) => Target::KeepAlive(call),
        (["mute"], _) => Target::MuteApp(call),
        (["unmute"], _) => Target::UnmuteApp(call),
        (["participants"], _) => Target::Participants(call),
        (["participants", "configuremixer"], _) if version == "beta" => {
            Target::ConfigureMixer(call)
        }
        (["participants", "configuremixer"], _) => return Ok(None),
        (["participants", _], [_, id]) => Target::Participant(call, ParticipantId::parse(id)?),
        (["participants", _, "mute"], [_, id, _]) => Target::Mute(call, ParticipantId::parse(id)?),
        (["operations"], _) => Target::Operations(call),
        (["operations", _], [_, id]) => Target::Operation(call, UpstreamOperationId::parse(id)?),
        _ => return Ok(None),
    };
    Ok(Some(Route { version, root, target }))
}

/// An action's name without its optional namespace, in one case.
fn action(segment: &str) -> String {
    let name = segment.to_ascii_lowercase();
    name.strip_prefix("microsoft.graph.").map_or(name.clone(), str::to_owned)
}

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
    let suffered = suffer(shared, line, fault);
    let answer = match family(path) {
        Family::Acs => acs::answer(shared, parts, &segments, body, suffered).await,
        Family::Graph => match suffered.await {
            Some(answer) => answer,
            None => graph::answer(shared, parts, &segments, body),
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Option<Route> {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        read(&segments).unwrap()
    }

    #[test]
    fn spellings() {
        let call = CallId::parse("57dab8b1-894c-409a-b240-bd8beae78896").unwrap();
        let person = ParticipantId::parse("2765eb15-01f8-47c6-b12b-c32111a4a86f").unwrap();
        for path in [
            "v1.0/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/participants/2765eb15-01f8-47c6-b12b-c32111a4a86f/mute",
            "BETA/App/Calls/57DAB8B1894C409AB240BD8BEAE78896/Participants/2765EB1501F847C6B12BC32111A4A86F/microsoft.graph.mute",
            "beta/communications/calls/57DAB8B1894C409AB240BD8BEAE78896/participants/2765EB15-01F8-47C6-B12B-C32111A4A86F/Microsoft.Graph.Mute",
        ] {
            let target = route(path).unwrap().target;
            assert_eq!(target, Target::Mute(call.clone(), person.clone()), "{path}");
        }
        let mixer =
            |path| matches!(route(path), Some(Route { target: Target::ConfigureMixer(_), .. }));
        assert!(mixer("beta/app/calls/c/participants/configureMixer"));
        assert!(mixer("beta/communications/calls/c/participants/microsoft.graph.configureMixer"));
        assert!(!mixer("v1.0/communications/calls/c/participants/configureMixer"));
    }

    #[test]
    fn nothing_is_there() {
        for path in [
            "",
            "v1.0",
            "v1.0/communications",
            "v1.0/app/calls/c",
            "v2.0/communications/calls",
            "v1.0/communications/call/c",
            "v1.0/communications/calls/c/participants/p/unmute",
            "v1.0/communications/calls/c/participants/p/mute/x",
            "v1.0/communications/calls/c/dance",
        ] {
            assert_eq!(route(path), None, "{path}");
        }
        for id in ["..", ".", "a b", "é", "a/b"] {
            let path = ["v1.0", "communications", "calls", "c", "participants", id];
            assert!(read(&path.map(str::to_owned)).is_err(), "{id}");
        }
        let up = ["v1.0", "communications", "calls", ".."].map(str::to_owned);
        assert!(read(&up).is_err());
    }
}
