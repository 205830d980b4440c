//! What went wrong, in the shape of the API that was called.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use foldback_model::Outcome;
use foldback_wire::graph::GraphError;
use serde_json::{Value, json};

use crate::role::Role;

/// Which API a path belongs to; it decides the shape of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// `/foldback/…`: RFC 9457 problem details.
    Foldback,
    /// `/v1.0/…` and `/beta/…`: the Graph error object.
    Graph,
    /// `/calling/…`: the ACS error object.
    Acs,
    /// `/notifications/…`: no body at all.
    Webhook,
    /// Pages, static files and health: plain text.
    Page,
}

impl Face {
    /// Whether only signed-in operators get beyond the gate.
    pub fn is_gated(self) -> bool {
        matches!(self, Self::Foldback | Self::Graph | Self::Acs)
    }
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct Fault {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word for programs, or the service's own number in text.
    pub code: String,
    /// A sentence for people: what is wrong and what to do.
    pub message: String,
    /// Seconds until trying again makes sense.
    pub retry_after: Option<u64>,
    /// Methods that the path does take, for 405.
    pub allow: Option<String>,
    /// The role that would do, for 403.
    pub needs: Option<Role>,
    /// Where a browser signs in, for 401.
    pub sign_in: Option<&'static str>,
}

impl Fault {
    /// A fault without advice on when to try again.
    pub fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            retry_after: None,
            allow: None,
            needs: None,
            sign_in: None,
        }
    }

    /// 400: the request itself is wrong.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "badRequest", message)
    }

    /// 403 for a role that is too low.
    pub fn needs(needed: Role, has: Role) -> Self {
        let message = format!(
            "this needs the role {needed} and you have the role {has}; whoever runs Foldback gives roles"
        );
        let mut fault = Self::new(StatusCode::FORBIDDEN, "roleNeeded", message);
        fault.needs = Some(needed);
        fault
    }

    /// 404 for a path that is in no table.
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", "there is nothing at this path")
    }

    /// 404 for a call that is not open here; the code is the service's own.
    pub fn no_such_call() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "8522",
            "this call is not open here: nobody joined it, or it is over and its audit alone is left; \
             /foldback/v1/calls has those that are open",
        )
    }

    /// 501 for a mix, once the service is known to have no mixer.
    pub fn no_mixer() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "mixerUnavailable",
            "this call has no mixer: the service does not know configureMixer, so levels and ducking \
             cannot be set; muting works as before",
        )
    }

    /// 503 when the journal cannot be written: nothing may happen that cannot be recorded.
    pub fn journal() -> Self {
        let mut fault = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "journalUnavailable",
            "the journal cannot be written, so nothing was done; try again soon",
        );
        fault.retry_after = Some(5);
        fault
    }

    /// 503 when a command was sent but its fate cannot be recorded.
    pub fn unrecorded() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "journalUnavailable",
            "it was sent, but the journal cannot be written; watch the roster before trying again",
        )
    }

    /// 500 without details.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internalError",
            "Foldback failed; see its log",
        )
    }

    /// As the end of what was to be done; a service of which nothing was heard may have done it.
    pub fn outcome(&self) -> Outcome {
        match self.code.as_str() {
            "serviceTimeout" | "serviceAnswerUnusable" => Outcome::Unconfirmed,
            _ => self.failed(),
        }
    }

    /// As the end of what was not done.
    pub fn failed(&self) -> Outcome {
        Outcome::Failed {
            status: self.status.as_u16(),
            code: self.code.clone(),
            message: self.message.clone(),
            retry: self.retry_after.map(|seconds| seconds.saturating_mul(1_000)),
        }
    }

    /// The answer in the shape of `face`.
    pub fn respond(&self, face: Face) -> Response<Body> {
        let (kind, body) = match face {
            Face::Foldback => ("application/problem+json", self.problem()),
            Face::Graph => ("application/json", self.graph()),
            Face::Acs => (
                "application/json",
                json!({"error": {"code": self.code, "message": self.message}}).to_string(),
            ),
            Face::Webhook => ("", String::new()),
            Face::Page => ("text/plain; charset=utf-8", format!("{}\n", self.message)),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if !kind.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // HTTP wants it with every 401. Browsers have no form to ask for a bearer token, so none
            // asks people for anything.
            let bearer = HeaderValue::from_static("Bearer realm=\"foldback\"");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(allow) = self.allow.as_deref().and_then(|it| HeaderValue::from_str(it).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }

    fn problem(&self) -> String {
        let mut problem = json!({
            "type": format!("urn:foldback:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.message,
        });
        if let Value::Object(members) = &mut problem {
            members.extend(self.needs.map(|role| ("needs".to_owned(), json!(role))));
            members.extend(self.sign_in.map(|at| ("signIn".to_owned(), json!(at))));
        }
        problem.to_string()
    }

    fn graph(&self) -> String {
        let error = GraphError::new(self.code.clone(), self.message.clone());
        serde_json::to_string(&error).unwrap_or_default()
    }
}

impl From<foldback_wire::Error> for Fault {
    fn from(error: foldback_wire::Error) -> Self {
        Self::bad_request(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn every_face_has_its_own_shape() {
        let mut fault = Fault::new(StatusCode::TOO_MANY_REQUESTS, "tooMany", "wait a little");
        fault.retry_after = Some(7);
        for (face, kind, pointer) in [
            (Face::Foldback, "application/problem+json", "/detail"),
            (Face::Graph, "application/json", "/error/message"),
            (Face::Acs, "application/json", "/error/message"),
        ] {
            let response = fault.respond(face);
            assert_eq!(response.status(), 429);
            assert_eq!(response.headers()["retry-after"], "7");
            assert_eq!(response.headers()["content-type"], kind);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body.pointer(pointer).unwrap(), "wait a little", "{face:?}");
        }
        let unknown = Fault::new(StatusCode::UNAUTHORIZED, "unauthorized", "");
        for face in [Face::Foldback, Face::Graph, Face::Acs, Face::Webhook] {
            let asked = unknown.respond(face).headers()["www-authenticate"].clone();
            assert_eq!(asked, "Bearer realm=\"foldback\"", "{face:?}");
            assert!(!fault.respond(face).headers().contains_key("www-authenticate"), "{face:?}");
        }
        let empty = fault.respond(Face::Webhook).into_body().collect().await.unwrap().to_bytes();
        assert!(empty.is_empty());
    }
}
