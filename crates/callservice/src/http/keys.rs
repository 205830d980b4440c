//! The keys that sign notifications, published as receivers look them up.
//!
//! Two families, as the real services have: Graph (`/v1/.well-known/OpenIdConfiguration`, `/v1/keys`)
//! and ACS (`/calling/.well-known/acsopenidconfiguration`, `/calling/keys`). The first key of each is
//! made once for the whole process, on a thread of its own, so that no start waits for it; only what
//! has to be signed does. After a rotation the new key signs and the one before stays published until
//! the next.

mod pair;
mod serve;
mod token;

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock},
};

use serde_json::{Value, json};

use super::shared::{lock, secret};
use crate::engine::Face;
pub use pair::{KeyError, Pair};
pub(super) use serve::{answer, published, rotate};
pub(super) use token::{Flaw, Recipient};

/// A Graph token is used for many notifications, but not longer than this, in seconds. Every event
/// of ACS gets a token of its own.
const REUSED_S: u64 = 300;

type First = OnceLock<Result<Arc<Pair>, KeyError>>;

static FIRST_GRAPH: First = First::new();
static FIRST_ACS: First = First::new();
/// Signs what no receiver should believe; published nowhere.
static FOREIGN: First = First::new();

fn first(slot: &'static First) -> Result<Arc<Pair>, KeyError> {
    slot.get_or_init(|| Pair::make().map(Arc::new)).clone()
}

/// The key in the slot; its computing holds up no task.
async fn made(slot: &'static First) -> Result<Arc<Pair>, KeyError> {
    match slot.get() {
        Some(made) => made.clone(),
        None => tokio::task::spawn_blocking(|| first(slot)).await.map_err(|_| KeyError::Unfit)?,
    }
}

fn slot(face: Face) -> &'static First {
    match face {
        Face::Graph => &FIRST_GRAPH,
        Face::Acs => &FIRST_ACS,
    }
}

/// The keys of one service.
#[derive(Default)]
pub(super) struct Keys {
    graph: Mutex<Rotated>,
    acs: Mutex<Rotated>,
    reused: Mutex<Option<Reused>>,
}

/// Keys after the first; empty until a rotation.
#[derive(Default, Clone)]
struct Rotated {
    signing: Option<Arc<Pair>>,
    /// The one before, unless that was the first.
    before: Option<Arc<Pair>>,
}

/// The Graph token in use.
struct Reused {
    kid: String,
    audience: String,
    issued_s: u64,
    token: String,
}

impl Keys {
    /// Has the first keys made; returns at once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start() -> std::io::Result<Self> {
        if FIRST_GRAPH.get().is_none() || FIRST_ACS.get().is_none() {
            let make = || {
                for face in [Face::Graph, Face::Acs] {
                    if let Err(error) = first(slot(face)) {
                        tracing::error!(?face, %error, "notifications cannot be signed");
                    }
                }
            };
            std::thread::Builder::new().name("signing-keys".to_owned()).spawn(make)?;
        }
        Ok(Self::default())
    }

    fn rotated(&self, face: Face) -> &Mutex<Rotated> {
        match face {
            Face::Graph => &self.graph,
            Face::Acs => &self.acs,
        }
    }

    /// The key that signs now, then the one before.
    async fn signing(&self, face: Face) -> Result<(Arc<Pair>, Option<Arc<Pair>>), KeyError> {
        let first = made(slot(face)).await?;
        let Rotated { signing, before } = lock(self.rotated(face)).clone();
        Ok(match signing {
            Some(signing) => (signing, Some(before.unwrap_or(first))),
            None => (first, None),
        })
    }

    /// A new key signs from now on; its name is returned.
    pub(super) async fn rotate(&self, face: Face) -> Result<String, KeyError> {
        let make = || Pair::make().map(Arc::new);
        let new = tokio::task::spawn_blocking(make).await.map_err(|_| KeyError::Unfit)??;
        let kid = new.kid.clone();
        let mut rotated = lock(self.rotated(face));
        rotated.before = rotated.signing.replace(new);
        Ok(kid)
    }

    /// A token for a notification; none when it has to be missing.
    pub(super) async fn token(
        &self,
        face: Face,
        to: &Recipient,
        flaw: Option<Flaw>,
    ) -> Result<Option<String>, KeyError> {
        let now_s = token::now_s();
        let (face, pair) = match flaw {
            Some(Flaw::Missing) => return Ok(None),
            Some(Flaw::ForeignKey) => (face, made(&FOREIGN).await?),
            Some(Flaw::OtherFamily) => {
                let other = match face {
                    Face::Graph => Face::Acs,
                    Face::Acs => Face::Graph,
                };
                (other, self.signing(other).await?.0)
            }
            _ => (face, self.signing(face).await?.0),
        };
        if face == Face::Acs || flaw.is_some() {
            let mut claims = token::claims(face, to, now_s, flaw);
            // Two events of one second have two tokens.
            let id = secret().map_err(|_| KeyError::Randomness)?;
            if let Some(claims) = claims.as_object_mut() {
                claims.insert("jti".to_owned(), Value::from(id));
            }
            return token::write(&pair, &claims).map(Some);
        }
        let mut reused = lock(&self.reused);
        if let Some(last) = reused.as_ref()
            && (last.kid.as_str(), last.audience.as_str()) == (&pair.kid, &to.audience)
            && (last.issued_s..last.issued_s + REUSED_S).contains(&now_s)
        {
            return Ok(Some(last.token.clone()));
        }
        let token = token::write(&pair, &token::claims(face, to, now_s, None))?;
        *reused = Some(Reused {
            kid: pair.kid.clone(),
            audience: to.audience.clone(),
            issued_s: now_s,
            token: token.clone(),
        });
        Ok(Some(token))
    }

    /// The key set of a family.
    pub(super) async fn key_set(&self, face: Face) -> Result<Value, KeyError> {
        let (signing, before) = self.signing(face).await?;
        let keys: Vec<Value> =
            [Some(signing), before].iter().flatten().map(|pair| jwk(face, pair)).collect();
        Ok(json!({"keys": keys}))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

fn jwk(face: Face, pair: &Pair) -> Value {
    let (n, e) = pair.public();
    let mut key = json!({"kty": "RSA", "use": "sig", "kid": pair.kid, "n": n, "e": e});
    if let Some(members) = key.as_object_mut() {
        match face {
            // Which channels the real keys vouch for.
            Face::Graph => members.insert("endorsements".to_owned(), json!(["msteams", "skype"])),
            Face::Acs => members.insert("alg".to_owned(), json!("RS256")),
        };
    }
    key
}

/// The OpenID configuration of a family served at `base_url`. Graph's names its algorithm oddly, as
/// the real one does; receivers must not believe it.
pub(super) fn openid_configuration(face: Face, base_url: &str) -> Value {
    let issuer = token::issuer(face);
    match face {
        Face::Graph => json!({
            "issuer": issuer,
            "authorization_endpoint": "https://invalid.botframework.com/",
            "jwks_uri": format!("{base_url}/v1/keys"),
            "id_token_signing_alg_values_supported": ["RSA256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }),
        Face::Acs => json!({
            "issuer": issuer,
            "jwks_uri": format!("{base_url}/calling/keys"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["pairwise"],
        }),
    }
}

#[cfg(test)]
mod tests;
