//! The threads of the journal: work comes in order, and appends that wait are committed together.

use std::{sync::mpsc, thread};

use foldback_model::Fact;
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Append, JournalError, write};

/// Appends that are committed together at most.
const TOGETHER: usize = 256;

pub(super) type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(super) type Written = Result<Vec<Fact>, JournalError>;

/// What a thread is asked to do.
pub(super) enum Work {
    Append(Append, oneshot::Sender<Written>),
    Other(Job),
}

/// What a thread answers, if it was still there to be asked.
pub(super) fn awaited<T: Send + 'static>(
    asked: bool,
    answer: oneshot::Receiver<Result<T, JournalError>>,
) -> BoxFuture<'static, Result<T, JournalError>> {
    Box::pin(async move {
        let stopped = || JournalError::Broken("its thread has stopped".to_owned());
        if !asked {
            return Err(stopped());
        }
        answer.await.map_err(|_| stopped())?
    })
}

/// Starts a thread that owns a connection.
pub(super) fn work(
    name: &str,
    mut connection: Connection,
) -> Result<mpsc::Sender<Work>, JournalError> {
    let (sender, works) = mpsc::channel::<Work>();
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let mut held = None;
            while let Some(work) = held.take().or_else(|| works.recv().ok()) {
                let first = match work {
                    Work::Append(append, done) => (append, done),
                    Work::Other(job) => {
                        job(&mut connection);
                        continue;
                    }
                };
                // Whatever has come while the disk was busy becomes durable with one wait for it.
                let mut group = vec![first];
                while group.len() < TOGETHER && held.is_none() {
                    match works.try_recv() {
                        Ok(Work::Append(append, done)) => group.push((append, done)),
                        Ok(other) => held = Some(other),
                        Err(_) => break,
                    }
                }
                commit(&mut connection, group);
            }
        })
        .map_err(|error| JournalError::Broken(format!("its thread cannot be started: {error}")))?;
    Ok(sender)
}

/// Writes a group in one transaction and answers when it is durable. When that fails, each is tried
/// by itself, so that nobody fails for what another brought.
fn commit(connection: &mut Connection, group: Vec<(Append, oneshot::Sender<Written>)>) {
    let alone = group.len() == 1;
    let written = together(connection, group.iter().map(|(append, _)| append));
    match written {
        Ok(written) => {
            for ((_, done), written) in group.into_iter().zip(written) {
                // Nobody waits for the answer any more when this fails.
                drop(done.send(written));
            }
        }
        Err(error) => {
            for (append, done) in group {
                let written = if alone {
                    Err(error.clone())
                } else {
                    let one = together(connection, std::iter::once(&append));
                    one.and_then(|mut one| one.pop().unwrap_or_else(|| Err(error.clone())))
                };
                drop(done.send(written));
            }
        }
    }
}

/// What became of each. A conflict writes nothing and is one's own; any other error is everybody's.
fn together<'a>(
    connection: &mut Connection,
    appends: impl Iterator<Item = &'a Append>,
) -> Result<Vec<Written>, JournalError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut stands = None;
    let written = appends
        .map(|append| match write(&transaction, append, &mut stands) {
            Err(broken @ JournalError::Broken(_)) => Err(broken),
            written => Ok(written),
        })
        .collect::<Result<Vec<_>, _>>()?;
    transaction.commit()?;
    Ok(written)
}
