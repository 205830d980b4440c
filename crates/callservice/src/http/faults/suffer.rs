//! Faults striking requests.

use std::time::{Duration, SystemTime};

use axum::http::{StatusCode, header};

use super::{Fault, RetryAfter};
use crate::http::{
    answer::{Answer, Family},
    door::Line,
    shared::Shared,
};

/// Lets a fault strike; the answer when the request shall not be carried out.
pub(in crate::http) async fn suffer(
    shared: &Shared,
    line: &Line,
    family: Family,
    fault: Fault,
) -> Option<Answer> {
    match fault {
        Fault::Latency { ms, .. } => {
            let wait = tokio::time::sleep(Duration::from_millis(ms));
            // A service that stops answers at once.
            shared.cancel.run_until_cancelled(wait).await;
            None
        }
        Fault::Status { status, retry_after } => Some(injected(family, status, retry_after)),
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
        Fault::HalfBody => {
            line.halve();
            None
        }
    }
}

fn injected(family: Family, status: u16, retry_after: Option<RetryAfter>) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let code = match (family, status) {
        (Family::Graph, StatusCode::TOO_MANY_REQUESTS) => "tooManyRequests",
        (Family::Graph, StatusCode::UNAUTHORIZED) => "InvalidAuthenticationToken",
        (Family::Graph, StatusCode::SERVICE_UNAVAILABLE) => "serviceNotAvailable",
        (Family::Graph, status) if status.is_server_error() => "generalException",
        (Family::Graph, _) => "badRequest",
        // The subcodes of the published list.
        (Family::Acs, StatusCode::TOO_MANY_REQUESTS) => "8516",
        (Family::Acs, StatusCode::UNAUTHORIZED) => "7501",
        (Family::Acs, status) if status.is_server_error() => "9999",
        (Family::Acs, _) => "8523",
    };
    let answer = Answer::error(status, code, "Injected by the rehearsal.");
    match retry_after {
        Some(RetryAfter::Seconds(seconds)) => answer.with(header::RETRY_AFTER, seconds.to_string()),
        Some(RetryAfter::Date(ahead)) => {
            let date = SystemTime::now() + Duration::from_secs(ahead);
            answer.with(header::RETRY_AFTER, httpdate::fmt_http_date(date))
        }
        None => answer,
    }
}
