//! How the panel reaches a call: fetch for questions and commands, one stream read by fetch for facts.

pub mod backoff;
pub mod command;
mod fetch;
pub mod pause;
pub mod query;
pub mod sse;
pub mod stream;
pub mod token;

pub use command::{Command, ask, change, post};
pub use fetch::act_as;
pub use query::{
    CallSummary, Config, Operator, Who, calls, config, join, read_at, service, session, sign_out,
    snapshot, text_at,
};
pub use stream::Stream;

/// Why the proxy did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in any more.
    SignedOut,
    /// The proxy or the service refused: nothing was applied.
    Refused {
        /// HTTP status.
        status: u16,
        /// The service's or Foldback's code.
        code: String,
        /// Words for the operator.
        message: String,
        /// Milliseconds until trying again makes sense, when the answer said so.
        retry_ms: Option<u64>,
    },
    /// The answer got lost: nobody knows whether it was applied.
    Lost(String),
    /// The answer made no sense.
    Unreadable(String),
}

impl Failure {
    /// One sentence for the operator.
    pub fn message(&self) -> String {
        match self {
            Self::SignedOut => "You are signed out; nothing was sent.".to_owned(),
            Self::Refused { code, message, .. } if message.is_empty() => {
                format!("Refused ({code}).")
            }
            Self::Refused { message, .. } => message.clone(),
            Self::Lost(_) => "The connection broke before an answer came.".to_owned(),
            Self::Unreadable(what) => format!("The answer could not be read: {what}"),
        }
    }

    /// Milliseconds until trying again makes sense, when the answer said so.
    pub fn retry_ms(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_ms, .. } => *retry_ms,
            _ => None,
        }
    }

    /// The service asks for a slower pace; trying later is expected to work.
    pub fn is_throttled(&self) -> bool {
        matches!(self, Self::Refused { status: 429, .. })
    }
}
