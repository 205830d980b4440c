//! The audit in the journal's file: facts that somebody made, and what was done beside them.

use foldback_model::{By, CallKey, Event, OperationId, Outcome, Sequence, Timestamp};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::{
    JournalError, Sqlite, StoredCall,
    deeds::{self, NO_CALL, deeds},
    head, integer, parse, sequence, stored_calls,
};
use crate::audit::{Book, Cursor, Deed, End, Entry, Kind, Order, Piece};

pub(super) const SCHEMA: &str = "
    CREATE INDEX IF NOT EXISTS facts_settles ON facts (call, settles) WHERE settles IS NOT NULL;
    CREATE TABLE IF NOT EXISTS deeds (
        number INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, after INTEGER NOT NULL, at INTEGER NOT NULL,
        by TEXT NOT NULL, trace TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, outcome TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS deeds_call ON deeds (call, after, number);
";

/// Facts of one call that are forgotten in one go; who writes waits meanwhile.
const AT_ONCE: i64 = 1_000;

impl Book for Sqlite {
    fn note(&self, deed: Deed) -> BoxFuture<'_, Result<u64, JournalError>> {
        Self::run(&self.writer, move |connection| deeds::note(connection, deed))
    }

    fn settle(&self, number: u64, outcome: Outcome) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| deeds::settle(connection, number, &outcome))
    }

    fn give_to(
        &self,
        number: u64,
        call: CallKey,
        detail: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            deeds::give_to(connection, number, &call, &detail)
        })
    }

    fn entries(
        &self,
        call: CallKey,
        order: Order,
        beyond: Cursor,
        most: u64,
    ) -> BoxFuture<'_, Result<Piece, JournalError>> {
        Self::run(&self.reader, move |connection| {
            let call = call.to_string();
            let head = head(connection, &call)?;
            let (between, next) = piece(order, beyond, most, head);
            let mut entries = facts(connection, &call, between)?;
            entries.extend(deeds(connection, &call, between, order, usize::MAX)?);
            entries.sort_by_key(|entry| entry.cursor);
            if order == Order::Newest {
                entries.reverse();
            }
            Ok((entries, next))
        })
    }

    fn house(
        &self,
        order: Order,
        beyond: Cursor,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, JournalError>> {
        Self::run(&self.reader, move |connection| {
            let between = match order {
                Order::Oldest => Between { after: beyond, before: Order::Newest.start() },
                Order::Newest => Between { after: Order::Oldest.start(), before: beyond },
            };
            deeds(connection, NO_CALL, between, order, most)
        })
    }

    fn forget_house(&self, since: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            connection.execute(
                "DELETE FROM deeds WHERE call = ? AND at < ?",
                params![NO_CALL, integer(since.0)],
            )?;
            Ok(())
        })
    }

    fn old(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>> {
        Self::run(&self.reader, move |connection| {
            let mut last = connection.prepare_cached(
                "SELECT at FROM facts WHERE call = ? ORDER BY sequence DESC LIMIT 1",
            )?;
            let mut old = Vec::new();
            for call in stored_calls(connection)?.into_iter().filter(|call| call.ended) {
                let at: Option<i64> =
                    last.query_row([call.key.to_string()], |row| row.get(0)).optional()?;
                if at.is_none_or(|at| at < integer(since.0)) {
                    old.push(call);
                }
            }
            Ok(old)
        })
    }

    fn forget_some(&self, call: CallKey) -> BoxFuture<'_, Result<bool, JournalError>> {
        Self::run(&self.writer, move |connection| {
            let call = call.to_string();
            let transaction = connection.transaction()?;
            // It may have been joined again meanwhile.
            let ended = "SELECT 1 FROM calls WHERE key = ? AND ended";
            if transaction.query_row(ended, [&call], |_| Ok(())).optional()?.is_none() {
                return Ok(false);
            }
            let some = transaction.execute(
                "DELETE FROM facts WHERE call = ?1 AND sequence IN
                 (SELECT sequence FROM facts WHERE call = ?1 ORDER BY sequence LIMIT ?2)",
                params![call, AT_ONCE],
            )?;
            if some == 0 {
                transaction.execute("DELETE FROM deeds WHERE call = ?", [&call])?;
                transaction.execute("DELETE FROM calls WHERE key = ?", [&call])?;
            }
            transaction.commit()?;
            Ok(some > 0)
        })
    }
}

