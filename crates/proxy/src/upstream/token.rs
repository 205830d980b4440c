//! App-only tokens: asked for once, shared by all requests, renewed before they end.

use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::{bounded, cause};
use crate::secret::Secret;

/// What an app shows to get a token for one service.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Where tokens are asked for.
    pub url: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
    /// What the token is for.
    pub scope: String,
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

#[derive(Deserialize)]
struct Reply {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Tokens {
    /// No token yet.
    pub fn new(http: reqwest::Client, grant: Grant) -> Self {
        Self { http, grant, cached: Mutex::default() }
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
        let form = [
            ("client_id", self.grant.client_id.as_str()),
            ("client_secret", self.grant.client_secret.reveal()),
            ("scope", self.grant.scope.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let unusable = |error: reqwest::Error| TokenError::Unusable(cause(&error));
        let request = self.http.post(&self.grant.url).form(&form);
        let reply = request.send().await.map_err(unusable)?;
        let status = reply.status();
        let body = bounded(reply, 64 * 1024).await.map_err(TokenError::Unusable)?;
        if !status.is_success() {
            let code = serde_json::from_slice::<Refusal>(&body).map_or_else(
                |_| "no reason given".to_owned(),
                |refusal| foldback_model::name::clean(&refusal.error),
            );
            return Err(TokenError::Refused { status: status.as_u16(), code });
        }
        // What came instead may hold the token: it is not repeated.
        let reply: Reply = serde_json::from_slice(&body)
            .map_err(|_| TokenError::Unusable("its answer holds no token".to_owned()))?;
        let now = Instant::now();
        let lasts = Duration::from_secs(reply.expires_in);
        let early = Duration::from_mins(5).min(lasts / 5);
        Ok(Cached {
            token: Secret::new(reply.access_token),
            renew_at: now + lasts.saturating_sub(early),
            ends_at: now + lasts,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{Json, Router, http::StatusCode, routing::post};
    use serde_json::{Value, json};

    use super::*;

    /// A token endpoint whose tokens last `expires_in` seconds; after `good` of them it fails.
    async fn endpoint(expires_in: u64, good: usize) -> (Tokens, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let answer = move |body: String| async move {
            assert!(body.contains("grant_type=client_credentials"), "{body}");
            let number = count.fetch_add(1, Ordering::SeqCst);
            // Long enough for everybody to be waiting.
            tokio::task::yield_now().await;
            if number < good {
                let token = format!("token-{number}");
                let body = json!({"access_token": token, "expires_in": expires_in});
                (StatusCode::OK, Json::<Value>(body))
            } else {
                (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"})))
            }
        };
        let router = Router::new().route("/t/oauth2/v2.0/token", post(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        drop(rustls::crypto::ring::default_provider().install_default());
        let grant = Grant {
            url: format!("{base}/t/oauth2/v2.0/token"),
            client_id: "app".to_owned(),
            client_secret: Secret::new("hunter2"),
            scope: "https://graph.microsoft.com/.default".to_owned(),
        };
        (Tokens::new(reqwest::Client::new(), grant), asked)
    }

    #[tokio::test]
    async fn a_stampede_asks_once() {
        let (tokens, asked) = endpoint(3_600, 9).await;
        let all = futures_util::future::join_all((0..50).map(|_| tokens.get())).await;
        assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "token-0"));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        // All of them were refused: one asks for another.
        let refused = tokens.get().await.unwrap();
        let again = (0..50).map(|_| tokens.instead_of(&refused));
        let all = futures_util::future::join_all(again).await;
        assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "token-1"));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn without_an_endpoint_the_old_token_serves_to_its_end() {
        let (tokens, asked) = endpoint(3_600, 1).await;
        assert_eq!(tokens.get().await.unwrap().reveal(), "token-0");
        let make_due = async |early: bool| {
            let mut cached = tokens.cached.lock().await;
            let cached = cached.as_mut().unwrap();
            cached.renew_at = Instant::now();
            if !early {
                cached.ends_at = Instant::now();
            }
        };
        make_due(true).await;
        assert_eq!(tokens.get().await.unwrap().reveal(), "token-0");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        make_due(false).await;
        let error = tokens.get().await.unwrap_err();
        assert_eq!(error, TokenError::Refused { status: 401, code: "invalid_client".to_owned() });
        assert!(!error.to_string().contains("hunter2"));
    }
}
