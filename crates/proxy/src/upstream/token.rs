//! App-only tokens: asked for once, shared by all requests, renewed before they end.

pub mod assertion;
pub mod managed;
mod reply;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use reqwest::RequestBuilder;
use tokio::sync::Mutex;

use super::{Trust, bounded, cause, client};
use crate::secret::Secret;
use assertion::Certificate;
use managed::Identity;

/// An assertion is proven by a token of its own.
const BY_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an app shows to get a token for one service.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Where tokens are asked for, unless the machine gives them.
    pub url: String,
    /// The app's id.
    pub client_id: String,
    /// How it proves to be that app.
    pub proof: Proof,
    /// What the token is for.
    pub scope: String,
}

/// How an app proves who it is.
#[derive(Debug, Clone)]
pub enum Proof {
    /// It knows its secret.
    Secret(Secret),
    /// It signs with the key of its certificate.
    Certificate(Arc<Certificate>),
    /// Somebody the directory trusts vouches for it, in a file that is written anew now and then.
    Federated(PathBuf),
    /// The machine it runs on vouches for it.
    Managed(Identity),
}

/// Why there is no token. Nothing was sent then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token endpoint refused the app.
    #[error(
        "the token endpoint answered {status} ({code}); check tenant, client_id and credential"
    )]
    Refused {
        /// HTTP status.
        status: u16,
        /// The endpoint's own word, such as `invalid_client`.
        code: String,
    },
    /// The token endpoint cannot be reached or answers something unreadable.
    #[error("the token endpoint cannot be used: {0}")]
    Unusable(String),
    /// There is nothing to show it.
    #[error("{0}")]
    NoProof(String),
}

#[derive(Debug)]
struct Cached {
    token: Secret,
    renew_at: Instant,
    ends_at: Instant,
}

/// The one token of an app for a service.
#[derive(Debug)]
pub struct Tokens {
    http: reqwest::Client,
    grant: Grant,
    cached: Mutex<Option<Cached>>,
}

impl Tokens {
    /// No token yet. Each request for one may take as long as `timeout`.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be loaded.
    pub fn new(grant: Grant, timeout: Duration, trust: &Trust) -> Result<Self, reqwest::Error> {
        // The machine's own endpoint speaks http; those of the directory nothing but https.
        let at = match &grant.proof {
            Proof::Managed(identity) => &identity.url,
            _ => &grant.url,
        };
        Ok(Self { http: client(at, timeout, trust)?, grant, cached: Mutex::default() })
    }

    /// A token that is good for now. Only one request for it is ever under way.
    ///
    /// # Errors
    /// [`TokenError`] when there is none and none can be had.
    pub async fn get(&self) -> Result<Secret, TokenError> {
        let mut cached = self.cached.lock().await;
        let now = Instant::now();
        if let Some(known) = &*cached {
            if now < known.renew_at {
                return Ok(known.token.clone());
            }
            if now < known.ends_at {
                let still_good = known.token.clone();
                return match self.fetch().await {
                    Ok(fresh) => Ok(cached.insert(fresh).token.clone()),
                    Err(error) => {
                        tracing::warn!(%error, "the token could not be renewed early");
                        Ok(still_good)
                    }
                };
            }
        }
        let fresh = self.fetch().await?;
        Ok(cached.insert(fresh).token.clone())
    }

    /// A token other than `refused`, which the service did not take.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn instead_of(&self, refused: &Secret) -> Result<Secret, TokenError> {
        let mut cached = self.cached.lock().await;
        if let Some(known) = &*cached
            && !known.token.digest().matches(&refused.digest())
        {
            return Ok(known.token.clone());
        }
        *cached = None;
        let fresh = self.fetch().await?;
        Ok(cached.insert(fresh).token.clone())
    }

    async fn fetch(&self) -> Result<Cached, TokenError> {
        let request = self.request().await?;
        let unusable = |error: reqwest::Error| TokenError::Unusable(cause(&error));
        let reply = request.send().await.map_err(unusable)?;
        let status = reply.status();
        let body = bounded(reply, 64 * 1024).await.map_err(TokenError::Unusable)?;
        if !status.is_success() {
            return Err(TokenError::Refused {
                status: status.as_u16(),
                code: reply::refusal(&body),
            });
        }
        let now = SystemTime::now();
        let (token, lasts) = reply::token(&body, now).ok_or_else(|| {
            // What came instead may hold the token: it is not repeated.
            TokenError::Unusable("its answer holds no token".to_owned())
        })?;
        let now = Instant::now();
        let early = Duration::from_mins(5).min(lasts / 5);
        Ok(Cached { token, renew_at: now + lasts.saturating_sub(early), ends_at: now + lasts })
    }

    /// The request for a token, with a proof made for it.
    async fn request(&self) -> Result<RequestBuilder, TokenError> {
        let Grant { url, client_id, proof, scope } = &self.grant;
        let proven = match proof {
            Proof::Managed(identity) => return Ok(identity.request(&self.http, client_id, scope)),
            Proof::Secret(secret) => vec![("client_secret", secret.clone())],
            Proof::Certificate(certificate) => {
                let assertion = certificate.assertion(client_id, url, SystemTime::now());
                by_assertion(assertion.map_err(TokenError::NoProof)?)
            }
            Proof::Federated(path) => {
                // Whoever writes it replaces it before it ends.
                let text = tokio::fs::read_to_string(path).await.map_err(|error| {
                    let path = path.display();
                    TokenError::NoProof(format!("{path} cannot be read: {error}"))
                })?;
                by_assertion(Secret::new(text.trim()))
            }
        };
        let mut form = vec![
            ("client_id", client_id.as_str()),
            ("scope", scope.as_str()),
            ("grant_type", "client_credentials"),
        ];
        form.extend(proven.iter().map(|(name, value)| (*name, value.reveal())));
        Ok(self.http.post(url).form(&form))
    }
}

fn by_assertion(assertion: Secret) -> Vec<(&'static str, Secret)> {
    let kind = Secret::new(BY_ASSERTION);
    vec![("client_assertion_type", kind), ("client_assertion", assertion)]
}

#[cfg(test)]
mod tests;
