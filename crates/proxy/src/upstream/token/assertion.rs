//! A certificate of an app, and the short letters its key signs.

mod validity;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PSS_SHA256};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// How long an assertion may be shown.
const LIFE: Duration = Duration::from_mins(10);

/// Clocks are not quite the same.
const SKEW: Duration = Duration::from_mins(1);

/// A certificate and its key. Neither is printed.
pub struct Certificate {
    key: KeyPair,
    /// SHA-256 of the certificate, by which the directory finds it.
    print: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate(…)")
    }
}

impl Certificate {
    /// Reads a certificate and the key that belongs to it, both as PEM; they may stand in one text.
    ///
    /// # Errors
    /// What is wrong with them, and what is expected. Nothing of them is repeated.
    pub fn read(certificate: &[u8], key: &[u8], now: SystemTime) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(certificate).map_err(|_| {
            "holds no certificate; it is PEM with a block BEGIN CERTIFICATE".to_owned()
        })?;
        let key = match PrivateKeyDer::from_pem_slice(key) {
            Ok(PrivateKeyDer::Pkcs8(der)) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(der)) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => {
                return Err("holds no key; it is PEM with a block BEGIN PRIVATE KEY, without a \
                            passphrase"
                    .to_owned());
            }
        };
        let key = key.map_err(|_| {
            "holds no key that can sign; it is an RSA key of 2048 to 4096 bits".to_owned()
        })?;
        // A certificate holds its public key as the key itself writes it.
        let public = key.public().as_ref();
        let belongs = certificate.windows(public.len()).any(|part| part == public);
        if !belongs {
            return Err("holds the key of another certificate".to_owned());
        }
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if validity::end(&certificate).is_some_and(|end| end <= now) {
            return Err("holds a certificate; it is over: make a new one and upload it".to_owned());
        }
        Ok(Self { key, print: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)) })
    }

    /// A letter that says to `audience` who shows it, signed with PS256.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: SystemTime,
    ) -> Result<Secret, String> {
        let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.print});
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::new_v4(),
            "iat": seconds(now),
            "nbf": seconds(now.checked_sub(SKEW).unwrap_or(now)),
            "exp": seconds(now + LIFE),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| "the assertion cannot be signed: there is no randomness".to_owned())?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}
