//! All sessions of this process. Those of the organization's sign-in are stored as well, so that a
//! restart signs nobody out.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::HeaderMap;
use foldback_model::{OperatorId, Timestamp};
use serde::Serialize;
use tokio::sync::watch;

use super::{
    Claimed, Lifetimes, Operator, Origin, Rights, Session,
    cookie::{Cookie, Sent},
    links::Links,
    store::{Store, Stored},
};
use crate::{
    call::now,
    journal::JournalError,
    role::Role,
    secret::{Fingerprint, Secret},
};

/// How long it is remembered that somebody's sessions were ended. Tokens that live longer than this
/// would be taken again.
const REMEMBERED: Duration = Duration::from_hours(90 * 24);

/// How far the issuer's clock may be ahead, in seconds, when the age of a token is compared with the
/// end of its operator's sessions.
const LEEWAY: u64 = 60;

/// Most browsers in which one person is signed in; the one least lately used goes first.
const BROWSERS: usize = 16;

/// Most people of whom it is remembered that their sessions were ended.
pub const REVOKED: usize = 10_000;

/// Why no session was begun or ended.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// It cannot be stored.
    #[error("sessions cannot be stored: {0}")]
    Store(JournalError),
    /// It would have to be remembered of too many people.
    #[error(
        "the sessions of {REVOKED} people were ended in the last 90 days; no more are remembered"
    )]
    TooMany,
}

impl From<getrandom::Error> for Trouble {
    fn from(error: getrandom::Error) -> Self {
        Self::Randomness(error)
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Self::Store(error)
    }
}

/// Somebody who is signed in, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// Who.
    pub operator: Operator,
    /// Their highest role.
    pub role: Role,
    /// In how many browsers.
    pub sessions: usize,
    /// When one of them was last used.
    pub used: Timestamp,
}

