//! The journal in one SQLite file: WAL, `synchronous=FULL`, one writer thread, one reader thread.

mod audit;
mod deeds;
pub mod file;
mod schema;
mod sessions;
mod thread;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use foldback_model::{By, CallKey, Event, Fact, GestureId, MixChange, Sequence, Timestamp};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, Transaction, params};
use tokio::sync::oneshot;

use super::{Append, CallChange, Journal, JournalError, NewFact, StoredCall};
use crate::{audit::Book, secret::Fingerprint, session::store::Store};
use schema::{plan_once, prepare};
use thread::{Job, Work, Written, awaited, work};

/// See the module. A clone is the same journal.
#[derive(Debug, Clone)]
pub struct Sqlite {
    writer: mpsc::Sender<Work>,
    reader: mpsc::Sender<Work>,
    /// As long as somebody may write.
    _held: Option<Arc<file::Hold>>,
}

impl Sqlite {
    /// Opens or makes the file, for its owner alone.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when it cannot be opened or was made by another version.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        file::make(path).map_err(|error| JournalError::Broken(error.to_string()))?;
        let writer = prepare(Connection::open(path)?)?;
        let reader = Connection::open(path)?;
        plan_once(&reader)?;
        reader.pragma_update(None, "query_only", "ON")?;
        let name = PathBuf::from(path);
        tracing::info!(path = %name.display(), "journal opened");
        let (writer, reader) = (work("journal-write", writer)?, work("journal-read", reader)?);
        Ok(Self { writer, reader, _held: None })
    }

    /// The same, held for this process as long as it is used.
    #[must_use]
    pub fn held(self, hold: file::Hold) -> Self {
        Self { _held: Some(Arc::new(hold)), ..self }
    }

    /// A journal that lives as long as the process: for rehearsals.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when the database cannot be made.
    pub fn in_memory() -> Result<Self, JournalError> {
        let writer = work("journal", prepare(Connection::open_in_memory()?)?)?;
        Ok(Self { reader: writer.clone(), writer, _held: None })
    }

    fn run<T: Send + 'static>(
        worker: &mpsc::Sender<Work>,
        job: impl FnOnce(&mut Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, JournalError>> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits for the answer any more when this fails.
            drop(done.send(job(connection)));
        });
        awaited(worker.send(Work::Other(job)).is_ok(), answer)
    }
}

impl Journal for Sqlite {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        let (done, answer) = oneshot::channel();
        awaited(self.writer.send(Work::Append(append, done)).is_ok(), answer)
    }

    fn read(
        &self,
        call: CallKey,
        after: Sequence,
        until: Sequence,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        Self::run(&self.reader, move |connection| {
            read(connection, &call.to_string(), after, until, limit)
        })
    }

    fn store_call(&self, call: StoredCall) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO calls (key, secret, subject, ended, access)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (key) DO UPDATE
                     SET secret = ?2, subject = ?3, ended = ?4, access = ?5",
                )?
                .execute(params![
                    call.key.to_string(),
                    call.secret.to_text(),
                    call.subject,
                    call.ended,
                    call.access.as_ref().map(json).transpose()?
                ])?;
            Ok(())
        })
    }

    fn change_call(
        &self,
        call: CallKey,
        change: CallChange,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            let key = call.to_string();
            match change {
                CallChange::Access(access) => connection
                    .prepare_cached("UPDATE calls SET access = ?2 WHERE key = ?1")?
                    .execute(params![key, json(&access)?])?,
                CallChange::Secret(secret) => connection
                    .prepare_cached("UPDATE calls SET secret = ?2 WHERE key = ?1")?
                    .execute(params![key, secret.to_text()])?,
                CallChange::Ended => connection
                    .prepare_cached("UPDATE calls SET ended = TRUE WHERE key = ?")?
                    .execute([key])?,
            };
            Ok(())
        })
    }

    fn calls(&self) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>> {
        Self::run(&self.reader, |connection| stored_calls(connection))
    }

    fn turn(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, |_| Ok(()))
    }

    fn sessions(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(self.clone()))
    }

    fn book(&self) -> Option<Arc<dyn Book>> {
        Some(Arc::new(self.clone()))
    }
}

fn stored_calls(connection: &Connection) -> Result<Vec<StoredCall>, JournalError> {
    let mut statement =
        connection.prepare_cached("SELECT key, secret, subject, ended, access FROM calls")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<String>>(2)?,
            row.get::<_, bool>(3)?,
            row.get::<_, Option<String>>(4)?,
        ))
    })?;
    rows.map(|row| {
        let (key, secret, subject, ended, access) = row?;
        Ok(StoredCall {
            key: CallKey::parse(&key).ok_or_else(|| damaged("a call's key"))?,
            secret: Fingerprint::from_text(&secret).ok_or_else(|| damaged("a call's secret"))?,
            subject,
            ended,
            access: access.map(|text| parse(&text)).transpose()?,
        })
    })
    .collect()
}

/// Where a call's journal stands, as the transaction under way has left it.
type Stands = (String, Sequence);

