//! Requests to the service, built from nothing, and their answers, read and checked.

use std::time::Duration;

use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use foldback_model::name;
use foldback_wire::{
    graph::{ErrorBody, GraphError},
    ids::{CallId, ParticipantId, UpstreamOperationId},
};

use super::{
    Target,
    token::{TokenError, Tokens, cause},
};
use crate::problem::Fault;

/// Largest answer taken: a roster of 10,000 is below 5 MB.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// Longest wait that a service may ask for and that is passed on.
const RETRY_MAX: u64 = 24 * 60 * 60;

/// What the service can be asked. Only these paths can ever be built.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// Join a call.
    Join,
    /// Read the call.
    Call(&'a CallId),
    /// Read the roster.
    Participants(&'a CallId),
    /// Read one person.
    Participant(&'a CallId, &'a ParticipantId),
    /// Read all operations.
    Operations(&'a CallId),
    /// Read one operation.
    Operation(&'a CallId, &'a UpstreamOperationId),
    /// Mute one person.
    MuteParticipant(&'a CallId, &'a ParticipantId),
    /// Mute the app.
    Mute(&'a CallId),
    /// Unmute the app.
    Unmute(&'a CallId),
    /// Set what listeners hear.
    ConfigureMixer(&'a CallId),
    /// The call is still wanted.
    KeepAlive(&'a CallId),
}

impl Ask<'_> {
    fn reads(self) -> bool {
        matches!(
            self,
            Self::Call(_)
                | Self::Participants(_)
                | Self::Participant(..)
                | Self::Operations(_)
                | Self::Operation(..)
        )
    }

    /// The path after `/{version}/communications/calls`. Ids are checked; `:`, `+`, `@` and `=` are
    /// allowed in a segment.
    fn path(self) -> String {
        match self {
            Self::Join => String::new(),
            Self::Call(call) => format!("/{call}"),
            Self::Participants(call) => format!("/{call}/participants"),
            Self::Participant(call, person) => format!("/{call}/participants/{person}"),
            Self::Operations(call) => format!("/{call}/operations"),
            Self::Operation(call, operation) => format!("/{call}/operations/{operation}"),
            Self::MuteParticipant(call, person) => format!("/{call}/participants/{person}/mute"),
            Self::Mute(call) => format!("/{call}/mute"),
            Self::Unmute(call) => format!("/{call}/unmute"),
            Self::ConfigureMixer(call) => format!("/{call}/participants/configureMixer"),
            Self::KeepAlive(call) => format!("/{call}/keepAlive"),
        }
    }
}

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 2xx.
    pub status: StatusCode,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Why a request did not succeed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// The service said no: nothing was applied.
    #[error("the service answered {status}: {}", error.message)]
    Refused {
        /// 4xx or 5xx.
        status: StatusCode,
        /// Code and words, from the body where it has some.
        error: ErrorBody,
        /// Seconds until trying again makes sense.
        retry_after: Option<u64>,
    },
    /// No answer within the time limit: nobody knows whether it was applied.
    #[error("the service did not answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The answer broke off or cannot be read: nobody knows whether it was applied.
    #[error("the service's answer cannot be used: {0}")]
    Broken(String),
}

impl Failure {
    /// Whether it may have been applied all the same.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Broken(_))
    }

    /// The answer to whoever asked.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NotSent(message) => Fault::new(
                StatusCode::BAD_GATEWAY,
                "serviceUnreachable",
                format!("nothing was sent: {message}"),
            ),
            Self::Refused { status, error, retry_after } => {
                // Our own 401 would tell the browser to sign in, which cannot help here.
                let status = match *status {
                    StatusCode::UNAUTHORIZED => StatusCode::BAD_GATEWAY,
                    other => other,
                };
                let mut fault = Fault::new(status, error.code.clone(), error.message.clone());
                fault.retry_after = *retry_after;
                fault
            }
            Self::TimedOut(_) => Fault::new(
                StatusCode::GATEWAY_TIMEOUT,
                "serviceTimeout",
                format!("{self}; it may have been applied: watch the roster before trying again"),
            ),
            Self::Broken(_) => Fault::new(
                StatusCode::BAD_GATEWAY,
                "serviceAnswerUnusable",
                format!("{self}; it may have been applied: watch the roster before trying again"),
            ),
        }
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::NotSent(error.to_string())
    }
}

/// The service, ready to be asked.
#[derive(Debug)]
pub struct Graph {
    http: reqwest::Client,
    target: Target,
    tokens: Tokens,
}

