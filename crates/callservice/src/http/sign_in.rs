//! The token endpoint: client credentials against opaque tokens that expire.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::{
    answer::Answer,
    faults::AccessFlaw,
    shared::{Shared, lock, secret},
    text,
};

/// How long a token lives, in seconds.
const LIFETIME_S: u64 = 3_599;

/// More live tokens than this, and those that expire first are forgotten.
const TOKENS_MAX: usize = 1_000;

/// Which service a token is for. A token for one is refused by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Everything but the scope of ACS.
    Graph,
    /// `https://communication.azure.com//.default`.
    Acs,
}

impl Audience {
    fn of_scope(scope: &str) -> Self {
        let acs = scope.starts_with("https://communication.azure.com/");
        if acs { Self::Acs } else { Self::Graph }
    }
}

/// What is known of a token.
#[derive(Debug, Clone, Copy)]
struct Issued {
    audience: Audience,
    /// On the clock of the rehearsal.
    expires_ms: u64,
    /// What a fault made of it.
    flaw: Option<AccessFlaw>,
}

/// The tokens issued.
#[derive(Default)]
pub(super) struct Tokens(BTreeMap<String, Issued>);

impl Tokens {
    fn issue(&mut self, token: String, audience: Audience, now_ms: u64) {
        self.0.retain(|_, issued| issued.expires_ms > now_ms);
        if self.0.len() >= TOKENS_MAX
            && let Some(oldest) = self.0.iter().min_by_key(|(_, issued)| issued.expires_ms)
        {
            let oldest = oldest.0.clone();
            self.0.remove(&oldest);
        }
        let expires_ms = now_ms + LIFETIME_S * 1_000;
        self.0.insert(token, Issued { audience, expires_ms, flaw: None });
    }

    fn check(&self, token: &str, audience: Audience, now_ms: u64) -> Result<(), Refusal> {
        match self.0.get(token) {
            None => Err(Refusal::Unknown),
            Some(Issued { flaw: Some(AccessFlaw::Foreign), .. }) => Err(Refusal::Foreign),
            Some(Issued { flaw: Some(AccessFlaw::Expired), .. }) => Err(Refusal::Expired),
            Some(issued) if issued.expires_ms <= now_ms => Err(Refusal::Expired),
            Some(issued) if issued.audience != audience => Err(Refusal::Foreign),
            Some(_) => Ok(()),
        }
    }

    /// No token issued so far is accepted any more.
    pub(super) fn spoil(&mut self, flaw: AccessFlaw) {
        self.0.values_mut().for_each(|issued| issued.flaw = Some(flaw));
    }

    /// What a fault made of tokens is forgotten.
    pub(super) fn mend(&mut self) {
        self.0.values_mut().for_each(|issued| issued.flaw = None);
    }
}

/// Why a request is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has no token.
    Missing,
    /// Nobody here issued the token.
    Unknown,
    Expired,
    /// The token is meant for another service.
    Foreign,
}

impl Refusal {
    /// Why, for the message of a 401.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Missing => "The access token is missing.",
            Self::Unknown => "The access token is unknown.",
            Self::Expired => "The access token has expired.",
            Self::Foreign => "The access token is meant for another audience.",
        }
    }
}

/// Whether the request carries a token that this service accepts now.
pub(super) fn check(
    shared: &Shared,
    headers: &HeaderMap,
    audience: Audience,
) -> Result<(), Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Refusal::Missing)?;
    lock(&shared.tokens).check(token, audience, shared.clock.now_ms())
}

