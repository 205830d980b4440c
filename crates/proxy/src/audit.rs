//! Who did what to whom on a call, from where, and with what result: read from the journal, where each
//! of it was written down before or with what it tells.

mod filter;
pub mod write;

use std::{fmt, net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header},
};
use foldback_model::{
    By, CallKey, GestureId, OperationKind, Outcome, ParticipantId, Sequence, Timestamp,
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answer::{empty, json_answer},
    journal::{JournalError, StoredCall},
    problem::Fault,
};
use filter::Asked;
use write::Form;

/// Facts looked at in one go; who reads streams waits meanwhile.
const AT_ONCE: u64 = 10_000;

/// How often that is done for one answer. Whoever asks on gets on.
const TIMES: usize = 50;

/// What the journal keeps beside a fact, for this page alone: no reader of a stream gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The address it was asked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// The names that those concerned had then, if they are few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whom: Vec<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they are named after the actions of the table")]
pub enum Kind {
    Mute,
    MuteSelf,
    UnmuteSelf,
    ConfigureMixer,
    SaveScene,
    DeleteScene,
    LeaveCall,
    OpenCall,
    SetCallAccess,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Mute,
        Self::MuteSelf,
        Self::UnmuteSelf,
        Self::ConfigureMixer,
        Self::SaveScene,
        Self::DeleteScene,
        Self::LeaveCall,
        Self::OpenCall,
        Self::SetCallAccess,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::MuteSelf => "muteSelf",
            Self::UnmuteSelf => "unmuteSelf",
            Self::ConfigureMixer => "configureMixer",
            Self::SaveScene => "saveScene",
            Self::DeleteScene => "deleteScene",
            Self::LeaveCall => "leaveCall",
            Self::OpenCall => "openCall",
            Self::SetCallAccess => "setCallAccess",
        }
    }
}

impl From<OperationKind> for Kind {
    fn from(kind: OperationKind) -> Self {
        match kind {
            OperationKind::Mute => Self::Mute,
            OperationKind::MuteSelf => Self::MuteSelf,
            OperationKind::UnmuteSelf => Self::UnmuteSelf,
            OperationKind::ConfigureMixer => Self::ConfigureMixer,
        }
    }
}

/// Something done that is no fact of the call, and is written down for this page alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// On which call.
    pub call: CallKey,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
    /// From where.
    pub trace: Trace,
    /// What.
    pub kind: Kind,
    /// What more there is to say.
    pub detail: Value,
}

/// A place in the page: a fact, then what was done after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The fact.
    pub sequence: Sequence,
    /// Numbers what was done after it; 0 is the fact itself.
    pub part: u64,
}

impl Cursor {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (sequence, part) = text.split_once('.')?;
        Some(Self { sequence: Sequence(sequence.parse().ok()?), part: part.parse().ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.sequence, self.part)
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It has no end yet.
    Pending,
    /// It ended, then and so.
    At(Timestamp, Outcome),
}

impl End {
    /// As it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::At(_, Outcome::Completed) => "completed",
            Self::At(_, Outcome::Failed { .. }) => "failed",
            Self::At(_, Outcome::Unconfirmed) => "unconfirmed",
        }
    }
}

/// One line of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub cursor: Cursor,
    /// When it was asked for.
    pub at: Timestamp,
    /// By whom: an operator, or Foldback itself for people who joined.
    pub by: By,
    /// From where, and who was concerned.
    pub trace: Trace,
    /// What was done.
    pub kind: Kind,
    /// To whom.
    pub targets: Vec<ParticipantId>,
    /// The drag or bulk action.
    pub gesture: Option<GestureId>,
    /// How it ended.
    pub end: End,
    /// The scene, or who may see the call; null where there is nothing to add.
    pub detail: Value,
}

impl Entry {
    /// As JSON has it.
    pub fn json(&self) -> Value {
        let operator = match &self.by {
            By::Operator { id, name } => json!({"id": id, "name": name}),
            By::Service | By::Foldback => Value::Null,
        };
        let mut entry = json!({
            "cursor": self.cursor,
            "at": self.at,
            "operator": operator,
            "from": self.trace.from,
            "kind": self.kind,
            "targets": self.targets,
            "names": self.trace.whom,
            "gesture": self.gesture,
            "outcome": self.end.name(),
            "detail": self.detail,
        });
        if let (Value::Object(entry), End::At(at, outcome)) = (&mut entry, &self.end) {
            entry.insert("endedAt".to_owned(), json!(at));
            if let Outcome::Failed { status, code, message, .. } = outcome {
                entry.insert("status".to_owned(), json!(status));
                entry.insert("code".to_owned(), json!(code));
                entry.insert("message".to_owned(), json!(message));
            }
        }
        entry
    }
}

