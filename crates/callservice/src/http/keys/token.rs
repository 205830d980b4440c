//! The tokens notifications carry: compact JWS over a few claims.
//!
//! Written by hand: three parts joined by dots, no reading and no choice of algorithm. A JWT library
//! would bring a second cryptographic back end for these lines.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::pair::{KeyError, Pair};
use crate::engine::Face;

/// How long a token of the Graph family is valid, in seconds.
pub(super) const GRAPH_LIFETIME_S: u64 = 65 * 60;

/// How long a token of the ACS family is valid, in seconds.
pub(super) const ACS_LIFETIME_S: u64 = 5 * 60;

/// How long ago an expired token was issued, in seconds: longer than any leeway.
const EXPIRED_AGE_S: u64 = 24 * 60 * 60;

/// An audience nobody here has.
const STRANGER: &str = "00000000-0000-4000-8000-00000000f01d";

/// What is wrong with a token on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Flaw {
    /// It was issued yesterday.
    Expired,
    /// A key signed it that is published nowhere.
    ForeignKey,
    /// The other family issued and signed it.
    OtherFamily,
    /// It is meant for somebody else.
    WrongAudience,
    /// There is none.
    Missing,
}

impl Flaw {
    /// As an order names it.
    pub(in crate::http) fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::ForeignKey => "foreign_key",
            Self::OtherFamily => "other_family",
            Self::WrongAudience => "wrong_audience",
            Self::Missing => "missing",
        }
    }
}

/// For whom a token is.
#[derive(Debug, Clone)]
pub(in crate::http) struct Recipient {
    /// The application's client id (Graph) or the resource's immutable id (ACS).
    pub(in crate::http) audience: String,
    /// The tenant, which Graph tokens name.
    pub(in crate::http) tenant: String,
}

/// Who says it issues tokens of this family.
pub(super) fn issuer(face: Face) -> &'static str {
    match face {
        Face::Graph => "https://api.botframework.com",
        Face::Acs => "https://acscallautomation.communication.azure.com",
    }
}

/// The claims of a token of this family, issued at `now_s` (seconds since 1970).
pub(super) fn claims(face: Face, to: &Recipient, now_s: u64, flaw: Option<Flaw>) -> Value {
    let lifetime = match face {
        Face::Graph => GRAPH_LIFETIME_S,
        Face::Acs => ACS_LIFETIME_S,
    };
    let issued =
        if flaw == Some(Flaw::Expired) { now_s.saturating_sub(EXPIRED_AGE_S) } else { now_s };
    let audience = if flaw == Some(Flaw::WrongAudience) { STRANGER } else { to.audience.as_str() };
    let mut claims = json!({
        "iss": issuer(face),
        "aud": audience,
        "iat": issued,
        "nbf": issued,
        "exp": issued + lifetime,
    });
    if face == Face::Graph
        && let Some(members) = claims.as_object_mut()
    {
        members.insert("tid".to_owned(), Value::from(to.tenant.as_str()));
    }
    claims
}

/// Header, claims and signature.
pub(super) fn write(pair: &Pair, claims: &Value) -> Result<String, KeyError> {
    let header = json!({"alg": "RS256", "kid": pair.kid, "typ": "JWT"});
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let mut token = format!("{header}.{claims}");
    let signature = pair.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    Ok(token)
}

/// The time on the wall, in seconds since 1970: receivers compare tokens with theirs.
pub(super) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
