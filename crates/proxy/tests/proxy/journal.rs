//! The journal by itself: order, repeats, conflicts, damage.

use std::sync::Arc;

use foldback_model::{By, CallKey, Event, OperationId, Sequence, Timestamp};
use foldback_proxy::{
    access::CallAccess,
    journal::{Append, Journal, JournalError, NewFact, StoredCall, sqlite::Sqlite},
    secret::Secret,
};

use crate::kill::Folder;

fn fact(n: u64) -> NewFact {
    let operation = OperationId::new(format!("o-{n}")).unwrap();
    NewFact {
        at: Timestamp(n),
        by: By::Service,
        event: Event::OperationAccepted { operation, upstream_id: None },
        trace: None,
    }
}

fn append(expected: u64, dedup: &str, facts: Vec<NewFact>) -> Append {
    let call = CallKey::parse("graph.call").unwrap();
    Append { call, expected: Sequence(expected), dedup: dedup.to_owned(), facts }
}

#[tokio::test]
async fn a_repeat_is_found_and_a_conflict_refused() {
    let journal = Sqlite::in_memory().unwrap();
    let first = journal.append(append(0, "a", vec![fact(1), fact(2)])).await.unwrap();
    assert_eq!(
        first.iter().map(|f| (f.prev.0, f.sequence.0)).collect::<Vec<_>>(),
        [(0, 1), (1, 2)]
    );
    assert_eq!(journal.append(append(0, "a", vec![fact(1), fact(2)])).await.unwrap(), first);
    let conflict = journal.append(append(0, "b", vec![fact(3)])).await.unwrap_err();
    assert_eq!(conflict, JournalError::Conflict { expected: Sequence(0), found: Sequence(2) });
    let call = CallKey::parse("graph.call").unwrap();
    let all = journal.read(call.clone(), Sequence(0), Sequence(u64::MAX), 10).await.unwrap();
    assert_eq!(all, first);
    // What others wrote since hides no repeat.
    let next = journal.append(append(2, "c", vec![fact(3)])).await.unwrap();
    assert_eq!(journal.append(append(0, "a", vec![fact(1), fact(2)])).await.unwrap(), first);
    assert_eq!(journal.append(append(2, "c", vec![fact(3)])).await.unwrap(), next);
    let other = CallKey::parse("graph.other").unwrap();
    assert!(journal.read(other, Sequence(0), Sequence(u64::MAX), 10).await.unwrap().is_empty());
    let page = journal.read(call, Sequence(1), Sequence(2), 10).await.unwrap();
    assert_eq!(page, first[1..]);
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let stored = StoredCall {
        key: CallKey::parse("graph.call").unwrap(),
        secret: Secret::random().unwrap().digest(),
        subject: Some("Weekly".to_owned()),
        ended: false,
        access: Some(CallAccess { groups: vec!["sound".to_owned()], ..CallAccess::default() }),
    };
    let written = {
        let journal = Sqlite::open(&path).unwrap();
        journal.store_call(stored.clone()).await.unwrap();
        journal.append(append(0, "a", vec![fact(1)])).await.unwrap()
    };
    // A copy taken while it is open, as after a power cut, opens too.
    let copy = folder.path("copy.sqlite");
    std::fs::copy(&path, &copy).unwrap();
    let wal = folder.path("journal.sqlite-wal");
    if wal.exists() {
        std::fs::copy(wal, folder.path("copy.sqlite-wal")).unwrap();
    }
    for path in [path, copy] {
        let journal: Arc<dyn Journal> = Arc::new(Sqlite::open(&path).unwrap());
        assert_eq!(journal.calls().await.unwrap(), std::slice::from_ref(&stored));
        let call = stored.key.clone();
        let read = journal.read(call, Sequence(0), Sequence(u64::MAX), 10).await.unwrap();
        assert_eq!(read, written);
    }
}

