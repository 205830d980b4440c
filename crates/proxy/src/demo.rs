//! `foldback demo`: the embedded call service and the proxy in one process, over real sockets.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use foldback_callservice::{engine, http};
use foldback_model::{ParticipantId, live::Talk};
use foldback_wire::{acs::CallLocator, graph::ExclusiveMember};
use serde_json::Map;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    acs::{self, Credential, sign::AccessKey},
    app::{App, Limits},
    call::Call,
    calls::{self, join::Meeting},
    graph::Target,
    journal::sqlite::Sqlite,
    secret::Secret,
    server::{self, Server},
};

/// Most often that talk activity goes out.
const TALK_EVERY: Duration = Duration::from_millis(100);

/// How the rehearsal is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the proxy listens.
    pub addr: SocketAddr,
    /// People in the call.
    pub participants: usize,
    /// What its chance begins with.
    pub seed: u64,
    /// How fast its own life goes; 0 freezes it.
    pub speed: f64,
    /// Open the service's looking glass.
    pub inspect: bool,
    /// How the service decides where the published pages leave room.
    pub switches: http::switches::Switches,
    /// What goes wrong from the start, each as the service's looking glass takes it.
    pub faults: Vec<String>,
    /// The name by which an exclusive mix is written.
    pub exclusive_member: ExclusiveMember,
    /// How long one request to the service may take.
    pub timeout: Duration,
    /// Sizes, counts and times.
    pub limits: Limits,
}

/// A running rehearsal.
pub struct Demo {
    /// The proxy.
    pub server: Server,
    /// The embedded service.
    pub service: http::Service,
    /// The joined Graph call.
    pub call: Arc<Call>,
    /// The joined ACS call.
    pub acs_call: Arc<Call>,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts both and joins the call as any client would.
    ///
    /// # Errors
    /// When an address is taken or the call cannot be joined.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let service = http::Service::start(http::Options {
            rehearsal: engine::Options {
                participants: options.participants,
                seed: options.seed,
                speed: options.speed,
                ..engine::Options::default()
            },
            inspect: options.inspect,
            switches: options.switches,
            faults: options.faults,
            ..http::Options::new(SocketAddr::from(([127, 0, 0, 1], 0)))
        })
        .await
        .context("the embedded call service cannot be started")?;
        let mut target = Target::embedded(
            &service.base_url(),
            service.tenant(),
            service.client_id().to_owned(),
            Secret::new(service.client_secret()),
        );
        target.timeout = options.timeout;
        target.exclusive_member = options.exclusive_member;
        let key = AccessKey::parse(service.acs_access_key())
            .context("the embedded service's access key is no base64")?;
        let resource = service.acs_resource().to_owned();
        let mut acs_target =
            acs::Target::embedded(&service.base_url(), Credential::Key(key), resource);
        acs_target.timeout = options.timeout;
        let server = Server::start(server::Options {
            listen: options.addr,
            admin: None,
            public_url: None,
            graph: Some(target),
            acs: Some(acs_target),
            sign_in: None,
            journal: Arc::new(Sqlite::in_memory()?),
            keep: None,
            // Whoever ends a rehearsal looks on, and few come back at once.
            limits: Limits { stream_spread: Duration::ZERO, ..options.limits },
            rehearsal: true,
        })
        .await?;
        let enter = async |meeting| {
            let access = server.app.new_calls.access.clone();
            let call = calls::enter(&server.app, meeting, access, |_| Ok(())).await;
            call.map_err(|fault| anyhow::anyhow!("the rehearsal cannot be joined: {fault}"))
        };
        let call = enter(Meeting::Graph(Map::new())).await?;
        // The first group that is named is the one that stands ready.
        let group_call_id = Some(uuid::Uuid::new_v4().to_string());
        let kind = Some("groupCallLocator".to_owned());
        let group = CallLocator { kind, group_call_id, ..CallLocator::default() };
        let acs_call = enter(Meeting::Acs(Box::new(group))).await?;
        let talk = relay(Arc::clone(&server.app), Arc::clone(&call), service.talk());
        server.app.tasks.spawn(talk);
        Ok(Self { server, service, call, acs_call })
    }

    /// Ends both.
    ///
    /// # Errors
    /// As [`Server::stop`].
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop().await?;
        self.service.stop().await;
        Ok(())
    }
}

/// Passes talk activity on, the newest of each person, at most ten times a second.
async fn relay(app: Arc<App>, call: Arc<Call>, mut talk: Receiver<Vec<Talk>>) {
    let mut tick = tokio::time::interval(TALK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut newest = BTreeMap::<ParticipantId, Talk>::new();
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = call.closed.cancelled() => return,
            heard = talk.recv() => match heard {
                Ok(people) => newest.extend(people.into_iter().map(|talk| (talk.id.clone(), talk))),
                // What passes by may be missed.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            _ = tick.tick(), if !newest.is_empty() => {
                call.talk(std::mem::take(&mut newest).into_values());
            }
        }
    }
}
