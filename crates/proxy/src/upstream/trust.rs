//! Certificate authorities that are trusted beside the system's.

use std::time::Duration;

use reqwest::Certificate;

use super::{cause, client};

/// See the module. None beside the system's by default.
#[derive(Debug, Clone, Default)]
pub struct Trust(Vec<Certificate>);

impl Trust {
    /// Reads certificates in PEM.
    ///
    /// # Errors
    /// In words: there is none, or one cannot be used.
    pub fn read(pem: &[u8]) -> Result<Self, String> {
        let unusable = |error: reqwest::Error| {
            format!("holds a certificate that cannot be used: {}", cause(&error))
        };
        let trust = Self(Certificate::from_pem_bundle(pem).map_err(unusable)?);
        if trust.0.is_empty() {
            return Err("holds no certificate; write those of authorities there, in PEM \
                        (-----BEGIN CERTIFICATE-----)"
                .to_owned());
        }
        // A certificate is looked into only when a client is made of it.
        client("https://localhost", Duration::from_secs(1), &trust).map_err(unusable)?;
        Ok(trust)
    }

    /// The authorities.
    pub(super) fn authorities(&self) -> impl Iterator<Item = Certificate> {
        self.0.iter().cloned()
    }
}
