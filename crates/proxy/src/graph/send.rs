//! Requests to Graph, built from nothing.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderName, StatusCode, header};
use bytes::Bytes;
use foldback_model::CallKind;
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};
use futures_util::{FutureExt as _, future::BoxFuture};

use reqwest::{Method, Url};
use tokio::sync::watch;

use super::Target;
use crate::{
    metrics::Metrics,
    upstream::{
        Answer, Failure, client,
        clock::Clock,
        manners::{Again, Manners},
        once,
        token::Tokens,
    },
};

/// Names a request in the service's logs.
const REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

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
    /// Leave; the others go on.
    HangUp(&'a CallId),
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

    fn method(self) -> Method {
        match self {
            Self::HangUp(_) => Method::DELETE,
            _ if self.reads() => Method::GET,
            _ => Method::POST,
        }
    }

    /// A person is muted as well by two requests as by one. The app's own microphone is not: what
    /// is sent late could undo what came after it. A mix may be overtaken too, which whoever sends
    /// it has to see to.
    fn again(self) -> Again {
        match self {
            _ if self.reads() => Again::Freely,
            Self::MuteParticipant(..) | Self::ConfigureMixer(_) | Self::KeepAlive(_) => {
                Again::WhenTold
            }
            _ => Again::Never,
        }
    }

    /// The path after `/{version}/communications/calls`. Ids are checked; `:`, `+`, `@` and `=` are
    /// allowed in a segment.
    fn path(self) -> String {
        match self {
            Self::Join => String::new(),
            Self::Call(call) | Self::HangUp(call) => format!("/{call}"),
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
    /// The target's address, read once: reading a host takes longer than reading a path.
    base: Url,
    tokens: Tokens,
    manners: Manners,
    clock: Clock,
}

impl Graph {
    /// A client of `target`, whose clock `metrics` show.
    ///
    /// # Errors
    /// When its address is none, or the system's trusted certificates cannot be loaded.
    pub fn new(target: Target, metrics: Arc<Metrics>) -> Result<Self, reqwest::Error> {
        let http = client(&target.base, target.timeout, &target.trust)?;
        let tokens = Tokens::new(target.grant.clone(), target.timeout, &target.trust)?;
        let base = http.get(&target.base).build()?.url().clone();
        let clock = Clock::new(CallKind::Graph, metrics);
        Ok(Self { http, target, base, tokens, manners: Manners::default(), clock })
    }

    /// The tenant the app signs in to.
    pub fn tenant(&self) -> &str {
        self.target.family.tenant.as_deref().unwrap_or_default()
    }

    /// Whether the service is left alone; see [`Manners::paused`].
    pub fn paused(&self) -> watch::Receiver<bool> {
        self.manners.paused()
    }

    /// The time limit of one request.
    pub fn timeout(&self) -> Duration {
        self.target.timeout
    }

    /// Asks, and again where that does no harm; see [`Manners`].
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask(&self, version: &str, what: Ask<'_>, body: Bytes) -> Result<Answer, Failure> {
        self.ask_unless(version, what, body, std::future::pending().boxed()).await
    }

    /// As [`Self::ask`]; nothing is sent again once `unless` has come.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask_unless(
        &self,
        version: &str,
        what: Ask<'_>,
        body: Bytes,
        unless: BoxFuture<'_, ()>,
    ) -> Result<Answer, Failure> {
        let version = if version == "beta" { "beta" } else { "v1.0" };
        let mut url = self.base.clone();
        let below = url.path().trim_end_matches('/');
        let path = format!("{below}/{version}/communications/calls{}", what.path());
        url.set_path(&path);
        // One name for all tries, by which the service finds them in its logs.
        let id = uuid::Uuid::new_v4().to_string();
        let attempt = || self.with_token(&url, what.method(), &id, body.clone()).boxed();
        self.manners.keep(what.again(), attempt, unless).await
    }

    /// Sends once; with one more try when the token was not taken.
    async fn with_token(
        &self,
        url: &Url,
        method: Method,
        id: &str,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let token = self.tokens.get().await?;
        match self.once(url, method.clone(), id, token.reveal(), body.clone()).await {
            Err(Failure::Refused { status: StatusCode::UNAUTHORIZED, .. }) => {
                let token = self.tokens.instead_of(&token).await?;
                self.once(url, method, id, token.reveal(), body).await
            }
            other => other,
        }
    }

    async fn once(
        &self,
        url: &Url,
        method: Method,
        id: &str,
        token: &str,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .bearer_auth(token)
            .header(header::ACCEPT, "application/json")
            .header(REQUEST_ID, id);
        if method == Method::POST {
            if !body.is_empty() {
                request = request.header(header::CONTENT_TYPE, "application/json");
            }
            request = request.body(body);
        }
        once(request, self.target.timeout, &self.clock).await
    }
}
