//! Refusals in the codes of ACS.
//!
//! An ended call is unknown: 404 with 8522, as for a connection that never was, because nothing is
//! kept of it. While it is disconnecting it can still be read, and then a command in it gets 400 with
//! 8528 (terminated); before it is connected a command gets 400 with 8501.

use axum::http::{StatusCode, header};

use crate::{error::Error, http::answer::Answer};

/// 400: the request makes no sense as it stands.
pub(super) fn bad(message: impl Into<String>) -> Answer {
    Answer::error(StatusCode::BAD_REQUEST, "8523", message)
}

/// 401 with what is wrong.
pub(super) fn unauthorized(code: &str, message: impl Into<String>) -> Answer {
    Answer::error(StatusCode::UNAUTHORIZED, code, message)
        .with(header::WWW_AUTHENTICATE, "HMAC-SHA256, Bearer")
}

/// 404 for what is not there.
pub(super) fn not_found(message: impl Into<String>) -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "8522", message)
}

/// 405 for a method that is not served here; an empty `allowed` when none is.
pub(super) fn not_allowed(message: impl Into<String>, allowed: &str) -> Answer {
    Answer::error(StatusCode::METHOD_NOT_ALLOWED, "8520", message).with(header::ALLOW, allowed)
}

/// A target of a command that is not in the call.
pub(super) fn absent(error: Error) -> Answer {
    match error {
        Error::UnknownParticipant(id) => Answer::error(
            StatusCode::NOT_FOUND,
            "8558",
            format!("Participant {id} is not in the call."),
        ),
        other => of(other),
    }
}

/// What the engine or the calls refused.
pub(super) fn of(error: Error) -> Answer {
    match error {
        Error::UnknownCall => not_found("Call not found."),
        Error::UnknownParticipant(id) => not_found(format!("Participant {id} not found.")),
        Error::Connecting => Answer::error(StatusCode::BAD_REQUEST, "8501", format!("{error}.")),
        Error::Disconnecting => Answer::error(StatusCode::BAD_REQUEST, "8528", format!("{error}.")),
        Error::TooManyCalls(_) => {
            Answer::error(StatusCode::TOO_MANY_REQUESTS, "8530", format!("{error}."))
        }
        other => bad(other.to_string()),
    }
}

/// What the reader of the body refused.
#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
pub(super) fn body(error: foldback_wire::Error) -> Answer {
    bad(error.to_string())
}