/// Where all of this is kept.
pub trait Book: Send + Sync + 'static {
    /// Writes down what is no fact. Durable when it answers.
    fn note(&self, deed: Deed) -> BoxFuture<'_, Result<(), JournalError>>;

    /// What was done on a call after this place and up to this fact, in order, and the last fact there
    /// is.
    fn entries(
        &self,
        call: CallKey,
        after: Cursor,
        until: Sequence,
    ) -> BoxFuture<'_, Result<(Vec<Entry>, Sequence), JournalError>>;

    /// Calls that are over and of which nothing was written since then.
    fn old(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>>;

    /// Forgets some of what is kept of a call that is over, in the end the call itself; tells whether
    /// there is more.
    fn forget_some(&self, call: CallKey) -> BoxFuture<'_, Result<bool, JournalError>>;
}

/// Some of the page.
struct Page {
    entries: Vec<Entry>,
    /// Where to go on, if there may be more.
    next: Option<Cursor>,
}

/// Answers `GET …/audit`.
///
/// # Errors
/// 400 for what cannot be asked, 503 when the journal cannot be read.
pub async fn answer(
    book: Arc<dyn Book>,
    call: CallKey,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response<Body>, Fault> {
    let asked = Asked::read(uri)?;
    let form = Form::asked(asked.format, headers);
    if form == Form::Json {
        let page = page(&*book, &call, &asked, asked.after, asked.limit);
        let Page { entries, next } = page.await.map_err(|error| unreadable(&error))?;
        let entries: Vec<_> = entries.iter().map(Entry::json).collect();
        return Ok(json_answer(StatusCode::OK, &json!({"entries": entries, "next": next})));
    }
    let mut response = empty(StatusCode::OK);
    let members = response.headers_mut();
    members.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    let name = format!("attachment; filename=\"foldback-audit.{}\"", form.extension());
    if let Ok(name) = HeaderValue::from_str(&name) {
        members.insert(header::CONTENT_DISPOSITION, name);
    }
    let head = form.head().map(|head| Ok::<_, JournalError>(head.to_owned()));
    let start = Some(asked.after);
    let pages = futures_util::stream::unfold(start, move |at| {
        let (book, call, asked) = (Arc::clone(&book), call.clone(), asked.clone());
        async move {
            let page = page(&*book, &call, &asked, at?, filter::MOST).await;
            let (lines, next) = match page {
                Ok(Page { entries, next }) => {
                    (Ok(entries.iter().map(|entry| form.line(entry)).collect::<String>()), next)
                }
                // The answer breaks off: half of a page must not pass for the whole.
                Err(error) => {
                    tracing::error!(%error, "the audit cannot be read on");
                    (Err(error), None)
                }
            };
            Some((lines, next))
        }
    });
    let lines = futures_util::StreamExt::chain(futures_util::stream::iter(head), pages);
    *response.body_mut() = Body::from_stream(lines);
    Ok(response)
}

/// At most so many entries after a place.
async fn page(
    book: &dyn Book,
    call: &CallKey,
    asked: &Asked,
    mut after: Cursor,
    most: usize,
) -> Result<Page, JournalError> {
    let mut entries = Vec::new();
    for _ in 0..TIMES {
        let until = Sequence(after.sequence.0.saturating_add(AT_ONCE));
        let (found, head) = book.entries(call.clone(), after, until).await?;
        for entry in found.into_iter().filter(|entry| asked.fits(entry)) {
            if entries.len() == most {
                let next = entries.last().map(|last: &Entry| last.cursor);
                return Ok(Page { entries, next });
            }
            entries.push(entry);
        }
        if until >= head {
            return Ok(Page { entries, next: None });
        }
        after = Cursor { sequence: until, part: u64::MAX };
    }
    Ok(Page { entries, next: Some(after) })
}

/// 503 when the journal cannot be read.
pub fn unreadable(error: &JournalError) -> Fault {
    tracing::error!(%error, "the audit cannot be read");
    let mut fault = Fault::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "journalUnavailable",
        "the journal cannot be read; try again soon",
    );
    fault.retry_after = Some(5);
    fault
}
