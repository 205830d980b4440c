//! A running proxy: its listeners, its calls, and its orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use foldback_model::Timestamp;

use crate::{
    acs::{self, send::Acs},
    answer::empty,
    app::{App, Limits},
    assets::Assets,
    bearer::Bearers,
    call::now,
    calls::Calls,
    edge::{self, Edge, limits::SPREAD_MAX},
    ending::Ending,
    gate::Gate,
    graph::{self, send::Graph},
    handlers,
    journal::Journal,
    metrics::Metrics,
    problem::Face,
    session::{Sessions, cookie::Cookie},
    sign_in::{OpenId, People, SignIn},
    webhook::{Door, family::Family},
};

/// How long requests may take to end once no connection is taken any more; then they are cut.
const DRAIN: Duration = Duration::from_secs(15);

/// Seconds that an orderly end takes at most: the streams', then the requests'.
pub const END_MAX_S: u64 = SPREAD_MAX.as_secs() + DRAIN.as_secs();

/// Time between two notes of when sessions were last used.
const KEEP: Duration = Duration::from_mins(1);

/// Time between two looks for calls to forget.
const FORGET: Duration = Duration::from_hours(1);

const NO_CLIENT: &str = "the HTTP client cannot be made";

/// What a proxy is made of.
#[expect(
    missing_debug_implementations,
    reason = "a journal has none and nobody prints the options"
)]
pub struct Options {
    /// Address to listen on: on loopback, unless browsers sign in with their organization's accounts
    /// and `public_url` is https.
    pub listen: SocketAddr,
    /// Loopback address of the metrics, if any.
    pub admin: Option<SocketAddr>,
    /// Where the service reaches us; our own address when absent.
    pub public_url: Option<String>,
    /// The Graph app, if there is one.
    pub graph: Option<graph::Target>,
    /// The ACS resource, if there is one.
    pub acs: Option<acs::Target>,
    /// With whose accounts operators sign in, or whose tokens they may bring, if anybody's.
    pub sign_in: Option<SignIn>,
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// How long calls that are over are remembered; for ever when absent.
    pub keep: Option<Duration>,
    /// Sizes, counts and times.
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
    /// Listens, opens again the calls the journal remembers, and then answers.
    ///
    /// # Errors
    /// When an address is taken or may not be listened on, or the journal cannot be read.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let guarded = options.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
            && options.sign_in.as_ref().is_some_and(|sign_in| sign_in.client_secret.is_some())
            && !options.rehearsal;
        let listener = listen(options.listen, guarded)?;
        let address = listener.local_addr()?;
        let origin = format!("http://{address}");
        let exclusive_member = options.graph.as_ref().map(|graph| graph.exclusive_member);
        let public_url = options.public_url.unwrap_or_else(|| origin.clone());
        let bearers = options.sign_in.as_ref().map(Bearers::new).transpose();
        let bearers =
            bearers.context("the keys of the issuer in [sign_in] cannot be read from there")?;
        let open_id = open_id(options.sign_in.as_ref(), bearers.as_ref(), &public_url, address)?;
        let cookie = cookie(open_id.is_some(), &public_url, address, "");
        let lifetimes = options.sign_in.as_ref().map(|sign_in| sign_in.lifetimes);
        let graph_door = door(options.graph.as_ref().map(|graph| &graph.family))?;
        let acs_door = door(options.acs.as_ref().map(|acs| &acs.family))?;
        let store = options.journal.sessions();
        let metrics = Arc::<Metrics>::default();
        let counts = || Arc::clone(&metrics);
        let graph = options.graph.map(|target| Graph::new(target, counts())).transpose();
        let acs = options.acs.map(|target| Acs::new(target, counts())).transpose();
        let (graph, acs) = (graph.context(NO_CLIENT)?, acs.context(NO_CLIENT)?);
        let app = Arc::new(App {
            edge: Arc::new(Edge::new(options.limits.clone(), Arc::clone(&metrics))),
            gate: Gate::new(address.ip(), address.port(), &public_url, open_id.is_some()),
            sessions: Sessions::new(cookie, lifetimes.unwrap_or_default(), store)?,
            bearers,
            open_id,
            new_calls: options.sign_in.map(|sign_in| sign_in.calls).unwrap_or_default(),
            calls: Calls::default(),
            journal: options.journal,
            graph_door,
            acs_door,
            graph,
            acs,
            metrics,
            assets: Assets::embedded(),
            limits: options.limits,
            origin,
            public_url,
            exclusive_member: exclusive_member.unwrap_or_default(),
            rehearsal: options.rehearsal,
            ending: Ending::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let (mut tasks, mut admin) = (Vec::new(), None);
        if let Some(address) = options.admin {
            let listener = listen(address, false)?;
            admin = Some(listener.local_addr()?);
            let (stopping, metrics) = (app.stopping.clone(), Arc::clone(&app.metrics));
            // Whoever reads the metrics takes no place of a panel, and is not counted among them.
            let edge = Arc::new(Edge::new(Limits::default(), Arc::default()));
            tasks.push(edge::serve(listener, edge, stopping, move |_, request| {
                std::future::ready(numbers(&metrics, &request))
            }));
        }
        let doors = [&app.graph_door, &app.acs_door].into_iter().flatten();
        let operators = app.bearers.iter().map(|bearers| bearers.verifier.as_ref());
        for verifier in doors.map(|door| &door.verifier).chain(operators) {
            let (keys, stopping) = (Arc::clone(&verifier.keys), app.stopping.clone());
            app.tasks.spawn(async move { stopping.run_until_cancelled(keys.warm()).await });
        }
        let (people, nobody) =
            (app.bearers.as_ref().map(|it| it.people.clone()), People::default());
        let people = people.unwrap_or(nobody);
        let loaded = app.sessions.load(|claimed| people.rights(claimed)).await;
        loaded.context("the sessions in the journal cannot be read")?;
        app.tasks.spawn(keep_sessions(Arc::clone(&app)));
        if let Some(keep) = options.keep {
            app.tasks.spawn(forget_calls(Arc::clone(&app), keep));
        }
        crate::calls::reopen(&app).await.context("the journal cannot be read")?;
        // Whoever asked before waits for an answer until here, and nobody is told that a session or a
        // call is not there which is.
        let (stopping, edge) = (app.stopping.clone(), Arc::clone(&app.edge));
        let answering = Arc::clone(&app);
        tasks.push(edge::serve(listener, edge, stopping, move |arrival, request| {
            handlers::handle(Arc::clone(&answering), arrival, request)
        }));
        Ok(Self { app, admin, tasks })
    }

    /// Where people sign in: with their organization's accounts, else by a link until it is used.
    pub fn sign_in_url(&self) -> String {
        if let Some(open_id) = &self.app.open_id {
            return open_id.address();
        }
        let code = self.app.sessions.links().borrow().reveal().to_owned();
        format!("{}/sign-in?code={code}", self.app.origin)
    }

    /// Opens no more streams and ends those that are open one after another, the more there are the
    /// longer ([`Limits::stream_spread`] at most), while commands and notifications go on; then takes no
    /// more connections, and waits for what is under way.
    ///
    /// # Errors
    /// When a listener failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let open = usize::try_from(self.app.metrics.streams.get()).unwrap_or_default();
        let spread = self.app.ending.begin(open, self.app.limits.stream_spread);
        tokio::time::sleep(spread).await;
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

/// The sign-in of browsers, where the configuration has what it takes.
fn open_id(
    sign_in: Option<&SignIn>,
    bearers: Option<&Bearers>,
    public_url: &str,
    address: SocketAddr,
) -> anyhow::Result<Option<OpenId>> {
    let (Some(sign_in), Some(bearers)) = (sign_in, bearers) else { return Ok(None) };
    let Some(secret) = sign_in.client_secret.clone() else { return Ok(None) };
    let cookie = cookie(true, public_url, address, "_sign_in");
    let verifier = Arc::clone(&bearers.verifier);
    OpenId::new(sign_in, secret, public_url.to_owned(), cookie, verifier).map(Some)
}

/// A cookie's name and manners: by what browsers call the panel.
fn cookie(open_id: bool, public_url: &str, address: SocketAddr, suffix: &str) -> Cookie {
    if open_id && public_url.starts_with("https://") {
        Cookie::on_host(suffix)
    } else {
        Cookie::on_port(address.port(), suffix)
    }
}

/// Stores now and then when sessions were last used, and once more at the end.
async fn keep_sessions(app: Arc<App>) {
    loop {
        let going_on = tokio::select! {
            () = app.stopping.cancelled() => false,
            () = tokio::time::sleep(KEEP) => true,
        };
        if let Err(error) = app.sessions.keep().await {
            tracing::warn!(%error, "when sessions were last used cannot be stored");
        }
        if !going_on {
            return;
        }
    }
}

/// Forgets calls that have been over for longer than `keep`, with their facts and what was done on
/// them, and what was done on no call before then: now, and every hour.
async fn forget_calls(app: Arc<App>, keep: Duration) {
    let Some(book) = app.journal.book() else { return };
    let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    loop {
        let since = Timestamp(now().0.saturating_sub(keep));
        let forgotten = async {
            for call in book.old(since).await? {
                app.calls.forget(&call.key, &call.secret);
                while book.forget_some(call.key.clone()).await? {}
                tracing::info!(call = %call.key, "a call that is over was forgotten");
            }
            book.forget_house(since).await
        };
        let again = tokio::select! {
            () = app.stopping.cancelled() => return,
            forgotten = forgotten => forgotten,
        };
        if let Err(error) = again {
            tracing::warn!(%error, "what is old cannot be forgotten; it is tried again");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(FORGET) => {}
        }
    }
}

fn listen(address: SocketAddr, guarded: bool) -> anyhow::Result<TcpListener> {
    anyhow::ensure!(
        address.ip().is_loopback() || guarded,
        "{address} is not a loopback address; beyond 127.0.0.1 and ::1 the panel is served only where \
         people sign in ([sign_in] with client_secret_file), public_url is https and it is no rehearsal, \
         and the metrics never"
    );
    edge::listen(address).with_context(|| {
        format!("cannot listen on {address}; another port may be free, port 0 takes one")
    })
}

/// What the second listener answers.
fn numbers(metrics: &Metrics, request: &Request<Body>) -> Response<Body> {
    if let Err(fault) = Gate::by_address(request.headers()) {
        return fault.respond(Face::Page);
    }
    if request.uri().path() != "/metrics" {
        return empty(StatusCode::NOT_FOUND);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Ok(text) = metrics.text() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut response = empty(StatusCode::OK);
    *response.body_mut() = Body::from(text);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
