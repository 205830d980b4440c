//! Manners toward one service: what may be sent again, after which wait and how often, and when to
//! leave the service alone.
//!
//! | | |
//! |---|---|
//! | a wait the service asks for | is kept to the full, or the request is given up at once |
//! | without one | 0.8 s, then twice as long each time, with chance added |
//! | how often | three times, within 10 s, and for at most a fifth of all requests |
//! | five failures in a row | nothing is sent for 30 s; then one request tries |

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use futures_util::future::BoxFuture;
use tokio::{sync::watch, time::Instant};

use super::{Answer, Failure};

/// How often a request is sent again.
const TRIES: u32 = 3;

/// How long waiting for another try may go on: somebody looks at a button meanwhile.
const WHOLE: Duration = Duration::from_secs(10);

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(800);

/// Requests that pay for one that is sent again.
const SHARE: f64 = 0.2;

/// What can be saved up. A service that is asked little may still be asked again.
const SAVED_MAX: f64 = 5.0;

/// Failures in a row after which the service is left alone.
const FAILURES: u32 = 5;

/// For how long.
const ALONE: Duration = Duration::from_secs(30);

/// Whether a request may be sent again after the service refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Never: what it asks for is only true at its moment.
    Never,
    /// When the service says when.
    WhenTold,
    /// Whenever the service is busy: it changes nothing.
    Freely,
}

/// See the module.
#[derive(Debug)]
pub struct Manners {
    /// Retries that have been paid for.
    saved: Mutex<f64>,
    breaker: Mutex<Breaker>,
    paused: watch::Sender<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Breaker {
    /// Requests go out; so many have failed in a row.
    Closed(u32),
    /// None goes out before this moment.
    Open(Instant),
    /// One went out at this moment to see how the service is.
    Probing(Instant),
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            saved: Mutex::new(SAVED_MAX),
            breaker: Mutex::new(Breaker::Closed(0)),
            paused: watch::Sender::new(false),
        }
    }
}

impl Manners {
    /// Whether the service is left alone, as it changes: from the failures that led there until an
    /// answer shows it well again.
    pub fn paused(&self) -> watch::Receiver<bool> {
        self.paused.subscribe()
    }

    /// Sends by `attempt`, and again as `again` allows. `unless` ends the waiting when what is asked
    /// is not wanted any more; the refusal is told then.
    ///
    /// # Errors
    /// The last [`Failure`], or [`Failure::Paused`] while the service is left alone.
    pub async fn keep<'a>(
        &self,
        again: Again,
        attempt: impl Fn() -> BoxFuture<'a, Result<Answer, Failure>>,
        mut unless: BoxFuture<'a, ()>,
    ) -> Result<Answer, Failure> {
        let start = Instant::now();
        self.pay();
        let mut tries = 0;
        loop {
            self.admit()?;
            let probe = Probe(self);
            let answer = attempt().await;
            probe.told(&answer);
            let failure = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let Some(asked) = wait_asked(again, &failure) else { return Err(failure) };
            let wait = asked.max(backoff(tries));
            tries += 1;
            let in_time = start.elapsed() + wait <= WHOLE;
            if tries > TRIES || !in_time || !self.spend() {
                return Err(failure);
            }
            tokio::select! {
                biased;
                () = &mut unless => return Err(failure),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Every request pays for a part of one that is sent again.
    fn pay(&self) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = (*saved + SHARE).min(SAVED_MAX);
    }

    fn spend(&self) -> bool {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *saved >= 1.0;
        if enough {
            *saved -= 1.0;
        }
        enough
    }

    fn admit(&self) -> Result<(), Failure> {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let paused = |until: Instant| {
            let left = until.duration_since(now);
            Err(Failure::Paused(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
        };
        match *breaker {
            Breaker::Closed(_) => Ok(()),
            Breaker::Open(until) if now < until => paused(until),
            // The one that was to see has not come back: another one may.
            Breaker::Probing(since) if now < since + ALONE => paused(since + ALONE),
            Breaker::Open(_) | Breaker::Probing(_) => {
                *breaker = Breaker::Probing(now);
                Ok(())
            }
        }
    }
}

/// An attempt under way. When whoever waits for it leaves, the breaker stands as it stood.
struct Probe<'a>(&'a Manners);

impl Probe<'_> {
    fn told(self, answer: &Result<Answer, Failure>) {
        let mut breaker = self.0.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = match answer {
            // That it does not have something is no sign of weakness.
            Ok(_) | Err(Failure::Refused { status: StatusCode::NOT_IMPLEMENTED, .. }) => false,
            // It says nothing of the service.
            Err(Failure::Paused(_) | Failure::NoToken(_)) => return,
            Err(Failure::Refused { status, .. }) => status.is_server_error(),
            Err(Failure::NotSent(_) | Failure::TimedOut(_) | Failure::Broken(_)) => true,
        };
        *breaker = match *breaker {
            _ if !failed => Breaker::Closed(0),
            Breaker::Closed(before) if before + 1 < FAILURES => Breaker::Closed(before + 1),
            // Those that were under way when it opened prolong nothing.
            Breaker::Open(until) => Breaker::Open(until),
            Breaker::Closed(_) | Breaker::Probing(_) => {
                tracing::warn!(seconds = ALONE.as_secs(), "a service fails and is left alone");
                Breaker::Open(Instant::now() + ALONE)
            }
        };
        let paused = !matches!(*breaker, Breaker::Closed(_));
        self.0.paused.send_if_modified(|before| std::mem::replace(before, paused) != paused);
    }
}

/// The wait the service asks for, if the request may be sent again at all.
fn wait_asked(again: Again, failure: &Failure) -> Option<Duration> {
    let Failure::Refused { status, retry_after, .. } = failure else { return None };
    let busy = matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let asked = retry_after.map(Duration::from_secs);
    match again {
        Again::Never => None,
        Again::WhenTold => asked.filter(|_| busy),
        Again::Freely => busy.then(|| asked.unwrap_or_default()),
    }
}

/// The wait before try number `tries`, counted from 0, with up to a quarter added by chance: those
/// that failed together do not come back together.
fn backoff(tries: u32) -> Duration {
    let wait = FIRST_WAIT * 2_u32.saturating_pow(tries.min(6));
    let mut chance = [0_u8; 1];
    // Without randomness there is none to add.
    let chance = getrandom::fill(&mut chance).map_or(0, |()| u32::from(chance[0]));
    wait + wait / 4 * chance / 255
}

#[cfg(test)]
mod tests;
