//! Heads of requests that two programs could read in two ways, or that claim what nobody vouches for.
//!
//! Measured with hyper 1.12: two different lengths, `Transfer-Encoding` that does not end in `chunked`
//! or comes with HTTP/1.0, a name with a space and more than 100 headers it refuses itself (400, 431).
//! A length beside chunks, other encodings before `chunked`, two hosts (`gate.rs`), a whole address of
//! another host, names with an underscore, forwarded headers and up to 100 headers it takes: those are
//! refused here.

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::problem::Fault;

/// Most headers of a request; browsers send about twenty.
const MOST: usize = 64;

/// Looks at the head of a request. `believed`: it comes from a proxy that is listed.
///
/// # Errors
/// 400 with what is wrong.
pub fn check(
    uri: &Uri,
    headers: &HeaderMap,
    two_lengths: bool,
    believed: bool,
) -> Result<(), Fault> {
    if two_lengths {
        return Err(Fault::bad_request(
            "a body has either Content-Length or Transfer-Encoding, not both; one in chunks is sent \
             after the answer before it",
        ));
    }
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let chunked = encodings.next().is_none_or(|it| it.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if !chunked || encodings.next().is_some() {
        return Err(Fault::bad_request(
            "Transfer-Encoding is `chunked`, once; no other encoding of a body is read",
        ));
    }
    if let Some(named) = uri.authority() {
        let named = named.as_str().as_bytes();
        let mut hosts = headers.get_all(header::HOST).iter();
        if !hosts.all(|host| host.as_bytes().eq_ignore_ascii_case(named)) {
            return Err(Fault::bad_request(
                "the address of the request names another host than Host; they are the same",
            ));
        }
    }
    if headers.len() > MOST {
        return Err(Fault::bad_request(format!(
            "the request has {} headers; {MOST} are taken",
            headers.len()
        )));
    }
    for name in headers.keys() {
        // Programs that keep headers as variables take `a_b` for `a-b`.
        if name.as_str().contains('_') {
            return Err(Fault::bad_request(format!(
                "the header {name:?} has an underscore in its name; none that Foldback reads has one"
            )));
        }
        if !believed && is_forwarded(name) {
            return Err(Fault::bad_request(format!(
                "the header {name:?} comes from an address that `trusted_proxies` in [limits] does not \
                 list; list the proxy, or have it take the header out"
            )));
        }
    }
    Ok(())
}

/// Whether a header says on whose behalf a request is sent.
fn is_forwarded(name: &HeaderName) -> bool {
    let name = name.as_str();
    name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str], believed: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), "x".parse().unwrap());
        }
        check(&Uri::default(), &headers, false, believed).err().map(|fault| fault.message)
    }

    #[test]
    fn what_can_be_misread_is_refused() {
        assert_eq!(found(&["host", "x-forward", "cookie", "cookie"], false), None);
        for name in [
            "Forwarded",
            "X-Forwarded-For",
            "x-forwarded-host",
            "X-Real-IP",
            "x-forwarded_for",
            "a_b",
        ] {
            assert!(found(&[name], false).is_some_and(|it| it.contains(&name.to_lowercase())));
        }
        assert_eq!(found(&["forwarded", "x-forwarded-for", "x-real-ip"], true), None);
        assert!(found(&["x_forwarded_for"], true).is_some());
        assert_eq!(found(&["accept"; MOST], false), None);
        assert!(found(&["accept"; MOST + 1], false).is_some_and(|it| it.contains("65 headers")));
        assert!(check(&Uri::default(), &HeaderMap::new(), true, true).is_err());
    }

    #[test]
    fn a_body_has_one_encoding_and_a_request_one_host() {
        let found = |uri: &str, pairs: &[(HeaderName, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, value.parse().unwrap());
            }
            check(&uri.parse().unwrap(), &headers, false, false).is_ok()
        };
        let encoding = |value| (header::TRANSFER_ENCODING, value);
        assert!(found("/", &[encoding("Chunked")]));
        for wrong in ["gzip", "gzip, chunked", "chunked, chunked", "chunked;a=b", ""] {
            assert!(!found("/", &[encoding(wrong)]), "{wrong:?}");
        }
        assert!(!found("/", &[encoding("chunked"), encoding("chunked")]));
        let host = |value| (header::HOST, value);
        assert!(found("http://a.example:80/x", &[host("A.example:80")]));
        assert!(found("/x", &[host("a.example")]));
        for wrong in ["http://b.example/x", "http://a.example:81/x", "http://u@a.example:80/x"] {
            assert!(!found(wrong, &[host("a.example:80")]), "{wrong}");
        }
    }
}
