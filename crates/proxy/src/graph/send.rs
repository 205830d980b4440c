//! Requests to Graph, built from nothing.

use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};

use super::Target;
use crate::upstream::{Answer, Failure, client, once, token::Tokens};

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

/// The service, ready to be asked.
#[derive(Debug)]
pub struct Graph {
    http: reqwest::Client,
    target: Target,
    tokens: Tokens,
}

impl Graph {
    /// A client of `target`.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be loaded.
    pub fn new(target: Target) -> Result<Self, reqwest::Error> {
        let http = client(&target.base, target.timeout)?;
        let tokens = Tokens::new(http.clone(), target.grant.clone());
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
        once(request, self.target.timeout).await
    }
}
