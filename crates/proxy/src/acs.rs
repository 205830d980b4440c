//! The adapter to ACS Call Automation: access key or token, and requests. What the service says is
//! translated by the model.

pub mod send;
pub mod sign;

use std::time::Duration;

use crate::{
    upstream::{Trust, token::Grant},
    webhook::family::Family,
};
use sign::AccessKey;

/// What a token for ACS is asked for. The two slashes are the service's own.
pub const SCOPE: &str = "https://communication.azure.com//.default";

/// Where the real service publishes the keys of its events.
const KEYS: &str =
    "https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration";

/// How requests prove who sends them.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Each request is signed with the resource's access key.
    Key(AccessKey),
    /// Each carries a token of an Entra app.
    Entra(Grant),
}

/// How the proxy reaches the ACS resource.
#[derive(Debug, Clone)]
pub struct Target {
    /// `https://{resource}.communication.azure.com` or the embedded service's address, without
    /// trailing slash.
    pub endpoint: String,
    /// How requests prove who sends them.
    pub credential: Credential,
    /// What proves that an event comes from the service.
    pub family: Family,
    /// How long one request may take.
    pub timeout: Duration,
    /// Whom the service may be vouched by, beside those the system trusts.
    pub trust: Trust,
}

impl Target {
    /// A real resource; `resource_id` is its immutable id. The time limit is ten seconds.
    pub fn new(endpoint: &str, credential: Credential, resource_id: String) -> Self {
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            credential,
            family: Family::acs(KEYS, resource_id),
            timeout: Duration::from_secs(10),
            trust: Trust::default(),
        }
    }

    /// The resource of an embedded service at `base`, which publishes its own keys.
    pub fn embedded(base: &str, credential: Credential, resource_id: String) -> Self {
        let mut target = Self::new(base, credential, resource_id);
        target.family.configuration =
            format!("{}/calling/.well-known/acsopenidconfiguration", target.endpoint);
        target
    }
}