/// See the module.
pub struct Sessions {
    cookie: Cookie,
    lifetimes: Lifetimes,
    links: Links,
    store: Option<Arc<dyn Store>>,
    open: Mutex<HashMap<Fingerprint, Arc<Session>>>,
    revoked: Mutex<HashMap<OperatorId, Timestamp>>,
    /// Sessions that are here no more because they have run out, and may be stored yet.
    run_out: Mutex<Vec<Fingerprint>>,
    /// Held while a session of the organization's sign-in begins or sessions end: what is stored and what
    /// is open here change in one order.
    turn: tokio::sync::Mutex<()>,
    signing_out: tokio::sync::Mutex<()>,
    /// Counts what may have taken something away from somebody.
    changes: watch::Sender<u64>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

impl Sessions {
    /// Nobody is signed in; one link is ready.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new(
        cookie: Cookie,
        lifetimes: Lifetimes,
        store: Option<Arc<dyn Store>>,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            cookie,
            lifetimes,
            links: Links::new()?,
            store,
            open: Mutex::default(),
            revoked: Mutex::default(),
            run_out: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            signing_out: tokio::sync::Mutex::default(),
            changes: watch::Sender::new(0),
        })
    }

    /// Takes up the sessions that are stored; `rights` says what each may do now, and a session that
    /// may do nothing any more is over.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn load(
        &self,
        rights: impl Fn(&Claimed) -> Option<Rights>,
    ) -> Result<(), JournalError> {
        let Some(store) = &self.store else { return Ok(()) };
        let kept = store.load(remembered_since()).await?;
        let mut over = Vec::new();
        {
            let mut open = self.open();
            for stored in kept.sessions {
                let Stored { print, operator, claimed, began, used } = stored;
                let session = rights(&claimed).and_then(|rights| {
                    Session::stored(operator, rights, self.lifetimes, began, used)
                });
                match session {
                    Some(session) => drop(open.insert(print, Arc::new(session))),
                    None => over.push(print),
                }
            }
        }
        self.revoked().extend(kept.revoked);
        if over.is_empty() { Ok(()) } else { store.keep(Vec::new(), over).await }
    }

    /// The code of the next link, and every one after it.
    pub fn links(&self) -> watch::Receiver<Secret> {
        self.links.codes()
    }

    /// Takes a one-time code; the next one is ready at once. False when it is not the code.
    ///
    /// # Errors
    /// When the system gives no randomness; the code stays unused then.
    pub fn redeem(&self, code: &str) -> Result<bool, getrandom::Error> {
        self.links.redeem(code)
    }

    /// Who comes by a link: whoever the browser's session belongs to, else somebody new.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn operator_by_link(&self, headers: &HeaderMap) -> Result<Operator, getrandom::Error> {
        let open = self.open();
        let prints = self.prints(headers);
        let before = prints.iter().filter_map(|print| open.get(print)).rfind(|it| it.is_alive());
        match before {
            Some(before) => Ok(before.operator.clone()),
            None => self.links.next_operator().ok_or(getrandom::Error::UNEXPECTED),
        }
    }

    /// Begins the session of a link, whose operator may do everything, and gives the value of
    /// `Set-Cookie`. Sessions the browser had before end.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn begin_by_link(
        &self,
        operator: Operator,
        headers: &HeaderMap,
    ) -> Result<String, getrandom::Error> {
        let id = Secret::random()?;
        let mut open = self.open();
        self.run_out().append(&mut sweep(&mut open));
        for before in self.prints(headers).into_iter().filter_map(|print| open.remove(&print)) {
            before.over.cancel();
        }
        let rights = Rights { role: Role::Administrator, groups: Vec::new(), directory_id: None };
        open.insert(id.digest(), Arc::new(Session::link(operator, rights)));
        Ok(self.cookie.set(id.reveal(), Sent::Strict, None))
    }

    /// Begins a session of the organization's sign-in under a new id and gives the value of
    /// `Set-Cookie`. The sessions in `replaces`, those these headers carry, and the oldest of somebody
    /// who has too many end.
    ///
    /// # Errors
    /// [`Trouble`]; nothing has changed then.
    pub async fn begin(
        &self,
        operator: Operator,
        claimed: Claimed,
        rights: Rights,
        replaces: Option<Fingerprint>,
        headers: &HeaderMap,
    ) -> Result<String, Trouble> {
        let id = Secret::random()?;
        let _turn = self.turn.lock().await;
        let mut before = self.prints(headers);
        before.extend(replaces);
        before.extend(self.too_many(&operator.id));
        let at = now();
        if let Some(store) = &self.store {
            let print = id.digest();
            let operator = operator.clone();
            let stored = Stored { print, operator, claimed, began: at, used: at };
            store.begin(stored, before.clone()).await?;
        }
        let session = Session::stored(operator, rights, self.lifetimes, at, at);
        let mut open = self.open();
        for ended in before.iter().filter_map(|print| open.remove(print)) {
            ended.over.cancel();
        }
        if let Some(session) = session {
            open.insert(id.digest(), Arc::new(session));
        }
        Ok(self.cookie.set(id.reveal(), Sent::Strict, None))
    }

    /// The session these headers carry, now in use.
    pub fn find(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let open = self.open();
        let found = self.prints(headers).into_iter().find_map(|print| open.get(&print));
        let session = found.filter(|session| session.is_alive())?;
        session.touch();
        Some(Arc::clone(session))
    }

    /// Names the session these headers carry, for whoever begins the next one.
    pub fn print(&self, headers: &HeaderMap) -> Option<Fingerprint> {
        let open = self.open();
        self.prints(headers).into_iter().find(|print| open.contains_key(print))
    }

    /// Waits until nobody else signs out, so that whoever did not end a session can see that.
    pub async fn signing_out(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.signing_out.lock().await
    }

    /// Ends the session these headers carry: here, in every tab, and for good.
    ///
    /// # Errors
    /// [`Trouble::Store`]; it is not over then, since a restart would bring it back.
    pub async fn end(&self, headers: &HeaderMap) -> Result<(), Trouble> {
        let prints = self.prints(headers);
        let _turn = self.turn.lock().await;
        if let Some(store) = &self.store {
            store.keep(Vec::new(), prints.clone()).await?;
        }
        let mut open = self.open();
        for ended in prints.iter().filter_map(|print| open.remove(print)) {
            ended.over.cancel();
        }
        Ok(())
    }

    /// Ends all sessions of one person, and has tokens refused that were made before; tells how many
    /// sessions there were.
    ///
    /// # Errors
    /// [`Trouble::Store`] and [`Trouble::TooMany`]; nothing has changed then.
    pub async fn revoke(&self, operator: &OperatorId) -> Result<usize, Trouble> {
        // Whoever is signing in meanwhile is in the store and not here yet, or has not begun.
        let _turn = self.turn.lock().await;
        let full = {
            let revoked = self.revoked();
            revoked.len() >= REVOKED && !revoked.contains_key(operator)
        };
        if full {
            return Err(Trouble::TooMany);
        }
        let at = now();
        if let Some(store) = &self.store {
            store.revoke(operator.clone(), at).await?;
        }
        self.remember_revoked(operator, at);
        let mut ended = 0;
        self.open().retain(|_, session| {
            let stays = session.operator.id != *operator;
            if !stays {
                session.over.cancel();
                ended += 1;
            }
            stays
        });
        self.changed();
        Ok(ended)
    }

    pub(super) fn remember_revoked(&self, operator: &OperatorId, at: Timestamp) {
        self.revoked().insert(operator.clone(), at);
    }

    /// Whether an administrator has ended it. `issued` is when a token was made, in seconds since
    /// 1970; one that does not say is as old as can be.
    pub fn is_revoked(&self, operator: &OperatorId, issued: Option<u64>) -> bool {
        let revoked = self.revoked();
        revoked.get(operator).is_some_and(|at| issued.unwrap_or(0) <= at.0 / 1_000 + LEEWAY)
    }

    /// Whether a session still stands.
    pub fn stands(&self, session: &Session) -> bool {
        let by_token = session.is_by_token();
        !(session.is_over() || (by_token && self.is_revoked(&session.operator.id, session.issued)))
    }

    /// Everybody who has a session, by id.
    pub fn signed_in(&self) -> Vec<Signed> {
        let mut people = BTreeMap::<OperatorId, Signed>::new();
        for session in self.open().values().filter(|session| session.is_alive()) {
            let (operator, role, used) =
                (session.operator.clone(), session.rights.role, session.used());
            let known = people.entry(operator.id.clone()).or_insert(Signed {
                operator,
                role,
                sessions: 0,
                used,
            });
            known.sessions += 1;
            known.role = known.role.max(role);
            known.used = known.used.max(used);
        }
        people.into_values().collect()
    }

    /// Says that something may have been taken away from somebody: whoever has a stream open looks
    /// again.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Tells of [`Self::changed`].
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Forgets sessions that have run out and ends that are long past, and stores when the others were last used.
    ///
    /// # Errors
    /// When that cannot be stored; it is tried again the next time.
    pub async fn keep(&self) -> Result<(), JournalError> {
        let since = remembered_since();
        self.revoked().retain(|_, at| *at >= since);
        let (used, mut over) = {
            let mut open = self.open();
            let over = sweep(&mut open);
            let stored = open.iter().filter(|(_, it)| it.origin == Origin::Issuer);
            (stored.map(|(print, it)| (*print, it.used())).collect(), over)
        };
        let Some(store) = &self.store else { return Ok(()) };
        over.append(&mut std::mem::take(&mut *self.run_out()));
        let kept = store.keep(used, over.clone()).await;
        if kept.is_err() {
            // They are here no more: without this nobody would know that they are to be forgotten.
            self.run_out().append(&mut over);
        }
        kept
    }

    /// The value of `Set-Cookie` that takes the cookie away.
    pub fn no_cookie(&self) -> String {
        self.cookie.clear(Sent::Strict)
    }

    /// Sessions of one person that have to go before another one begins.
    fn too_many(&self, operator: &OperatorId) -> Vec<Fingerprint> {
        let open = self.open();
        let theirs = open.iter().filter(|(_, session)| session.operator.id == *operator);
        let mut theirs: Vec<_> = theirs.map(|(print, session)| (session.used(), *print)).collect();
        theirs.sort_unstable();
        theirs.truncate((theirs.len() + 1).saturating_sub(BROWSERS));
        theirs.into_iter().map(|(_, print)| print).collect()
    }

    fn prints(&self, headers: &HeaderMap) -> Vec<Fingerprint> {
        self.cookie.values(headers).map(Fingerprint::of).collect()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Fingerprint, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_out(&self) -> MutexGuard<'_, Vec<Fingerprint>> {
        self.run_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revoked(&self) -> MutexGuard<'_, HashMap<OperatorId, Timestamp>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Since when it is remembered that somebody's sessions were ended.
fn remembered_since() -> Timestamp {
    let remembered = u64::try_from(REMEMBERED.as_millis()).unwrap_or(u64::MAX);
    Timestamp(now().0.saturating_sub(remembered))
}

/// Takes out what has run out.
fn sweep(open: &mut HashMap<Fingerprint, Arc<Session>>) -> Vec<Fingerprint> {
    let over = open.extract_if(|_, session| !session.is_alive());
    over.map(|(print, session)| {
        session.over.cancel();
        print
    })
    .collect()
}
