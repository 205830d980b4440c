//! Who is signed in: one-time links, and sessions that live on the server.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};
use foldback_model::{By, OperatorId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::secret::{Fingerprint, Secret};

/// How long a session may stay unused.
pub const IDLE: Duration = Duration::from_hours(12);

/// A person signed in to Foldback.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// One sign-in.
#[derive(Debug)]
pub struct Session {
    /// Whose.
    pub operator: Operator,
    /// Cancelled when it is over; open streams end with it.
    pub over: CancellationToken,
    /// When the token ends that was brought instead of a cookie.
    ends: Option<tokio::time::Instant>,
    last_used: Mutex<Instant>,
}

impl Session {
    fn new(operator: Operator, ends: Option<tokio::time::Instant>) -> Self {
        let last_used = Mutex::new(Instant::now());
        Self { operator, over: CancellationToken::new(), ends, last_used }
    }

    /// What a request by token has of a session; nothing of it is kept.
    pub fn by_token(operator: Operator, lasts: Duration) -> Arc<Self> {
        Arc::new(Self::new(operator, tokio::time::Instant::now().checked_add(lasts)))
    }

    /// Whether there is no cookie to it, but a token.
    pub fn is_by_token(&self) -> bool {
        self.ends.is_some()
    }

    /// Waits for its end.
    pub async fn ended(&self) {
        match self.ends {
            Some(ends) => tokio::select! {
                () = self.over.cancelled() => {}
                () = tokio::time::sleep_until(ends) => {}
            },
            None => self.over.cancelled().await,
        }
    }

    /// It is in use now.
    pub fn touch(&self) {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn idle(&self) -> Duration {
        self.last_used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// All sessions of this process, and the link that makes the next one.
#[derive(Debug)]
pub struct Sessions {
    cookie: String,
    idle: Duration,
    by_print: Mutex<HashMap<Fingerprint, Arc<Session>>>,
    link: Mutex<Secret>,
    fresh: watch::Sender<Secret>,
    operators: AtomicU64,
}

impl Sessions {
    /// Nobody is signed in; one link is ready. The cookie carries the port, since cookies do not
    /// keep apart two proxies on one machine.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new(port: u16, idle: Duration) -> Result<Self, getrandom::Error> {
        let link = Secret::random()?;
        Ok(Self {
            cookie: format!("foldback_{port}"),
            idle,
            by_print: Mutex::default(),
            fresh: watch::Sender::new(link.clone()),
            link: Mutex::new(link),
            operators: AtomicU64::new(0),
        })
    }

    /// The code of the next link, and every one after it.
    pub fn links(&self) -> watch::Receiver<Secret> {
        self.fresh.subscribe()
    }

    /// Takes a one-time code; the next one is ready at once. False when it is not the code.
    ///
    /// # Errors
    /// When the system gives no randomness; the code stays unused then.
    pub fn redeem(&self, code: &str) -> Result<bool, getrandom::Error> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if !link.digest().matches(&Fingerprint::of(code)) {
            return Ok(false);
        }
        *link = Secret::random()?;
        self.fresh.send_replace(link.clone());
        Ok(true)
    }

    /// Begins a session and gives the value of `Set-Cookie`. A session the browser had before ends,
    /// and its operator goes on under the new one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn begin(&self, headers: &HeaderMap) -> Result<String, getrandom::Error> {
        let id = Secret::random()?;
        let operator = match self.end(headers) {
            Some(before) => before.operator.clone(),
            None => self.next_operator().ok_or(getrandom::Error::UNEXPECTED)?,
        };
        let session = Session::new(operator, None);
        let mut sessions = self.by_print.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| {
            let stays = session.idle() < self.idle;
            if !stays {
                session.over.cancel();
            }
            stays
        });
        sessions.insert(id.digest(), Arc::new(session));
        Ok(format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, id.reveal()))
    }

    /// The session these headers carry, now in use.
    pub fn find(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let mut sessions = self.by_print.lock().unwrap_or_else(PoisonError::into_inner);
        for print in self.prints(headers) {
            let Some(session) = sessions.get(&print) else { continue };
            if session.idle() < self.idle {
                session.touch();
                return Some(Arc::clone(session));
            }
            session.over.cancel();
            sessions.remove(&print);
        }
        None
    }

    /// Ends the session these headers carry.
    pub fn end(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let mut sessions = self.by_print.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.prints(headers).find_map(|print| sessions.remove(&print))?;
        ended.over.cancel();
        Some(ended)
    }

    /// The value of `Set-Cookie` that takes the cookie away.
    pub fn no_cookie(&self) -> String {
        format!("{}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0", self.cookie)
    }

    /// Fingerprints of all cookies of our name. Another program on this machine can plant one, so
    /// the first need not be ours.
    fn prints<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = Fingerprint> + 'a {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie)
            .map(|(_, value)| Fingerprint::of(value))
    }

    fn next_operator(&self) -> Option<Operator> {
        let number = self.operators.fetch_add(1, Ordering::Relaxed) + 1;
        let id = OperatorId::new(uuid::Uuid::new_v4().to_string())?;
        Some(Operator { id, name: format!("Operator {number}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_cookie(set_cookie: &str) -> HeaderMap {
        let pair = set_cookie.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("other=1; {pair}").parse().unwrap());
        headers
    }

    #[test]
    fn a_link_works_once() {
        let sessions = Sessions::new(8080, IDLE).unwrap();
        let code = sessions.links().borrow().reveal().to_owned();
        assert!(!sessions.redeem("").unwrap());
        assert!(!sessions.redeem(&code[1..]).unwrap());
        assert!(sessions.redeem(&code).unwrap());
        assert!(!sessions.redeem(&code).unwrap());
        let next = sessions.links().borrow().reveal().to_owned();
        assert!(sessions.redeem(&next).unwrap());
    }

    #[test]
    fn the_cookie_is_an_opaque_id_for_this_host_and_port() {
        let sessions = Sessions::new(8080, IDLE).unwrap();
        let cookie = sessions.begin(&HeaderMap::new()).unwrap();
        let (name, rest) = cookie.split_once('=').unwrap();
        assert_eq!(name, "foldback_8080");
        let attributes: Vec<_> = rest.split("; ").skip(1).collect();
        assert_eq!(attributes, ["HttpOnly", "SameSite=Strict", "Path=/"]);
        let headers = with_cookie(&cookie);
        assert_eq!(sessions.find(&headers).unwrap().operator.name, "Operator 1");
        let other = Sessions::new(8081, IDLE).unwrap();
        assert!(other.find(&headers).is_none());
    }

    #[test]
    fn signing_in_again_keeps_the_operator_and_ends_the_old_session() {
        let sessions = Sessions::new(1, IDLE).unwrap();
        let first = with_cookie(&sessions.begin(&HeaderMap::new()).unwrap());
        let old = sessions.find(&first).unwrap();
        let second = with_cookie(&sessions.begin(&first).unwrap());
        assert!(old.over.is_cancelled());
        assert!(sessions.find(&first).is_none());
        assert_eq!(sessions.find(&second).unwrap().operator, old.operator);
        let third = with_cookie(&sessions.begin(&HeaderMap::new()).unwrap());
        assert_eq!(sessions.find(&third).unwrap().operator.name, "Operator 2");
    }

    #[test]
    fn an_unused_session_is_over() {
        let sessions = Sessions::new(1, Duration::ZERO).unwrap();
        let headers = with_cookie(&sessions.begin(&HeaderMap::new()).unwrap());
        assert!(sessions.find(&headers).is_none());
    }

    #[test]
    fn a_planted_cookie_does_not_hide_ours() {
        let sessions = Sessions::new(1, IDLE).unwrap();
        let ours = sessions.begin(&HeaderMap::new()).unwrap();
        let pair = ours.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("foldback_1=planted; {pair}").parse().unwrap());
        assert!(sessions.find(&headers).is_some());
    }
}
