//! The adapter to Microsoft Graph cloud communications: token and requests. What the service says is
//! translated by the model.

pub mod send;
pub mod token;

use std::time::Duration;

use foldback_wire::graph::ExclusiveMember;

use crate::secret::Secret;

/// How the proxy reaches the service.
#[derive(Debug, Clone)]
pub struct Target {
    /// `https://graph.microsoft.com` or the embedded service's address, without trailing slash.
    pub base: String,
    /// Where tokens are asked for.
    pub token_url: String,
    /// The scope asked for.
    pub scope: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
    /// How long one request may take.
    pub timeout: Duration,
    /// The name by which this deployment knows an exclusive mix; the published pages have two.
    pub exclusive_member: ExclusiveMember,
}

/// A cloud the service runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide service.
    Global,
    /// US Government L4.
    UsGovL4,
    /// US Government L5.
    UsGovL5,
}

impl Cloud {
    /// The names the configuration knows.
    pub const NAMES: [(&'static str, Self); 3] =
        [("global", Self::Global), ("us-gov-l4", Self::UsGovL4), ("us-gov-l5", Self::UsGovL5)];

    /// The target of an app in this cloud.
    pub fn target(self, tenant: &str, client_id: String, client_secret: Secret) -> Target {
        let (graph, sign_in) = match self {
            Self::Global => ("https://graph.microsoft.com", "https://login.microsoftonline.com"),
            Self::UsGovL4 => ("https://graph.microsoft.us", "https://login.microsoftonline.us"),
            Self::UsGovL5 => ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
        };
        Target::new(graph, sign_in, tenant, client_id, client_secret)
    }
}

impl Target {
    /// A target with the usual paths and a time limit of ten seconds.
    pub fn new(
        graph: &str,
        sign_in: &str,
        tenant: &str,
        client_id: String,
        client_secret: Secret,
    ) -> Self {
        Self {
            base: graph.trim_end_matches('/').to_owned(),
            token_url: format!("{}/{tenant}/oauth2/v2.0/token", sign_in.trim_end_matches('/')),
            scope: "https://graph.microsoft.com/.default".to_owned(),
            client_id,
            client_secret,
            timeout: Duration::from_secs(10),
            exclusive_member: ExclusiveMember::default(),
        }
    }
}
