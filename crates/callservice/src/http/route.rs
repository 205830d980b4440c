//! The way of every request: to the levers, the token endpoint, or the face of a service.

use std::{future::poll_fn, pin::Pin, sync::Arc};

use axum::{
    body::{Body, HttpBody as _},
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};

use super::{
    acs,
    answer::{Answer, Family},
    door::Line,
    faults::suffer,
    graph, inspect, keys,
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
    let answer = if let Some(body) = read(body).await {
        answer(&shared, &line, &parts, &body).await
    } else {
        // Much too large, or the client went away; then nobody reads the answer.
        let code = match family(parts.uri.path()) {
            Family::Graph => "requestEntityTooLarge",
            Family::Acs => "8523",
        };
        let words = format!("A body has at most {BODY_MAX} bytes.");
        Answer::error(StatusCode::PAYLOAD_TOO_LARGE, code, words)
    };
    tracing::debug!(
        request_id,
        method = %parts.method,
        path = parts.uri.path(),
        status = answer.status.as_u16(),
        "answered"
    );
    let response = answer.finish(family(parts.uri.path()), &parts.headers, &request_id);
    line.measure(response.body().size_hint().exact().unwrap_or_default());
    response
}

/// The whole body, unless it is too large or breaks off. What is too large is read and thrown away.
async fn read(mut body: Body) -> Option<Vec<u8>> {
    let (mut kept, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > BODY_READ_MAX {
            return None;
        }
        if length > BODY_MAX {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&data);
        }
    }
    (length <= BODY_MAX).then_some(kept)
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
        let words = "The path has a broken escape.";
        return match family(path) {
            Family::Graph => Answer::bad(words),
            Family::Acs => Answer::error(StatusCode::BAD_REQUEST, "8523", words),
        };
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
    let published = keys::published(&names);
    let asks_token = matches!(names.as_slice(), [_, "oauth2", "v2.0", "token"]);
    if asks_token || published.is_some() {
        let fault = lock(&shared.faults).strike(path, true);
        if let Some(fault) = fault
            && let Some(answer) = suffer(shared, line, family(path), fault).await
        {
            return answer;
        }
        return match published {
            Some(what) => keys::answer(shared, method, what).await,
            None => sign_in::token(shared, method, &parts.headers, body),
        };
    }
    let whole = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
    let now = shared.clock.now_ms();
    let number = lock(&shared.record).arrived(method, whole, &parts.headers, body, now);
    let fault = lock(&shared.faults).strike(path, false);
    let suffered = async {
        let fault = fault?;
        lock(&shared.record).struck(number, fault.to_json());
        suffer(shared, line, family(path), fault).await
    };
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

/// 404 for a path that means nothing.
pub(super) fn nothing_there() -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "ResourceNotFound", "There is no such resource.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        for (length, kept) in
            [(0, true), (BODY_MAX, true), (BODY_MAX + 1, false), (BODY_READ_MAX + 1, false)]
        {
            let read = read(Body::from(vec![b'x'; length])).await;
            assert_eq!(read.map(|body| body.len()), kept.then_some(length));
        }
    }
}
