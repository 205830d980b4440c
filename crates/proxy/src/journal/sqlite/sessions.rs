//! Sessions in the journal's file: a cookie is there only as its hash.

use foldback_model::{OperatorId, Timestamp};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, params};

use super::{JournalError, Sqlite, damaged, integer, json, parse};
use crate::{
    secret::Fingerprint,
    session::store::{Kept, Store, Stored},
};

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS sessions (
        print TEXT PRIMARY KEY, operator TEXT NOT NULL, name TEXT NOT NULL, claimed TEXT NOT NULL,
        began INTEGER NOT NULL, used INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX IF NOT EXISTS sessions_operator ON sessions (operator);
    CREATE TABLE IF NOT EXISTS revocations (
        operator TEXT PRIMARY KEY, at INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT;
";

impl Store for Sqlite {
    fn begin(
        &self,
        session: Stored,
        replaces: Vec<Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            let transaction = connection.transaction()?;
            forget(&transaction, &replaces)?;
            transaction
                .prepare_cached(
                    "INSERT INTO sessions (print, operator, name, claimed, began, used)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    session.print.to_text(),
                    session.operator.id.as_str(),
                    session.operator.name,
                    json(&session.claimed)?,
                    integer(session.began.0),
                    integer(session.used.0)
                ])?;
            Ok(transaction.commit()?)
        })
    }

    fn keep(
        &self,
        used: Vec<(Fingerprint, Timestamp)>,
        over: Vec<Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        if used.is_empty() && over.is_empty() {
            return Box::pin(std::future::ready(Ok(())));
        }
        Self::run(&self.writer, move |connection| {
            let transaction = connection.transaction()?;
            forget(&transaction, &over)?;
            for (print, used) in used {
                transaction
                    .prepare_cached("UPDATE sessions SET used = ?1 WHERE print = ?2 AND used < ?1")?
                    .execute(params![integer(used.0), print.to_text()])?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn revoke(
        &self,
        operator: OperatorId,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Self::run(&self.writer, move |connection| {
            let transaction = connection.transaction()?;
            transaction
                .prepare_cached("DELETE FROM sessions WHERE operator = ?")?
                .execute([operator.as_str()])?;
            transaction
                .prepare_cached(
                    "INSERT INTO revocations (operator, at) VALUES (?1, ?2)
                     ON CONFLICT (operator) DO UPDATE SET at = ?2",
                )?
                .execute(params![operator.as_str(), integer(at.0)])?;
            Ok(transaction.commit()?)
        })
    }

    fn load(&self, since: Timestamp) -> BoxFuture<'_, Result<Kept, JournalError>> {
        Self::run(&self.writer, move |connection| {
            connection
                .prepare_cached("DELETE FROM revocations WHERE at < ?")?
                .execute([integer(since.0)])?;
            Ok(Kept { sessions: sessions(connection)?, revoked: revoked(connection)? })
        })
    }
}

fn forget(connection: &Connection, prints: &[Fingerprint]) -> Result<(), JournalError> {
    for print in prints {
        connection
            .prepare_cached("DELETE FROM sessions WHERE print = ?")?
            .execute([print.to_text()])?;
    }
    Ok(())
}

fn sessions(connection: &Connection) -> Result<Vec<Stored>, JournalError> {
    let mut statement = connection
        .prepare_cached("SELECT print, operator, name, claimed, began, used FROM sessions")?;
    let mut rows = statement.query([])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        let (print, id): (String, String) = (row.get(0)?, row.get(1)?);
        let print = Fingerprint::from_text(&print).ok_or_else(|| damaged("a session's hash"))?;
        let id = OperatorId::new(id).ok_or_else(|| damaged("a session's operator"))?;
        sessions.push(Stored {
            print,
            operator: crate::session::Operator { id, name: row.get(2)? },
            claimed: parse(&row.get::<_, String>(3)?)?,
            began: time(row.get(4)?),
            used: time(row.get(5)?),
        });
    }
    Ok(sessions)
}

fn revoked(connection: &Connection) -> Result<Vec<(OperatorId, Timestamp)>, JournalError> {
    let mut statement = connection.prepare_cached("SELECT operator, at FROM revocations")?;
    let mut rows = statement.query([])?;
    let mut revoked = Vec::new();
    while let Some(row) = rows.next()? {
        let id = OperatorId::new(row.get::<_, String>(0)?);
        let id = id.ok_or_else(|| damaged("whose sessions were ended"))?;
        revoked.push((id, time(row.get(1)?)));
    }
    Ok(revoked)
}

fn time(number: i64) -> Timestamp {
    Timestamp(u64::try_from(number).unwrap_or(0))
}
