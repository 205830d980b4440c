//! What all handlers share.

use std::sync::Arc;

use foldback_model::CallKind;
use foldback_wire::graph::ExclusiveMember;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    assets::Assets, calls::Calls, gate::Gate, graph::send::Graph, journal::Journal,
    metrics::Metrics, session::Sessions, webhook::Door,
};

/// Sizes and counts a request may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest command body in bytes.
    pub command_bytes: usize,
    /// Largest notification body in bytes.
    pub webhook_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { command_bytes: 1024 * 1024, webhook_bytes: 8 * 1024 * 1024 }
    }
}

/// One running proxy.
pub struct App {
    /// Hosts and origins.
    pub gate: Gate,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Calls open here.
    pub calls: Calls,
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// The service.
    pub graph: Graph,
    /// Where Graph's notifications arrive.
    pub graph_door: Door,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The panel's files.
    pub assets: Assets,
    /// Sizes.
    pub limits: Limits,
    /// `http://127.0.0.1:8080`, without trailing slash.
    pub origin: String,
    /// Where the service reaches us, without trailing slash.
    pub public_url: String,
    /// The name by which the service knows an exclusive mix.
    pub exclusive_member: ExclusiveMember,
    /// Calls run inside the embedded service.
    pub rehearsal: bool,
    /// Cancelled when the proxy is to end: streams end, no new work begins.
    pub stopping: CancellationToken,
    /// Work that goes on when the browser that asked for it has left.
    pub tasks: TaskTracker,
}

impl App {
    /// Where notifications of a service arrive, if it is used here.
    pub fn door(&self, service: CallKind) -> Option<&Door> {
        match service {
            CallKind::Graph => Some(&self.graph_door),
            CallKind::Acs => None,
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("origin", &self.origin).finish_non_exhaustive()
    }
}
