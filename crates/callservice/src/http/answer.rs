//! What is sent back: success and error bodies of either service and the headers around them.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use foldback_wire::{
    acs::AcsError,
    graph::{Extra, GraphError},
};
use serde::Serialize;
use serde_json::Value;

use super::text;
use crate::error::Error;

const ODATA: &str = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8";
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const MS_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const MS_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");

/// An answer before the headers that depend on its request.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    body: Payload,
    headers: Vec<(HeaderName, String)>,
}

#[derive(Debug, Clone)]
enum Payload {
    Nothing,
    Json(Vec<u8>),
    Error { code: String, message: String },
}

/// Whose manners an answer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// OData: `request-id`, `innerError`.
    Graph,
    /// ACS Call Automation.
    Acs,
}

impl Answer {
    /// A status alone.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, body: Payload::Nothing, headers: Vec::new() }
    }

    /// A JSON body.
    pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(text) => Self { status, body: Payload::Json(text), headers: Vec::new() },
            Err(error) => Self::error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "generalException",
                error.to_string(),
            ),
        }
    }

    /// A body that is JSON already.
    pub(super) fn written(status: StatusCode, text: Vec<u8>) -> Self {
        Self { status, body: Payload::Json(text), headers: Vec::new() }
    }

    /// An error, written in the shape of the service that was asked.
    pub(super) fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let body = Payload::Error { code: code.to_owned(), message: message.into() };
        Self { status, body, headers: Vec::new() }
    }

    /// 400 with the sentence that names path, value and limit.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::error(StatusCode::BAD_REQUEST, "badRequest", message)
    }

    /// 405 with what is allowed.
    pub(super) fn not_allowed(method: &str, allowed: &str) -> Self {
        let message = format!("{method} is not supported here; use {allowed}.");
        Self::error(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", message)
            .with(header::ALLOW, allowed)
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let body = match &self.body {
            Payload::Nothing => 0,
            Payload::Json(text) => text.len(),
            Payload::Error { code, message } => code.len() + message.len(),
        };
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        size_of::<Self>() + body + headers.sum::<usize>()
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Completes it for the request with these headers.
    pub(super) fn finish(self, family: Family, request: &HeaderMap, request_id: &str) -> Response {
        if family == Family::Acs {
            return self.finish_acs(request, request_id);
        }
        let client_id = request
            .get(&CLIENT_REQUEST_ID)
            .cloned()
            .or_else(|| HeaderValue::try_from(request_id).ok());
        let body = match self.body {
            Payload::Nothing => None,
            Payload::Json(text) => Some(text),
            Payload::Error { code, message } => {
                let mut error = GraphError::new(code, message);
                let mut inner = Extra::new();
                inner.insert("date".to_owned(), Value::from(text::date()));
                inner.insert("request-id".to_owned(), Value::from(request_id));
                let client = client_id.as_ref().and_then(|id| id.to_str().ok());
                inner.insert("client-request-id".to_owned(), Value::from(client));
                error.error.inner_error = Some(inner);
                // Strings and maps of strings: writing them cannot fail, and if it did, nothing is sent.
                serde_json::to_vec(&error).ok()
            }
        };
        let mut headers = self.headers;
        headers.push((REQUEST_ID, request_id.to_owned()));
        headers.push((ODATA_VERSION, "4.0".to_owned()));
        let mut response = respond(self.status, headers, body, ODATA);
        if let Some(id) = client_id {
            response.headers_mut().insert(CLIENT_REQUEST_ID, id);
        }
        response
    }

    fn finish_acs(self, request: &HeaderMap, request_id: &str) -> Response {
        let body = match self.body {
            Payload::Nothing => None,
            Payload::Json(text) => Some(text),
            // Strings: writing them cannot fail, and if it did, nothing is sent.
            Payload::Error { code, message } => {
                serde_json::to_vec(&AcsError::new(code, message)).ok()
            }
        };
        let mut headers = self.headers;
        headers.push((MS_REQUEST_ID, request_id.to_owned()));
        let mut response = respond(self.status, headers, body, "application/json; charset=utf-8");
        let wants = request.get("x-ms-return-client-request-id");
        let wants = wants.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        if let Some(id) = request.get(&MS_CLIENT_REQUEST_ID).filter(|_| wants) {
            response.headers_mut().insert(MS_CLIENT_REQUEST_ID, id.clone());
        }
        response
    }
}

fn respond(
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Option<Vec<u8>>,
    kind: &'static str,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in headers {
        match HeaderValue::try_from(value) {
            Ok(value) => {
                response.headers_mut().insert(name, value);
            }
            Err(error) => tracing::error!(%name, %error, "a header could not be written"),
        }
    }
    if let Some(text) = body {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *response.body_mut() = Body::from(text);
    }
    response
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownCall => Self::error(StatusCode::NOT_FOUND, "8522", "Call not found."),
            Error::UnknownParticipant(id) => Self::error(
                StatusCode::NOT_FOUND,
                "8522",
                format!("Participant {id} not found in the call."),
            ),
            Error::TooManyCalls(_) => {
                Self::error(StatusCode::TOO_MANY_REQUESTS, "8530", error.to_string())
            }
            Error::UnknownOperation(id) => Self::error(
                StatusCode::NOT_FOUND,
                "itemNotFound",
                format!("Operation {id} not found in the call."),
            ),
            Error::UnknownGroup(id) => Self::error(
                StatusCode::NOT_FOUND,
                "itemNotFound",
                format!("Audio routing group {id} not found in the call."),
            ),
            Error::NotAGroupCall => Self::error(StatusCode::BAD_REQUEST, "8548", error.to_string()),
            Error::NotEstablished => Self::error(StatusCode::CONFLICT, "8501", error.to_string()),
            other => Self::bad(other.to_string()),
        }
    }
}

impl From<foldback_wire::Error> for Answer {
    fn from(error: foldback_wire::Error) -> Self {
        Self::bad(error.to_string())
    }
}