/// Which operation's end a fact tells.
pub(super) fn settles(event: &Event) -> Option<&str> {
    match event {
        Event::OperationFinished { operation, .. } => Some(operation.as_str()),
        _ => None,
    }
}

/// Some of the page; neither end is part of it.
#[derive(Clone, Copy)]
pub(super) struct Between {
    pub(super) after: Cursor,
    pub(super) before: Cursor,
}

/// What so many facts beyond a place tell, and where to go on.
fn piece(order: Order, beyond: Cursor, most: u64, head: Sequence) -> (Between, Option<Cursor>) {
    match order {
        Order::Oldest => {
            let last = Sequence(beyond.sequence.0.saturating_add(most));
            let before = Cursor { sequence: last, part: u64::MAX };
            (Between { after: beyond, before }, (last < head).then_some(before))
        }
        Order::Newest => {
            let first = Sequence(beyond.sequence.min(head).0.saturating_sub(most));
            let after = Cursor { sequence: first, part: 0 };
            // The fact itself is what comes next; what was done after it has been told.
            let next = Cursor { sequence: first, part: 1 };
            (Between { after, before: beyond }, (first > Sequence(0)).then_some(next))
        }
    }
}

/// Facts that somebody made by doing something.
fn facts(
    connection: &Connection,
    call: &str,
    Between { after, before }: Between,
) -> Result<Vec<Entry>, JournalError> {
    // A fact is the first at its place.
    let until = before.sequence.0.saturating_sub(u64::from(before.part == 0));
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, by, event, trace FROM facts
         WHERE call = ? AND sequence > ? AND sequence <= ? AND by <> '\"service\"'
         ORDER BY sequence",
    )?;
    let mut rows = statement.query(params![call, integer(after.sequence.0), integer(until)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let by: By = parse(&row.get::<_, String>(2)?)?;
        let event: Event = parse(&row.get::<_, String>(3)?)?;
        let trace: Option<String> = row.get(4)?;
        let at = time(row.get(1)?);
        let entry = Entry {
            cursor: Cursor { sequence: sequence(row.get(0)?), part: 0 },
            at,
            by,
            trace: trace.map(|text| parse(&text)).transpose()?.unwrap_or_default(),
            kind: Kind::LeaveCall,
            targets: Vec::new(),
            gesture: None,
            end: End::At(at, Outcome::Completed),
            detail: Value::Null,
        };
        entries.extend(told(connection, call, entry, event)?);
    }
    Ok(entries)
}

/// What a fact tells of; none when somebody's doing is told by another one.
fn told(
    connection: &Connection,
    call: &str,
    mut entry: Entry,
    event: Event,
) -> Result<Option<Entry>, JournalError> {
    match event {
        Event::OperationRequested(request) => {
            entry.kind = request.kind.into();
            entry.end = end(connection, call, &request.operation)?;
            entry.targets = request.targets;
            entry.gesture = request.gesture;
        }
        Event::SceneSaved(scene) => {
            entry.kind = Kind::SaveScene;
            entry.detail = serde_json::json!({"scene": scene.id, "name": scene.name});
        }
        Event::SceneDeleted { scene } => {
            entry.kind = Kind::DeleteScene;
            entry.detail = match entry.trace.scene.take() {
                Some(name) => serde_json::json!({"scene": scene, "name": name}),
                // Journals of before tell the id alone.
                None => serde_json::json!({"scene": scene}),
            };
        }
        // Journals of before tell who left by the fact alone.
        Event::CallChanged(_) if !deeds::left_before(connection, call, entry.cursor.sequence)? => {}
        _ => return Ok(None),
    }
    Ok(Some(entry))
}

/// The last that was heard of an operation's end.
fn end(connection: &Connection, call: &str, operation: &OperationId) -> Result<End, JournalError> {
    let found = connection
        .prepare_cached(
            "SELECT at, event FROM facts WHERE call = ? AND settles = ?
             ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row(params![call, operation.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((at, text)) = found else { return Ok(End::Pending) };
    match parse(&text)? {
        Event::OperationFinished { outcome, .. } => Ok(End::At(time(at), outcome)),
        _ => Ok(End::Pending),
    }
}

pub(super) fn time(number: i64) -> Timestamp {
    Timestamp(u64::try_from(number).unwrap_or(0))
}
