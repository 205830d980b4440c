//! RS256 for the JWT library by the cryptography that TLS brings along. Nothing else is provided, so
//! that no other algorithm can be talked into.

use std::sync::LazyLock;

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Verifier},
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::known::Known;

/// For all families, since who issued a token to whom is no part of it.
static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    // Keys are made of their numbers here; nothing asks for these.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Chooses this provider for the process. The choice stands once it is made.
pub fn install() {
    let _chosen_before = PROVIDER.install_default();
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.kind()) {
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            Ok(Box::new(Rs256 { n: n.clone(), e: e.clone() }))
        }
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

struct Rs256 {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let (n, e) = (self.n.as_slice(), self.e.as_slice());
        let verify = || {
            let key = RsaPublicKeyComponents { n, e };
            key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
        };
        let good = KNOWN.signed([n, e], message, signature, verify);
        good.then_some(()).ok_or_else(signature::Error::new)
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
