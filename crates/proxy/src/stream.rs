//! The stream of a call: facts that are kept, and things that pass by, as server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use foldback_model::{Fact, Live, Sequence};
use serde::Serialize;
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until},
};

use crate::{
    app::App,
    call::{Call, Subscription, Watching},
    edge::Streaming,
    problem::Fault,
    session::Session,
};

/// Time between signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);

struct Stream {
    app: Arc<App>,
    call: Arc<Call>,
    session: Arc<Session>,
    subscription: Subscription,
    /// The last fact written out.
    cursor: Sequence,
    /// Frames ready to go out.
    ready: VecDeque<Bytes>,
    heartbeat: Interval,
    /// Nothing more comes once `ready` is empty.
    done: bool,
    /// When it ends, once the proxy is to end.
    ends: Option<Instant>,
    /// Tells that something may have been taken away from this session.
    changes: watch::Receiver<u64>,
    streaming: Streaming,
    _watching: Watching,
}

/// Opens a stream after the fact `after`. The oldest of a session that has too many ends with an event
/// that says so.
///
/// # Errors
/// 503 when there are too many in all, or the proxy is ending.
pub fn open(
    app: &Arc<App>,
    call: Arc<Call>,
    session: Arc<Session>,
    after: Sequence,
) -> Result<Response<Body>, Fault> {
    if app.ending.has_begun() {
        let message = "Foldback is ending and opens no more streams; try again soon".to_owned();
        let mut fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "ending", message);
        fault.retry_after = Some(5);
        return Err(fault);
    }
    let streaming = app.edge.stream(&session)?;
    // What is taken away from now on is seen; up to now it was looked at already.
    let changes = app.sessions.changes();
    // Watching from here on, then reading what was before: nothing is missed in between.
    let watching = call.arrive(&session.operator);
    let subscription = call.subscribe();
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ready = VecDeque::from([Bytes::from_static(b": open\n\n")]);
    let mut done = false;
    if after > subscription.head {
        ready.push_back(reset(subscription.head));
        done = true;
    } else {
        ready.extend(call.presence().and_then(|told| told.frame(live)));
        let people = call.talking();
        if !people.is_empty() {
            ready.extend(live(&Live::Talk { people }));
        }
        if app.paused(call.key.kind()).is_some_and(|paused| *paused.borrow()) {
            ready.extend(live(&Live::Service { paused: true }));
        }
    }
    // Looked at again, for it may have been taken away since it was granted.
    if !may_go_on(app, &call, &session) {
        (ready, done) = (VecDeque::new(), true);
    }
    app.metrics.streams.inc();
    let stream = Stream {
        app: Arc::clone(app),
        subscription,
        cursor: after,
        ready,
        heartbeat,
        done,
        ends: None,
        changes,
        call,
        session,
        streaming,
        _watching: watching,
    };
    let frames = futures_util::stream::unfold(stream, |mut stream| async move {
        let frame = stream.next().await?;
        Some((Ok::<_, Infallible>(frame), stream))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Whether this session may still read this call. Asked at the start and whenever something may have
/// changed.
fn may_go_on(app: &App, call: &Call, session: &Session) -> bool {
    app.sessions.stands(session) && call.admits(session)
}

impl Stream {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.done {
                return None;
            }
            if self.cursor < self.subscription.head {
                self.replay().await;
                continue;
            }
            tokio::select! {
                biased;
                () = self.app.stopping.cancelled() => return None,
                () = self.app.ending.begun(), if self.ends.is_none() => {
                    self.ends = Some(Instant::now() + self.app.ending.by_chance());
                }
                () = at(self.ends) => return None,
                () = self.session.ended() => return None,
                () = self.streaming.place.crowded_out.cancelled() => {
                    self.app.metrics.limited("crowdedOut");
                    self.done = true;
                    return Some(crowded_out(self.app.limits.streams_per_session));
                }
                changed = self.changes.changed() => {
                    if changed.is_err() || !may_go_on(&self.app, &self.call, &self.session) {
                        return None;
                    }
                }
                fact = self.subscription.facts.recv() => match fact {
                    Ok(fact) => self.show(fact.sequence, || fact.frame(|fact| written(fact))),
                    // The reader was too slow; it comes again and takes up where it was.
                    Err(RecvError::Lagged(missed)) => {
                        tracing::info!(call = %self.call.key, missed, "a slow reader was dropped");
                        return None;
                    }
                    Err(RecvError::Closed) => return None,
                },
                passing = self.subscription.live.recv() => match passing {
                    Ok(passing) => self.ready.extend(passing.frame(live)),
                    // What passes by may be missed.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                _ = self.heartbeat.tick() => {
                    self.session.touch();
                    return Some(Bytes::from_static(b": \n\n"));
                }
            }
        }
    }

    async fn replay(&mut self) {
        match self.call.replay(self.cursor, self.subscription.head).await {
            Ok(facts) if facts.is_empty() => {
                // Everything up to the head was superseded by facts that follow live.
                self.cursor = self.subscription.head;
            }
            Ok(facts) => {
                for fact in &facts {
                    self.show(fact.sequence, || written(fact));
                }
            }
            Err(error) => {
                tracing::error!(call = %self.call.key, %error, "the journal cannot be read");
                self.done = true;
            }
        }
    }

    /// Lets a fact go out, written as `frame` says, unless it did.
    fn show(&mut self, sequence: Sequence, frame: impl FnOnce() -> Option<Bytes>) {
        if sequence > self.cursor {
            self.cursor = sequence;
            self.ready.extend(frame());
        }
    }
}

/// Waits for a moment, for ever when there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.app.metrics.streams.dec();
    }
}

fn written(fact: &Fact) -> Option<Bytes> {
    frame("fact", &format!("id: {}\n", fact.sequence), fact)
}

fn live(live: &Live) -> Option<Bytes> {
    frame("live", "", live)
}

fn reset(head: Sequence) -> Bytes {
    Bytes::from(format!("event: reset\ndata: {{\"sequence\":{head}}}\n\n"))
}

/// Why a stream ends that a newer one of the same session took the place of. Coming back by itself it
/// would take the place of another.
fn crowded_out(most: usize) -> Bytes {
    Bytes::from(format!("event: end\ndata: {{\"reason\":\"tooManyStreams\",\"most\":{most}}}\n\n"))
}

/// One event. JSON holds no line break, so that one `data` line always carries it.
fn frame(event: &str, id: &str, data: &impl Serialize) -> Option<Bytes> {
    match serde_json::to_string(data) {
        Ok(data) => Some(Bytes::from(format!("event: {event}\n{id}data: {data}\n\n"))),
        Err(error) => {
            tracing::error!(%error, event, "an event cannot be written");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_leaves_its_line(name in any::<String>()) {
            let operators = vec![foldback_model::live::Presence {
                id: foldback_model::OperatorId::new("o").unwrap(),
                name: name.clone(),
            }];
            let bytes = live(&Live::Presence { operators: operators.clone() }).unwrap();
            let text = std::str::from_utf8(&bytes).unwrap();
            let lines: Vec<_> = text.split('\n').collect();
            prop_assert_eq!(lines.len(), 4);
            let data = lines[1].strip_prefix("data: ").unwrap();
            prop_assert_eq!(serde_json::from_str::<Live>(data).unwrap(), Live::Presence { operators });
        }
    }
}
