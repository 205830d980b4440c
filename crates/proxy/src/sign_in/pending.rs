//! A sign-in that has begun: all that is kept of it is in the browser's cookie, sealed.
//!
//! State, nonce and PKCE verifier are made from the id in it and a key of this process, so whoever asks
//! for a thousand sign-ins takes no memory here. A restart makes sign-ins that are under way begin anew.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::ReturnTo;
use crate::{
    secret::{Fingerprint, Secret},
    webhook::token::now_s,
};

/// What a browser takes along.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    id: String,
    /// Seconds since 1970.
    until: u64,
    pub(super) to: ReturnTo,
    pub(super) replaces: Option<Fingerprint>,
}

/// What ties the issuer's answer to the browser that asked.
pub(super) struct Proof {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Proof {
    /// What the issuer learns of the verifier at first.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

impl Pending {
    /// A new one for so many seconds.
    pub(super) fn new(
        seconds: u64,
        to: ReturnTo,
        replaces: Option<Fingerprint>,
    ) -> Result<Self, getrandom::Error> {
        let id = Secret::random()?.reveal().to_owned();
        Ok(Self { id, until: now_s().saturating_add(seconds), to, replaces })
    }
}

/// The key of this process, and what was used up with it.
pub(super) struct Seal {
    key: [u8; 32],
    /// Ids of finished sign-ins until each runs out. Only the issuer's word puts one in.
    used: Mutex<HashMap<String, u64>>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key, used: Mutex::default() })
    }

    /// State, nonce and verifier: 43 characters each, which is what PKCE asks for at least.
    pub(super) fn proof(&self, pending: &Pending) -> Proof {
        let make = |what| self.mac(what, &pending.id);
        Proof { state: make("state"), nonce: make("nonce"), verifier: make("verifier") }
    }

    /// The value of the cookie.
    pub(super) fn close(&self, pending: &Pending) -> String {
        let replaces = pending.replaces.map(Fingerprint::to_text).unwrap_or_default();
        let to = URL_SAFE_NO_PAD.encode(pending.to.text());
        let text = format!("{}.{}.{replaces}.{to}", pending.id, pending.until);
        let mac = self.mac("cookie", &text);
        format!("{text}.{mac}")
    }

    /// Reads a cookie that was sealed here, is still good and was not used up.
    pub(super) fn open(&self, value: &str) -> Option<Pending> {
        let (text, mac) = value.rsplit_once('.')?;
        // Fingerprints are compared in time that tells nothing.
        if !Fingerprint::of(&self.mac("cookie", text)).matches(&Fingerprint::of(mac)) {
            return None;
        }
        let mut parts = text.split('.');
        let (id, until) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let (replaces, to) = (parts.next()?, parts.next()?);
        let to = String::from_utf8(URL_SAFE_NO_PAD.decode(to).ok()?).ok()?;
        let pending = Pending {
            id,
            until,
            to: ReturnTo::parse(&to),
            replaces: Fingerprint::from_text(replaces),
        };
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        (now_s() < until && !used.contains_key(&pending.id)).then_some(pending)
    }

    /// Notes that it is done with; false when it was before.
    pub(super) fn use_up(&self, pending: &Pending) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now_s();
        used.retain(|_, until| *until > now);
        used.insert(pending.id.clone(), pending.until).is_none()
    }

    fn mac(&self, what: &str, text: &str) -> String {
        // Keys of any length are taken.
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).map(|mut mac| {
            mac.update(what.as_bytes());
            mac.update(b":");
            mac.update(text.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        });
        mac.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_sign_in_is_read_once_in_time_and_unchanged() {
        let seal = Seal::new().unwrap();
        let replaces = Some(Fingerprint::of("before"));
        let to = ReturnTo::parse("#/desk?call=graph.ab-1");
        let pending = Pending::new(600, to.clone(), replaces).unwrap();
        let cookie = seal.close(&pending);
        let read = seal.open(&cookie).unwrap();
        assert_eq!((&read.id, &read.to, read.replaces), (&pending.id, &to, replaces));
        let (one, two) = (seal.proof(&pending), seal.proof(&read));
        assert_eq!(
            (&one.state, &one.nonce, &one.verifier),
            (&two.state, &two.nonce, &two.verifier)
        );
        assert!(one.state != one.nonce && one.nonce != one.verifier && one.verifier.len() == 43);
        for at in 0..cookie.len() {
            let mut bytes = cookie.clone().into_bytes();
            bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(seal.open(&changed).is_none() || changed == cookie, "{at}");
        }
        assert!(Seal::new().unwrap().open(&cookie).is_none(), "another process");
        let late = Pending::new(0, to, None).unwrap();
        assert!(seal.open(&seal.close(&late)).is_none());
        assert!(seal.use_up(&read) && !seal.use_up(&read));
        assert!(seal.open(&cookie).is_none());
        assert!(["", ".", "....", "x"].iter().all(|it| seal.open(it).is_none()));
    }
}
