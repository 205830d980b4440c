//! The edge: who may connect, how long they may take, and how much each may ask for.
//!
//! Counting is done by session where there is one, else by the address of the peer. What a request says
//! of where it came from counts only when a listed proxy sent it.

mod accept;
mod alarm;
pub mod head;
pub mod limits;
pub mod line;
pub mod network;
mod places;
pub mod rate;
pub mod share;
mod socket;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::{HeaderMap, StatusCode, Uri};
use foldback_model::OperatorId;

pub use accept::{listen, serve};

use crate::{metrics::Metrics, problem::Fault, session::Session};
use limits::{Limits, Rate};
use places::Places;
use rate::{Buckets, Empty};
use share::{Share, Shares, StreamPlace};

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
    pub fn origin(
        &self,
        arrival: Arrival,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<IpAddr, Fault> {
        let believed = self.is_proxy(arrival.peer);
        head::check(uri, headers, arrival.two_lengths, believed)?;
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
