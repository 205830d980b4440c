//! Who did what to whom, from where, and with what result, on a call and beside all calls: read from the
//! journal, where each of it was written down before or with what it tells.

mod entry;
mod filter;
mod noted;
pub mod write;

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header},
};
use foldback_model::{CallKey, Outcome, Timestamp};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answer::{empty, json_answer},
    journal::{JournalError, StoredCall},
    problem::Fault,
};
pub use entry::{Cursor, Deed, End, Entry, Kind, Order};
use filter::Asked;
pub use noted::Noted;
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
    /// The name that a scene had which is deleted: the fact has its id alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<String>,
}

/// Some entries in a row, and where to go on if there may be more.
pub type Piece = (Vec<Entry>, Option<Cursor>);

/// Where all of this is kept.
pub trait Book: Send + Sync + 'static {
    /// Writes down what is no fact and gives its number. Durable when it answers.
    fn note(&self, deed: Deed) -> BoxFuture<'_, Result<u64, JournalError>>;

    /// Says how what has this number ended.
    fn settle(&self, number: u64, outcome: Outcome) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Says that what has this number is done and was done on a call.
    fn give_to(
        &self,
        number: u64,
        call: CallKey,
        detail: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// What was done on a call beyond this place, in this order, as far as so many facts tell it.
    fn entries(
        &self,
        call: CallKey,
        order: Order,
        beyond: Cursor,
        facts: u64,
    ) -> BoxFuture<'_, Result<Piece, JournalError>>;

    /// What was done on no call beyond this place, in this order, at most so much of it.
    fn house(
        &self,
        order: Order,
        beyond: Cursor,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, JournalError>>;

    /// Forgets what was done on no call before then.
    fn forget_house(&self, since: Timestamp) -> BoxFuture<'_, Result<(), JournalError>>;

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

/// Why a file breaks off: half of it must not pass for the whole.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("the audit cannot be read on: {0}")]
    Journal(#[from] JournalError),
    #[error("whoever reads it is not signed in any more")]
    SignedOut,
}

/// Answers `GET …/audit`, of a call or of what is of no call. A file goes on while `may_go_on`: whoever
/// takes it slowly may have been sent away meanwhile.
///
/// # Errors
/// 400 for what cannot be asked, 503 when the journal cannot be read.
pub async fn answer(
    book: Arc<dyn Book>,
    call: Option<CallKey>,
    uri: &Uri,
    headers: &HeaderMap,
    may_go_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<Response<Body>, Fault> {
    let asked = Asked::read(uri)?;
    let form = Form::asked(asked.format, headers);
    if form == Form::Json {
        let most = asked.limit.unwrap_or(filter::USUAL);
        let page = page(&*book, call.as_ref(), &asked, asked.beyond(), most);
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
    let head = form.head().map(|head| Ok::<_, Cut>(head.to_owned()));
    // Where to go on, and how many more are wanted: all, unless somebody said how many.
    let start = (Some(asked.beyond()), asked.limit.unwrap_or(usize::MAX));
    let pages = futures_util::stream::unfold(start, move |(at, wanted)| {
        let (book, call, asked) = (Arc::clone(&book), call.clone(), asked.clone());
        let may_go_on = may_go_on.clone();
        async move {
            let (at, most) = (at.filter(|_| wanted > 0)?, wanted.min(filter::MOST));
            let page = page(&*book, call.as_ref(), &asked, at, most).await;
            // Asked when the page is there: reading it takes time.
            let page = if may_go_on() { page.map_err(Cut::from) } else { Err(Cut::SignedOut) };
            let (lines, next) = match page {
                Ok(Page { entries, next }) => {
                    let lines = entries.iter().map(|entry| form.line(entry)).collect::<String>();
                    (Ok(lines), (next, wanted.saturating_sub(entries.len())))
                }
                Err(cut) => {
                    tracing::warn!(%cut, "an export of the audit broke off");
                    (Err(cut), (None, 0))
                }
            };
            Some((lines, next))
        }
    });
    let lines = futures_util::StreamExt::chain(futures_util::stream::iter(head), pages);
    *response.body_mut() = Body::from_stream(lines);
    Ok(response)
}

/// At most so many entries beyond a place.
async fn page(
    book: &dyn Book,
    call: Option<&CallKey>,
    asked: &Asked,
    mut beyond: Cursor,
    most: usize,
) -> Result<Page, JournalError> {
    let mut entries = Vec::new();
    for _ in 0..TIMES {
        let (found, end) = some(book, call, asked.order, beyond).await?;
        for entry in found.into_iter().filter(|entry| asked.fits(entry)) {
            if entries.len() == most {
                let next = entries.last().map(|last: &Entry| last.cursor);
                return Ok(Page { entries, next });
            }
            entries.push(entry);
        }
        let Some(end) = end else { return Ok(Page { entries, next: None }) };
        beyond = end;
    }
    Ok(Page { entries, next: Some(beyond) })
}

/// What is read in one go beyond a place, and its end when there may be more.
async fn some(
    book: &dyn Book,
    call: Option<&CallKey>,
    order: Order,
    beyond: Cursor,
) -> Result<Piece, JournalError> {
    let Some(call) = call else {
        let found = book.house(order, beyond, filter::MOST).await?;
        let end = found.last().filter(|_| found.len() == filter::MOST).map(|last| last.cursor);
        return Ok((found, end));
    };
    book.entries(call.clone(), order, beyond, AT_ONCE).await
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
