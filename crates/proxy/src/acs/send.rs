//! Requests to ACS, built from nothing.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::http::StatusCode;
use bytes::Bytes;
use foldback_model::CallKind;
use foldback_wire::{
    acs::CallParticipantsPage,
    ids::{CallId, ParticipantId},
    limits::ITEMS_MAX,
};
use futures_util::FutureExt as _;
use reqwest::{Method, Url};
use tokio::sync::watch;

use super::{Credential, Target};
use crate::{
    metrics::Metrics,
    secret::Secret,
    upstream::{
        Answer, Failure, client,
        clock::Clock,
        manners::{Again, Manners},
        once,
        token::Tokens,
    },
};

/// The version of the API that is spoken: the one whose mute Foldback was written to.
pub const API_VERSION: &str = "2024-09-15";

/// Pages of one list that are read at most.
const PAGES_MAX: usize = 1_000;

/// What the service can be asked. Only these paths can ever be built.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// Get into a group call or a room.
    Connect,
    /// Read the connection.
    Connection(&'a CallId),
    /// Read one person.
    Participant(&'a CallId, &'a ParticipantId),
    /// Mute one person.
    Mute(&'a CallId),
    /// Leave; the others go on.
    HangUp(&'a CallId),
}

impl Ask<'_> {
    fn method(self) -> Method {
        match self {
            Self::Connection(_) | Self::Participant(..) => Method::GET,
            Self::Connect | Self::Mute(_) => Method::POST,
            Self::HangUp(_) => Method::DELETE,
        }
    }

    /// The path after `/calling/callConnections`.
    fn path(self) -> String {
        match self {
            Self::Connect => ":connect".to_owned(),
            Self::Connection(call) | Self::HangUp(call) => format!("/{call}"),
            Self::Participant(call, person) => {
                format!("/{call}/participants/{}", encoded(person.as_str()))
            }
            Self::Mute(call) => format!("/{call}/participants:mute"),
        }
    }
}

/// Ids are checked; what of them means something in a path is encoded, as other clients do.
fn encoded(id: &str) -> String {
    let mut text = String::with_capacity(id.len() + 8);
    for c in id.chars() {
        match c {
            ':' => text.push_str("%3A"),
            '+' => text.push_str("%2B"),
            '@' => text.push_str("%40"),
            '=' => text.push_str("%3D"),
            c => text.push(c),
        }
    }
    text
}

/// Names one operation, so that the service carries it out once however often it is sent.
#[derive(Debug, Clone)]
pub struct Once {
    id: String,
    first_sent: String,
}

impl Once {
    /// A name for an operation that is sent now for the first time.
    pub fn now() -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            first_sent: httpdate::fmt_http_date(SystemTime::now()),
        }
    }
}

/// The service, ready to be asked.
#[derive(Debug)]
pub struct Acs {
    http: reqwest::Client,
    target: Target,
    tokens: Option<Tokens>,
    manners: Manners,
    clock: Clock,
}

impl Acs {
    /// A client of `target`, whose clock `metrics` show.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be loaded.
    pub fn new(target: Target, metrics: Arc<Metrics>) -> Result<Self, reqwest::Error> {
        let http = client(&target.endpoint, target.timeout, &target.trust)?;
        let tokens = match &target.credential {
            Credential::Key(_) => None,
            Credential::Entra(grant) => {
                Some(Tokens::new(grant.clone(), target.timeout, &target.trust)?)
            }
        };
        let clock = Clock::new(CallKind::Acs, metrics);
        Ok(Self { http, target, tokens, manners: Manners::default(), clock })
    }

    /// Whether the service is left alone; see [`Manners::paused`].
    pub fn paused(&self) -> watch::Receiver<bool> {
        self.manners.paused()
    }

    /// The time limit of one request.
    pub fn timeout(&self) -> Duration {
        self.target.timeout
    }

