//! What the adapters share: how requests leave, how answers are read, and why one did not succeed.

pub mod clock;
pub mod manners;
pub mod token;
mod trust;

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use foldback_model::name;
use foldback_wire::graph::GraphError;

use crate::problem::Fault;
use clock::Clock;
use token::TokenError;
pub use trust::Trust;

/// Largest answer taken: a roster of 10,000 is below 5 MB.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// Longest wait that a service may ask for and that is passed on.
const RETRY_MAX: u64 = 24 * 60 * 60;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 2xx.
    pub status: StatusCode,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Why a request did not succeed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// Nothing was sent, because there is no token to send it with.
    #[error("{0}")]
    NoToken(String),
    /// The service said no: nothing was applied.
    #[error("the service answered {status}: {message}")]
    Refused {
        /// 4xx or 5xx.
        status: StatusCode,
        /// The service's code, from the body where it has one.
        code: String,
        /// The service's words.
        message: String,
        /// Seconds until trying again makes sense.
        retry_after: Option<u64>,
    },
    /// Nothing was sent: the service has failed too often in a row and is left alone for so many
    /// seconds.
    #[error("the service fails; nothing is sent to it for {0} s")]
    Paused(u64),
    /// No answer within the time limit: nobody knows whether it was applied.
    #[error("the service did not answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The answer broke off or cannot be read: nobody knows whether it was applied.
    #[error("the service's answer cannot be used: {0}")]
    Broken(String),
}

impl Failure {
    /// Whether it may have been applied all the same.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Broken(_))
    }

    /// The answer to whoever asked.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NotSent(message) | Self::NoToken(message) => Fault::new(
                StatusCode::BAD_GATEWAY,
                "serviceUnreachable",
                format!("nothing was sent: {message}"),
            ),
            Self::Paused(seconds) => {
                let mut fault = Fault::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "servicePaused",
                    format!("nothing was sent: {self}"),
                );
                fault.retry_after = Some(*seconds);
                fault
            }
            Self::Refused { status, code, message, retry_after } => {
                // Our own 401 would tell the browser to sign in, which cannot help here.
                let status = match *status {
                    StatusCode::UNAUTHORIZED => StatusCode::BAD_GATEWAY,
                    other => other,
                };
                let mut fault = Fault::new(status, code.clone(), message.clone());
                fault.retry_after = *retry_after;
                fault
            }
            Self::TimedOut(_) => Fault::new(
                StatusCode::GATEWAY_TIMEOUT,
                "serviceTimeout",
                format!("{self}; it may have been applied: watch the roster before trying again"),
            ),
            Self::Broken(_) => Fault::new(
                StatusCode::BAD_GATEWAY,
                "serviceAnswerUnusable",
                format!("{self}; it may have been applied: watch the roster before trying again"),
            ),
        }
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::NoToken(error.to_string())
    }
}