/// Writes an append. `stands` is what is known of the call written to last: nobody else writes during a
/// transaction.
fn write(transaction: &Transaction<'_>, append: &Append, stands: &mut Option<Stands>) -> Written {
    let call = append.call.to_string();
    let head = match stands.take() {
        Some((of, head)) if of == call => head,
        _ => head(transaction, &call)?,
    };
    if head != append.expected {
        let conflict = JournalError::Conflict { expected: append.expected, found: head };
        return repeated(transaction, &call, append)?.ok_or(conflict);
    }
    let mut last = head;
    let mut of_a_gesture = false;
    for fact in &append.facts {
        last = Sequence(last.0 + 1);
        let gesture = match &fact.event {
            Event::MixChanged(change) => {
                if let Some(gesture) = &change.gesture {
                    supersede(transaction, &call, gesture, change)?;
                }
                change.gesture.as_ref()
            }
            _ => None,
        };
        of_a_gesture |= gesture.is_some();
        insert(transaction, &call, last, fact, gesture, &append.dedup)?;
    }
    *stands = Some((call.clone(), last));
    if of_a_gesture {
        // What is before them, or part of them, may be gone by now.
        return read(transaction, &call, head, last, usize::MAX);
    }
    let mut prev = head;
    Ok(append
        .facts
        .iter()
        .map(|NewFact { at, by, event, .. }| {
            let sequence = Sequence(prev.0 + 1);
            let fact = Fact { sequence, prev, at: *at, by: by.clone(), event: event.clone() };
            prev = sequence;
            fact
        })
        .collect())
}

/// What an append made when it was written before: whatever it wrote follows what its writer knew.
fn repeated(
    connection: &Connection,
    call: &str,
    append: &Append,
) -> Result<Option<Vec<Fact>>, JournalError> {
    let (first, last): (Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT min(sequence), max(sequence) FROM facts
             WHERE call = ? AND sequence > ? AND dedup = ?",
        )?
        .query_row(params![call, integer(append.expected.0), append.dedup], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    let after = sequence(first.saturating_sub(1));
    read(connection, call, after, sequence(last), usize::MAX).map(Some)
}

fn head(connection: &Connection, call: &str) -> Result<Sequence, JournalError> {
    let head: Option<i64> = connection
        .prepare_cached("SELECT max(sequence) FROM facts WHERE call = ?")?
        .query_row([call], |row| row.get(0))?;
    Ok(sequence(head.unwrap_or(0)))
}

fn insert(
    transaction: &Transaction<'_>,
    call: &str,
    sequence: Sequence,
    fact: &NewFact,
    gesture: Option<&GestureId>,
    dedup: &str,
) -> Result<(), JournalError> {
    transaction
        .prepare_cached(
            "INSERT INTO facts (call, sequence, at, by, event, gesture, dedup, trace, settles)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            call,
            integer(sequence.0),
            integer(fact.at.0),
            json(&fact.by)?,
            json(&fact.event)?,
            gesture.map(GestureId::as_str),
            dedup,
            fact.trace.as_ref().map(json).transpose()?,
            audit::settles(&fact.event)
        ])?;
    Ok(())
}

/// Takes out of older mixes of the gesture what `newer` sets again.
fn supersede(
    transaction: &Transaction<'_>,
    call: &str,
    gesture: &GestureId,
    newer: &MixChange,
) -> Result<(), JournalError> {
    let older: Vec<(i64, String)> = transaction
        .prepare_cached("SELECT sequence, event FROM facts WHERE call = ? AND gesture = ?")?
        .query_map(params![call, gesture.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (sequence, text) in older {
        let Event::MixChanged(change) = parse(&text)? else { continue };
        match change.superseded_by(newer) {
            None => transaction
                .prepare_cached("DELETE FROM facts WHERE call = ? AND sequence = ?")?
                .execute(params![call, sequence])?,
            Some(rest) if rest != change => transaction
                .prepare_cached("UPDATE facts SET event = ? WHERE call = ? AND sequence = ?")?
                .execute(params![json(&Event::MixChanged(rest))?, call, sequence])?,
            Some(_) => 0,
        };
    }
    Ok(())
}

fn read(
    connection: &Connection,
    call: &str,
    after: Sequence,
    until: Sequence,
    limit: usize,
) -> Result<Vec<Fact>, JournalError> {
    let before: Option<i64> = connection
        .prepare_cached("SELECT max(sequence) FROM facts WHERE call = ? AND sequence <= ?")?
        .query_row(params![call, integer(after.0)], |row| row.get(0))?;
    let mut prev = sequence(before.unwrap_or(0));
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, by, event FROM facts
         WHERE call = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![call, integer(after.0), integer(until.0), limit])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        let here = sequence(row.get(0)?);
        let at = Timestamp(u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0));
        let by: By = parse(&row.get::<_, String>(2)?)?;
        let event: Event = parse(&row.get::<_, String>(3)?)?;
        facts.push(Fact { sequence: here, prev, at, by, event });
        prev = here;
    }
    Ok(facts)
}

/// SQLite counts in `i64`; what does not fit stands for "as far as there is".
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sequence(number: i64) -> Sequence {
    Sequence(u64::try_from(number).unwrap_or(0))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|error| JournalError::Broken(error.to_string()))
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JournalError> {
    serde_json::from_str(text).map_err(|error| damaged(&error.to_string()))
}

fn damaged(what: &str) -> JournalError {
    JournalError::Broken(format!("it holds something unreadable: {what}"))
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}
