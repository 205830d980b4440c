//! Who is signed in: one-time links, and sessions that live on the server.

pub mod cookie;
mod links;
pub mod sessions;
pub mod store;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use foldback_model::{By, OperatorId, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{call::now, edge::share::Share, role::Role};
pub use sessions::Sessions;

/// How long a session that a link began may stay unused. It has no other end: nobody but the terminal
/// could give its operator another one.
pub const IDLE: Duration = Duration::from_hours(12);

/// How long sessions of the organization's sign-in last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without use. An open stream is use.
    pub idle: Duration,
    /// In all, whatever happens.
    pub whole: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { idle: Duration::from_mins(30), whole: Duration::from_hours(8) }
    }
}

/// A person signed in to Foldback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Stable within the sign-in.
    pub id: OperatorId,
    /// Shown to the other operators.
    pub name: String,
}

impl Operator {
    /// As the maker of a fact.
    pub fn by(&self) -> By {
        By::Operator { id: self.id.clone(), name: self.name.clone() }
    }
}

/// What the issuer said of a person. Which role that makes is the configuration's to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The values of the claim with roles.
    pub roles: Vec<String>,
    /// The values of the claim with groups.
    pub groups: Vec<String>,
    /// The id under which the directory knows them (`oid`), where there is one.
    pub directory_id: Option<String>,
}

/// What a session may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The highest role.
    pub role: Role,
    /// Groups, for calls that are open to some.
    pub groups: Vec<String>,
    /// As in [`Claimed`].
    pub directory_id: Option<String>,
}

/// How a session came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A one-time link; it ends with the process.
    Link,
    /// The organization's sign-in; it is stored.
    Issuer,
    /// A token in the request; nothing of it is kept.
    Token,
}

/// One sign-in.
#[derive(Debug)]
pub struct Session {
    /// Whose.
    pub operator: Operator,
    /// What it may do.
    pub rights: Rights,
    /// How it came to be.
    pub origin: Origin,
    /// Cancelled when it is over; open streams end with it.
    pub over: CancellationToken,
    /// What it may take.
    pub share: Arc<Share>,
    /// When it ends whatever happens, and the same for other clocks.
    ends: Option<(Instant, Timestamp)>,
    /// When the issuer says the token was made, in seconds since 1970.
    issued: Option<u64>,
    idle: Duration,
    last_used: Mutex<(Instant, Timestamp)>,
}

impl Session {
    fn new(operator: Operator, rights: Rights, origin: Origin) -> Self {
        Self {
            operator,
            rights,
            origin,
            over: CancellationToken::new(),
            share: Arc::default(),
            ends: None,
            issued: None,
            idle: IDLE,
            last_used: Mutex::new((Instant::now(), now())),
        }
    }

    /// A session that a link begins.
    pub fn link(operator: Operator, rights: Rights) -> Self {
        Self::new(operator, rights, Origin::Link)
    }

    /// A session of the organization's sign-in that began and was last used at these times; none when
    /// it is over.
    fn stored(
        operator: Operator,
        rights: Rights,
        lifetimes: Lifetimes,
        began: Timestamp,
        used: Timestamp,
    ) -> Option<Self> {
        let present = now();
        let left = |whole: Duration, since: Timestamp| {
            let left = whole.checked_sub(Duration::from_millis(present.since(since)))?;
            (!left.is_zero()).then_some(left)
        };
        let rest = left(lifetimes.whole, began)?;
        let unused = Duration::from_millis(present.since(used));
        left(lifetimes.idle, used)?;
        let here = Instant::now();
        let until = Timestamp(present.0.saturating_add(millis(rest)));
        // A clock that began less long ago than the session was unused counts from its beginning.
        let last_used = here.checked_sub(unused).unwrap_or(here);
        Some(Self {
            ends: here.checked_add(rest).map(|at| (at, until)),
            idle: lifetimes.idle,
            last_used: Mutex::new((last_used, used)),
            ..Self::new(operator, rights, Origin::Issuer)
        })
    }

    /// What a request by token has of a session; nothing of it is kept. `issued` is when the token
    /// was made, in seconds since 1970; `share` is what all requests of this operator share.
    pub fn by_token(
        operator: Operator,
        rights: Rights,
        lasts: Duration,
        issued: Option<u64>,
        share: Arc<Share>,
    ) -> Arc<Self> {
        let until = Timestamp(now().0.saturating_add(millis(lasts)));
        Arc::new(Self {
            ends: Instant::now().checked_add(lasts).map(|at| (at, until)),
            issued,
            share,
            ..Self::new(operator, rights, Origin::Token)
        })
    }

    /// Whether there is no cookie to it, but a token.
    pub fn is_by_token(&self) -> bool {
        self.origin == Origin::Token
    }

    /// Waits for its end.
    pub async fn ended(&self) {
        match self.ends {
            Some((at, _)) => tokio::select! {
                () = self.over.cancelled() => {}
                () = tokio::time::sleep_until(at) => {}
            },
            None => self.over.cancelled().await,
        }
    }

    /// When it ends whatever happens, if it does.
    pub fn until(&self) -> Option<Timestamp> {
        self.ends.map(|(_, until)| until)
    }

    /// How long it may stay unused; a token knows no such end.
    pub fn idle_limit(&self) -> Option<Duration> {
        (!self.is_by_token()).then_some(self.idle)
    }

    /// It is in use now.
    pub fn touch(&self) {
        *self.last_used() = (Instant::now(), now());
    }

    /// When it was last used.
    pub fn used(&self) -> Timestamp {
        self.last_used().1
    }

    fn is_alive(&self) -> bool {
        let unused = self.last_used().0.elapsed();
        unused < self.idle && !self.is_over()
    }

    /// Whether somebody ended it or its time is up.
    fn is_over(&self) -> bool {
        self.over.is_cancelled() || self.ends.is_some_and(|(at, _)| at <= Instant::now())
    }

    fn last_used(&self) -> std::sync::MutexGuard<'_, (Instant, Timestamp)> {
        self.last_used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;
