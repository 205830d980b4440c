//! The HTTP face: a Graph call service on a loopback address.
//!
//! It answers at Graph's own paths (`/v1.0` and `/beta`), issues tokens at
//! `/{tenant}/oauth2/v2.0/token`, posts notifications to the callback of whoever joined last, and
//! with [`Options::inspect`] opens `/rehearsal/v1/`: what arrived, faults to inject, the clock, and
//! what people do. Real time moves the rehearsal; `POST /rehearsal/v1/clock` moves it further.

mod answer;
mod clock;
mod door;
mod faults;
mod graph;
mod inspect;
mod people;
mod post;
mod record;
mod route;
mod shared;
mod sign_in;
mod text;

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use foldback_model::live::Talk;
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{self, Form, Rehearsal},
    error::Error,
};
use shared::Shared;

/// How long connections may take to end after [`Service::stop`].
const DRAIN: Duration = Duration::from_secs(5);

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The rehearsal call.
    pub rehearsal: engine::Options,
    /// Posts notifications here from the start, in full form, without a join. `https`, or `http` on
    /// a loopback address.
    pub callback: Option<String>,
    /// Opens `/rehearsal/v1/`.
    pub inspect: bool,
}

/// A running service. Dropping it ends its tasks at once; [`Service::stop`] ends them in order.
pub struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    cancel: CancellationToken,
    server: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
}

impl Service {
    /// Casts the rehearsal and begins to serve; when this returns, connections are accepted.
    ///
    /// # Errors
    /// [`Error::NotLoopback`], [`Error::Listen`], [`Error::Option`], [`Error::Callback`],
    /// [`Error::Randomness`], [`Error::Client`].
    pub async fn start(options: Options) -> Result<Self, Error> {
        if !options.addr.ip().is_loopback() {
            return Err(Error::NotLoopback(options.addr));
        }
        let rehearsal = Rehearsal::new(options.rehearsal)?;
        let listen = |source| Error::Listen { address: options.addr, source };
        let listener = TcpListener::bind(options.addr).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let cancel = CancellationToken::new();
        let shared = Arc::new(Shared::new(rehearsal, address, options.inspect, cancel.clone())?);
        if let Some(callback) = &options.callback {
            let callback = text::callback(callback)
                .map_err(|reason| Error::Callback { address: callback.clone(), reason })?;
            shared.join(&callback, Form::Full)?;
        }
        let router = Router::new().fallback(route::handle).with_state(Arc::clone(&shared));
        let serve = axum::serve(
            door::Door(listener),
            router.into_make_service_with_connect_info::<door::Line>(),
        )
        .with_graceful_shutdown(cancel.clone().cancelled_owned());
        let server = tokio::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the call service stopped serving");
            }
        });
        let others = vec![
            tokio::spawn(Arc::clone(&shared).tick()),
            tokio::spawn(Arc::clone(&shared).deliver()),
        ];
        Ok(Self { address, shared, cancel, server, others })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://{address}`, without a slash at its end.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// The call that every join answers with.
    pub fn graph_call_id(&self) -> &str {
        &self.shared.facts.call_id
    }

    /// Client id of the only application, decided by the seed.
    pub fn client_id(&self) -> &str {
        &self.shared.facts.client_id
    }

    /// Its secret, new at every start.
    pub fn client_secret(&self) -> &str {
        &self.shared.client_secret
    }

    /// Tenant of the call. The token endpoint answers under any tenant.
    pub fn tenant(&self) -> &str {
        &self.shared.facts.tenant
    }

    /// Talk activity from now on: changed people only, at most ten messages a second. Who is talking
    /// already shows with their next change of level.
    pub fn talk(&self) -> broadcast::Receiver<Vec<Talk>> {
        self.shared.talk.subscribe()
    }

    /// Takes no more connections, answers what is under way and ends.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        let server = &mut self.server;
        if tokio::time::timeout(DRAIN, &mut *server).await.is_err() {
            tracing::warn!("connections were still open and are cut");
            server.abort();
        }
        for task in self.others.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the call service ended badly");
            }
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest holds secrets.
        f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.server.abort();
        self.others.iter().for_each(JoinHandle::abort);
    }
}
