//! The endpoint of the machine an app runs on, which vouches for it: that of a virtual machine, or
//! the one App Service and Container Apps name in the environment.

use reqwest::{Client, RequestBuilder};

use crate::secret::Secret;

/// Where a virtual machine's own is; it is not routed anywhere else.
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// An identity that the platform manages.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Where it is asked for.
    pub url: String,
    /// What App Service wants to be told, to keep others out.
    pub header: Option<Secret>,
    /// Several may be assigned to a machine: the one of this client id, else the machine's own.
    pub assigned: bool,
}

impl Identity {
    /// The identity as the environment tells where it is asked for.
    ///
    /// # Errors
    /// What is wrong with the environment.
    pub fn found(
        assigned: bool,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        match (environment("IDENTITY_ENDPOINT"), environment("IDENTITY_HEADER")) {
            (None, _) => Ok(Self { url: MACHINE.to_owned(), header: None, assigned }),
            (Some(url), Some(header)) => {
                let fits = reqwest::Url::parse(&url).is_ok_and(|url| {
                    matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
                });
                if !fits {
                    return Err(format!("IDENTITY_ENDPOINT is {url:?}, which is no address"));
                }
                Ok(Self { url, header: Some(Secret::new(header)), assigned })
            }
            (Some(_), None) => Err(
                "the environment has IDENTITY_ENDPOINT and no IDENTITY_HEADER; App Service sets both"
                    .to_owned(),
            ),
        }
    }

    /// The request for a token for `scope`, which the machine calls a resource.
    pub(super) fn request(&self, http: &Client, client_id: &str, scope: &str) -> RequestBuilder {
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let version = if self.header.is_some() { "2019-08-01" } else { "2018-02-01" };
        let mut query = vec![("api-version", version), ("resource", resource)];
        if self.assigned {
            query.push(("client_id", client_id));
        }
        let request = http.get(&self.url).query(&query);
        match &self.header {
            Some(header) => request.header("x-identity-header", header.reveal()),
            None => request.header("metadata", "true"),
        }
    }
}
