//! The task that posts a call's notifications: tokens, tries, answers with a meaning of their own.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use reqwest::{Client, StatusCode, Url, header};
use tokio::time::Instant;

use super::{Next, Outcome, Parcel, Post, write};
use crate::{
    engine::Face,
    http::{
        calls::Leg,
        keys::Recipient,
        shared::{Shared, lock},
        text,
    },
};

/// Waits between tries; after the last the notification is dropped.
const BACKOFF: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];

/// How often one notification may be sent on to another address.
const MOVES_MAX: usize = 3;

/// Posts what is in a queue of a call until the call has ended and told everything, or the service
/// stops.
pub(in crate::http) async fn deliver(shared: Arc<Shared>, leg: Arc<Leg>, which: fn(&Leg) -> &Post) {
    shared.cancel.run_until_cancelled(deliver_all(&shared, &leg, which(&leg))).await;
}

async fn deliver_all(shared: &Shared, leg: &Leg, post: &Post) {
    loop {
        // Looked at first: what a call says when it ends is in the queue before it is over.
        let over = lock(&leg.engine).has_ended();
        let (next, abandoned) = {
            let mut queue = lock(&post.queue);
            if over {
                queue.release();
            }
            (queue.next(Instant::now()), std::mem::take(&mut queue.abandoned))
        };
        for number in abandoned {
            lock(&shared.outbox).ended(number, Outcome::Dropped);
        }
        match next {
            Next::Send(address, parcel) => {
                let outcome = send(shared, leg, post, address, &parcel).await;
                lock(&shared.outbox).ended(parcel.number, outcome);
            }
            Next::Abandon(number) => lock(&shared.outbox).ended(number, Outcome::Dropped),
            Next::Wait(None) if over => return,
            Next::Wait(None) => post.wake.notified().await,
            Next::Wait(Some(due)) => {
                tokio::select! {
                    () = post.wake.notified() => {}
                    () = tokio::time::sleep_until(due) => {}
                }
            }
        }
    }
}

/// How one try ended, if not well.
struct Problem {
    status: Option<u16>,
    words: String,
    way: Way,
}

/// What helps.
enum Way {
    /// Another try may.
    Again,
    /// Nothing: the receiver does not want it.
    Final,
    /// Another address.
    Moved(String),
}

async fn send(
    shared: &Shared,
    leg: &Leg,
    post: &Post,
    mut address: Arc<str>,
    parcel: &Parcel,
) -> Outcome {
    let about = &*parcel.about;
    let audience = match leg.face {
        Face::Graph => &shared.facts.client_id,
        Face::Acs => &shared.facts.resource,
    };
    let to = Recipient { audience: audience.clone(), tenant: shared.facts.tenant.clone() };
    let token = match shared.keys.token(leg.face, &to, parcel.flaw).await {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(about, %error, "a notification could not be signed");
            return Outcome::Dropped;
        }
    };
    let headers = write::headers(leg.face, &leg.id, parcel.message, token.as_deref());
    lock(&shared.outbox).addressed(parcel.number, origin(&address));
    let (mut backoff, mut moves) = (BACKOFF.into_iter(), 0);
    loop {
        let tried =
            try_once(&shared.client, leg.face, &address, headers.clone(), parcel.body.clone())
                .await;
        let result = match &tried {
            Ok(status) => Ok(*status),
            Err(problem) => problem.status.ok_or(problem.words.as_str()),
        };
        lock(&shared.outbox).tried(parcel.number, shared.clock.now_ms(), result);
        let Err(Problem { words, way, .. }) = tried else {
            return Outcome::Taken;
        };
        match way {
            Way::Again => {}
            Way::Moved(to) if moves < MOVES_MAX => {
                moves += 1;
                let to = match moved(&address, &to) {
                    Ok(to) => to,
                    Err(reason) => {
                        tracing::warn!(about, reason, "the callback moved to nowhere; dropped");
                        return Outcome::Refused;
                    }
                };
                let Some(new) = post.move_to(&address, &to) else {
                    // Somebody else joined meanwhile.
                    return Outcome::Dropped;
                };
                tracing::info!(call = %leg.id, "notifications go to another address now");
                address = new;
                continue;
            }
            Way::Final | Way::Moved(_) => {
                tracing::warn!(about, words, "the callback refused a notification; dropped");
                return Outcome::Refused;
            }
        }
        // Who has joined anew is told from the beginning, not what the one before missed.
        let Some(wait) = backoff.next().filter(|_| post.is_wanted(&address, parcel)) else {
            tracing::warn!(about, words, "the callback cannot be reached; dropped");
            return Outcome::Dropped;
        };
        tracing::debug!(about, words, "the callback will be tried again");
        tokio::time::sleep(wait).await;
    }
}

/// The status of a try that was taken.
async fn try_once(
    client: &Client,
    face: Face,
    address: &str,
    headers: header::HeaderMap,
    body: Bytes,
) -> Result<u16, Problem> {
    let sent = client.post(address).headers(headers).body(body).send().await;
    let answer = sent.map_err(|error| {
        let words = if error.is_timeout() {
            "no answer in time".to_owned()
        } else {
            // The address may carry a secret; errors must not repeat it.
            reason(&error.without_url())
        };
        Problem { status: None, words, way: Way::Again }
    })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(status.as_u16());
    }
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let way = match (status, location) {
        (StatusCode::FOUND, Some(to)) if face == Face::Graph => Way::Moved(to.to_owned()),
        (status, _) if status.is_server_error() => Way::Again,
        _ => Way::Final,
    };
    Err(Problem { status: Some(status.as_u16()), words: status.to_string(), way })
}

/// What went wrong at the bottom of it, such as a refused connection: what a receiver's author can mend.
fn reason(error: &reqwest::Error) -> String {
    let first = std::error::Error::source(error);
    match std::iter::successors(first, |it| it.source()).last() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The address a receiver names instead of its own, held to the rule for callbacks.
fn moved(from: &str, to: &str) -> Result<String, &'static str> {
    let there = Url::parse(from).and_then(|from| from.join(to));
    text::callback(there.map_err(|_| "it is not an address")?.as_str())
}

/// Scheme and host, without what may be a secret.
fn origin(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_held_to_the_rule_for_callbacks() {
        let from = "http://127.0.0.1:8080/a/secret";
        assert_eq!(moved(from, "/b").unwrap(), "http://127.0.0.1:8080/b");
        assert_eq!(moved(from, "https://bot.example/n").unwrap(), "https://bot.example/n");
        assert!(moved(from, "http://bot.example/n").is_err());
        assert!(moved(from, "file:///etc/passwd").is_err());
        assert!(moved(from, "http://").is_err());
        assert_eq!(origin(from).as_deref(), Some("http://127.0.0.1:8080"));
    }
}
