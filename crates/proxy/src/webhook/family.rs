//! What a token must say: of notifications, for each service, and of operators. Families are never
//! mixed.

use std::time::Duration;

use crate::upstream::Trust;

/// One family of tokens. The route decides which family a token is held to; nothing it says of itself
/// does.
#[derive(Debug, Clone)]
pub struct Family {
    /// A word for logs and counters.
    pub name: &'static str,
    /// Address of the OpenID configuration. Keys come from its host alone.
    pub configuration: String,
    /// The issuer that the configuration has to name as its own; the services' own pages do not say
    /// that theirs does.
    pub configured_by: Option<String>,
    /// Who may have issued it.
    pub issuers: Vec<String>,
    /// For whom it must be: the app's id (Graph, operators), the resource's immutable id (ACS).
    pub audience: String,
    /// Whether the audience may be written in lower case where ours is not.
    pub any_case: bool,
    /// The tenant it must name, in the family that names one.
    pub tenant: Option<String>,
    /// How far the clocks may be apart.
    pub leeway: Duration,
    /// Every notification has a token of its own; in the other family a token lasts for many.
    pub one_body: bool,
    /// Whom the host of the keys may be vouched by, beside those the system trusts.
    pub trust: Trust,
}

impl Family {
    /// Tokens of Graph's notifications. They live for an hour, so five minutes of leeway cost little.
    pub fn graph(configuration: &str, client_id: String, tenant: String) -> Self {
        Self {
            name: "graph",
            configuration: configuration.to_owned(),
            configured_by: None,
            issuers: vec![
                "https://api.botframework.com".to_owned(),
                "https://graph.microsoft.com".to_owned(),
            ],
            audience: client_id,
            any_case: true,
            tenant: Some(tenant),
            leeway: Duration::from_mins(5),
            one_body: false,
            trust: Trust::default(),
        }
    }

    /// Tokens of ACS events. They live for five minutes, so the leeway is short.
    pub fn acs(configuration: &str, resource_id: String) -> Self {
        Self {
            name: "acs",
            configuration: configuration.to_owned(),
            configured_by: None,
            issuers: vec!["https://acscallautomation.communication.azure.com".to_owned()],
            audience: resource_id,
            any_case: true,
            tenant: None,
            leeway: Duration::from_mins(1),
            one_body: true,
            trust: Trust::default(),
        }
    }

    /// Tokens that an organization's own issuer gives to operators and programs. What it publishes
    /// stands where OpenID Connect Discovery says.
    pub fn operators(issuer: &str, client_id: String) -> Self {
        let base = issuer.trim_end_matches('/');
        Self {
            name: "operators",
            configuration: format!("{base}/.well-known/openid-configuration"),
            configured_by: Some(issuer.to_owned()),
            issuers: vec![issuer.to_owned()],
            audience: client_id,
            // An issuer's own name for a client, which may be another's in other letters.
            any_case: false,
            tenant: None,
            leeway: Duration::from_mins(1),
            one_body: false,
            trust: Trust::default(),
        }
    }

    /// Takes other places and issuers than those known here, where there are any.
    pub fn vouched_by(&mut self, configuration: Option<String>, issuers: Option<Vec<String>>) {
        if let Some(configuration) = configuration {
            self.configuration = configuration;
        }
        if let Some(issuers) = issuers {
            self.issuers = issuers;
        }
    }
}
