//! A running proxy: its listeners, its calls, and its orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, body::Body, extract::State, http::Request, routing::get};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    acs::{self, send::Acs},
    app::{App, Limits},
    assets::Assets,
    bearer::{Bearers, SignIn},
    calls::Calls,
    gate::Gate,
    graph::{self, send::Graph},
    handlers,
    journal::Journal,
    metrics::Metrics,
    session::{IDLE, Sessions},
    webhook::{Door, family::Family},
};

/// How long requests may take to end once the proxy is to end.
const DRAIN: Duration = Duration::from_secs(15);

const NO_CLIENT: &str = "the HTTP client cannot be made";

/// What a proxy is made of.
#[expect(
    missing_debug_implementations,
    reason = "a journal has none and nobody prints the options"
)]
pub struct Options {
    /// Loopback address to listen on.
    pub listen: SocketAddr,
    /// Loopback address of the metrics, if any.
    pub admin: Option<SocketAddr>,
    /// Where the service reaches us; our own address when absent.
    pub public_url: Option<String>,
    /// The Graph app, if there is one.
    pub graph: Option<graph::Target>,
    /// The ACS resource, if there is one.
    pub acs: Option<acs::Target>,
    /// Whose tokens operators may bring, if anybody's.
    pub sign_in: Option<SignIn>,
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// Sizes.
    pub limits: Limits,
    /// Calls run inside the embedded service.
    pub rehearsal: bool,
}

/// A proxy that takes connections.
#[derive(Debug)]
pub struct Server {
    /// What its handlers share.
    pub app: Arc<App>,
    /// Where the metrics are, if anywhere.
    pub admin: Option<SocketAddr>,
    tasks: Vec<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Server {
    /// Listens, and opens again the calls the journal remembers.
    ///
    /// # Errors
    /// When an address is taken or not a loopback one, or the journal cannot be read.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;
        let origin = format!("http://{address}");
        let exclusive_member = options.graph.as_ref().map(|graph| graph.exclusive_member);
        let public_url = options.public_url.unwrap_or_else(|| origin.clone());
        let public_host = public_url.split_once("://").map(|(_, rest)| rest);
        let public_host = public_host.and_then(|rest| rest.split('/').next()).map(str::to_owned);
        let app = Arc::new(App {
            gate: Gate::new(address.ip(), address.port(), public_host),
            sessions: Sessions::new(address.port(), IDLE)?,
            bearers: options
                .sign_in
                .map(Bearers::new)
                .transpose()
                .context("the keys of the issuer in [sign_in] cannot be read from there")?,
            calls: Calls::default(),
            journal: options.journal,
            graph_door: door(options.graph.as_ref().map(|graph| &graph.family))?,
            acs_door: door(options.acs.as_ref().map(|acs| &acs.family))?,
            graph: options.graph.map(Graph::new).transpose().context(NO_CLIENT)?,
            acs: options.acs.map(Acs::new).transpose().context(NO_CLIENT)?,
            metrics: Arc::default(),
            assets: Assets::embedded(),
            limits: options.limits,
            origin,
            public_url,
            exclusive_member: exclusive_member.unwrap_or_default(),
            rehearsal: options.rehearsal,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let router = Router::new().fallback(entrance).with_state(Arc::clone(&app));
        let mut tasks = vec![serve(listener, router, app.stopping.clone())];
        let mut admin = None;
        if let Some(address) = options.admin {
            let listener = listen(address).await?;
            admin = Some(listener.local_addr()?);
            let metrics = get(metrics).with_state(Arc::clone(&app.metrics));
            let router = Router::new().route("/metrics", metrics);
            tasks.push(serve(listener, router, app.stopping.clone()));
        }
        let doors = [&app.graph_door, &app.acs_door].into_iter().flatten();
        let operators = app.bearers.iter().map(|bearers| &bearers.verifier);
        for verifier in doors.map(|door| &door.verifier).chain(operators) {
            let (keys, stopping) = (Arc::clone(&verifier.keys), app.stopping.clone());
            app.tasks.spawn(async move { stopping.run_until_cancelled(keys.warm()).await });
        }
        // Notifications of these calls wait until each is open.
        crate::calls::reopen(&app).await.context("the journal cannot be read")?;
        Ok(Self { app, admin, tasks })
    }

    /// The link that signs somebody in, until it is used.
    pub fn sign_in_url(&self) -> String {
        let code = self.app.sessions.links().borrow().reveal().to_owned();
        format!("{}/sign-in?code={code}", self.app.origin)
    }

    /// Takes no more connections, ends streams, and waits for what is under way.
    ///
    /// # Errors
    /// When a listener failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.app.stopping.cancel();
        self.app.tasks.close();
        let ended = async {
            for task in self.tasks {
                task.await??;
            }
            self.app.tasks.wait().await;
            anyhow::Ok(())
        };
        let drained = tokio::time::timeout(DRAIN, ended).await;
        drained.unwrap_or_else(|_| {
            tracing::warn!("some requests did not end in time and are cut");
            Ok(())
        })
    }
}

fn door(family: Option<&Family>) -> anyhow::Result<Option<Door>> {
    family
        .map(|family| Door::new(family.clone()))
        .transpose()
        .context("the keys of notifications cannot be read from there")
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    anyhow::ensure!(
        address.ip().is_loopback(),
        "{address} is not a loopback address; this version listens on 127.0.0.1 or ::1 only"
    );
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; another port may be free, port 0 takes one")
    })
}

fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
) -> tokio::task::JoinHandle<std::io::Result<()>> {
    tokio::spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned()).await
    })
}

async fn entrance(State(app): State<Arc<App>>, request: Request<Body>) -> axum::response::Response {
    handlers::handle(app, request).await
}

async fn metrics(
    State(metrics): State<Arc<Metrics>>,
) -> Result<([(axum::http::HeaderName, &'static str); 1], String), axum::http::StatusCode> {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = metrics.text().map_err(|_| axum::http::StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(axum::http::header::CONTENT_TYPE, kind)], text))
}
