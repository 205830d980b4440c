//! What a connection is about at the moment: shared by its socket and whoever answers on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, Method, Uri};
use tokio::time::Instant;

use super::limits::Times;

/// Most bytes of a request that are remembered; no longer head is taken.
const HEAD_MAX: usize = 64 * 1024;

/// What is waited for, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first byte of all.
    Silent(Instant),
    /// The rest of a request's head.
    Head(Instant),
    /// Us.
    Answering,
    /// The next request.
    Idle(Instant),
}

/// Why a connection was closed that might have gone on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It was opened and nothing came.
    FirstByte,
    /// The head of a request did not come to its end.
    Head,
    /// Nothing came after an answer. That is how good connections end as well.
    Idle,
    /// What was sent was not taken.
    Reader,
}

impl Late {
    /// A name for counting.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstByte => "noByte",
            Self::Head => "slowHead",
            Self::Idle => "idle",
            Self::Reader => "slowReader",
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Line {
    times: Times,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The bytes that came since the last answer.
    head: Vec<u8>,
    /// Something that was sent is not taken yet.
    is_stuck: bool,
}

impl Line {
    /// A connection that begins now.
    pub fn new(times: Times) -> Self {
        let state =
            State { phase: Phase::Silent(Instant::now()), head: Vec::new(), is_stuck: false };
        Self { times, state: Mutex::new(state) }
    }

    /// These bytes came.
    pub fn came(&self, bytes: &[u8]) {
        let mut state = self.state();
        match state.phase {
            Phase::Answering => return,
            Phase::Silent(_) | Phase::Idle(_) if !bytes.is_empty() => {
                state.phase = Phase::Head(Instant::now());
            }
            Phase::Silent(_) | Phase::Idle(_) | Phase::Head(_) => {}
        }
        let room = HEAD_MAX.saturating_sub(state.head.len()).min(bytes.len());
        state.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    /// Some of an answer was taken, or none while there is more of it. The end of an answer waits here
    /// for longer than it is made: whoever still takes it is not idle.
    pub fn sent(&self, taken: bool) {
        let mut state = self.state();
        state.is_stuck = !taken;
        if let Phase::Idle(since) = &mut state.phase {
            *since = Instant::now();
        }
    }

    /// Until when the peer may take its time, and what it would be too late for; none while it waits
    /// for us.
    pub fn deadline(&self) -> Option<(Instant, Late)> {
        let state = self.state();
        match state.phase {
            Phase::Silent(since) => Some((since + self.times.first_byte, Late::FirstByte)),
            Phase::Head(since) => Some((since + self.times.head, Late::Head)),
            Phase::Idle(since) if !state.is_stuck => Some((since + self.times.idle, Late::Idle)),
            Phase::Answering | Phase::Idle(_) => None,
        }
    }

    /// A request was read and is being answered. Tells whether its body has two lengths, or nobody can
    /// say.
    ///
    /// hyper takes `Content-Length` out of the headers when `Transfer-Encoding` stands beside it, in
    /// either order, so the bytes have to be looked at. They are not at hand when the head came in one
    /// piece with what was before it; a body in chunks sent like that is taken for the worst.
    pub fn begin(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
        let head = {
            let mut state = self.state();
            state.phase = Phase::Answering;
            std::mem::take(&mut state.head)
        };
        headers.contains_key("transfer-encoding") && !is_one_length(&head, method, uri)
    }

    /// The answer was handed over.
    pub fn answered(&self) {
        let mut state = self.state();
        state.phase = Phase::Idle(Instant::now());
        state.head.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether these bytes begin with the head of this request, and it names no `Content-Length`.
fn is_one_length(head: &[u8], method: &Method, uri: &Uri) -> bool {
    // What does not end in a line break is not known whole.
    let lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let mut lines = lines.map(<[u8]>::trim_ascii_end);
    // Line breaks before a request are passed over, by hyper too.
    let first = lines.by_ref().find(|line| !line.is_empty()).unwrap_or_default();
    let begins = format!("{method} {uri} ");
    if !first.starts_with(begins.as_bytes()) {
        return false;
    }
    for line in lines {
        if line.is_empty() {
            return true;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
            return false;
        }
    }
    // It does not come to an end here.
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_length_is_found_wherever_it_stands() {
        let uri: Uri = "/a?b=c".parse().unwrap();
        let one = |head: &str| is_one_length(head.as_bytes(), &Method::POST, &uri);
        assert!(one("POST /a?b=c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assert!(one("\r\nPOST /a?b=c HTTP/1.1\nTransfer-Encoding: chunked\n\nContent-Length: 1"));
        for head in [
            "POST /a?b=c HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /a?b=c HTTP/1.1\r\nTransfer-Encoding: chunked\r\ncontent-LENGTH:1\r\n\r\n",
            "POST /a?b=c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
            "POST /other HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Encoding: chunked\r\n\r\n",
            "",
        ] {
            assert!(!one(head), "{head:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_peer_is_hurried() {
        let times = Times::default();
        let line = Line::new(times);
        let late = || line.deadline().map(|(_, late)| late);
        assert_eq!(late(), Some(Late::FirstByte));
        line.came(b"");
        assert_eq!(late(), Some(Late::FirstByte));
        line.came(b"GET / ");
        let (until, late_for) = line.deadline().unwrap();
        tokio::time::advance(times.head / 2).await;
        line.came(b"HTTP");
        assert_eq!((until, late_for), line.deadline().unwrap(), "no byte buys time");
        assert!(!line.begin(&Method::GET, &"/".parse().unwrap(), &HeaderMap::new()));
        assert_eq!(late(), None);
        line.answered();
        assert_eq!(late(), Some(Late::Idle));
        line.sent(false);
        assert_eq!(late(), None, "its answer is not all taken");
        tokio::time::advance(times.idle).await;
        line.sent(true);
        assert_eq!(line.deadline(), Some((Instant::now() + times.idle, Late::Idle)));
    }
}
