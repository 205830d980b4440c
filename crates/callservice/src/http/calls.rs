//! The calls there are, of both services, and how a join finds its own.
//!
//! Every call has an engine, a callback and an ordered queue of notifications of its own. The
//! standing calls are those whose ids are known from the start: a join that names no meeting, or the
//! first meeting anybody names, means them; another meeting gets a call of its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use foldback_wire::ids::CallId;
use tokio::sync::Notify;

use super::{
    graph::Written,
    post::{self, Post},
    shared::{Shared, lock},
};
use crate::{
    engine::{Face, Rehearsal},
    error::Error,
};

/// Most active calls of the app (published throttling limits of cloud communications).
pub(super) const CALLS_MAX: usize = 100;

/// The engine is not asked more often than this.
const SHORTEST_TICK_MS: u64 = 20;

/// One call of one service.
pub(super) struct Leg {
    pub(super) face: Face,
    pub(super) id: CallId,
    pub(super) engine: Mutex<Rehearsal>,
    pub(super) wake: Notify,
    pub(super) post: Post,
    /// Notifications for other addresses than the callback.
    pub(super) asides: Post,
    /// The roster as replies show it.
    pub(super) written: Mutex<Written>,
}

impl Leg {
    fn post(&self) -> &Post {
        &self.post
    }

    fn asides(&self) -> &Post {
        &self.asides
    }

    fn has_told_all(&self) -> bool {
        self.post.is_empty() && self.asides.is_empty()
    }
}

/// Which call a join means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The join says nothing about it.
    Unnamed,
    /// The join names it: equal texts name the same meeting.
    Named(String),
}

/// See the module.
#[derive(Default)]
pub(super) struct Calls {
    legs: BTreeMap<(Face, CallId), Arc<Leg>>,
    standing: BTreeMap<Face, Arc<Leg>>,
    meetings: BTreeMap<(Face, String), CallId>,
    /// How many calls were opened, which decides the seed of the next.
    opened: u64,
}

impl Calls {
    fn is_active(leg: &Leg) -> bool {
        !lock(&leg.engine).has_ended()
    }

    /// Ended calls are forgotten when new ones come, once they have told everything.
    fn forget_the_ended(&mut self) {
        self.legs.retain(|_, leg| Self::is_active(leg) || !leg.has_told_all());
        let legs = &self.legs;
        self.meetings.retain(|(face, _), id| {
            legs.get(&(*face, id.clone())).is_some_and(|leg| Self::is_active(leg))
        });
    }
}

impl Shared {
    /// Opens a call: it is reachable, its clock runs and its notifications are delivered.
    pub(super) fn open(self: &Arc<Self>, rehearsal: Rehearsal) -> Result<Arc<Leg>, Error> {
        let leg = Arc::new(Leg {
            face: rehearsal.face(),
            id: rehearsal.call_id().clone(),
            engine: Mutex::new(rehearsal),
            wake: Notify::new(),
            post: Post::new(),
            asides: Post::new(),
            written: Mutex::default(),
        });
        let mut calls = lock(&self.calls);
        calls.forget_the_ended();
        let active = calls.legs.values().filter(|it| it.face == leg.face && Calls::is_active(it));
        if active.count() >= CALLS_MAX {
            return Err(Error::TooManyCalls(CALLS_MAX));
        }
        calls.legs.insert((leg.face, leg.id.clone()), Arc::clone(&leg));
        calls.standing.entry(leg.face).or_insert_with(|| Arc::clone(&leg));
        drop(calls);
        self.tasks.spawn(tick(Arc::clone(self), Arc::clone(&leg)));
        for which in [Leg::post, Leg::asides] {
            self.tasks.spawn(post::deliver(Arc::clone(self), Arc::clone(&leg), which));
        }
        Ok(leg)
    }

    /// The call with this id, ended or not.
    ///
    /// # Errors
    /// [`Error::UnknownCall`].
    pub(super) fn leg(&self, face: Face, id: &CallId) -> Result<Arc<Leg>, Error> {
        let calls = lock(&self.calls);
        calls.legs.get(&(face, id.clone())).cloned().ok_or(Error::UnknownCall)
    }

    /// The call that is meant when none is named.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when there never was one of this service.
    pub(super) fn standing(&self, face: Face) -> Result<Arc<Leg>, Error> {
        lock(&self.calls).standing.get(&face).cloned().ok_or(Error::UnknownCall)
    }

    /// All calls.
    pub(super) fn legs(&self) -> Vec<Arc<Leg>> {
        lock(&self.calls).legs.values().cloned().collect()
    }

