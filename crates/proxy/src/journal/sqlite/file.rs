//! The journal's file: whose it is, who may read it, and that one process alone writes it.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// The owner alone reads and writes: the file has people's addresses in it.
const OWN: u32 = 0o600;

/// How long whoever comes waits for whoever is just ending, and how often they look.
const PATIENCE: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(50);

/// A journal held for one process, until this is dropped or the process is gone, however it ends.
#[derive(Debug)]
pub struct Hold {
    /// None where the file system knows no locks.
    _file: Option<File>,
}

/// Why a journal cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum NotHeld {
    /// Somebody else has it.
    #[error(
        "{} is locked: another Foldback runs with this journal, and neither would see what the other \
         writes; end that one first, or give this one a file of its own with sqlite in [journal]",
        .0.display()
    )]
    Taken(PathBuf),
    /// The file for the lock cannot be made.
    #[error(
        "{} cannot be made or locked: {why}; let the user that Foldback runs as write to its folder",
        .lock.display()
    )]
    Broken {
        /// The file.
        lock: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl Hold {
    /// Holds the journal in this file, which is made if it is not there. The lock is on a file beside it:
    /// on its own it would be in SQLite's way.
    ///
    /// # Errors
    /// [`NotHeld`].
    pub async fn take(journal: &Path) -> Result<Self, NotHeld> {
        let lock = beside(journal);
        let broken = |why| NotHeld::Broken { lock: lock.clone(), why };
        make(journal).map_err(broken)?;
        // Under whatever name it is reached it is one file.
        let lock = beside(&journal.canonicalize().map_err(broken)?);
        let broken = |why| NotHeld::Broken { lock: lock.clone(), why };
        let file = open_lock(&lock).map_err(broken)?;
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::WouldBlock) if tokio::time::Instant::now() < until => {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(TryLockError::WouldBlock) => return Err(NotHeld::Taken(lock)),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    tracing::warn!(
                        path = %lock.display(),
                        "this file system knows no locks: see to it yourself that one Foldback alone runs \
                         with this journal"
                    );
                    return Ok(Self { _file: None });
                }
                Err(TryLockError::Error(error)) => return Err(broken(error)),
            }
        }
    }
}

/// Makes the file, for the owner alone; SQLite gives those beside it the same mode. One that is there is
/// not even opened: closing it would take SQLite's own locks away from this process.
pub(super) fn make(journal: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWN).open(journal) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What is to be known of a journal that is there, and no reason not to start: that others may read it, or
/// that somebody runs with it now.
pub fn remarks(journal: &Path) -> Vec<String> {
    let mut remarks = Vec::new();
    let with = |end: &str| append(journal, end);
    for file in [journal.to_owned(), with("-wal"), with("-shm")] {
        let Ok(found) = file.metadata() else { continue };
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o044 != 0 {
            remarks.push(format!(
                "{0} can be read by others than its owner (mode {mode:03o}), and has people's addresses and \
                 the audit in it; chmod 600 {0}",
                file.display()
            ));
        }
    }
    let lock = journal.canonicalize().map(|journal| beside(&journal));
    // Opened to be read, and not made. Held for a moment, which whoever starts meanwhile waits for.
    if let Ok(lock) = lock
        && let Ok(file) = File::open(&lock)
        && matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    {
        remarks.push(format!(
            "{} is locked: a Foldback runs with this journal, and a second one would not start",
            lock.display()
        ));
    }
    remarks
}

fn open_lock(lock: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(OWN).open(lock)
}

/// The file whose lock stands for the journal's. It stays when nobody holds it: whoever took it away could
/// take it from under somebody who has just opened it.
fn beside(journal: &Path) -> PathBuf {
    append(journal, ".lock")
}

fn append(journal: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(journal);
    name.push(end);
    PathBuf::from(name)
}