/// `POST /{tenant}/oauth2/v2.0/token`, under any tenant.
pub(super) fn token(shared: &Shared, method: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
    if method != "POST" {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "use POST")
            .with(header::ALLOW, "POST");
    }
    let form_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = form_type.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    let fields = std::str::from_utf8(body).ok().filter(|_| is_form).and_then(text::form);
    let Some(fields) = fields else {
        return bad("invalid_request", "the body must be a form with each field once");
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    for name in ["grant_type", "client_id", "client_secret", "scope"] {
        if field(name).is_empty() {
            return bad("invalid_request", &format!("the field {name} is missing"));
        }
    }
    if field("grant_type") != "client_credentials" {
        return bad("unsupported_grant_type", "grant_type must be client_credentials");
    }
    if !field("scope").ends_with("/.default") {
        return bad("invalid_scope", "scope must end in /.default");
    }
    let known = field("client_id").eq_ignore_ascii_case(&shared.facts.client_id);
    if !known || !text::same_secret(field("client_secret"), &shared.client_secret) {
        let words = "client_id or client_secret is wrong";
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", words);
    }
    let token = match secret() {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(%error, "no randomness for a token");
            let words = "no randomness for a token";
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", words);
        }
    };
    let audience = Audience::of_scope(field("scope"));
    lock(&shared.tokens).issue(token.clone(), audience, shared.clock.now_ms());
    let body = json!({
        "token_type": "Bearer",
        "expires_in": LIFETIME_S,
        "ext_expires_in": LIFETIME_S,
        "access_token": token,
    });
    Answer::json(StatusCode::OK, &body).with(header::CACHE_CONTROL, "no-store")
}

fn bad(error: &str, words: &str) -> Answer {
    refuse(StatusCode::BAD_REQUEST, error, words)
}

fn refuse(status: StatusCode, error: &str, words: &str) -> Answer {
    let body = json!({"error": error, "error_description": words});
    Answer::json(status, &body).with(header::CACHE_CONTROL, "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_and_give_way() {
        let mut tokens = Tokens::default();
        tokens.issue("a".to_owned(), Audience::Graph, 0);
        assert_eq!(tokens.check("a", Audience::Graph, LIFETIME_S * 1_000 - 1), Ok(()));
        assert_eq!(tokens.check("a", Audience::Graph, LIFETIME_S * 1_000), Err(Refusal::Expired));
        assert_eq!(tokens.check("b", Audience::Graph, 0), Err(Refusal::Unknown));
        assert_eq!(tokens.check("a", Audience::Acs, 0), Err(Refusal::Foreign));
        for i in 0..TOKENS_MAX {
            tokens.issue(format!("t{i}"), Audience::Acs, 1);
        }
        assert_eq!(tokens.check("a", Audience::Graph, 2), Err(Refusal::Unknown));
        assert_eq!(tokens.0.len(), TOKENS_MAX);
        tokens.issue("z".to_owned(), Audience::Graph, LIFETIME_S * 1_000 + 1);
        assert_eq!(tokens.0.len(), 1);
    }

    #[test]
    fn spoiled_tokens_are_refused_until_new_ones_or_mended() {
        let mut tokens = Tokens::default();
        tokens.issue("a".to_owned(), Audience::Graph, 0);
        for (flaw, refusal) in
            [(AccessFlaw::Foreign, Refusal::Foreign), (AccessFlaw::Expired, Refusal::Expired)]
        {
            tokens.spoil(flaw);
            assert_eq!(tokens.check("a", Audience::Graph, 1), Err(refusal));
        }
        tokens.issue("b".to_owned(), Audience::Graph, 0);
        assert_eq!(tokens.check("b", Audience::Graph, 1), Ok(()));
        tokens.mend();
        assert_eq!(tokens.check("a", Audience::Graph, 1), Ok(()));
    }

    #[test]
    fn the_scope_says_for_whom() {
        for (scope, audience) in [
            ("https://communication.azure.com//.default", Audience::Acs),
            ("https://communication.azure.com/.default", Audience::Acs),
            ("https://graph.microsoft.com/.default", Audience::Graph),
            ("https://communication.azure.com.example/.default", Audience::Graph),
        ] {
            assert_eq!(Audience::of_scope(scope), audience, "{scope}");
        }
    }
}
