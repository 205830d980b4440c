//! Signing in with the organization's accounts: OpenID Connect, code flow with PKCE, on behalf of the
//! browser. Tokens never reach it, and none is kept here either: what is left of a sign-in is a session.

mod exchange;
mod pending;
mod people;
mod refused;
mod return_to;

use std::{fmt::Write as _, sync::Arc, time::Duration};

use axum::http::HeaderMap;
use reqwest::Url;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::{
    access,
    secret::{Fingerprint, Secret},
    session::{
        Lifetimes,
        cookie::{Cookie, Sent},
    },
    upstream::{self, Trust},
    webhook::token::{Flaw, Refusal, Verifier},
};
use pending::{Pending, Seal};
pub use people::{Claims, People};
pub use refused::Refused;
pub use return_to::ReturnTo;

/// How long somebody may take at the issuer.
const PATIENCE_S: u64 = 600;

/// How long the issuer may take to answer us.
const DEADLINE: Duration = Duration::from_secs(5);

/// Where browsers begin.
pub const PATH: &str = "/sign-in";

/// Where the issuer sends them back to, behind the public address. It is to be registered there.
pub const BACK: &str = "/sign-in/callback";

/// Who may sign in and how, as the configuration says.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// What tokens name as `iss`; its discovery document leads to the keys.
    pub issuer: String,
    /// What they name as `aud`.
    pub client_id: String,
    /// What the issuer knows us by when browsers sign in; without it only tokens are taken.
    pub client_secret: Option<Secret>,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
    /// Who may do what.
    pub people: People,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Who may see calls, unless somebody says so for one.
    pub calls: access::Calls,
    /// Origins of pages on other hosts that may use this proxy with a token.
    pub origins: Vec<String>,
    /// Whom the issuer may be vouched by, beside those the system trusts.
    pub trust: Trust,
}

/// See the module.
#[derive(Debug)]
pub struct OpenId {
    issuer: String,
    client_id: String,
    secret: Secret,
    scopes: String,
    /// Where the panel is, without slash at the end.
    home: String,
    verifier: Arc<Verifier>,
    http: reqwest::Client,
    cookie: Cookie,
    seal: Seal,
    /// People without a role.
    pub refused: Refused,
}

/// A browser on its way to the issuer.
#[derive(Debug)]
pub struct Begun {
    /// Where it goes.
    pub location: String,
    /// What it is to bring back.
    pub cookie: String,
}

/// A browser that came back and is who it says.
#[derive(Debug)]
pub struct Finished {
    /// What the ID token says.
    pub claims: Claims,
    /// Where it goes on.
    pub to: ReturnTo,
    /// The session it had before.
    pub replaces: Option<Fingerprint>,
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The issuer cannot be asked, or answers what cannot be used.
    Unavailable,
    /// The browser began no sign-in here, or too long ago.
    NotBegun,
    /// It comes back from another sign-in than the one it began.
    State,
    /// Another issuer answers than the one that was asked.
    Issuer,
    /// The issuer refuses, in its word.
    Refused(&'static str),
    /// The ID token is wrong.
    Token(Flaw),
    /// The ID token is of another sign-in.
    Nonce,
    /// The system gives no randomness.
    Randomness,
}

impl Trouble {
    /// A word for counting and for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::NotBegun => "notBegun",
            Self::State => "state",
            Self::Issuer => "issuer",
            Self::Refused(_) => "refused",
            Self::Token(_) => "token",
            Self::Nonce => "nonce",
            Self::Randomness => "randomness",
        }
    }
}