/// Power may go at any byte: what is left of the log is cut there, or holds rubbish from there on.
#[tokio::test]
async fn torn_copy() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = Sqlite::open(&path).unwrap();
    let mut written = Vec::new();
    for n in 0..12 {
        let two = vec![fact(2 * n), fact(2 * n + 1)];
        written.extend(journal.append(append(2 * n, &n.to_string(), two)).await.unwrap());
    }
    let log = std::fs::read(folder.path("journal.sqlite-wal")).unwrap();
    let mut lengths = std::collections::BTreeSet::new();
    // A step that no size of page divides, so that every kind of place is cut.
    let cuts = (0..log.len()).step_by(1_733).chain([log.len()]);
    for (number, cut) in cuts.enumerate() {
        // A journal is closed by its threads, after it is dropped: each copy has a name of its own.
        let copy = folder.path(&format!("copy-{number}.sqlite"));
        std::fs::copy(&path, &copy).unwrap();
        let mut torn = log[..cut].to_vec();
        if number % 2 == 1 {
            torn.resize(log.len(), 0x5a);
        }
        std::fs::write(folder.path(&format!("copy-{number}.sqlite-wal")), torn).unwrap();
        let torn = Sqlite::open(&copy).unwrap();
        let call = CallKey::parse("graph.call").unwrap();
        let read = torn.read(call, Sequence(0), Sequence(u64::MAX), 100).await.unwrap();
        assert_eq!(read, written[..read.len()], "cut at {cut}");
        assert_eq!(read.len() % 2, 0, "half a commit at {cut}");
        // It goes on from there.
        let next = Sequence(u64::try_from(read.len()).unwrap());
        torn.append(append(next.0, "after", vec![fact(99)])).await.unwrap();
        lengths.insert(read.len());
    }
    assert_eq!(lengths.last(), Some(&written.len()));
    assert!(lengths.len() > 6, "{lengths:?}");
}

#[tokio::test]
async fn a_file_of_the_format_before_is_taken_over() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let secret = Secret::random().unwrap().digest();
    let before = format!(
        "CREATE TABLE calls (
            key TEXT PRIMARY KEY, secret TEXT NOT NULL, subject TEXT, ended INTEGER NOT NULL
         ) WITHOUT ROWID, STRICT;
         CREATE TABLE facts (
            call TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
            by TEXT NOT NULL, event TEXT NOT NULL, gesture TEXT, dedup TEXT NOT NULL,
            PRIMARY KEY (call, sequence)
         ) WITHOUT ROWID, STRICT;
         INSERT INTO calls VALUES ('graph.call', '{}', 'Weekly', 0);
         PRAGMA user_version = 1;",
        secret.to_text()
    );
    rusqlite::Connection::open(&path).unwrap().execute_batch(&before).unwrap();
    for _ in 0..2 {
        let journal = Sqlite::open(&path).unwrap();
        let calls = journal.calls().await.unwrap();
        assert_eq!((calls.len(), &calls[0].access, calls[0].secret), (1, &None, secret));
        let kept = journal.sessions().unwrap().load(Timestamp(0)).await.unwrap();
        assert!(kept.sessions.is_empty());
    }
    let journal = Sqlite::open(&path).unwrap();
    assert_eq!(journal.append(append(0, "a", vec![fact(1)])).await.unwrap().len(), 1);
}

#[tokio::test]
async fn repeats_are_found_without_the_index_of_before() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let first = {
        let journal = Sqlite::open(&path).unwrap();
        journal.append(append(0, "a", vec![fact(1), fact(2)])).await.unwrap()
    };
    let file = rusqlite::Connection::open(&path).unwrap();
    let before = "CREATE INDEX facts_dedup ON facts (call, dedup); PRAGMA user_version = 4;";
    file.execute_batch(before).unwrap();
    let journal = Sqlite::open(&path).unwrap();
    let indexes = "SELECT count(*) FROM sqlite_schema WHERE name = 'facts_dedup'";
    assert_eq!(file.query_row(indexes, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(journal.append(append(0, "a", vec![fact(1), fact(2)])).await.unwrap(), first);
    assert_eq!(journal.append(append(2, "b", vec![fact(3)])).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_of_another_format_is_refused() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Sqlite::open(&path).unwrap_err().to_string();
    assert!(error.contains("format 99"), "{error}");
    std::fs::write(&path, "no database at all, but long enough to be looked at as one").unwrap();
    assert!(Sqlite::open(&path).is_err());
}
