//! Heads of requests that two programs could read in two ways, or that claim what nobody vouches for.
//!
//! Measured with hyper 1.12: two different lengths, `Transfer-Encoding` that does not end in `chunked`
//! or comes with HTTP/1.0, a name with a space and more than 100 headers it refuses itself (400, 431).
//! A length beside chunks, two hosts (`gate.rs`), names with an underscore, forwarded headers and up to
//! 100 headers it takes: those are refused here.

use axum::http::{HeaderMap, HeaderName};

use crate::problem::Fault;

/// Most headers of a request; browsers send about twenty.
const MOST: usize = 64;

/// Looks at the headers of a request. `believed`: it comes from a proxy that is listed.
///
/// # Errors
/// 400 with what is wrong.
pub fn check(headers: &HeaderMap, two_lengths: bool, believed: bool) -> Result<(), Fault> {
    if two_lengths {
        return Err(Fault::bad_request(
            "a body has either Content-Length or Transfer-Encoding, not both; one in chunks is sent \
             after the answer before it",
        ));
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
        check(&headers, false, believed).err().map(|fault| fault.message)
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
        assert!(check(&HeaderMap::new(), true, true).is_err());
    }
}
