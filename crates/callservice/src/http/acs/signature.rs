//! Requests signed with the access key: HMAC-SHA256 over verb, raw target, date, host and body hash.
//!
//! The target is taken as it stood on the request line, because clients sign percent-encoding as
//! they send it.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// How far the client's clock may be off. ACS does not publish its window.
pub(super) const SKEW: Duration = Duration::from_mins(15);

/// First word of the Authorization header.
pub(super) const SCHEME: &str = "HMAC-SHA256";

const MS_DATE: HeaderName = HeaderName::from_static("x-ms-date");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-ms-content-sha256");

/// What is wrong with a signature. Every sentence says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("the header {0} stands twice in the request; send it once")]
    Twice(HeaderName),
    #[error(
        "the Authorization header is not of the form \
         \"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=...\""
    )]
    Form,
    #[error("{0:?} are the signed headers; sign x-ms-date (or date), host, x-ms-content-sha256")]
    SignedHeaders(String),
    #[error("neither x-ms-date nor Date is in the request; one of them must be, and be signed")]
    NoDate,
    #[error("the date {0:?} is not of the form \"Sun, 22 Nov 2026 03:08:20 GMT\"")]
    DateSyntax(String),
    #[error("the date is {0} s in the past; at most 900 s are accepted, so set the clock right")]
    Past(u64),
    #[error("the date is {0} s in the future; at most 900 s are accepted, so set the clock right")]
    Future(u64),
    #[error("the header host is missing; it must be in the request, and be signed")]
    NoHost,
    #[error("the header x-ms-content-sha256 is missing; it must be in the request, and be signed")]
    NoHash,
    #[error("x-ms-content-sha256 is not the hash of this body, which is {0}")]
    Hash(String),
    #[error("the signature is not base64 of 32 bytes")]
    SignatureSyntax,
    #[error(
        "the signature does not fit the access key and this text: {0:?}; sign the target as it is \
         sent, percent-encoding kept"
    )]
    Signature(String),
}

/// Checks the signature of a request. `target` is path and query as on the request line.
///
/// # Errors
/// The first [`Flaw`] found.
pub(super) fn check(
    key: &[u8],
    verb: &str,
    target: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<(), Flaw> {
    let authorization = once(headers, &header::AUTHORIZATION)?.ok_or(Flaw::Form)?;
    let (signed, signature) = parts(authorization).ok_or(Flaw::Form)?;
    let names: Vec<String> =
        signed.split(';').map(|name| name.trim().to_ascii_lowercase()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["x-ms-date" | "date", "host", "x-ms-content-sha256"] => {}
        _ => return Err(Flaw::SignedHeaders(signed.chars().take(128).collect())),
    }
    let ms_date = once(headers, &MS_DATE)?;
    let date = ms_date.or(once(headers, &header::DATE)?).ok_or(Flaw::NoDate)?;
    in_time(date, now)?;
    let host = once(headers, &header::HOST)?.ok_or(Flaw::NoHost)?;
    let claimed = once(headers, &CONTENT_HASH)?.ok_or(Flaw::NoHash)?;
    let hash = STANDARD.encode(Sha256::digest(body));
    if claimed != hash {
        return Err(Flaw::Hash(hash));
    }
    let signature = STANDARD
        .decode(signature)
        .ok()
        .filter(|bytes| bytes.len() == 32)
        .ok_or(Flaw::SignatureSyntax)?;
    let text = format!("{verb}\n{target}\n{date};{host};{hash}");
    let fits = Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mut mac| {
        mac.update(text.as_bytes());
        // Compares in a time that does not tell where they differ.
        mac.verify_slice(&signature).is_ok()
    });
    if fits { Ok(()) } else { Err(Flaw::Signature(text.chars().take(1_024).collect())) }
}

/// A header's value; none when it is absent or not text.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Flaw> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Flaw::Twice(name.clone()));
    }
    Ok(first.and_then(|value| value.to_str().ok()))
}

/// The names of the signed headers and the signature.
fn parts(authorization: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (names, signature) = rest.trim().split_once('&')?;
    Some((value("SignedHeaders", names)?, value("Signature", signature)?))
}

fn value<'a>(name: &str, pair: &'a str) -> Option<&'a str> {
    let (found, value) = pair.split_once('=')?;
    found.eq_ignore_ascii_case(name).then_some(value)
}

fn in_time(date: &str, now: SystemTime) -> Result<(), Flaw> {
    let wrong = || Flaw::DateSyntax(date.chars().take(64).collect());
    let stamp = imf_fixdate(date).ok_or_else(wrong)?;
    match now.duration_since(stamp) {
        Ok(age) if age > SKEW => Err(Flaw::Past(age.as_secs())),
        Err(ahead) if ahead.duration() > SKEW => Err(Flaw::Future(ahead.duration().as_secs())),
        _ => Ok(()),
    }
}

