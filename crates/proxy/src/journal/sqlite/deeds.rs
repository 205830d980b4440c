//! What was done and is no fact, in the journal's file: written down before it is done.

use foldback_model::{By, CallKey, Outcome, Sequence};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::{
    JournalError,
    audit::{Between, time},
    head, integer, json, parse, sequence,
};
use crate::audit::{Cursor, Deed, End, Entry, Kind, Order};

/// Stands where a deed is of no call. No call has this key.
pub(super) const NO_CALL: &str = "";

/// Writes a deed down and gives its number.
pub(super) fn note(connection: &Connection, deed: Deed) -> Result<u64, JournalError> {
    let call = deed.call.map_or_else(|| NO_CALL.to_owned(), |call| call.to_string());
    let after = head(connection, &call)?;
    connection
        .prepare_cached(
            "INSERT INTO deeds (call, after, at, by, trace, kind, detail, outcome)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            call,
            integer(after.0),
            integer(deed.at.0),
            json(&deed.by)?,
            json(&deed.trace)?,
            json(&deed.kind)?,
            json(&deed.detail)?,
            json(&deed.outcome)?
        ])?;
    Ok(u64::try_from(connection.last_insert_rowid()).unwrap_or(0))
}

/// Says how a deed ended.
pub(super) fn settle(
    connection: &Connection,
    number: u64,
    outcome: &Outcome,
) -> Result<(), JournalError> {
    connection
        .prepare_cached("UPDATE deeds SET outcome = ? WHERE number = ?")?
        .execute(params![json(outcome)?, integer(number)])?;
    Ok(())
}

/// Makes a deed of no call one of this call that is done. It gets another number, so that whoever reads
/// on finds it.
pub(super) fn give_to(
    connection: &mut Connection,
    number: u64,
    call: &CallKey,
    detail: &Value,
) -> Result<(), JournalError> {
    let call = call.to_string();
    let transaction = connection.transaction()?;
    let after = head(&transaction, &call)?;
    transaction
        .prepare_cached(
            "INSERT INTO deeds (call, after, at, by, trace, kind, detail, outcome)
             SELECT ?, ?, at, by, trace, kind, ?, ? FROM deeds WHERE number = ?",
        )?
        .execute(params![
            call,
            integer(after.0),
            json(detail)?,
            json(&Outcome::Completed)?,
            integer(number)
        ])?;
    transaction.prepare_cached("DELETE FROM deeds WHERE number = ?")?.execute([integer(number)])?;
    Ok(transaction.commit()?)
}

/// What was done between two places, in this order, at most so much of it.
pub(super) fn deeds(
    connection: &Connection,
    call: &str,
    Between { after, before }: Between,
    order: Order,
    most: usize,
) -> Result<Vec<Entry>, JournalError> {
    let way = match order {
        Order::Oldest => "ASC",
        Order::Newest => "DESC",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT after, number, at, by, trace, kind, detail, outcome FROM deeds
         WHERE call = ?1 AND after >= ?2 AND after <= ?4
         AND (after > ?2 OR number > ?3) AND (after < ?4 OR number < ?5)
         ORDER BY after {way}, number {way} LIMIT ?6"
    ))?;
    let [first, last] = [after, before].map(|place| integer(place.sequence.0));
    let [first_part, last_part] = [after, before].map(|place| integer(place.part));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![call, first, first_part, last, last_part, most])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (after, by): (i64, String) = (row.get(0)?, row.get(3)?);
        let kind: Kind = parse(&row.get::<_, String>(5)?)?;
        let at = time(row.get(2)?);
        let outcome: Option<String> = row.get(7)?;
        let end = match outcome.map(|text| parse::<Option<Outcome>>(&text)).transpose()? {
            // Journals of before wrote down what was done, and no end.
            None => End::At(at, Outcome::Completed),
            Some(Some(outcome)) => End::At(at, outcome),
            Some(None) if kind == Kind::LeaveCall => seen_to_leave(connection, call, after, &by)?,
            Some(None) => End::Pending,
        };
        entries.push(Entry {
            cursor: Cursor {
                sequence: sequence(after),
                part: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            },
            at,
            by: parse::<By>(&by)?,
            trace: parse(&row.get::<_, String>(4)?)?,
            kind,
            targets: Vec::new(),
            gesture: None,
            end,
            detail: parse(&row.get::<_, String>(6)?)?,
        });
    }
    Ok(entries)
}

/// Whether somebody has asked to leave before this fact.
pub(super) fn left_before(
    connection: &Connection,
    call: &str,
    fact: Sequence,
) -> Result<bool, JournalError> {
    let found = connection
        .prepare_cached("SELECT 1 FROM deeds WHERE call = ? AND after < ? AND kind = ? LIMIT 1")?
        .query_row(params![call, integer(fact.0), json(&Kind::LeaveCall)?], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// The end of a leaving of which the service said nothing in time: what was read later is a fact.
fn seen_to_leave(
    connection: &Connection,
    call: &str,
    after: i64,
    by: &str,
) -> Result<End, JournalError> {
    let at: Option<i64> = connection
        .prepare_cached(
            "SELECT at FROM facts WHERE call = ? AND sequence > ? AND by = ?
             AND event LIKE '{\"callChanged\"%' ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row(params![call, after, by], |row| row.get(0))
        .optional()?;
    Ok(at.map_or(End::Pending, |at: i64| End::At(time(at), Outcome::Completed)))
}
