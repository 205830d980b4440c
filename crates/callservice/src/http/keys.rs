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

use super::shared::lock;
use crate::engine::Face;
use pair::KeyError;
use pair::Pair;
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
            return token::write(&pair, &token::claims(face, to, now_s, flaw)).map(Some);
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
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;

    fn part(text: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    }

    /// The claims, when a published key signed them.
    async fn believed(keys: &Keys, face: Face, token: &str) -> Option<Value> {
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("{token}")
        };
        assert_eq!((&part(header)["alg"], &part(header)["typ"]), (&json!("RS256"), &json!("JWT")));
        let set = keys.key_set(face).await.unwrap();
        let key = set["keys"].as_array().unwrap().iter().find(|k| k["kid"] == part(header)["kid"]);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key?[name].as_str()?).ok();
        let key = RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? };
        let signed = &token.as_bytes()[..header.len() + 1 + claims.len()];
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, &signature).ok().map(|()| part(claims))
    }

    fn recipient() -> Recipient {
        Recipient { audience: "client".to_owned(), tenant: "tenant".to_owned() }
    }

    #[tokio::test]
    async fn each_family_signs_with_its_own_key() {
        let keys = Keys::start().unwrap();
        let graph = keys.token(Face::Graph, &recipient(), None).await.unwrap().unwrap();
        let claims = believed(&keys, Face::Graph, &graph).await.unwrap();
        assert_eq!(claims["iss"], "https://api.botframework.com");
        assert_eq!((&claims["aud"], &claims["tid"]), (&json!("client"), &json!("tenant")));
        let span =
            |claims: &Value| claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap();
        assert_eq!((span(&claims), &claims["iat"]), (3_900, &claims["nbf"]));
        assert!(token::now_s() - claims["iat"].as_u64().unwrap() <= REUSED_S);
        assert_eq!(believed(&keys, Face::Acs, &graph).await, None);
        let acs = keys.token(Face::Acs, &recipient(), None).await.unwrap().unwrap();
        let claims = believed(&keys, Face::Acs, &acs).await.unwrap();
        assert_eq!(claims["iss"], "https://acscallautomation.communication.azure.com");
        assert_eq!((span(&claims), claims.get("tid")), (300, None));
        assert_eq!(believed(&keys, Face::Graph, &acs).await, None);
    }

    #[tokio::test]
    async fn a_rotation_keeps_the_key_before_published_once() {
        let keys = Keys::start().unwrap();
        let token = async || keys.token(Face::Graph, &recipient(), None).await.unwrap().unwrap();
        let first = token().await;
        assert_eq!(token().await, first);
        let kid = keys.rotate(Face::Graph).await.unwrap();
        let second = token().await;
        assert_eq!(part(second.split('.').next().unwrap())["kid"], kid.as_str());
        for token in [&first, &second] {
            assert!(believed(&keys, Face::Graph, token).await.is_some());
        }
        keys.rotate(Face::Graph).await.unwrap();
        assert_eq!(believed(&keys, Face::Graph, &first).await, None);
        assert!(believed(&keys, Face::Graph, &second).await.is_some());
        // The other family and other services keep theirs.
        assert_eq!(keys.key_set(Face::Acs).await.unwrap()["keys"].as_array().unwrap().len(), 1);
        let other = Keys::start().unwrap();
        assert!(believed(&other, Face::Graph, &first).await.is_some());
    }

    #[tokio::test]
    async fn flawed_tokens_have_one_flaw() {
        let keys = Keys::start().unwrap();
        let to = recipient();
        for (face, other) in [(Face::Graph, Face::Acs), (Face::Acs, Face::Graph)] {
            let token = async |flaw| keys.token(face, &to, Some(flaw)).await.unwrap();
            assert_eq!(token(Flaw::Missing).await, None);
            let foreign = token(Flaw::ForeignKey).await.unwrap();
            for face in [face, other] {
                assert_eq!(believed(&keys, face, &foreign).await, None);
            }
            let swapped = token(Flaw::OtherFamily).await.unwrap();
            assert_eq!(believed(&keys, face, &swapped).await, None);
            let claims = believed(&keys, other, &swapped).await.unwrap();
            assert_eq!(
                (&claims["iss"], &claims["aud"]),
                (&json!(token::issuer(other)), &json!("client"))
            );
            let expired = token(Flaw::Expired).await.unwrap();
            let claims = believed(&keys, face, &expired).await.unwrap();
            assert!(claims["exp"].as_u64().unwrap() + 3_600 < token::now_s());
            let stranger = token(Flaw::WrongAudience).await.unwrap();
            let claims = believed(&keys, face, &stranger).await.unwrap();
            assert_ne!(claims["aud"], "client");
            assert!(claims["exp"].as_u64().unwrap() > token::now_s());
        }
    }

    #[test]
    fn the_configurations_name_their_keys() {
        for (face, keys) in [(Face::Graph, "/v1/keys"), (Face::Acs, "/calling/keys")] {
            let configuration = openid_configuration(face, "http://127.0.0.1:9");
            assert_eq!(configuration["jwks_uri"], format!("http://127.0.0.1:9{keys}"));
            assert_eq!(configuration["issuer"], token::issuer(face));
        }
    }
}
