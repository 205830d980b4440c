//! Questions to the proxy: configuration, who am I, which calls, how one stands.

use foldback_json::{Node, Read};
use foldback_model::{CallKey, CallKind, CallState, call::CallPhase};
use web_sys::AbortSignal;

use super::{
    Failure,
    command::refusal,
    fetch::{self, Request},
};
use crate::session::Rights;

/// What the panel must be told at run time: `/config.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Where the proxy is, without a slash at the end; empty for the page's own origin.
    pub base: String,
    /// Address or words that tell how to sign in.
    pub sign_in: Option<String>,
    /// The proxy carries rehearsal calls.
    pub rehearsal: bool,
    /// The service knows an exclusive mix as `exclusiveMode` instead of `exclusive`.
    pub exclusive_mode: bool,
}

impl Read for Config {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            base: node.field_or_default("base")?,
            sign_in: node.field("signIn")?,
            rehearsal: node.field_or_default("rehearsal")?,
            exclusive_mode: node.field_or_default("exclusiveMode")?,
        })
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Stable within the sign-in.
    pub id: String,
    /// Shown to the other operators.
    pub name: String,
}

impl Read for Operator {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self { id: node.field("id")?, name: node.field("name")? })
    }
}

/// What the proxy says of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Who is signed in.
    pub operator: Operator,
    /// Their id in the organization's directory, where the issuer tells it: a Graph roster knows people
    /// by it.
    pub directory_id: Option<String>,
    /// What their role allows.
    pub rights: Rights,
    /// When the session ends whatever happens, in UTC milliseconds; none when it does not.
    pub until: Option<u64>,
}

impl Read for Who {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            operator: node.field("operator")?,
            directory_id: node.field("directoryId")?,
            rights: Read::read(node)?,
            until: node.field("until")?,
        })
    }
}

/// One line of the list of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSummary {
    /// Its name in paths.
    pub id: CallKey,
    /// Which service carries it.
    pub kind: CallKind,
    /// The meeting's subject.
    pub subject: Option<String>,
    /// Where it stands.
    pub state: CallPhase,
    /// How many people are in it.
    pub people: usize,
    /// Nobody real hears it.
    pub rehearsal: bool,
}

impl Read for CallSummary {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            id: node.field("id")?,
            kind: node.field("kind")?,
            subject: node.field("subject")?,
            // A call that was just joined may have told nothing of itself yet.
            state: node.field::<Option<_>>("state")?.unwrap_or(CallPhase::Establishing),
            people: node.field_or_default("people")?,
            rehearsal: node.field_or_default("rehearsal")?,
        })
    }
}

impl CallSummary {
    /// What the operator calls it.
    pub fn title(&self) -> String {
        let short = || self.id.id().as_str().split('-').next().unwrap_or_default().to_owned();
        self.subject.clone().unwrap_or_else(|| format!("{} call {}", self.service(), short()))
    }

    /// What the operator calls it beside others: with the end of its id where another one is called
    /// the same.
    pub fn title_among(&self, all: &[Self]) -> String {
        let title = self.title();
        if !all.iter().any(|it| it.id != self.id && it.title() == title) {
            return title;
        }
        let id = self.id.id();
        // Ids are ASCII.
        let end = id.as_str().len().saturating_sub(4);
        format!("{title} (…{})", id.as_str().get(end..).unwrap_or_default())
    }

    /// The service that carries it, in a word.
    pub fn service(&self) -> &'static str {
        service(self.kind)
    }
}

/// A service in a word.
pub fn service(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Graph => "Graph",
        CallKind::Acs => "ACS",
    }
}

/// `/config.json`, beside the page.
///
/// # Errors
/// See [`Failure`].
pub async fn config() -> Result<Config, Failure> {
    let mut config: Config = match text(Request::get("config.json")).await {
        Ok(text) => read(&text)?,
        // A page without the file talks to its own origin.
        Err(Failure::Refused { status: 404, .. }) => return Ok(Config::default()),
        Err(failure) => return Err(failure),
    };
    config.base.truncate(config.base.trim_end_matches('/').len());
    Ok(config)
}

/// Who is signed in.
///
/// # Errors
/// [`Failure::SignedOut`] when nobody is; else see [`Failure`].
pub async fn session(base: &str) -> Result<Who, Failure> {
    read(&text(Request::get(&format!("{base}/foldback/v1/session"))).await?)
}

/// Ends the session. Gives the issuer's own place to sign out at, where it has one.
///
/// # Errors
/// See [`Failure`].
pub async fn sign_out(base: &str) -> Result<Option<String>, Failure> {
    let request = Request::get(&format!("{base}/foldback/v1/session")).method("DELETE");
    let answer = text(request).await?;
    if answer.is_empty() { Ok(None) } else { member(&answer, "endSession") }
}

/// Calls this operator may open.
///
/// # Errors
/// See [`Failure`].
pub async fn calls(base: &str) -> Result<Vec<CallSummary>, Failure> {
    let answer = text(Request::get(&format!("{base}/foldback/v1/calls"))).await?;
    member(&answer, "calls")
}

/// Joins a call; `body` says which one.
///
/// # Errors
/// See [`Failure`].
pub async fn join(base: &str, body: &str) -> Result<CallSummary, Failure> {
    read(&text(Request::post(&format!("{base}/foldback/v1/calls"), body)).await?)
}

/// Whatever an address gives.
///
/// # Errors
/// See [`Failure`].
pub async fn read_at<T: Read>(url: &str) -> Result<T, Failure> {
    read(&text(Request::get(url)).await?)
}

/// Whatever an address gives, as text.
///
/// # Errors
/// See [`Failure`].
pub async fn text_at(url: &str) -> Result<String, Failure> {
    text(Request::get(url)).await
}

/// How a call stands.
///
/// # Errors
/// See [`Failure`].
pub async fn snapshot(
    base: &str,
    key: &CallKey,
    abort: &AbortSignal,
) -> Result<CallState, Failure> {
    let url = format!("{base}/foldback/v1/calls/{key}");
    read(&text(Request::get(&url).abort_signal(abort)).await?)
}

/// The one way to ask: a future for every type of answer would weigh on the bundle.
async fn text(request: Request) -> Result<String, Failure> {
    let answer = request.send().await?;
    if answer.ok() { fetch::text(&answer).await } else { Err(refusal(answer).await) }
}

/// An answer or event, as it must be.
#[inline(never)]
pub(super) fn read<T: Read>(text: &str) -> Result<T, Failure> {
    foldback_json::read(text).map_err(|error| unreadable(&error))
}

/// One member of an answer.
fn member<T: Read>(text: &str, name: &str) -> Result<T, Failure> {
    foldback_json::parse(text).and_then(|node| node.field(name)).map_err(|error| unreadable(&error))
}

#[cold]
fn unreadable(error: &foldback_json::Error) -> Failure {
    Failure::Unreadable(error.to_string())
}
