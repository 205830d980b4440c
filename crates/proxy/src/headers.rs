//! Headers that every answer carries, and the page's content security policy.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Room for these and for what else an answer usually carries, so that no answer makes room twice.
pub const ROOM: usize = 12;

/// Sets the headers every answer carries. `policy` is the content security policy of the page.
pub fn secure(headers: &mut HeaderMap, policy: &HeaderValue) {
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The policy for a page: our own files, WebAssembly, and the inline scripts the page itself has,
/// named by their hashes.
pub fn policy(page: &str) -> String {
    let hashes: Vec<_> =
        inline_scripts(page).map(|script| format!(" 'sha256-{}'", hash(script))).collect();
    let hashes = hashes.concat();
    format!(
        "default-src 'none'; script-src 'self'{hashes} 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

fn hash(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script.as_bytes()))
}

/// The text of every script element that has some.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|element| {
        let (_, rest) = element.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!text.is_empty()).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_named_and_nothing_else() {
        let page = "<script type=\"module\">alert(1)</script><script src=\"a.js\"></script>";
        let policy = policy(page);
        assert_eq!(policy.matches("sha256-").count(), 1);
        assert!(policy.contains(&format!("'sha256-{}'", hash("alert(1)"))), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
        assert!(HeaderValue::from_str(&policy).is_ok());
    }
}