    /// Asks, and again where that does no harm; see [`Manners`]. `named` is for what changes
    /// something.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask(
        &self,
        what: Ask<'_>,
        body: Bytes,
        named: Option<&Once>,
    ) -> Result<Answer, Failure> {
        let path = what.path();
        let url = self.url(&format!("/calling/callConnections{path}"))?;
        // The name has it carried out once, however often it is sent.
        let again = match what.method() {
            Method::GET => Again::Freely,
            _ if named.is_some() => Again::WhenTold,
            _ => Again::Never,
        };
        self.mannered(again, what.method(), url, body, named).await
    }

    async fn mannered(
        &self,
        again: Again,
        method: Method,
        url: Url,
        body: Bytes,
        named: Option<&Once>,
    ) -> Result<Answer, Failure> {
        // One name for all tries, by which the service finds them in its logs.
        let id = uuid::Uuid::new_v4().to_string();
        let attempt = || self.send(method.clone(), url.clone(), &id, body.clone(), named).boxed();
        self.manners.keep(again, attempt, std::future::pending().boxed()).await
    }

    /// Everybody in the call, page by page. A link to the next page is followed only to the same
    /// list.
    ///
    /// # Errors
    /// [`Failure`] of any page, or that they do not end.
    pub async fn participants(&self, call: &CallId) -> Result<CallParticipantsPage, Failure> {
        let first = self.url(&format!("/calling/callConnections/{call}/participants"))?;
        let mut all = CallParticipantsPage::default();
        let mut next = Some(first.clone());
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { return Ok(all) };
            let answer = self.mannered(Again::Freely, Method::GET, url, Bytes::new(), None).await?;
            let page = CallParticipantsPage::read(&answer.body)?;
            next = page.next().map(|link| followed(link, &first)).transpose()?;
            all.value.extend(page.value);
            if all.value.len() > ITEMS_MAX {
                let words = format!("it lists more than {ITEMS_MAX} people");
                return Err(Failure::Broken(words));
            }
        }
        Err(Failure::Broken(format!("its list has more than {PAGES_MAX} pages")))
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let text = format!("{}{path}?api-version={API_VERSION}", self.target.endpoint);
        Url::parse(&text).map_err(|_| Failure::NotSent("its endpoint is no address".to_owned()))
    }

    /// Sends once; with one more try when a token was not taken.
    async fn send(
        &self,
        method: Method,
        url: Url,
        id: &str,
        body: Bytes,
        named: Option<&Once>,
    ) -> Result<Answer, Failure> {
        let request = |url: Url| {
            let mut request = self
                .http
                .request(method.clone(), url)
                .header("accept", "application/json")
                .header("x-ms-client-request-id", id);
            if let Some(named) = named {
                request = request
                    .header("repeatability-request-id", &named.id)
                    .header("repeatability-first-sent", &named.first_sent);
            }
            if body.is_empty() {
                request
            } else {
                request.header("content-type", "application/json").body(body.clone())
            }
        };
        let Some(tokens) = &self.tokens else {
            let Credential::Key(key) = &self.target.credential else {
                return Err(Failure::NotSent("there is no credential".to_owned()));
            };
            let signed = key.sign(&method, &url, &body, SystemTime::now());
            let request = request(url)
                .header("x-ms-date", signed.date)
                .header("x-ms-content-sha256", signed.hash)
                .header("authorization", signed.authorization);
            return once(request, self.target.timeout, &self.clock).await;
        };
        let sent = async |token: &Secret| {
            let request = request(url.clone()).bearer_auth(token.reveal());
            once(request, self.target.timeout, &self.clock).await
        };
        let token = tokens.get().await?;
        match sent(&token).await {
            Err(Failure::Refused { status: StatusCode::UNAUTHORIZED, .. }) => {
                sent(&tokens.instead_of(&token).await?).await
            }
            other => other,
        }
    }
}

/// The next page, if the link leads to the list it is part of: the same host, the same path. The
/// version is added where it is missing.
fn followed(link: &str, list: &Url) -> Result<Url, Failure> {
    let foreign = || Failure::Broken("its next page is not part of the same list".to_owned());
    let mut next = list.join(link).map_err(|_| foreign())?;
    let same = next.origin() == list.origin()
        && next.path() == list.path()
        && next.username().is_empty()
        && next.password().is_none();
    if !same {
        return Err(foreign());
    }
    next.set_fragment(None);
    if !next.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("api-version")) {
        next.query_pairs_mut().append_pair("api-version", API_VERSION);
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_same_list_or_nowhere() {
        let list: Url = "https://r.example/calling/callConnections/c/participants?api-version=x"
            .parse()
            .unwrap();
        let here = "https://r.example/calling/callConnections/c/participants";
        for (link, expected) in [
            (format!("{here}?after=2&api-version=1"), format!("{here}?after=2&api-version=1")),
            (format!("{here}?after=2"), format!("{here}?after=2&api-version={API_VERSION}")),
            (
                "/calling/callConnections/c/participants?n=1&Api-Version=2#x".to_owned(),
                format!("{here}?n=1&Api-Version=2"),
            ),
        ] {
            assert_eq!(followed(&link, &list).unwrap().as_str(), expected, "{link}");
        }
        for link in [
            "https://evil.example/calling/callConnections/c/participants",
            "http://r.example/calling/callConnections/c/participants",
            "https://r.example:444/calling/callConnections/c/participants",
            "https://u@r.example/calling/callConnections/c/participants",
            "//evil.example/calling/callConnections/c/participants",
            "https://r.example/calling/callConnections/d/participants",
            "https://r.example/calling/callConnections/c/participants/../../d/participants",
            "https://r.example/calling/callConnections/c",
            "https://",
        ] {
            assert!(followed(link, &list).is_err(), "{link}");
        }
    }

    #[test]
    fn an_id_stays_in_its_segment() {
        let call = CallId::parse("c").unwrap();
        let person = ParticipantId::parse("4:+1@x=y").unwrap();
        let path = Ask::Participant(&call, &person).path();
        assert_eq!(path, "/c/participants/4%3A%2B1%40x%3Dy");
    }
}
