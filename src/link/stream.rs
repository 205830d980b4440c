//! The stream of facts, read by fetch: status codes are seen, the cursor is ours.

use foldback_model::{CallKey, Fact, Live, Sequence};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use super::{
    Failure,
    command::refusal,
    fetch::{Request, lost},
    query::read,
    sse,
};

/// Milliseconds of silence after which a stream counts as dead; the proxy writes every 15 s.
pub const SILENCE_MS: u32 = 40_000;

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    reader: ReadableStreamDefaultReader,
    parser: sse::Parser,
}

/// One message of the stream.
#[derive(Debug)]
pub enum Message {
    /// A fact, with its place in the journal.
    Fact(Box<Fact>),
    /// Passing by.
    Live(Live),
    /// What was missed is no longer held: take the snapshot.
    Reset,
    /// The session has more streams than it may, and this was the oldest.
    Surplus,
}

impl Stream {
    /// Opens the stream of a call behind `after`.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn open(
        base: &str,
        key: &CallKey,
        after: Sequence,
        abort: &AbortSignal,
    ) -> Result<Self, Failure> {
        let url = format!("{base}/foldback/v1/calls/{key}/events?after={after}");
        let answer = Request::get(&url)
            .header("accept", "text/event-stream")
            .abort_signal(abort)
            .send()
            .await?;
        if !answer.ok() {
            return Err(refusal(answer).await);
        }
        // A gateway's page with a good status would end at once, and be asked for again at once.
        let kind = answer.headers().get("content-type").ok().flatten().unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(Failure::Unreadable("not a stream, but a page".to_owned()));
        }
        let body = answer.body().ok_or_else(|| Failure::Unreadable("no body".to_owned()))?;
        let reader = body.get_reader().dyn_into().map_err(|_| {
            Failure::Unreadable("the body cannot be read piece by piece".to_owned())
        })?;
        Ok(Self { reader, parser: sse::Parser::default() })
    }

    /// The messages of the next piece, possibly none (a comment keeps the stream alive); `None` when
    /// the proxy ended it.
    ///
    /// # Errors
    /// [`Failure::Lost`] when the connection broke or was aborted.
    pub async fn next(&mut self) -> Result<Option<Vec<Message>>, Failure> {
        let piece = JsFuture::from(self.reader.read()).await.map_err(lost)?;
        let field = |name: &str| Reflect::get(&piece, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if field("done").is_truthy() {
            return Ok(None);
        }
        let bytes = Uint8Array::new(&field("value")).to_vec();
        Ok(Some(self.parser.push(&bytes).iter().filter_map(message).collect()))
    }
}

/// What an event says. A fact that cannot be read counts as missed, so that the snapshot tells it;
/// unknown events and passing things are passed over.
fn message(event: &sse::Event) -> Option<Message> {
    match event.name.as_str() {
        "fact" => {
            Some(read(&event.data).map_or(Message::Reset, |fact| Message::Fact(Box::new(fact))))
        }
        "live" => read(&event.data).ok().map(Message::Live),
        "reset" => Some(Message::Reset),
        "end" if event.data.contains("tooManyStreams") => Some(Message::Surplus),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, data: &str) -> Option<Message> {
        message(&sse::Event { name: name.to_owned(), data: data.to_owned(), id: String::new() })
    }

    #[test]
    fn events_become_messages() {
        let fact = r#"{"sequence":2,"prev":1,"at":5,"by":"service",
            "event":{"participantsLeft":{"ids":["ada"]}}}"#;
        assert!(matches!(read("fact", fact), Some(Message::Fact(fact)) if fact.sequence.0 == 2));
        let talk = r#"{"talk":{"people":[{"id":"ada","active":true,"level":40}]}}"#;
        assert!(matches!(read("live", talk), Some(Message::Live(Live::Talk { .. }))));
        assert!(matches!(read("reset", "{}"), Some(Message::Reset)));
        let end = r#"{"reason":"tooManyStreams","most":4}"#;
        assert!(matches!(read("end", end), Some(Message::Surplus)));
        assert!(read("end", r#"{"reason":"other"}"#).is_none());
    }

    #[test]
    fn what_is_not_understood_costs_a_snapshot_at_most() {
        assert!(matches!(read("fact", r#"{"sequence":2}"#), Some(Message::Reset)));
        assert!(read("live", r#"{"later":{}}"#).is_none());
        assert!(read("message", "x").is_none());
    }
}
