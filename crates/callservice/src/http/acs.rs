//! The ACS face: what is answered below `/calling`.

use std::sync::Arc;

use axum::http::request::Parts;

use super::{answer::Answer, route, shared::Shared};

/// Answers a request whose path begins with `/calling`; `segments` are its decoded parts.
pub(super) fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    segments: &[String],
    body: &[u8],
) -> Answer {
    tracing::debug!(base = shared.base_url, method = %parts.method, ?segments, bytes = body.len(), "not served");
    route::nothing_there()
}
