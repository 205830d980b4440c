//! The adapter to Microsoft Graph cloud communications: token and requests. What the service says is
//! translated by the model.

pub mod send;

use std::time::Duration;

use foldback_wire::graph::ExclusiveMember;

use crate::{
    secret::Secret,
    upstream::{
        Trust,
        token::{Grant, Proof},
    },
    webhook::family::Family,
};

/// How the proxy reaches the service.
#[derive(Debug, Clone)]
pub struct Target {
    /// `https://graph.microsoft.com` or the embedded service's address, without trailing slash.
    pub base: String,
    /// What gets the app its tokens.
    pub grant: Grant,
    /// What proves that a notification comes from the service.
    pub family: Family,
    /// How long one request may take.
    pub timeout: Duration,
    /// Whom the service may be vouched by, beside those the system trusts.
    pub trust: Trust,
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
    pub fn target(self, tenant: &str, client_id: String, proof: Proof) -> Target {
        let [graph, sign_in, keys, issuer] = match self {
            Self::Global => [
                "https://graph.microsoft.com",
                "https://login.microsoftonline.com",
                "https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration",
                "https://api.botframework.com",
            ],
            Self::UsGovL4 => [
                "https://graph.microsoft.us",
                "https://login.microsoftonline.us",
                "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
                "https://api.botframework.us",
            ],
            Self::UsGovL5 => [
                "https://dod-graph.microsoft.us",
                "https://login.microsoftonline.us",
                "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
                "https://api.botframework.us",
            ],
        };
        let mut target = Target::new(graph, sign_in, keys, tenant, client_id, proof);
        target.grant.scope = format!("{graph}/.default");
        target.family.issuers = vec![issuer.to_owned(), graph.to_owned()];
        target
    }
}

impl Target {
    /// A target with the usual paths and a time limit of ten seconds. `keys` is the address of the
    /// OpenID configuration that leads to the keys of notifications.
    pub fn new(
        graph: &str,
        sign_in: &str,
        keys: &str,
        tenant: &str,
        client_id: String,
        proof: Proof,
    ) -> Self {
        let graph = graph.trim_end_matches('/');
        Self {
            base: graph.to_owned(),
            family: Family::graph(keys, client_id.clone(), tenant.to_owned()),
            grant: Grant {
                url: format!("{}/{tenant}/oauth2/v2.0/token", sign_in.trim_end_matches('/')),
                client_id,
                proof,
                scope: "https://graph.microsoft.com/.default".to_owned(),
            },
            timeout: Duration::from_secs(10),
            trust: Trust::default(),
            exclusive_member: ExclusiveMember::default(),
        }
    }

    /// The target of an embedded service at `base`: it is its own sign-in and publishes its own keys.
    pub fn embedded(base: &str, tenant: &str, client_id: String, client_secret: Secret) -> Self {
        let base = base.trim_end_matches('/');
        let keys = format!("{base}/v1/.well-known/OpenIdConfiguration");
        let proof = Proof::Secret(client_secret);
        Self::new(base, base, &keys, tenant, client_id, proof)
    }
}
