//! What all handlers share.

use std::sync::Arc;

use foldback_model::CallKind;
use foldback_wire::graph::ExclusiveMember;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use crate::edge::limits::Limits;
use crate::{
    access, acs::send::Acs, assets::Assets, bearer::Bearers, calls::Calls, edge::Edge,
    ending::Ending, gate::Gate, graph::send::Graph, journal::Journal, metrics::Metrics,
    session::Sessions, sign_in::OpenId, upstream::Failure, webhook::Door,
};

/// One running proxy.
pub struct App {
    /// Who may connect, and how much each may ask for.
    pub edge: Arc<Edge>,
    /// Hosts and origins.
    pub gate: Gate,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Who may come with a token instead, where that is set up.
    pub bearers: Option<Bearers>,
    /// How browsers sign in with the organization's accounts, where that is set up; else by a link.
    pub open_id: Option<OpenId>,
    /// Who may see calls, unless somebody says so for one.
    pub new_calls: access::Calls,
    /// Calls open here.
    pub calls: Calls,
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// Graph, where it is set up.
    pub graph: Option<Graph>,
    /// ACS, where it is set up.
    pub acs: Option<Acs>,
    /// Where Graph's notifications arrive.
    pub graph_door: Option<Door>,
    /// Where events of ACS arrive.
    pub acs_door: Option<Door>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The panel's files.
    pub assets: Assets,
    /// Sizes, counts and times.
    pub limits: Limits,
    /// `http://127.0.0.1:8080`, without trailing slash.
    pub origin: String,
    /// Where the service reaches us, without trailing slash.
    pub public_url: String,
    /// The name by which the service knows an exclusive mix.
    pub exclusive_member: ExclusiveMember,
    /// Calls run inside the embedded service.
    pub rehearsal: bool,
    /// The orderly end, which comes before that: streams end one after another.
    pub ending: Ending,
    /// Cancelled when the proxy ends: no new work begins, streams that are still open end.
    pub stopping: CancellationToken,
    /// Work that goes on when the browser that asked for it has left.
    pub tasks: TaskTracker,
}

impl App {
    /// Graph.
    ///
    /// # Errors
    /// [`Failure::NotSent`] when it is not set up here.
    pub fn graph(&self) -> Result<&Graph, Failure> {
        self.graph.as_ref().ok_or_else(|| {
            Failure::NotSent("Graph is not set up; add [graph] to the configuration".to_owned())
        })
    }

    /// ACS.
    ///
    /// # Errors
    /// [`Failure::NotSent`] when it is not set up here.
    pub fn acs(&self) -> Result<&Acs, Failure> {
        self.acs.as_ref().ok_or_else(|| {
            Failure::NotSent("ACS is not set up; add [acs] to the configuration".to_owned())
        })
    }

    /// Whether a service is left alone because it keeps failing, as it changes; none when it is not
    /// used here.
    pub fn paused(&self, service: CallKind) -> Option<watch::Receiver<bool>> {
        match service {
            CallKind::Graph => self.graph.as_ref().map(Graph::paused),
            CallKind::Acs => self.acs.as_ref().map(Acs::paused),
        }
    }

    /// Where notifications of a service arrive, if it is used here.
    pub fn door(&self, service: CallKind) -> Option<&Door> {
        match service {
            CallKind::Graph => self.graph_door.as_ref(),
            CallKind::Acs => self.acs_door.as_ref(),
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("origin", &self.origin).finish_non_exhaustive()
    }
}