impl OpenId {
    /// A sign-in for the panel at `home`, whose cookie is named `cookie`.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be loaded or it gives no randomness.
    pub fn new(
        sign_in: &SignIn,
        secret: Secret,
        home: String,
        cookie: Cookie,
        verifier: Arc<Verifier>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            issuer: sign_in.issuer.clone(),
            client_id: sign_in.client_id.clone(),
            secret,
            scopes: sign_in.scopes.join(" "),
            home,
            verifier,
            http: upstream::client(&sign_in.issuer, DEADLINE, &sign_in.trust)?,
            cookie,
            seal: Seal::new()?,
            refused: Refused::default(),
        })
    }

    /// Where a browser begins, for the terminal.
    pub fn address(&self) -> String {
        format!("{}{PATH}", self.home)
    }

    /// The same, for somebody who wants to go on at this place.
    pub fn address_for(&self, to: &ReturnTo) -> String {
        format!("{}?return_to={}", self.address(), percent(&to.text()))
    }

    /// Sends a browser to the issuer. `replaces` is the session it has, which ends with the new one.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn begin(
        &self,
        to: &ReturnTo,
        replaces: Option<Fingerprint>,
    ) -> Result<Begun, Trouble> {
        let configuration = self.configuration().await?;
        let mut location = self
            .verifier
            .keys
            .leads_to(&configuration, "authorization_endpoint")
            .ok_or(Trouble::Unavailable)?;
        let pending =
            Pending::new(PATIENCE_S, to.clone(), replaces).map_err(|_| Trouble::Randomness)?;
        let proof = self.seal.proof(&pending);
        location.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.back()),
            ("scope", &self.scopes),
            ("state", &proof.state),
            ("nonce", &proof.nonce),
            ("code_challenge", &proof.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        let cookie = self.cookie.set(&self.seal.close(&pending), Sent::Lax, Some(PATIENCE_S));
        Ok(Begun { location: location.into(), cookie })
    }

    /// Takes a browser back from the issuer, by its cookie and the query it comes with.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn finish(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<Finished, Trouble> {
        let pending = self.cookie.values(headers).find_map(|value| self.seal.open(value));
        let pending = pending.ok_or(Trouble::NotBegun)?;
        let proof = self.seal.proof(&pending);
        let back = Back::read(query.unwrap_or_default()).ok_or(Trouble::State)?;
        let same =
            |told: &str, expected: &str| bool::from(told.as_bytes().ct_eq(expected.as_bytes()));
        if !back.state.as_deref().is_some_and(|state| same(state, &proof.state)) {
            return Err(Trouble::State);
        }
        let configuration = self.configuration().await?;
        let promised = configuration.get("authorization_response_iss_parameter_supported");
        match &back.issuer {
            Some(issuer) if *issuer != self.issuer => return Err(Trouble::Issuer),
            None if promised == Some(&Value::Bool(true)) => return Err(Trouble::Issuer),
            _ => {}
        }
        if let Some(error) = &back.error {
            return Err(Trouble::Refused(exchange::word(error)));
        }
        let code = back.code.as_deref().ok_or(Trouble::State)?;
        let token = self.exchange(&configuration, code, &proof.verifier).await?;
        let claims: Claims = self.verifier.read(&token).await.map_err(|refusal| match refusal {
            Refusal::Flawed(flaw) => Trouble::Token(flaw),
            Refusal::NoKeys => Trouble::Unavailable,
        })?;
        if !claims.text("nonce").is_some_and(|nonce| same(nonce, &proof.nonce)) {
            return Err(Trouble::Nonce);
        }
        // Whom a token was made for is `azp`, where it is for several.
        let party = claims.text("azp");
        let several = claims.audiences() > 1;
        if party.map_or(several, |party| party != self.client_id) {
            return Err(Trouble::Token(Flaw::Audience));
        }
        // The code works once at the issuer; this makes sure of it here.
        if !self.seal.use_up(&pending) {
            return Err(Trouble::NotBegun);
        }
        Ok(Finished { claims, to: pending.to, replaces: pending.replaces })
    }

    /// The value of `Set-Cookie` that takes the cookie of a sign-in away.
    pub fn no_cookie(&self) -> String {
        self.cookie.clear(Sent::Lax)
    }

    /// Where a browser signs out at the issuer as well, if it has such a place. No token goes along:
    /// none is kept.
    pub async fn end_session(&self) -> Option<String> {
        let configuration = self.configuration().await.ok()?;
        let mut at = self.verifier.keys.leads_to(&configuration, "end_session_endpoint")?;
        at.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}/", self.home));
        Some(at.into())
    }

    fn back(&self) -> String {
        format!("{}{BACK}", self.home)
    }

    async fn configuration(&self) -> Result<Arc<Value>, Trouble> {
        self.verifier.keys.configuration().await.map_err(|_| Trouble::Unavailable)
    }
}

/// What the issuer sent along.
#[derive(Debug, Default)]
struct Back {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Back {
    /// None when something is there twice: which one counts is nothing to guess.
    fn read(query: &str) -> Option<Self> {
        let mut back = Self::default();
        // Only to be taken apart; nobody goes there.
        let url = Url::parse(&format!("http://localhost/?{query}")).ok()?;
        for (name, value) in url.query_pairs() {
            let place = match &*name {
                "state" => &mut back.state,
                "code" => &mut back.code,
                "iss" => &mut back.issuer,
                "error" => &mut back.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(back)
    }
}

/// Text as a part of an address or a form carries it.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into text does not fail.
            let _written = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_issuer_sends_twice_is_not_guessed_at() {
        let back = Back::read("state=a%2Fb&code=c+d&iss=https%3A%2F%2Fi&more=1").unwrap();
        assert_eq!((back.state.as_deref(), back.code.as_deref()), (Some("a/b"), Some("c d")));
        assert_eq!((back.issuer.as_deref(), back.error), (Some("https://i"), None));
        for twice in ["state=a&state=a", "code=a&state=b&code=c", "iss=&iss=", "error=a&error=b"] {
            assert!(Back::read(twice).is_none(), "{twice}");
        }
        assert_eq!(percent("a b:c%~é"), "a%20b%3Ac%25~%C3%A9");
    }
}
