//! How facts come about: judged against what is on its way to the journal, durable, folded, shown.
//!
//! A journal waits for the disk, and one wait can serve many. So whoever makes facts does not wait
//! for those before: they are judged by the state that will be once those are durable, and follow
//! them to the journal at once. Folding happens in that order too. When the journal does not take
//! something, what was judged by it is judged anew.

use std::{
    net::IpAddr,
    pin::pin,
    sync::{
        Arc, LazyLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use foldback_model::{By, CallInfo, Event, Fact, Sequence, call::CallPhase};
use futures_util::{FutureExt as _, future::BoxFuture};

use super::{Call, Folded, now};
use crate::{
    audit::Trace,
    journal::{Append, JournalError, NewFact},
};

/// Most people whose names are kept beside what was done to them. A mix for everyone names them all.
const NAMED: usize = 16;

/// The fold of everything the journal was handed, durable or not.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    folded: Folded,
    /// How often it was begun anew, from what is durable.
    epoch: u64,
}

type Written<'a> = BoxFuture<'a, Result<Vec<Fact>, JournalError>>;

impl Call {
    /// Makes facts of what `make` finds to be news. Durable first, folded then, shown last; no facts
    /// are given back before those they repeat are durable.
    ///
    /// The events of one call of `make` are about different things: each is judged against the state
    /// before all of them. `make` runs again when the journal did not take what it looked at.
    ///
    /// # Errors
    /// When the journal cannot be written; nothing has changed then.
    pub async fn append(
        &self,
        make: impl Fn(&Folded) -> Vec<(By, Event)>,
    ) -> Result<Vec<Arc<Fact>>, JournalError> {
        self.append_from(None, make).await
    }

    /// As [`Self::append`], with the address from which somebody asked for it.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub async fn append_from(
        &self,
        from: Option<IpAddr>,
        make: impl Fn(&Folded) -> Vec<(By, Event)>,
    ) -> Result<Vec<Arc<Fact>>, JournalError> {
        loop {
            // Whoever hands over first folds first; a task that has had its share for now must not
            // lose its place.
            let mut turn = pin!(tokio::task::unconstrained(self.turn.lock()));
            let (epoch, known, staged, mine) = {
                let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
                let known = ahead.folded.state.sequence;
                let staged = self.stage(&mut ahead, from, &make);
                (ahead.epoch, known, staged, turn.as_mut().now_or_never())
            };
            let _mine = match mine {
                Some(mine) => mine,
                None => turn.await,
            };
            let Some((append, written)) = staged else {
                if self.epoch() != epoch {
                    continue;
                }
                // What these repeat may be durable without being folded: whoever wrote it may have
                // stopped waiting.
                self.catch_up(known, true).await?;
                return Ok(Vec::new());
            };
            let valid = self.epoch() == epoch;
            let written = match written.await {
                // It may have been written all the same: the same name finds it. Made anew under
                // another name, it could be written twice.
                Err(JournalError::Broken(_)) => self.journal.append(append).await,
                // One before it was not written at the first try.
                Err(JournalError::Conflict { .. })
                    if valid && self.read().state.sequence == append.expected =>
                {
                    self.journal.append(append).await
                }
                other => other,
            };
            match written {
                Ok(facts) => {
                    // Whoever wrote those before may have stopped waiting for them.
                    let first = facts.first().map_or(0, |fact| fact.prev.0);
                    self.catch_up(Sequence(first), true).await?;
                    return Ok(self.fold(facts, true));
                }
                Err(JournalError::Conflict { found, .. }) => {
                    self.catch_up(found, false).await?;
                    self.begin_anew(epoch);
                }
                Err(error) => {
                    tracing::error!(call = %self.key, %error, "the journal cannot be written");
                    self.begin_anew(epoch);
                    return Err(error);
                }
            }
        }
    }

    /// As [`Self::append`] for one event.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub async fn append_one(&self, by: By, event: Event) -> Result<Vec<Arc<Fact>>, JournalError> {
        self.append(|_| vec![(by.clone(), event.clone())]).await
    }

    /// Hands the news to the journal and folds them ahead; none when there are none.
    fn stage(
        &self,
        ahead: &mut Ahead,
        from: Option<IpAddr>,
        make: impl Fn(&Folded) -> Vec<(By, Event)>,
    ) -> Option<(Append, Written<'_>)> {
        let at = now();
        let news = make(&ahead.folded).into_iter().filter_map(|(by, event)| {
            let event = ahead.folded.state.news(event)?;
            let (by, from) = self.who_ended(&event).unwrap_or((by, from));
            let trace = trace(&ahead.folded, &by, from, &event);
            Some(NewFact { at, by, event, trace })
        });
        let facts: Vec<_> = news.collect();
        if facts.is_empty() {
            return None;
        }
        let expected = ahead.folded.state.sequence;
        for NewFact { at, by, event, .. } in &facts {
            let prev = ahead.folded.state.sequence;
            let sequence = Sequence(prev.0.saturating_add(1));
            let (by, event) = (by.clone(), event.clone());
            ahead.folded.apply(&Fact { sequence, prev, at: *at, by, event });
        }
        let append = Append { call: self.key.clone(), expected, dedup: name(), facts };
        let written = self.journal.append(append.clone());
        Some((append, written))
    }

    /// Who asked for the end that an event tells, when it is one and somebody did.
    fn who_ended(&self, event: &Event) -> Option<(By, Option<IpAddr>)> {
        let Event::CallChanged(CallInfo { state: CallPhase::Ended, .. }) = event else {
            return None;
        };
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn epoch(&self) -> u64 {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// What was handed over in this epoch is not what the journal holds: from here on what is durable
    /// is built on.
    pub(super) fn begin_anew(&self, epoch: u64) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead.epoch == epoch {
            *ahead = Ahead { folded: self.read().clone(), epoch: epoch + 1 };
        }
    }

    /// Folds what the journal holds up to `until` and nobody folded here. `ours`: it was written
    /// through this call.
    pub(super) async fn catch_up(&self, until: Sequence, ours: bool) -> Result<(), JournalError> {
        loop {
            let after = self.read().state.sequence;
            if after >= until {
                return Ok(());
            }
            let facts = self.replay(after, until).await?;
            if facts.is_empty() {
                return Ok(());
            }
            self.fold(facts, ours);
        }
    }
}

/// A name that no other append has: of this process, by chance, and of this append, by counting.
fn name() -> String {
    static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().simple().to_string());
    static APPENDS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{:x}", *PROCESS, APPENDS.fetch_add(1, Ordering::Relaxed))
}

/// What is kept beside a fact of somebody's doing.
fn trace(folded: &Folded, by: &By, from: Option<IpAddr>, event: &Event) -> Option<Trace> {
    let targets = match event {
        Event::OperationRequested(request) => request.targets.as_slice(),
        Event::SceneSaved(_) | Event::SceneDeleted { .. } | Event::CallChanged(_) => &[],
        _ => return None,
    };
    if *by == By::Service {
        return None;
    }
    let whom = targets.iter().filter_map(|id| folded.state.roster.get(id));
    let whom = whom.map(|person| person.name.clone());
    let scene = match event {
        Event::SceneDeleted { scene } => {
            folded.state.scenes.get(scene).map(|it| it.scene.name.clone())
        }
        _ => None,
    };
    let whom = if targets.len() > NAMED { Vec::new() } else { whom.collect() };
    Some(Trace { from, whom, scene })
}