/// A date of the one form HTTP writes today; the older forms are not accepted.
pub(super) fn imf_fixdate(text: &str) -> Option<SystemTime> {
    let stamp = httpdate::parse_http_date(text).ok()?;
    (httpdate::fmt_http_date(stamp) == text).then_some(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [b'k'; 32];
    const TARGET: &str = "/calling/callConnections/abc/participants/8%3Aacs%3Ab9614373-fd0b-480c-8fd2-cb58b70eab9f_da7be3a9-8788-42a6-85c6-56b2cf784fce?api-version=2026-03-12";
    const DATE: &str = "Sun, 22 Nov 2026 03:08:20 GMT";
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const SIGNATURE: &str = "5Pg5sdw/80OykDGIpmrh6J/rZeAO8lx3djzpNZ5bLfM=";

    fn now() -> SystemTime {
        imf_fixdate(DATE).unwrap()
    }

    /// The request of the published vector with some headers changed; an empty value removes one.
    fn headers(changes: &[(&'static str, &str)]) -> HeaderMap {
        let signature = format!(
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={SIGNATURE}"
        );
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ms-date", DATE),
            ("host", "127.0.0.1:44861"),
            ("x-ms-content-sha256", EMPTY),
            ("authorization", &signature),
        ]
        .iter()
        .chain(changes)
        {
            if value.is_empty() {
                headers.remove(*name);
            } else {
                headers.insert(*name, value.parse().unwrap());
            }
        }
        headers
    }

    fn of(changes: &[(&'static str, &str)]) -> Result<(), Flaw> {
        check(&KEY, "GET", TARGET, &headers(changes), b"", now())
    }

    #[test]
    fn the_published_vector_is_accepted() {
        assert_eq!(of(&[]), Ok(()));
        assert_eq!(of(&[("x-ms-date", ""), ("date", DATE)]), Ok(()));
        // A gateway may rewrite Date; x-ms-date is what counts then.
        assert_eq!(of(&[("date", "Sun, 22 Nov 2026 03:09:00 GMT")]), Ok(()));
        let old = format!(
            "hmac-sha256 signedheaders=Date;Host;X-Ms-Content-Sha256&signature={SIGNATURE}"
        );
        assert_eq!(of(&[("authorization", &old)]), Ok(()));
    }

    #[test]
    fn the_clock_may_be_a_quarter_of_an_hour_off_and_no_more() {
        for (seconds, early, expected) in [
            (900, false, Ok(())),
            (901, false, Err(Flaw::Past(901))),
            (900, true, Ok(())),
            (901, true, Err(Flaw::Future(901))),
        ] {
            let off = Duration::from_secs(seconds);
            let now = if early { now() - off } else { now() + off };
            assert_eq!(check(&KEY, "GET", TARGET, &headers(&[]), b"", now), expected, "{seconds}");
        }
    }

    #[test]
    fn every_way_to_be_wrong_has_its_own_words() {
        let auth = |rest: &str| format!("HMAC-SHA256 {rest}");
        let signed = "SignedHeaders=x-ms-date;host;x-ms-content-sha256";
        let mut seen = std::collections::BTreeSet::new();
        for (changes, words) in [
            (vec![("authorization", String::new())], "not of the form"),
            (vec![("x-ms-date", String::new())], "neither x-ms-date nor Date"),
            (vec![("x-ms-date", "2026-11-22T03:08:20Z".to_owned())], "the date \"2026-11-22"),
            (vec![("x-ms-date", "Sat, 22 Nov 2025 03:08:20 GMT".to_owned())], "in the past"),
            (vec![("x-ms-date", "Mon, 22 Nov 2027 03:08:20 GMT".to_owned())], "in the future"),
            (vec![("host", String::new())], "the header host is missing"),
            (vec![("x-ms-content-sha256", String::new())], "x-ms-content-sha256 is missing"),
            (vec![("x-ms-content-sha256", SIGNATURE.to_owned())], "is not the hash of this body"),
            (vec![("authorization", auth("Signature=x"))], "not of the form"),
            (
                vec![("authorization", auth(&format!("SignedHeaders=host&Signature={SIGNATURE}")))],
                "are the signed headers",
            ),
            (vec![("authorization", auth(&format!("{signed}&Signature=short")))], "not base64"),
            (vec![("authorization", auth(&format!("{signed}&Signature={EMPTY}")))], "does not fit"),
            (vec![("host", "127.0.0.1:1".to_owned())], "does not fit"),
            (vec![("x-ms-date", "Sun, 22 Nov 2026 03:08:21 GMT".to_owned())], "does not fit"),
        ] {
            let changes: Vec<_> =
                changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let flaw = of(&changes).unwrap_err().to_string();
            assert!(flaw.contains(words), "{changes:?}: {flaw}");
            seen.insert(words);
        }
        assert_eq!(seen.len(), 11);
        let mut twice = headers(&[]);
        twice.append("x-ms-date", DATE.parse().unwrap());
        let flaw = check(&KEY, "GET", TARGET, &twice, b"", now()).unwrap_err();
        assert_eq!(flaw, Flaw::Twice(MS_DATE));
    }

    #[test]
    fn verb_target_key_and_body_are_signed() {
        let differs = |key: &[u8], verb, target: &str, body: &[u8]| {
            check(key, verb, target, &headers(&[]), body, now()).unwrap_err()
        };
        assert!(matches!(differs(&[b'x'; 32], "GET", TARGET, b""), Flaw::Signature(_)));
        assert!(matches!(differs(&KEY, "DELETE", TARGET, b""), Flaw::Signature(_)));
        assert!(matches!(
            differs(&KEY, "GET", &TARGET.replace("%3A", ":"), b""),
            Flaw::Signature(_)
        ));
        assert!(matches!(differs(&KEY, "GET", TARGET, b"{}"), Flaw::Hash(_)));
    }

    #[test]
    fn one_form_of_dates() {
        assert!(imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT").is_some());
        for text in [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "",
        ] {
            assert_eq!(imf_fixdate(text), None, "{text}");
        }
    }
}
