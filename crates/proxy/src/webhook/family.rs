//! What the token of a notification must say, for each service: two families, never mixed.

use std::time::Duration;

/// One family of tokens. The route decides which family a notification is held to; nothing a token
/// says of itself does.
#[derive(Debug, Clone)]
pub struct Family {
    /// A word for logs and counters.
    pub name: &'static str,
    /// Address of the OpenID configuration. Keys come from its host alone.
    pub configuration: String,
    /// Who may have issued it.
    pub issuers: Vec<String>,
    /// For whom it must be: the app's id (Graph), the resource's immutable id (ACS).
    pub audience: String,
    /// The tenant it must name, in the family that names one.
    pub tenant: Option<String>,
    /// How far the clocks may be apart.
    pub leeway: Duration,
    /// Every notification has a token of its own; in the other family a token lasts for many.
    pub one_body: bool,
}

impl Family {
    /// Tokens of Graph's notifications. They live for an hour, so five minutes of leeway cost little.
    pub fn graph(configuration: &str, client_id: String, tenant: String) -> Self {
        Self {
            name: "graph",
            configuration: configuration.to_owned(),
            issuers: vec![
                "https://api.botframework.com".to_owned(),
                "https://graph.microsoft.com".to_owned(),
            ],
            audience: client_id,
            tenant: Some(tenant),
            leeway: Duration::from_mins(5),
            one_body: false,
        }
    }

    /// Tokens of ACS events. They live for five minutes, so the leeway is short.
    pub fn acs(configuration: &str, resource_id: String) -> Self {
        Self {
            name: "acs",
            configuration: configuration.to_owned(),
            issuers: vec!["https://acscallautomation.communication.azure.com".to_owned()],
            audience: resource_id,
            tenant: None,
            leeway: Duration::from_mins(1),
            one_body: true,
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
