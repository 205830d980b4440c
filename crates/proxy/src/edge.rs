//! The edge: who may connect, how long they may take, and how much each may ask for.
//!
//! Counting is done by session where there is one, else by the address of the peer. What a request says
//! of where it came from counts only when a listed proxy sent it.

pub mod head;
pub mod limits;
pub mod line;
pub mod network;
mod places;
pub mod rate;
pub mod share;
mod socket;

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
};
use bytes::Bytes;
use foldback_model::OperatorId;
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{metrics::Metrics, problem::Fault, session::Session};
use limits::{Limits, Rate};
use line::Line;
use places::{Full, Places};
use rate::{Buckets, Empty};
use share::{Share, Shares, StreamPlace};
use socket::Socket;

/// Bytes a connection holds of what comes and of what goes: what a slow reader has us keep.
const BUFFER: usize = 64 * 1024;

/// Longest head of a request in bytes; hyper has no limit of its own but that of its buffer, and takes
/// longer ones that come at once. Cookies and tokens take up to 8 KiB.
const HEAD: usize = 32 * 1024;

/// Bytes the system keeps of what goes, for each connection; it counts them double. What a reader has
/// to take within [`limits::Times::write`] is a third of that.
const SYSTEM_BUFFER: u32 = 64 * 1024;

/// Connections that may wait to be taken.
const BACKLOG: u32 = 1_024;

/// How long to wait when the system has no more connections to give.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// What a connection is told that finds no place.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

/// See the module.
#[derive(Debug)]
pub struct Edge {
    limits: Limits,
    places: Arc<Places>,
    addresses: Buckets<IpAddr>,
    shares: Shares,
    streams: Arc<AtomicUsize>,
    metrics: Arc<Metrics>,
}

/// How a request arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// Its body has two lengths, or nobody can say.
    pub two_lengths: bool,
}

/// A stream's place, given back when it is dropped.
#[derive(Debug)]
pub struct Streaming {
    all: Arc<AtomicUsize>,
    /// Its place in its session.
    pub place: StreamPlace,
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Edge {
    /// An edge with these limits.
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            places: Arc::new(Places::new(limits.connections, limits.connections_per_address)),
            addresses: Buckets::new(limits.address),
            shares: Shares::default(),
            streams: Arc::default(),
            limits,
            metrics,
        }
    }

    /// Where a request came from, once its head is seen to have one meaning.
    ///
    /// # Errors
    /// 400 with what is wrong with its head.
    pub fn origin(&self, arrival: Arrival, headers: &HeaderMap) -> Result<IpAddr, Fault> {
        let believed = self.is_proxy(arrival.peer);
        head::check(headers, arrival.two_lengths, believed)?;
        Ok(network::origin(arrival.peer, headers, &self.limits.trusted_proxies))
    }

    /// Has an address pay for a request that no session stands for.
    ///
    /// # Errors
    /// 429 when it has sent too many.
    pub fn pay(&self, from: IpAddr, cost: u32) -> Result<(), Fault> {
        let paid = self.addresses.take(network::owner(from), cost);
        paid.map_err(|empty| self.too_many("address", self.limits.address, empty))
    }

    /// Whether an address could pay, for what is dear to look at.
    ///
    /// # Errors
    /// 429 when it could not.
    pub fn can_pay(&self, from: IpAddr) -> Result<(), Fault> {
        let paid = self.addresses.look(&network::owner(from), 1);
        paid.map_err(|empty| self.too_many("address", self.limits.address, empty))
    }

    /// Has an address pay for what was refused; whoever has sent too much of it is told that instead.
    pub fn refused(&self, from: IpAddr, fault: Fault) -> Fault {
        self.pay(from, 1).err().unwrap_or(fault)
    }

    /// Has a session pay for a request.
    ///
    /// # Errors
    /// 429 when it has sent too many.
    pub fn pay_as(&self, session: &Session) -> Result<(), Fault> {
        let paid = session.share.requests.take(self.limits.session, 1);
        paid.map_err(|empty| self.too_many("session", self.limits.session, empty))
    }

    /// The share of somebody who comes with tokens.
    pub fn share_of(&self, operator: &OperatorId) -> Arc<Share> {
        self.shares.of(operator)
    }

    /// A place for one more stream of a session.
    ///
    /// # Errors
    /// 503 when there are as many streams as there may be.
    pub fn stream(&self, session: &Session) -> Result<Streaming, Fault> {
        let most = self.limits.streams;
        let taken = self.streams.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
            (open < most).then_some(open.saturating_add(1))
        });
        if taken.is_err() {
            self.metrics.limited("streams");
            let mut fault = Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "tooManyStreams",
                format!("there are {most} streams open, which is all there may be; try again soon"),
            );
            fault.retry_after = Some(10);
            return Err(fault);
        }
        let place = session.share.stream(self.limits.streams_per_session);
        Ok(Streaming { all: Arc::clone(&self.streams), place })
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.limits.trusted_proxies.iter().any(|proxy| proxy.has(peer))
    }

    fn too_many(&self, who: &'static str, rate: Rate, Empty(wait): Empty) -> Fault {
        self.metrics.limited(who);
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
        let Rate { per_second, at_once } = rate;
        let mut fault = Fault::new(
            StatusCode::TOO_MANY_REQUESTS,
            "tooManyRequests",
            format!(
                "this {who} may send {per_second} requests a second, {at_once} at once, and has sent \
                 more; wait {seconds} s"
            ),
        );
        fault.retry_after = Some(seconds);
        fault
    }
}

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
    edge.metrics.connections.inc();
    let line = Arc::new(Line::new(times));
    let socket = Socket::new(socket, Arc::clone(&line), Arc::clone(&edge.metrics), times.write);
    let service = service_fn(move |request: Request<Incoming>| {
        let two_lengths = line.begin(request.method(), request.uri(), request.headers());
        // Nothing that follows a body in chunks is read as a request: what stands in front of us may
        // have seen its end elsewhere.
        let last = request.headers().contains_key(header::TRANSFER_ENCODING);
        let answering = answer(Arrival { peer, two_lengths }, request.map(Body::new));
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
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    edge.metrics.connections.dec();
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
