//! A socket that tells what goes through it, and does not wait for ever for what is sent to be taken.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{
    alarm::Alarm,
    line::{Late, Line},
};
use crate::metrics::Metrics;

/// See the module.
#[derive(Debug)]
pub struct Socket<S> {
    inner: S,
    line: Arc<Line>,
    metrics: Arc<Metrics>,
    write: Duration,
    /// Since when nothing was taken.
    stuck: Option<Instant>,
    alarm: Alarm,
}

impl<S> Socket<S> {
    /// Around `inner`; nothing of what is sent may be stuck for longer than `write`.
    pub fn new(inner: S, line: Arc<Line>, metrics: Arc<Metrics>, write: Duration) -> Self {
        Self { inner, line, metrics, write, stuck: None, alarm: Alarm::default() }
    }

    /// What to do with a write that went so.
    fn wrote<T>(&mut self, cx: &mut Context<'_>, went: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.line.sent(went.is_ready());
        if went.is_ready() {
            self.stuck = None;
            return went;
        }
        let since = *self.stuck.get_or_insert_with(Instant::now);
        if self.alarm.has_come(since + self.write, cx) {
            self.metrics.closed(Late::Reader.name());
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(cx, buffer);
        if matches!(read, Poll::Ready(Ok(()))) {
            this.line.came(buffer.filled().get(before..).unwrap_or_default());
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let went = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.wrote(cx, went)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let went = Pin::new(&mut this.inner).poll_write_vectored(cx, bytes);
        this.wrote(cx, went)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::edge::limits::Times;

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let times = Times::default();
        let (inner, mut peer) = duplex(8);
        let line = Arc::new(Line::new(times));
        let mut socket = Socket::new(inner, line, Arc::default(), times.write);
        let writing = tokio::spawn(async move {
            let done = socket.write_all(&[1; 64]).await;
            (done, Instant::now())
        });
        for _ in 0..4 {
            tokio::time::sleep(times.write * 4 / 5).await;
            peer.read_exact(&mut [0; 4]).await.unwrap();
        }
        let last = Instant::now();
        let (done, ended) = writing.await.unwrap();
        assert_eq!(done.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!((ended - last).as_secs(), times.write.as_secs());
    }
}