impl From<foldback_wire::Error> for Failure {
    fn from(error: foldback_wire::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A client that follows no redirects, repeats nothing by itself and knows no proxy; to a service
/// under https it speaks nothing else. `trust` is whom it trusts beside those the system trusts.
///
/// # Errors
/// When the system's trusted certificates cannot be loaded.
pub fn client(
    base: &str,
    timeout: Duration,
    trust: &Trust,
) -> Result<reqwest::Client, reqwest::Error> {
    // It is an error when another part of the process has chosen before; that choice stands.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .https_only(base.starts_with("https://"))
        .tls_certs_merge(trust.authorities())
        .connect_timeout(Duration::from_secs(3).min(timeout))
        .timeout(timeout)
        .user_agent(concat!("foldback/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Sends a request once and reads the answer. `timeout` is the client's, to be told; `clock` is the
/// service's, to be looked at.
///
/// # Errors
/// [`Failure`].
pub async fn once(
    request: reqwest::RequestBuilder,
    timeout: Duration,
    clock: &Clock,
) -> Result<Answer, Failure> {
    let sent = SystemTime::now();
    let reply = request.send().await.map_err(|error| {
        if error.is_connect() || error.is_builder() {
            Failure::NotSent(format!("the service cannot be reached: {}", cause(&error)))
        } else if error.is_timeout() {
            Failure::TimedOut(timeout)
        } else {
            Failure::Broken(cause(&error))
        }
    })?;
    let came = SystemTime::now();
    clock.heard(sent, came, reply.headers());
    let status = reply.status();
    let location = text(reply.headers(), &header::LOCATION).map(str::to_owned);
    let retry_after = retry_after(reply.headers(), came);
    let body = bounded(reply, ANSWER_MAX).await;
    if status.is_success() {
        let body = body.map_err(|why| {
            if why == TOO_SLOW { Failure::TimedOut(timeout) } else { Failure::Broken(why) }
        })?;
        return Ok(Answer { status, location, body });
    }
    if !status.is_client_error() && !status.is_server_error() {
        return Err(Failure::Broken(format!(
            "it answered {status}, which Foldback does not follow"
        )));
    }
    let (code, message) = refusal(status, &body.unwrap_or_default());
    Err(Failure::Refused { status, code, message, retry_after })
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Seconds to wait as `Retry-After` says it, in digits or as a date; `now` is what a date is
/// compared with.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let text = text(headers, &header::RETRY_AFTER)?.trim();
    let seconds = text.parse::<u64>().ok().or_else(|| {
        let until = httpdate::parse_http_date(text).ok()?;
        // A date of the past asks for no wait; parts of a second are waited for as well.
        let wait = until.duration_since(now).unwrap_or_default();
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    })?;
    Some(seconds.min(RETRY_MAX))
}

/// Code and words of a refusal, which both services write in one shape; gateways answer with pages
/// that hold none.
fn refusal(status: StatusCode, body: &[u8]) -> (String, String) {
    let error = GraphError::read(body).unwrap_or_else(|_| {
        let words = status.canonical_reason().unwrap_or("refused");
        GraphError::new(status.as_u16().to_string(), format!("the service answered: {words}"))
    });
    (name::line(&error.error.code), name::line(&error.error.message))
}

const TOO_SLOW: &str = "it came too slowly";

/// Reads an answer's body, up to `limit` bytes.
///
/// # Errors
/// In words: it is too large, too slow, or broke off.
pub async fn bounded(mut reply: reqwest::Response, limit: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    loop {
        match reply.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                return Err(format!("it is larger than {limit} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) if error.is_timeout() => return Err(TOO_SLOW.to_owned()),
            Err(error) => return Err(cause(&error)),
        }
    }
}

/// The innermost reason, without addresses.
pub fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { inner.to_string() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use foldback_model::CallKind;

    use super::*;

    #[test]
    fn a_refusal_is_read_or_made_and_always_one_line() {
        let (code, message) = refusal(
            StatusCode::NOT_FOUND,
            b"{\"error\":{\"code\":\"8522\",\"message\":\"gone\\n\\u001b[31m\"}}",
        );
        assert_eq!((code.as_str(), message.as_str()), ("8522", "gone[31m"));
        let (code, message) = refusal(StatusCode::SERVICE_UNAVAILABLE, b"<html>busy</html>");
        assert_eq!(code, "503");
        assert!(message.contains("Service Unavailable"));
    }

    #[test]
    fn an_upstream_401_is_not_ours() {
        let failure = Failure::Refused {
            status: StatusCode::UNAUTHORIZED,
            code: "InvalidAuthenticationToken".to_owned(),
            message: "no".to_owned(),
            retry_after: None,
        };
        assert_eq!(failure.fault().status, 502);
    }

    #[tokio::test]
    async fn an_answer_that_drips_is_given_up() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let dripping = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1_024];
            assert!(socket.read(&mut asked).await.unwrap() > 0);
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
            socket.write_all(head).await.unwrap();
            let mut drops = tokio::time::interval(Duration::from_millis(20));
            // Never silent, never done: it ends when nobody listens any more.
            loop {
                drops.tick().await;
                if socket.write_all(b"x").await.is_err() {
                    return;
                }
            }
        });
        let timeout = Duration::from_millis(300);
        let request = client(&base, timeout, &Trust::default()).unwrap().get(&base);
        let clock = Clock::new(CallKind::Graph, Arc::default());
        let failure = once(request, timeout, &clock).await.unwrap_err();
        assert_eq!(failure, Failure::TimedOut(timeout));
        dripping.await.unwrap();
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 03:08:20 GMT").unwrap();
        for (told, expected) in [
            ("7", Some(7)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("99999999", Some(RETRY_MAX)),
            ("Sun, 22 Nov 2026 03:08:50 GMT", Some(30)),
            ("Sunday, 22-Nov-26 03:08:50 GMT", Some(30)),
            ("Sun, 22 Nov 2026 03:08:00 GMT", Some(0)),
            ("Mon, 22 Nov 2027 03:08:20 GMT", Some(RETRY_MAX)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, told.parse().unwrap());
            assert_eq!(retry_after(&headers, now), expected, "{told:?}");
        }
        let late = now + Duration::from_millis(500);
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, "Sun, 22 Nov 2026 03:08:22 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers, late), Some(2));
    }
}