impl Graph {
    /// A client of `target`. It follows no redirects and repeats nothing by itself.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be loaded.
    pub fn new(target: Target) -> Result<Self, reqwest::Error> {
        // It is an error when another part of the process has chosen before; that choice stands.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(Duration::from_secs(3).min(target.timeout))
            .timeout(target.timeout)
            .user_agent(concat!("foldback/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let tokens = Tokens::new(http.clone(), target.clone());
        Ok(Self { http, target, tokens })
    }

    /// The time limit of one request.
    pub fn timeout(&self) -> Duration {
        self.target.timeout
    }

    /// Asks once; with one more try when the token was not taken.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask(&self, version: &str, what: Ask<'_>, body: Bytes) -> Result<Answer, Failure> {
        let version = if version == "beta" { "beta" } else { "v1.0" };
        let url = format!("{}/{version}/communications/calls{}", self.target.base, what.path());
        let token = self.tokens.get().await?;
        let first = self.once(&url, what.reads(), token.reveal(), body.clone()).await;
        match first {
            Err(Failure::Refused { status: StatusCode::UNAUTHORIZED, .. }) => {
                let token = self.tokens.instead_of(&token).await?;
                self.once(&url, what.reads(), token.reveal(), body).await
            }
            other => other,
        }
    }

    async fn once(
        &self,
        url: &str,
        reads: bool,
        token: &str,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut request = if reads { self.http.get(url) } else { self.http.post(url) };
        request = request
            .bearer_auth(token)
            .header("accept", "application/json")
            .header("client-request-id", uuid::Uuid::new_v4().to_string());
        if !reads {
            if !body.is_empty() {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let reply = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                Failure::NotSent(format!("the service cannot be reached: {}", cause(&error)))
            } else if error.is_timeout() {
                Failure::TimedOut(self.target.timeout)
            } else {
                Failure::Broken(cause(&error))
            }
        })?;
        let status = reply.status();
        let header = |name: &str| Some(reply.headers().get(name)?.to_str().ok()?.to_owned());
        let location = header("location");
        let retry_after = header("retry-after")
            .and_then(|text| text.trim().parse::<u64>().ok())
            .map(|seconds| seconds.min(RETRY_MAX));
        let body = bounded(reply, ANSWER_MAX).await;
        if status.is_success() {
            let body = body.map_err(|why| {
                if why == TOO_SLOW {
                    Failure::TimedOut(self.target.timeout)
                } else {
                    Failure::Broken(why)
                }
            })?;
            return Ok(Answer { status, location, body });
        }
        if !status.is_client_error() && !status.is_server_error() {
            return Err(Failure::Broken(format!(
                "it answered {status}, which Foldback does not follow"
            )));
        }
        Err(Failure::Refused {
            status,
            error: refusal(status, &body.unwrap_or_default()),
            retry_after,
        })
    }
}

/// Code and words of a refusal; gateways answer with pages that hold none.
fn refusal(status: StatusCode, body: &[u8]) -> ErrorBody {
    let mut error = GraphError::read(body).unwrap_or_else(|_| {
        let words = status.canonical_reason().unwrap_or("refused");
        GraphError::new(status.as_u16().to_string(), format!("the service answered: {words}"))
    });
    error.error.code = name::line(&error.error.code);
    error.error.message = name::line(&error.error.message);
    error.error
}

const TOO_SLOW: &str = "it came too slowly";

/// Reads an answer's body, up to `limit` bytes.
pub(super) async fn bounded(mut reply: reqwest::Response, limit: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    loop {
        match reply.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                return Err(format!("it is larger than {limit} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) if error.is_timeout() => return Err(TOO_SLOW.to_owned()),
            Err(error) => return Err(cause(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_or_made_and_always_one_line() {
        let read = refusal(
            StatusCode::NOT_FOUND,
            b"{\"error\":{\"code\":\"8522\",\"message\":\"gone\\n\\u001b[31m\"}}",
        );
        assert_eq!((read.code.as_str(), read.message.as_str()), ("8522", "gone[31m"));
        let made = refusal(StatusCode::SERVICE_UNAVAILABLE, b"<html>busy</html>");
        assert_eq!(made.code, "503");
        assert!(made.message.contains("Service Unavailable"));
    }

    #[test]
    fn an_upstream_401_is_not_ours() {
        let failure = Failure::Refused {
            status: StatusCode::UNAUTHORIZED,
            error: GraphError::new("InvalidAuthenticationToken", "no").error,
            retry_after: None,
        };
        assert_eq!(failure.fault().status, 502);
    }
}
