//! Secrets: made at random, compared in constant time, never printed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Text that must not be shown: its `Debug` form hides it and it has no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// 32 random bytes in URL-safe text of 43 characters.
    ///
    /// # Errors
    /// When the system gives no randomness; nothing can be kept safe then.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text, to be used and not kept.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its fingerprint.
    pub fn digest(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a secret: can be stored, looked up and compared without telling anything about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of what somebody sent.
    pub fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// The fingerprint of a body.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// One fingerprint of several pieces, which tells where one ends and the next begins.
    pub fn of_parts<const N: usize>(parts: [&[u8]; N]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// Whether both are of the same secret, in time that tells nothing.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// For storing.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_ne!(Secret::random().unwrap().reveal(), Secret::random().unwrap().reveal());
        assert_eq!(Secret::random().unwrap().reveal().len(), 43);
    }

    #[test]
    fn fingerprints_survive_storing() {
        let print = Secret::new("a").digest();
        assert_eq!(Fingerprint::from_text(&print.to_text()), Some(print));
        assert!(print.matches(&Fingerprint::of("a")));
        assert!(!print.matches(&Fingerprint::of("b")));
        assert_eq!(Fingerprint::from_text("short"), None);
        let of = Fingerprint::of_parts::<2>;
        assert_eq!(of([b"ab", b"c"]), of([b"ab", b"c"]));
        assert_ne!(of([b"ab", b"c"]), of([b"a", b"bc"]));
    }
}
