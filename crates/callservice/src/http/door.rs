//! The listener, and connections that can be cut in the middle of an answer.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Accepts connections whose handlers may cut them.
#[derive(Debug)]
pub(super) struct Door(pub(super) TcpListener);

/// A handler's hold on its own connection.
#[derive(Debug, Clone)]
pub(super) struct Line(Arc<Cut>);

/// What becomes of the answer under way; at 0 it passes.
#[derive(Debug, Default)]
struct Cut(AtomicU64);

/// The connection is reset at once.
const RESET: u64 = 1;
/// Half of the answer's body shall pass; its length is not known yet.
const HALVE: u64 = 2;
/// The head passes and so many bytes of the body more than this; then the connection ends.
const HEAD: u64 = 3;

impl Line {
    /// Resets the connection instead of sending the answer.
    pub(super) fn cut(&self) {
        self.0.0.store(RESET, Ordering::Release);
    }

    /// Ends the connection in the middle of the answer's body.
    pub(super) fn halve(&self) {
        self.0.0.store(HALVE, Ordering::Release);
    }

    /// Tells how long the body is that will be sent now. Of an answer without one nothing is left to
    /// halve, and it is cut.
    pub(super) fn measure(&self, body: u64) {
        let allowed = if body == 0 { RESET } else { HEAD.saturating_add(body / 2) };
        // Only a line that waits for its measure takes it.
        let _ = self.0.0.compare_exchange(HALVE, allowed, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether no answer will be sent.
    pub(super) fn is_cut(&self) -> bool {
        self.0.0.load(Ordering::Acquire) == RESET
    }
}

/// A connection that fails every operation once it is cut; its end is then a reset. An answer cut
/// in half ends in order, so that what was sent of it arrives.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    cut: Arc<Cut>,
    head: Head,
}

/// How much of the end of an answer's head has passed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Head {
    /// So many bytes of the blank line that ends it.
    Inside(usize),
    /// It has passed, and so many bytes of the body.
    Passed(u64),
}

/// What ends a head.
const BLANK_LINE: &[u8] = b"\r\n\r\n";

impl Head {
    /// How many of these bytes may pass when `allowed` bytes of the body may.
    fn let_pass(self, bytes: &[u8], allowed: u64) -> usize {
        let mut after = self;
        bytes
            .iter()
            .take_while(|byte| {
                let passes = !matches!(after, Self::Passed(passed) if passed >= allowed);
                after = after.then(**byte);
                passes
            })
            .count()
    }

    /// After one more byte.
    fn then(self, byte: u8) -> Self {
        match self {
            Self::Passed(passed) => Self::Passed(passed + 1),
            Self::Inside(matched) if BLANK_LINE.get(matched) == Some(&byte) => {
                if matched + 1 == BLANK_LINE.len() {
                    Self::Passed(0)
                } else {
                    Self::Inside(matched + 1)
                }
            }
            Self::Inside(_) => Self::Inside(usize::from(byte == b'\r')),
        }
    }
}

impl Stream {
    fn live(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.cut.0.load(Ordering::Acquire) == RESET {
            // Without lingering, closing sends a reset where it would have sent an orderly end.
            self.tcp.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(Pin::new(&mut self.tcp))
    }

    /// How many bytes of a body may pass, when the answer is to be cut.
    fn allowed(&self) -> Option<u64> {
        self.cut.0.load(Ordering::Acquire).checked_sub(HEAD)
    }

    /// Writes what may pass of an answer that is cut.
    fn write_part(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        allowed: u64,
    ) -> Poll<io::Result<usize>> {
        let count = self.head.let_pass(bytes, allowed);
        let Some(part) = bytes.get(..count).filter(|part| !part.is_empty()) else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = std::task::ready!(Pin::new(&mut self.tcp).poll_write(cx, part))?;
        self.head = part.iter().take(written).fold(self.head, |head, byte| head.then(*byte));
        Poll::Ready(Ok(written))
    }
}

macro_rules! live {
    ($stream:expr) => {
        match $stream.get_mut().live() {
            Ok(tcp) => tcp,
            Err(error) => return Poll::Ready(Err(error)),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        live!(self).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(allowed) = self.allowed() {
            return self.write_part(cx, bytes, allowed);
        }
        live!(self).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(allowed) = self.allowed() {
            let first = bytes.iter().find(|slice| !slice.is_empty());
            return self.write_part(cx, first.map_or(&[], |slice| slice), allowed);
        }
        live!(self).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        live!(self).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        live!(self).poll_shutdown(cx)
    }
}

impl Listener for Door {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "small answers may wait for company");
        }
        (Stream { tcp, cut: Arc::default(), head: Head::Inside(0) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().cut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_passes_and_so_much_of_the_body() {
        let answer = b"HTTP/1.1 200 OK\r\nx: \r\r\n\r\nbody";
        let head = answer.len() - 4;
        for allowed in 0..6 {
            let whole = Head::Inside(0).let_pass(answer, allowed);
            assert_eq!(whole, answer.len().min(head + usize::try_from(allowed).unwrap()));
            // The same in pieces, wherever they break.
            for at in 0..answer.len() {
                let (first, rest) = answer.split_at(at);
                let passed = Head::Inside(0).let_pass(first, allowed);
                let state =
                    first[..passed].iter().fold(Head::Inside(0), |head, byte| head.then(*byte));
                let more = if passed == at { state.let_pass(rest, allowed) } else { 0 };
                assert_eq!(passed + more, whole, "{at}");
            }
        }
    }
}
