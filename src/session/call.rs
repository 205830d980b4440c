//! Follows one call: snapshot, stream, gaps, reconnecting. What arrives goes to the fold.

use std::{cell::RefCell, rc::Rc, time::Duration};

use foldback_model::{CallKey, Live, call::CallPhase};
use leptos::{prelude::*, task::spawn_local};
use web_sys::AbortController;

use super::{Connection, Session, fold::Shared};
use crate::link::{
    self, Failure, Stream, backoff,
    pause::Pause,
    stream::{Message, SILENCE_MS},
};

/// A call being followed; dropping it ends that.
#[derive(Debug)]
pub struct Following {
    shared: Rc<Shared>,
}

impl Following {
    /// Starts to follow a call.
    pub fn start(session: Session, key: CallKey) -> Self {
        let shared = Rc::new(Shared {
            session,
            key,
            fold: RefCell::default(),
            pause: Pause::default(),
            abort: RefCell::default(),
            stopped: RefCell::new(false),
        });
        spawn_local(follow(Rc::clone(&shared)));
        Self { shared }
    }

    /// Tries again at once instead of waiting.
    pub fn wake(&self) {
        self.shared.pause.wake();
    }

    /// The network is known to be gone: what is open is dead.
    pub fn cut(&self) {
        self.shared.abort_attempt();
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.shared.stopped.replace(true);
        self.shared.abort_attempt();
        self.shared.pause.wake();
    }
}

async fn follow(shared: Rc<Shared>) {
    let mut attempt = 0;
    let mut since_ms = super::now_ms();
    while !shared.is_stopped() {
        let outcome = match AbortController::new() {
            Ok(controller) => {
                shared.abort.replace(Some(controller.clone()));
                let outcome = attend(&shared, &controller, &mut attempt).await;
                shared.abort_attempt();
                outcome
            }
            Err(_) => Err(Failure::Lost("no abort controller".to_owned())),
        };
        if shared.is_stopped() {
            return;
        }
        let mut wait = backoff::wait_ms(attempt, js_sys::Math::random());
        if is_surplus(&outcome) {
            // Coming back at once would push out another window, which would come back at once.
            wait = REST_MS;
            shared.session.tell(SURPLUS);
        }
        match outcome {
            // Something was missed: the state shown still stands, the snapshot brings the rest.
            Ok(()) => shared.fold.borrow_mut().begun = false,
            Err(Failure::SignedOut) => return shared.connection(Connection::SignedOut),
            Err(Failure::Refused { status: 403, .. }) => {
                return shared.connection(Connection::Shut);
            }
            Err(Failure::Refused { status: 404 | 410, .. }) => {
                return shared.connection(Connection::Ended);
            }
            Err(Failure::Refused { .. } | Failure::Lost(_) | Failure::Unreadable(_)) => {
                if attempt == 0 {
                    since_ms = super::now_ms();
                }
                attempt += 1;
                shared.session.talking.silence();
                shared.connection(Connection::Lost { since_ms, retry_in_ms: wait });
            }
        }
        shared.pause.wait(wait).await;
    }
}

/// Milliseconds until a window that was one too many tries again by itself.
const REST_MS: u32 = 600_000;

/// What its operator is told.
const SURPLUS: &str = "This call is open in more windows than one sign-in may have: this one rests until you press Try now";

fn surplus() -> Failure {
    Failure::Refused { status: 429, code: String::new(), message: SURPLUS.into(), retry_ms: None }
}

fn is_surplus(outcome: &Result<(), Failure>) -> bool {
    matches!(outcome, Err(Failure::Refused { message, .. }) if message == SURPLUS)
}

/// One attempt: snapshot when needed, then the stream until it breaks, or (`Ok`) until the snapshot
/// is needed again. `attempt` falls to 0 once the stream stands.
async fn attend(
    shared: &Rc<Shared>,
    controller: &AbortController,
    attempt: &mut u32,
) -> Result<(), Failure> {
    let base = shared.session.config.with_untracked(|config| config.base.clone());
    let signal = controller.signal();
    let watchdog = watch(controller.clone());
    let begun = shared.fold.borrow().begun;
    if !begun {
        shared.begin(link::snapshot(&base, &shared.key, &signal).await?);
    }
    let after = shared.fold.borrow().state.sequence;
    let mut stream = Stream::open(&base, &shared.key, after, &signal).await?;
    // It says so at once when it is not so.
    shared.session.paused.set(false);
    drop(watchdog);
    *attempt = 0;
    if begun {
        // It was open before: who is signed in, and what they may, is perhaps not as it was.
        shared.session.wake.update(|n| *n = n.wrapping_add(1));
    }
    let phase = shared.fold.borrow().state.call.as_ref().map(|call| call.state);
    shared.connection(match phase {
        Some(CallPhase::Ended) => Connection::Ended,
        _ => Connection::Live,
    });
    read(shared, &mut stream, controller).await
}

/// Reads until the snapshot is needed again (`Ok`) or the stream breaks.
async fn read(
    shared: &Rc<Shared>,
    stream: &mut Stream,
    controller: &AbortController,
) -> Result<(), Failure> {
    loop {
        let watchdog = watch(controller.clone());
        let messages = stream.next().await?;
        drop(watchdog);
        let Some(messages) = messages else {
            return Err(Failure::Lost("the proxy ended the stream".to_owned()));
        };
        for message in messages {
            match message {
                Message::Fact(fact) => {
                    if !shared.take(&fact) {
                        return Ok(());
                    }
                }
                Message::Live(Live::Talk { people }) => shared.session.talking.apply(&people),
                Message::Live(Live::Presence { operators }) => {
                    shared.session.operators.set(operators);
                }
                Message::Live(Live::Service { paused }) => shared.session.paused.set(paused),
                // Whose hand is on a fader is shown by the desk once it knows fader names.
                Message::Live(Live::Hold { .. }) => {}
                Message::Reset => return Ok(()),
                Message::Surplus => return Err(surplus()),
            }
        }
    }
}

/// Aborts the attempt unless it is dropped within [`SILENCE_MS`].
fn watch(controller: AbortController) -> Watchdog {
    Watchdog(
        set_timeout_with_handle(
            move || controller.abort(),
            Duration::from_millis(SILENCE_MS.into()),
        )
        .ok(),
    )
}

struct Watchdog(Option<TimeoutHandle>);

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(timer) = self.0.take() {
            timer.clear();
        }
    }
}
