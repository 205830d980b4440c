//! Requests signed with an access key: HMAC-SHA256 over verb, target, date, host and hash of the body.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, Url};
use sha2::{Digest as _, Sha256};

/// An access key of a resource. It is never printed.
#[derive(Clone)]
pub struct AccessKey(Vec<u8>);

/// The headers of one signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `x-ms-date`.
    pub date: String,
    /// `x-ms-content-sha256`.
    pub hash: String,
    /// `authorization`.
    pub authorization: String,
}

impl AccessKey {
    /// Reads a key as the portal shows it: base64 of at least 16 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok().filter(|bytes| bytes.len() >= 16).map(Self)
    }

    /// Signs a request as it will be sent: percent-encoding is part of what is signed.
    pub fn sign(&self, method: &Method, url: &Url, body: &[u8], now: SystemTime) -> Signed {
        let date = httpdate::fmt_http_date(now);
        let hash = STANDARD.encode(Sha256::digest(body));
        let host = url.host_str().unwrap_or_default();
        // The port stands in the header only when the scheme does not imply it.
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let text = format!("{method}\n{}{query}\n{date};{host};{hash}", url.path());
        // Keys of any length are taken.
        let signature = Hmac::<Sha256>::new_from_slice(&self.0).map(|mut mac| {
            mac.update(text.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        });
        let authorization = format!(
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={}",
            signature.unwrap_or_default()
        );
        Signed { date, hash, authorization }
    }
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_as_other_clients_sign_it() {
        let key = AccessKey::parse(&STANDARD.encode([b'k'; 32])).unwrap();
        let url = "http://127.0.0.1:44861/calling/callConnections/abc/participants/8%3Aacs%3Ab9614373-fd0b-480c-8fd2-cb58b70eab9f_da7be3a9-8788-42a6-85c6-56b2cf784fce?api-version=2026-03-12";
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 03:08:20 GMT").unwrap();
        let signed = key.sign(&Method::GET, &url.parse().unwrap(), b"", now);
        assert_eq!(signed.date, "Sun, 22 Nov 2026 03:08:20 GMT");
        assert_eq!(signed.hash, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(
            signed.authorization,
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=5Pg5sdw/80OykDGIpmrh6J/rZeAO8lx3djzpNZ5bLfM="
        );
        for (method, url, body) in [
            (Method::POST, url.to_owned(), ""),
            (Method::GET, url.replace("%3A", ":"), ""),
            (Method::GET, url.replace("44861", "44862"), ""),
            (Method::GET, url.to_owned(), "{}"),
        ] {
            let other = key.sign(&method, &url.parse().unwrap(), body.as_bytes(), now);
            assert_ne!(other.authorization, signed.authorization, "{method} {url} {body}");
        }
    }

    #[test]
    fn a_key_is_base64_and_never_printed() {
        let text = STANDARD.encode([b'k'; 32]);
        let key = AccessKey::parse(&format!("{text}\n")).unwrap();
        assert_eq!(format!("{key:?}"), "AccessKey(…)");
        for wrong in ["", "short", "not base64!", "a2tr"] {
            assert!(AccessKey::parse(wrong).is_none(), "{wrong}");
        }
    }
}
