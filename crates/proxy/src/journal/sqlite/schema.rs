//! The tables of the journal's file, and how those of earlier versions become them.

use rusqlite::{Connection, config::DbConfig};

use super::{JournalError, audit, sessions};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS calls (
        key TEXT PRIMARY KEY, secret TEXT NOT NULL, subject TEXT, ended INTEGER NOT NULL, access TEXT
    ) WITHOUT ROWID, STRICT;
    CREATE TABLE IF NOT EXISTS facts (
        call TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
        by TEXT NOT NULL, event TEXT NOT NULL, gesture TEXT, dedup TEXT NOT NULL,
        trace TEXT, settles TEXT,
        PRIMARY KEY (call, sequence)
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX IF NOT EXISTS facts_gesture ON facts (call, gesture) WHERE gesture IS NOT NULL;
";

/// Bumped when the tables change; a file with a number nobody knows is refused.
const VERSION: i64 = 5;

/// From version 1: calls that say who may see them, and sessions.
const FROM_1: &str = "ALTER TABLE calls ADD COLUMN access TEXT;";

/// From version 2: what the audit needs to know of facts.
const FROM_2: &str = "
    ALTER TABLE facts ADD COLUMN trace TEXT;
    ALTER TABLE facts ADD COLUMN settles TEXT;
    UPDATE facts SET settles = json_extract(event, '$.operationFinished.operation')
    WHERE event LIKE '{\"operationFinished\"%';
";

/// From version 3: how what is no fact ended.
const FROM_3: &str = "ALTER TABLE deeds ADD COLUMN outcome TEXT;";

/// Up to version 4 there was an index for repetitions. One is looked for among the facts after those its
/// writer knew.
const FROM_4: &str = "DROP INDEX IF EXISTS facts_dedup;";

/// Up to version 4 numbers of deeds came again. SQLite cannot alter that, so they move.
const SET_ASIDE: &str = "ALTER TABLE deeds RENAME TO deeds_before; DROP INDEX deeds_call;";
const MOVE: &str = "
    INSERT INTO deeds (number, call, after, at, by, trace, kind, detail, outcome)
    SELECT number, call, after, at, by, trace, kind, detail, outcome FROM deeds_before;
    DROP TABLE deeds_before;
";

/// Has a connection make its plans from the tables alone. Else a statement that compares a column with
/// a parameter is compiled anew each time a value is bound, in case the value makes another plan better.
pub(super) fn plan_once(connection: &Connection) -> Result<(), JournalError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Makes the tables, or brings those of an earlier version up to date.
pub(super) fn prepare(mut connection: Connection) -> Result<Connection, JournalError> {
    plan_once(&connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // A database in memory answers "memory" here, which is as good.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        VERSION => {}
        0..VERSION => {
            // All or nothing: a half of it could be neither used nor tried again.
            let transaction = connection.transaction()?;
            match version {
                0 => transaction.execute_batch(SCHEMA)?,
                1 => {
                    transaction.execute_batch(FROM_1)?;
                    transaction.execute_batch(FROM_2)?;
                }
                2 => transaction.execute_batch(FROM_2)?,
                3 => transaction.execute_batch(FROM_3)?,
                _ => {}
            }
            transaction.execute_batch(FROM_4)?;
            if version >= 3 {
                transaction.execute_batch(SET_ASIDE)?;
            }
            transaction.execute_batch(sessions::SCHEMA)?;
            transaction.execute_batch(audit::SCHEMA)?;
            if version >= 3 {
                transaction.execute_batch(MOVE)?;
            }
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
        }
        other => {
            return Err(JournalError::Broken(format!(
                "the file has format {other} and this version reads format {VERSION}; \
                 move it away to begin anew"
            )));
        }
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn no_statement_is_compiled_again_for_another_value() {
        let connection = prepare(Connection::open_in_memory().unwrap()).unwrap();
        let newest = "SELECT max(sequence) FROM facts WHERE call = ?";
        for call in ["graph.a", "graph.b", "acs.c"] {
            let mut statement = connection.prepare_cached(newest).unwrap();
            let none: Option<i64> = statement.query_row([call], |row| row.get(0)).unwrap();
            assert_eq!(none, None);
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{call}");
        }
    }
}
