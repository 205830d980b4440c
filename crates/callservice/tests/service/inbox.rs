//! A receiver that shows headers and all, and answers as told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::bench::PATIENCE;

/// A post as it arrived.
#[derive(Debug)]
pub struct Post {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
    pub at: Instant,
}

impl Post {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The only item of a Graph notification.
    pub fn item(&self) -> &Value {
        let items = self.body["value"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{}", self.body);
        &items[0]
    }

    /// What a call notification says of its state.
    pub fn state(&self) -> &str {
        self.item()["resourceData"]["state"].as_str().unwrap_or_default()
    }
}

/// What a receiver does with the next post.
#[derive(Debug, Clone)]
pub enum Act {
    Answer(u16),
    Redirect(String),
    /// It never answers.
    Sleep,
}

type Taken = (mpsc::UnboundedSender<Post>, Arc<Mutex<VecDeque<Act>>>);

/// A receiver that shows everything of what arrives, whatever it answers.
pub struct Inbox {
    pub address: String,
    posts: mpsc::UnboundedReceiver<Post>,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

async fn take(
    State((sender, acts)): State<Taken>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = serde_json::from_slice(&body).unwrap();
    sender.send(Post { path: uri.path().to_owned(), headers, body, at: Instant::now() }).unwrap();
    let act = acts.lock().unwrap().pop_front().unwrap_or(Act::Answer(202));
    match act {
        Act::Answer(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Act::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Act::Sleep => std::future::pending().await,
    }
}

impl Inbox {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/inbox", listener.local_addr().unwrap());
        let (sender, posts) = mpsc::unbounded_channel();
        let acts = Arc::<Mutex<VecDeque<Act>>>::default();
        let router = Router::new().fallback(take).with_state((sender, Arc::clone(&acts)));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, posts, acts }
    }

    pub fn does(&self, acts: &[Act]) {
        self.acts.lock().unwrap().extend(acts.iter().cloned());
    }

    pub async fn next(&mut self) -> Post {
        let next = tokio::time::timeout(PATIENCE, self.posts.recv());
        next.await.expect("a post in time").expect("a receiver")
    }
}
