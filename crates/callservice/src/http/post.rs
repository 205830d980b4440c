//! A call's notifications on their way: one queue, strictly in order, a bounded number of tries each.

use std::{collections::VecDeque, sync::Arc, sync::Mutex, time::Duration};

use foldback_wire::graph::CommsNotifications;
use reqwest::{Client, StatusCode, header, redirect::Policy};
use tokio::sync::Notify;

use super::{shared::lock, text};
use crate::{engine::Notice, error::Error};

/// How long the receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Waits between tries; after the last the notification is dropped.
const BACKOFF: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];

/// More waiting notifications than this, and the oldest are dropped.
const WAITING_MAX: usize = 1_000;

/// The queue and its client.
pub(super) struct Post {
    client: Client,
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    address: Option<Arc<str>>,
    waiting: VecDeque<Notice>,
}

/// The client that posts for all calls.
///
/// # Errors
/// [`Error::Client`].
pub(super) fn client() -> Result<Client, Error> {
    // Fails only when a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(Error::Client)
}

impl Post {
    pub(super) fn new(client: Client) -> Self {
        Self { client, queue: Mutex::default(), wake: Notify::new() }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.queue).waiting.is_empty()
    }

    /// Lets [`Post::deliver`] look whether it is over.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// From now on notifications go there; those still waiting were for somebody else.
    pub(super) fn readdress(&self, address: &str) {
        let mut queue = lock(&self.queue);
        queue.address = Some(address.into());
        queue.waiting.clear();
    }

    pub(super) fn address(&self) -> Option<String> {
        lock(&self.queue).address.as_deref().map(str::to_owned)
    }

    pub(super) fn push(&self, notifications: Vec<Notice>) {
        if notifications.is_empty() {
            return;
        }
        let mut queue = lock(&self.queue);
        queue.waiting.extend(notifications);
        let excess = queue.waiting.len().saturating_sub(WAITING_MAX);
        if excess > 0 {
            queue.waiting.drain(..excess);
            tracing::warn!(dropped = excess, "the callback is too slow; notifications are dropped");
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Posts one after the other, until `over` and nothing waits.
    pub(super) async fn deliver(&self, over: impl Fn() -> bool) {
        loop {
            let next = {
                let mut queue = lock(&self.queue);
                let address = queue.address.clone();
                address.and_then(|to| queue.waiting.pop_front().map(|what| (to, what)))
            };
            match next {
                Some((address, notice)) => self.send(&address, notice).await,
                None if over() => return,
                None => self.wake.notified().await,
            }
        }
    }

    async fn send(&self, address: &Arc<str>, notice: Notice) {
        let resource = match &notice {
            Notice::Graph(notification) => notification.url().unwrap_or_default().to_owned(),
            Notice::Acs(event) => event.source.clone(),
        };
        let body = match notice {
            Notice::Graph(item) => serde_json::to_vec(&CommsNotifications::new(vec![item])),
            Notice::Acs(mut event) => {
                event.time = Some(format!("{}.0000000+00:00", text::date()));
                serde_json::to_vec(&[event])
            }
        };
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%resource, %error, "a notification could not be written");
                return;
            }
        };
        let mut backoff = BACKOFF.into_iter();
        loop {
            let problem = match self.try_once(address, body.clone()).await {
                Ok(()) => return,
                Err(Problem::Final(status)) => {
                    tracing::warn!(%resource, %status, "the callback refused a notification; dropped");
                    return;
                }
                Err(Problem::Passing(problem)) => problem,
            };
            let replaced = lock(&self.queue).address.as_ref() != Some(address);
            let Some(wait) = backoff.next().filter(|_| !replaced) else {
                tracing::warn!(%resource, %problem, "the callback cannot be reached; dropped");
                return;
            };
            tracing::debug!(%resource, %problem, "the callback will be tried again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn try_once(&self, address: &str, body: Vec<u8>) -> Result<(), Problem> {
        let answer = self
            .client
            .post(address)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            // The address may carry a secret; errors must not repeat it.
            .map_err(|error| Problem::Passing(error.without_url().to_string()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() => Err(Problem::Passing(status.to_string())),
            status => Err(Problem::Final(status)),
        }
    }
}

/// Why a notification was not taken.
#[derive(Debug)]
enum Problem {
    /// Another try may help.
    Passing(String),
    /// The receiver does not want it.
    Final(StatusCode),
}

#[cfg(test)]
mod tests {
    use foldback_wire::graph::CommsNotification;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_queue_nobody_empties_keeps_the_newest() {
        let post = Post::new(client().unwrap());
        post.readdress("http://127.0.0.1:1/");
        let note = |n: usize| Notice::from(CommsNotification::new("updated", "/", json!(n)));
        post.push((0..WAITING_MAX).map(note).collect());
        post.push(vec![note(WAITING_MAX)]);
        let queue = lock(&post.queue);
        assert_eq!(queue.waiting.len(), WAITING_MAX);
        assert_eq!(*queue.waiting.front().unwrap(), note(1));
        assert_eq!(*queue.waiting.back().unwrap(), note(WAITING_MAX));
        drop(queue);
        post.readdress("http://127.0.0.1:2/");
        assert!(lock(&post.queue).waiting.is_empty());
    }
}
