//! One RSA key pair, made here and never stored.
//!
//! The primes come from `crypto-primes`, the key is assembled and signs in `ring`, which the TLS
//! client brings along anyway: five small crates, where a whole RSA library would come with an
//! advisory about its private-key operations.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use crypto_bigint::{NonZero, Odd, U1024, U2048, Uint};
use crypto_primes::{
    Flavor,
    hazmat::{SetBits, SmallFactorsSieveFactory},
    is_prime, sieve_and_find,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use ring::{
    digest,
    rand::SystemRandom,
    rsa::{KeyPair, KeyPairComponents, PublicKeyComponents},
    signature::RSA_PKCS1_SHA256,
};

/// Bits of each prime; the modulus has twice as many.
const PRIME_BITS: u32 = 1_024;

/// The public exponent, 65,537.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Why there is no key or no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no randomness.
    #[error("the system gives no randomness for a key")]
    Randomness,
    /// The numbers found make no key.
    #[error("no key could be made")]
    Unfit,
    /// The key refused to sign.
    #[error("the key does not sign")]
    Signing,
}

/// An RSA key that signs, with the name receivers find its public half under.
pub struct Pair {
    pub(super) kid: String,
    key: KeyPair,
    modulus: Vec<u8>,
}

impl Pair {
    /// Makes a key of 2,048 bits. Takes some tenths of a second of computing.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn make() -> Result<Self, KeyError> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError::Randomness)?;
        let mut rng = ChaCha20Rng::from_seed(seed);
        // Two primes can be equal or share a factor with the exponent, once in a very long while.
        (0..4).find_map(|_| assemble(&mut rng)).ok_or(KeyError::Unfit)
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// PKCS #1 v1.5 with SHA-256, which JWT calls RS256.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Signing)?;
        Ok(signature)
    }

    /// Modulus and exponent as a JWK writes them.
    pub fn public(&self) -> (String, String) {
        (URL_SAFE_NO_PAD.encode(&self.modulus), URL_SAFE_NO_PAD.encode(EXPONENT))
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest is secret.
        f.debug_struct("Pair").field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn assemble(rng: &mut ChaCha20Rng) -> Option<Pair> {
    let (one, other) = (prime(rng)?, prime(rng)?);
    let (p, q) = (one.max(other), one.min(other));
    let n: U2048 = p.concatenating_mul(&q);
    let (p_less, q_less) =
        (non_zero(p.wrapping_sub(&Uint::ONE))?, non_zero(q.wrapping_sub(&Uint::ONE))?);
    let phi: U2048 = p_less.get().concatenating_mul(&q_less.get());
    let d: Option<U2048> = U2048::from_u64(65_537).invert_mod(&non_zero(phi)?).into();
    let d = d?;
    let odd: Option<Odd<U1024>> = Odd::new(p).into();
    let q_inverse: Option<U1024> = q.invert_odd_mod(&odd?).into();
    let modulus = bytes(n.to_be_bytes().as_ref());
    let small = |number: U1024| bytes(number.to_be_bytes().as_ref());
    let key = KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: modulus.as_slice(), e: EXPONENT.as_slice() },
        d: bytes(d.to_be_bytes().as_ref()).as_slice(),
        p: small(p).as_slice(),
        q: small(q).as_slice(),
        dP: small(d.rem(&p_less)).as_slice(),
        dQ: small(d.rem(&q_less)).as_slice(),
        qInv: small(q_inverse?).as_slice(),
    })
    .ok()?;
    let digest = digest::digest(&digest::SHA256, &modulus);
    let kid = URL_SAFE_NO_PAD.encode(digest.as_ref().iter().take(20).copied().collect::<Vec<u8>>());
    Some(Pair { kid, key, modulus })
}

fn prime(rng: &mut ChaCha20Rng) -> Option<U1024> {
    // With the two highest bits set, the product has exactly twice as many bits.
    let sieve = SmallFactorsSieveFactory::new(Flavor::Any, PRIME_BITS, SetBits::TwoMsb).ok()?;
    sieve_and_find(rng, sieve, |_, candidate| is_prime(Flavor::Any, candidate)).ok()?
}

fn non_zero<const LIMBS: usize>(number: Uint<LIMBS>) -> Option<NonZero<Uint<LIMBS>>> {
    NonZero::new(number).into()
}

/// Without the zeros before the number.
fn bytes(padded: &[u8]) -> Vec<u8> {
    padded.iter().copied().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;

    #[test]
    fn a_signature_fits_its_message_and_key_only() {
        let (pair, other) = (Pair::make().unwrap(), Pair::make().unwrap());
        let signature = pair.sign(b"message").unwrap();
        let verify = |by: &Pair, message: &[u8]| {
            let (n, e) = by.public();
            let [n, e] = [n, e].map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
            assert_eq!((n.len(), e.as_slice()), (256, [1, 0, 1].as_slice()));
            RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, &signature)
                .is_ok()
        };
        assert!(verify(&pair, b"message"));
        assert!(!verify(&pair, b"massage"));
        assert!(!verify(&other, b"message"));
        assert_ne!(pair.kid, other.kid);
        assert_eq!(pair.kid.len(), 27);
    }
}
