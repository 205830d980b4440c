//! A token that somebody brings, of a service's notification or of an operator, held to what its
//! family says.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    family::Family,
    keys::{Keys, NoKey},
    rsa,
};
use crate::secret::Fingerprint;

/// Longest token read from a header; real ones are below 2 KiB.
const TOKEN_MAX: usize = 8 * 1024;

/// What is wrong with a token. Only counters and logs learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// There is none.
    Missing,
    /// It is no token in the form `Bearer {token}`, once.
    Form,
    /// It is signed in another way than RS256.
    Algorithm,
    /// It does not say which key signed it.
    NoKeyName,
    /// No key of that name is published.
    UnknownKey,
    /// The key did not sign it.
    Signature,
    /// A claim is missing or of the wrong kind.
    Claims,
    /// It is over.
    Expired,
    /// It is not good yet.
    Early,
    /// Somebody else issued it.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It is of another tenant.
    Tenant,
    /// It came with another body before.
    OtherBody,
}

impl Flaw {
    /// A word for counting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Form => "form",
            Self::Algorithm => "algorithm",
            Self::NoKeyName => "noKeyName",
            Self::UnknownKey => "unknownKey",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Tenant => "tenant",
            Self::OtherBody => "otherBody",
        }
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its token is wrong.
    Flawed(Flaw),
    /// The keys cannot be read, so nobody can say.
    NoKeys,
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        Self::Flawed(flaw)
    }
}

/// A good token: what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Names it.
    pub print: Fingerprint,
    /// Until when it is good, leeway included, in seconds since 1970.
    pub until: u64,
}

/// What is read of the claims beside what the library checks. An issuer or end of another kind than
/// these is refused.
#[derive(Deserialize)]
#[serde(expecting = "claims of a notification")]
struct Claims {
    exp: u64,
    #[serde(rename = "iss")]
    _iss: String,
    tid: Option<String>,
}

/// Checks the tokens of one family.
#[derive(Debug)]
pub struct Verifier {
    family: Family,
    validation: Validation,
    /// Whose keys sign.
    pub keys: Arc<Keys>,
}

impl Verifier {
    /// A verifier of this family, without keys yet.
    ///
    /// # Errors
    /// As [`Keys::new`].
    pub fn new(family: Family) -> anyhow::Result<Self> {
        rsa::install();
        let mut validation = Validation::new(Algorithm::RS256);
        // What the library does not ask for by itself counts as absent, not as wrong.
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&family.issuers);
        let mut audiences = vec![family.audience.clone()];
        if family.any_case {
            // Services write ids in lower case, whatever case somebody copied theirs in.
            audiences.push(family.audience.to_ascii_lowercase());
        }
        validation.set_audience(&audiences);
        validation.validate_nbf = true;
        validation.leeway = family.leeway.as_secs();
        let issuer = family.configured_by.clone();
        let keys = Keys::new(family.name, &family.configuration, issuer, &family.trust)?;
        Ok(Self { family, validation, keys })
    }

    /// Its family.
    pub fn family(&self) -> &Family {
        &self.family
    }

    /// Checks the token these headers carry.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn check(&self, headers: &HeaderMap) -> Result<Proof, Refusal> {
        let (token, claims) = self.claims::<Claims>(headers).await?;
        if let Some(tenant) = &self.family.tenant
            && !claims.tid.is_some_and(|tid| tid.eq_ignore_ascii_case(tenant))
        {
            return Err(Flaw::Tenant.into());
        }
        let until = claims.exp.saturating_add(self.validation.leeway);
        Ok(Proof { print: Fingerprint::of(token), until })
    }

    /// The token these headers carry, and what it claims once everything but its tenant is checked.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn claims<'a, C: DeserializeOwned>(
        &self,
        headers: &'a HeaderMap,
    ) -> Result<(&'a str, C), Refusal> {
        let token = bearer(headers)?;
        Ok((token, self.read(token).await?))
    }

    /// What a token claims once everything but its tenant is checked.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn read<C: DeserializeOwned>(&self, token: &str) -> Result<C, Refusal> {
        if !is_token(token) {
            return Err(Flaw::Form.into());
        }
        let head = decode_header(token).map_err(|error| match error.kind() {
            // An algorithm the library has no name for, `none` among them.
            ErrorKind::Json(_) if names_an_algorithm(token) => Flaw::Algorithm,
            _ => Flaw::Form,
        })?;
        if head.alg != Algorithm::RS256 {
            return Err(Flaw::Algorithm.into());
        }
        // Whatever else the header offers as a key is not looked at; what it declares as needed to be
        // understood is not understood here.
        if head.crit.is_some() {
            return Err(Flaw::Form.into());
        }
        let kid = head.kid.filter(|kid| !kid.is_empty()).ok_or(Flaw::NoKeyName)?;
        let key = self.keys.find(&kid).await.map_err(|error| match error {
            NoKey::Unknown => Refusal::Flawed(Flaw::UnknownKey),
            NoKey::Unavailable => Refusal::NoKeys,
        })?;
        let read = decode::<C>(token, &key, &self.validation);
        Ok(read.map_err(|error| flaw(error.kind()))?.claims)
    }
}

/// The token of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Result<&str, Flaw> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Flaw::Missing)?;
    if values.next().is_some() {
        return Err(Flaw::Form);
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Flaw::Form)?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN_MAX;
    if fits { Ok(token) } else { Err(Flaw::Form) }
}

fn is_token(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Whether the header is an object with an algorithm, whichever.
fn names_an_algorithm(token: &str) -> bool {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    let head = token.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok());
    let head = head.and_then(|head| serde_json::from_slice::<serde_json::Value>(&head).ok());
    head.is_some_and(|head| head.get("alg").is_some_and(serde_json::Value::is_string))
}

fn flaw(error: &ErrorKind) -> Flaw {
    match error {
        ErrorKind::InvalidSignature => Flaw::Signature,
        ErrorKind::ExpiredSignature => Flaw::Expired,
        ErrorKind::ImmatureSignature => Flaw::Early,
        ErrorKind::InvalidIssuer => Flaw::Issuer,
        ErrorKind::InvalidAudience => Flaw::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Flaw::Algorithm,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::Json(_) => Flaw::Claims,
        _ => Flaw::Form,
    }
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
