//! The HTTP face: a call service on a loopback address, Graph and ACS behind one door.
//!
//! It answers at Graph's own paths (`/v1.0` and `/beta`) and at those of ACS Call Automation
//! (`/calling`), issues tokens at `/{tenant}/oauth2/v2.0/token`, posts each call's notifications to
//! the callback of whoever joined it last, and with [`Options::inspect`] opens `/rehearsal/v1/`: what arrived, faults to inject, the clock, and
//! what people do. Real time moves the rehearsal; `POST /rehearsal/v1/clock` moves it further.

mod acs;
mod answer;
mod calls;
mod clock;
mod door;
mod faults;
mod graph;
mod inspect;
mod keys;
mod levers;
mod people;
mod post;
mod record;
mod route;
mod shared;
mod sign_in;
pub mod switches;
mod text;

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use foldback_model::live::Talk;
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{self, Face, Form, Rehearsal},
    error::Error,
};
pub use keys::{KeyError, Pair};
use shared::Shared;
use switches::Switches;

/// How long connections may take to end after [`Service::stop`].
const DRAIN: Duration = Duration::from_secs(5);

/// The ACS rehearsal: ten ACS users, a Teams user, a phone.
const ACS_PARTICIPANTS: usize = 12;

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The standing Graph call. Seed and speed are the ACS call's too.
    pub rehearsal: engine::Options,
    /// Posts the Graph call's notifications here from the start, in full form, without a join.
    /// `https`, or `http` on a loopback address.
    pub callback: Option<String>,
    /// The same for the ACS call.
    pub acs_callback: Option<String>,
    /// Opens `/rehearsal/v1/`.
    pub inspect: bool,
    /// Where the services leave room, how it is filled.
    pub switches: Switches,
    /// Faults from the start, each the JSON that `/rehearsal/v1/faults` takes.
    pub faults: Vec<String>,
}

impl Options {
    /// The default rehearsal there, with no callbacks and closed levers.
    pub fn new(addr: SocketAddr) -> Self {
        Self {
            addr,
            rehearsal: engine::Options::default(),
            callback: None,
            acs_callback: None,
            inspect: false,
            switches: Switches::default(),
            faults: Vec::new(),
        }
    }
}

/// A running service. Dropping it ends its tasks at once; [`Service::stop`] ends them in order.
pub struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    cancel: CancellationToken,
    server: JoinHandle<()>,
}

impl Service {
    /// Casts the rehearsal and begins to serve; when this returns, connections are accepted.
    ///
    /// # Errors
    /// [`Error::NotLoopback`], [`Error::Listen`], [`Error::Option`], [`Error::Callback`],
    /// [`Error::Randomness`], [`Error::Client`], [`Error::Thread`], [`Error::Fault`].
    pub async fn start(options: Options) -> Result<Self, Error> {
        if !options.addr.ip().is_loopback() {
            return Err(Error::NotLoopback(options.addr));
        }
        let graph = Rehearsal::new(options.rehearsal.clone())?;
        let acs = Rehearsal::new(engine::Options {
            participants: ACS_PARTICIPANTS,
            face: Face::Acs,
            ..options.rehearsal.clone()
        })?;
        let listen = |source| Error::Listen { address: options.addr, source };
        let listener = TcpListener::bind(options.addr).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let cancel = CancellationToken::new();
        // Whatever fails from here on ends the tasks that run already.
        let guard = cancel.clone().drop_guard();
        let shared = Arc::new(Shared::new(&graph, &acs, address, &options, cancel.clone())?);
        let (graph, acs) = (shared.open(graph)?, shared.open(acs)?);
        for order in &options.faults {
            let wrong = |reason| Error::Fault { order: order.clone(), reason };
            let order = serde_json::from_str(order).map_err(|error| wrong(error.to_string()))?;
            shared.order_fault(&order).map_err(wrong)?;
        }
        for (leg, callback) in [(graph, &options.callback), (acs, &options.acs_callback)] {
            let Some(callback) = callback else { continue };
            let callback = text::callback(callback)
                .map_err(|reason| Error::Callback { address: callback.clone(), reason })?;
            leg.post.readdress(&callback);
            shared.ask(&leg, |engine| match engine.face() {
                Face::Graph => engine.join(Form::Full).map(|_| ()),
                Face::Acs => engine.connect(None).map(|_| ()),
            })?;
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
        Ok(Self { address, shared, cancel: guard.disarm(), server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://{address}`, without a slash at its end.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// The standing Graph call.
    pub fn graph_call_id(&self) -> &str {
        &self.shared.facts.call_id
    }

    /// The standing ACS call connection.
    pub fn acs_connection_id(&self) -> &str {
        &self.shared.facts.connection_id
    }

    /// Access key of the ACS resource, new at every start.
    pub fn acs_access_key(&self) -> &str {
        &self.shared.access_key
    }

    /// Immutable id of the ACS resource, the audience of its notifications' tokens.
    pub fn acs_resource(&self) -> &str {
        &self.shared.facts.resource
    }

    /// Client id of the only application, decided by the seed.
    pub fn client_id(&self) -> &str {
        &self.shared.facts.client_id
    }

    /// Its secret, new at every start.
    pub fn client_secret(&self) -> &str {
        &self.shared.client_secret
    }

    /// A token as notifications of this family carry now, for tests of receivers; none when the system
    /// gives no randomness for a key.
    pub async fn notification_token(&self, face: Face) -> Option<String> {
        let facts = &self.shared.facts;
        let audience = match face {
            Face::Graph => &facts.client_id,
            Face::Acs => &facts.resource,
        };
        let to = keys::Recipient { audience: audience.clone(), tenant: facts.tenant.clone() };
        self.shared.keys.token(face, &to, None).await.ok().flatten()
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
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
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
    }
}
