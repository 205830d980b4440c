//! Facts made by many at once, with a journal that fails now and then.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use foldback_model::{
    By, CallKey, CallState, Event, Fact, OperationId, OperationKind, OperationRequest, Sequence,
};
use foldback_proxy::{
    call::Call,
    journal::{Append, CallChange, Journal, JournalError, StoredCall, sqlite::Sqlite},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::Semaphore;

use crate::{
    kill::Folder,
    stage::{eventually, fold},
};

/// A journal that answers when it is let, and of which some appends fail, some of those after they
/// were written.
struct Disk {
    journal: Sqlite,
    hiccups: bool,
    asked: AtomicUsize,
    answers: Semaphore,
}

impl Disk {
    fn good(answers: usize) -> Arc<Self> {
        let journal = Sqlite::in_memory().unwrap();
        let (asked, answers) = (AtomicUsize::new(0), Semaphore::new(answers));
        Arc::new(Self { journal, hiccups: false, asked, answers })
    }
}

impl Journal for Disk {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        let broken = || Err(JournalError::Broken("the disk hiccups".to_owned()));
        let turn = self.asked.fetch_add(1, Ordering::SeqCst) % 61;
        let written = match turn {
            // Two in a row: the second try of somebody fails as well.
            3 | 40 | 41 if self.hiccups => None,
            _ => Some(self.journal.append(append)),
        };
        Box::pin(async move {
            self.answers.acquire().await.unwrap().forget();
            match written {
                None => broken(),
                Some(written) if self.hiccups && turn == 21 => written.await.and_then(|_| broken()),
                Some(written) => written.await,
            }
        })
    }

    fn read(
        &self,
        call: CallKey,
        after: Sequence,
        until: Sequence,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Fact>, JournalError>> {
        self.journal.read(call, after, until, limit)
    }

    fn store_call(&self, call: StoredCall) -> BoxFuture<'_, Result<(), JournalError>> {
        self.journal.store_call(call)
    }

    fn change_call(
        &self,
        call: CallKey,
        change: CallChange,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        self.journal.change_call(call, change)
    }

    fn calls(&self) -> BoxFuture<'_, Result<Vec<StoredCall>, JournalError>> {
        self.journal.calls()
    }
}

fn asked(number: usize) -> Event {
    Event::OperationRequested(OperationRequest {
        operation: OperationId::new(format!("o-{number}")).unwrap(),
        gesture: None,
        kind: OperationKind::Mute,
        targets: Vec::new(),
        client_context: None,
    })
}

fn named(fact: &Fact) -> String {
    match &fact.event {
        Event::OperationRequested(request) => request.operation.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn open(journal: Arc<dyn Journal>) -> Arc<Call> {
    let key = CallKey::parse("graph.call").unwrap();
    Call::open(key, false, journal, Arc::default()).await.unwrap().0
}

async fn all(call: &Call) -> Vec<Fact> {
    call.replay(Sequence(0), Sequence(u64::MAX)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_are_durable_once_and_in_order() {
    let folder = Folder::new();
    let journal = Sqlite::open(&folder.path("journal.sqlite")).unwrap();
    let call = open(Arc::new(Disk {
        journal,
        hiccups: true,
        asked: AtomicUsize::new(0),
        answers: Semaphore::new(Semaphore::MAX_PERMITS),
    }))
    .await;
    let mut watching = call.subscribe();
    let makers = (0..300).map(|number| {
        let call = Arc::clone(&call);
        tokio::spawn(async move { (number, call.append_one(By::Foldback, asked(number)).await) })
    });
    let mut taken = BTreeSet::new();
    for made in makers.collect::<Vec<_>>() {
        let (number, made) = made.await.unwrap();
        if made.is_ok() {
            taken.insert(format!("o-{number}"));
        }
    }
    assert!(taken.len() > 100, "only {} were taken", taken.len());
    let written = all(&call).await;
    let names: BTreeSet<_> = written.iter().map(named).collect();
    assert_eq!(names.len(), written.len(), "nothing is written twice");
    assert!(names.is_superset(&taken), "what was answered with success is durable");
    // What is durable is folded and shown, in that order and once, when the next one is.
    let next = loop {
        if let Ok(facts) = call.append_one(By::Foldback, asked(1_000)).await
            && let Some(fact) = facts.first()
        {
            break Arc::clone(fact);
        }
    };
    let written = all(&call).await;
    assert_eq!(written.last(), Some(&*next));
    assert_eq!(call.read().state, fold(CallState::default(), &written));
    let mut shown = Vec::new();
    while shown.last() != written.last() {
        shown.push(Fact::clone(&watching.facts.recv().await.unwrap()));
    }
    assert_eq!(shown, written);
}

#[tokio::test]
async fn a_repeat_waits_until_the_first_is_durable() {
    let disk = Disk::good(0);
    let call = open(Arc::<Disk>::clone(&disk)).await;
    let first = call.append_one(By::Foldback, asked(1));
    let again = call.append_one(By::Foldback, asked(1));
    tokio::pin!(first, again);
    assert!(first.as_mut().now_or_never().is_none());
    assert!(again.as_mut().now_or_never().is_none());
    disk.answers.add_permits(1);
    let (first, again) = tokio::join!(first, again);
    assert_eq!(first.unwrap().len(), 1);
    assert!(again.unwrap().is_empty());
    assert_eq!(all(&call).await.len(), 1);
}

#[tokio::test]
async fn who_repeats_what_somebody_stopped_waiting_for_sees_it_folded() {
    let disk = Disk::good(0);
    let call = open(Arc::<Disk>::clone(&disk)).await;
    {
        let given_up = call.append_one(By::Foldback, asked(1));
        tokio::pin!(given_up);
        assert!(given_up.as_mut().now_or_never().is_none());
    }
    disk.answers.add_permits(1);
    eventually("it is durable", || async { (!all(&call).await.is_empty()).then_some(()) }).await;
    let mut watching = call.subscribe();
    assert!(call.append_one(By::Foldback, asked(1)).await.unwrap().is_empty());
    let written = all(&call).await;
    assert_eq!(call.read().state, fold(CallState::default(), &written));
    assert_eq!(**(*watching.facts.recv().await.unwrap()), written[0]);
}

#[tokio::test]
async fn who_stops_waiting_leaves_no_gap() {
    let disk = Disk::good(0);
    let call = open(Arc::<Disk>::clone(&disk)).await;
    {
        let given_up = call.append_one(By::Foldback, asked(1));
        tokio::pin!(given_up);
        assert!(given_up.as_mut().now_or_never().is_none());
    }
    disk.answers.add_permits(1);
    call.append_one(By::Foldback, asked(2)).await.unwrap();
    let written = all(&call).await;
    assert_eq!(written.iter().map(named).collect::<Vec<_>>(), ["o-1", "o-2"]);
    assert_eq!(call.read().state, fold(CallState::default(), &written));
}
