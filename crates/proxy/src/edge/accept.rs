//! Connections: taken, given to hyper, and ended.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderValue, Request, Response, header},
};
use bytes::Bytes;
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Arrival, Edge, alarm::Alarm, line::Line, places::Full, socket::Socket};
use crate::metrics::Metrics;

/// Bytes a connection holds of what comes and of what goes: what a slow reader has us keep.
const BUFFER: usize = 64 * 1024;

/// Longest head of a request in bytes; hyper has no limit of its own but that of its buffer, and takes
/// longer ones that come at once. Cookies and tokens take up to 8 KiB.
const HEAD: usize = 32 * 1024;

/// Bytes the system keeps of what goes, for each connection; it counts them double. What a reader has
/// to take within [`super::limits::Times::write`] is a third of that.
const SYSTEM_BUFFER: u32 = 64 * 1024;

/// Connections that may wait to be taken.
const BACKLOG: u32 = 1_024;

/// How long to wait when the system has no more connections to give.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// What a connection is told that finds no place.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

/// Listens.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of a process that ended just now do not keep its port.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SYSTEM_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes connections and answers what they ask, until it is to stop; then what was asked is answered
/// and they end.
pub fn serve<A, F>(
    listener: TcpListener,
    edge: Arc<Edge>,
    stopping: CancellationToken,
    answer: A,
) -> tokio::task::JoinHandle<io::Result<()>>
where
    A: Fn(Arrival, Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    tokio::spawn(async move {
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stopping.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (socket, peer) = match accepted {
                Ok((socket, from)) => (socket, from.ip().to_canonical()),
                // It was gone again.
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "no connection can be taken; raise the number of open files");
                    tokio::time::sleep(EXHAUSTED).await;
                    continue;
                }
            };
            let place = match edge.places.take(peer, edge.is_proxy(peer)) {
                Ok(place) => place,
                Err(full) => {
                    edge.metrics.closed(match full {
                        Full::All => "full",
                        Full::Address => "fullForAddress",
                    });
                    // As much as the socket takes at once; nobody waits for the rest.
                    drop(socket.try_write(NO_PLACE));
                    continue;
                }
            };
            let (edge, answer, stopping) = (Arc::clone(&edge), answer.clone(), stopping.clone());
            connections.spawn(async move {
                connection(socket, peer, &edge, stopping, answer).await;
                drop(place);
            });
        }
        drop(listener);
        connections.close();
        connections.wait().await;
        Ok(())
    })
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

async fn connection<A, F>(
    socket: TcpStream,
    peer: IpAddr,
    edge: &Edge,
    stopping: CancellationToken,
    answer: A,
) where
    A: Fn(Arrival, Request<Body>) -> F,
    F: Future<Output = Response<Body>>,
{
    let times = edge.limits.times;
    // An event is on its way at once, however small.
    drop(socket.set_nodelay(true));
    let _counted = Counted::new(&edge.metrics);
    let line = Arc::new(Line::new(times));
    let socket = Socket::new(socket, Arc::clone(&line), Arc::clone(&edge.metrics), times.write);
    let (waited, mut alarm) = (Arc::clone(&line), Alarm::default());
    let service = service_fn(move |request: Request<Incoming>| {
        let two_lengths = line.begin(request.method(), request.uri(), request.headers());
        // Nothing that follows a body in chunks is read as a request: what stands in front of us may
        // have seen its end elsewhere.
        let last = request.headers().contains_key(header::TRANSFER_ENCODING);
        // hyper keeps room for an answer in the making as long as the connection lasts, which for a
        // stream is hours: it is room for a pointer this way.
        let answering = Box::pin(answer(Arrival { peer, two_lengths }, request.map(Body::new)));
        let line = Arc::clone(&line);
        async move {
            let mut response = answering.await;
            if last {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(response.map(|body| Answered { body, line }))
        }
    });
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER).max_header_size(HEAD);
    let connection = builder.serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    let mut stopping = pin!(stopping.cancelled_owned());
    let mut is_stopping = false;
    let ended = poll_fn(|cx| {
        if !is_stopping && stopping.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            return Poll::Ready(Ok(ended));
        }
        // Looked at here and not where bytes are read: hyper does not read anew for an answer that is
        // done when it has looked for a byte while the answer was made.
        match waited.deadline() {
            Some((at, late)) if alarm.has_come(at, cx) => Poll::Ready(Err(late)),
            _ => Poll::Pending,
        }
    });
    match ended.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended early"),
        Err(late) => edge.metrics.closed(late.name()),
    }
}

/// A connection among those that are open, however it ends.
struct Counted<'a>(&'a Metrics);

impl<'a> Counted<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.connections.inc();
        Self(metrics)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

/// A body that tells when it was handed over.
struct Answered {
    body: Body,
    line: Arc<Line>,
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.line.answered();
    }
}
