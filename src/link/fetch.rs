//! One request of the browser and its answer, by the browser's own `fetch`: what a library around it
//! would add (queries, JSON, methods as types) is not needed here and would be carried along.

use std::cell::RefCell;

use js_sys::Array;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response};

use super::{Failure, token::token};
use crate::view::words_of;

thread_local! {
    static ACTING: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on the page acts as this operator, by id: should somebody else sign in beside it in the same
/// browser, the proxy does nothing for it under their name.
pub fn act_as(operator: &str) {
    ACTING.set(Some(operator.to_owned()));
}

/// A request that is being put together.
#[derive(Debug)]
pub struct Request {
    url: String,
    init: RequestInit,
    /// Pairs of name and value.
    headers: Array,
}

impl Request {
    /// Reads from an address.
    pub fn get(url: &str) -> Self {
        Self { url: url.to_owned(), init: RequestInit::new(), headers: Array::new() }
    }

    /// Posts JSON to an address.
    pub fn post(url: &str, json: &str) -> Self {
        let request = Self::get(url);
        request.init.set_method("POST");
        request.init.set_body(&json.into());
        request.header("content-type", "application/json").header("accept", "application/json")
    }

    /// Asks by another method.
    #[must_use]
    pub fn method(self, method: &str) -> Self {
        self.init.set_method(method);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.headers.push(&Array::of2(&name.into(), &value.into()));
        self
    }

    /// Lets somebody break it off.
    #[must_use]
    pub fn abort_signal(self, signal: &AbortSignal) -> Self {
        self.init.set_signal(Some(signal));
        self
    }

    /// Sends it and waits for the head of the answer.
    ///
    /// # Errors
    /// [`Failure::Lost`] when none comes; as [`token()`] where the page gives tokens.
    pub async fn send(self) -> Result<Response, Failure> {
        if let Some(operator) = ACTING.with_borrow(Clone::clone) {
            self.headers.push(&Array::of2(&"foldback-operator".into(), &operator.into()));
        }
        if let Some(token) = token().await? {
            self.headers
                .push(&Array::of2(&"authorization".into(), &format!("Bearer {token}").into()));
        }
        self.init.set_headers(&self.headers);
        let answer = JsFuture::from(window().fetch_with_str_and_init(&self.url, &self.init)).await;
        answer.map(JsCast::unchecked_into).map_err(lost)
    }
}

/// The text of an answer's body.
///
/// # Errors
/// [`Failure::Lost`] when it broke off.
pub async fn text(answer: &Response) -> Result<String, Failure> {
    let text = JsFuture::from(answer.text().map_err(lost)?).await.map_err(lost)?;
    text.as_string().ok_or_else(|| Failure::Unreadable("no text".to_owned()))
}

/// The connection broke, in the browser's words.
pub fn lost(error: JsValue) -> Failure {
    Failure::Lost(words_of(error))
}