    /// The call of a meeting, opened if there is none or it has ended.
    ///
    /// # Errors
    /// [`Error::TooManyCalls`].
    pub(super) fn meeting(
        self: &Arc<Self>,
        face: Face,
        meeting: &Meeting,
    ) -> Result<Arc<Leg>, Error> {
        let _joining = lock(&self.joins);
        let standing = self.standing(face)?;
        if let Some(leg) = self.known(&standing, meeting) {
            return Ok(leg);
        }
        let leg = self.open_sibling(face, |_| Ok(()))?;
        let mut calls = lock(&self.calls);
        if !Calls::is_active(&standing) {
            calls.standing.insert(face, Arc::clone(&leg));
        }
        if let Meeting::Named(name) = meeting {
            calls.meetings.insert((face, name.clone()), leg.id.clone());
        }
        Ok(leg)
    }

    /// Opens one more call of a service; `prepare` changes it before anybody can see it.
    ///
    /// # Errors
    /// [`Error::TooManyCalls`], and what `prepare` refuses.
    pub(super) fn open_sibling(
        self: &Arc<Self>,
        face: Face,
        prepare: impl FnOnce(&mut Rehearsal) -> Result<(), Error>,
    ) -> Result<Arc<Leg>, Error> {
        let standing = self.standing(face)?;
        let number = {
            let mut calls = lock(&self.calls);
            calls.opened += 1;
            calls.opened
        };
        let mut rehearsal = lock(&standing.engine).sibling(number)?;
        // Its time begins where the service is.
        rehearsal.begin_at(self.clock.now_ms());
        prepare(&mut rehearsal)?;
        self.open(rehearsal)
    }

    /// The live call of this meeting. The first meeting that is named is the standing call's.
    fn known(&self, standing: &Arc<Leg>, meeting: &Meeting) -> Option<Arc<Leg>> {
        let mut calls = lock(&self.calls);
        let active = Calls::is_active(standing);
        let Meeting::Named(name) = meeting else {
            return active.then(|| Arc::clone(standing));
        };
        let face = standing.face;
        if let Some(id) = calls.meetings.get(&(face, name.clone())) {
            let leg = calls.legs.get(&(face, id.clone())).cloned();
            return leg.filter(|leg| Calls::is_active(leg));
        }
        let named = calls.meetings.iter().any(|((of, _), id)| *of == face && *id == standing.id);
        if !active || named {
            return None;
        }
        calls.meetings.insert((face, name.clone()), standing.id.clone());
        Some(Arc::clone(standing))
    }

    /// Brings a call up to now, asks it something, and sends on what followed, in order.
    pub(super) fn ask<T>(&self, leg: &Leg, ask: impl FnOnce(&mut Rehearsal) -> T) -> T {
        let mut engine = lock(&leg.engine);
        engine.advance(self.clock.now_ms());
        // What was due before the question stands before what the question causes.
        self.send_on(leg, &mut engine);
        let answer = ask(&mut engine);
        self.send_on(leg, &mut engine);
        let over = engine.has_ended();
        drop(engine);
        if over {
            leg.post.wake();
            leg.asides.wake();
        }
        leg.wake.notify_one();
        answer
    }

    /// Asks a Graph call.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], and what the engine refuses.
    pub(super) fn graph<T>(
        &self,
        call: &CallId,
        ask: impl FnOnce(&mut Rehearsal) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let leg = self.leg(Face::Graph, call)?;
        self.ask(&leg, ask)
    }

    /// Asks an ACS call connection.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], and what the engine refuses.
    pub(super) fn acs<T>(
        &self,
        connection: &CallId,
        ask: impl FnOnce(&mut Rehearsal) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let leg = self.leg(Face::Acs, connection)?;
        self.ask(&leg, ask)
    }

    fn send_on(&self, leg: &Leg, engine: &mut Rehearsal) {
        let notices = engine.take_notifications();
        if !notices.is_empty() {
            self.post(leg, notices);
        }
        let asides = engine.take_asides();
        if !asides.is_empty() {
            self.post_aside(
                leg,
                asides.into_iter().map(|(to, event)| (to, event.into())).collect(),
            );
        }
        let talk = engine.take_talk();
        if !talk.is_empty() && leg.id.as_str() == self.facts.call_id {
            // Fails only when nobody listens, and then nobody misses it.
            let _ = self.talk.send(talk);
        }
    }
}

/// Moves a call whenever something is due in it.
async fn tick(shared: Arc<Shared>, leg: Arc<Leg>) {
    loop {
        let due = lock(&leg.engine).next_at();
        let wait = due.map(|at| at.saturating_sub(shared.clock.now_ms()).max(SHORTEST_TICK_MS));
        let sleep = async {
            match wait {
                Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.cancel.cancelled() => return,
            () = leg.wake.notified() => {}
            () = sleep => shared.ask(&leg, |_| ()),
        }
        if lock(&leg.engine).has_ended() {
            return;
        }
    }
}
