//! The panel's static files, carried inside the binary.
//!
//! Files come compressed beside the plain ones (`.br`, `.gz`); names with a hash are kept by browsers
//! for ever, the page never.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use rust_embed::RustEmbed;

use crate::{
    headers,
    problem::{Face, Fault},
};

#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Dist;

/// Where files come from.
type Lookup = fn(&str) -> Option<Cow<'static, [u8]>>;

/// The static files and what is derived from the page once.
#[derive(Debug, Clone)]
pub struct Assets {
    lookup: Lookup,
    policy: HeaderValue,
}

/// Shown instead of a panel that was not built.
const UNBUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Foldback</title>\n<h1>The panel is not in this binary</h1>\n\
    <p>Build it with <code>cargo xtask build</code> and start again. The proxy itself is running.</p>\n";

impl Assets {
    /// The files this binary was built with.
    pub fn embedded() -> Self {
        Self::new(|path| Dist::get(path).map(|file| file.data))
    }

    fn new(lookup: Lookup) -> Self {
        let page = lookup("index.html");
        let page = page.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let policy = HeaderValue::from_str(&headers::policy(&page))
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { lookup, policy }
    }

    /// The content security policy of the page.
    pub fn policy(&self) -> &HeaderValue {
        &self.policy
    }

    /// The page.
    pub fn page(&self, request: &HeaderMap) -> Response<Body> {
        self.file("index.html", request).unwrap_or_else(|| {
            let mut response = Response::new(Body::from(UNBUILT));
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            let never = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, never);
            response
        })
    }

    /// A file by its path without leading slash.
    pub fn get(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        // The compressed forms are ways to carry a file, not files.
        let carried = matches!(path.rsplit('.').next(), Some("br" | "gz"));
        let found = if carried { None } else { self.file(path, request) };
        found.unwrap_or_else(|| {
            Fault::new(StatusCode::NOT_FOUND, "notFound", "there is nothing at this path")
                .respond(Face::Page)
        })
    }

    fn file(&self, path: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let plain = (self.lookup)(path)?;
        let mut encoding = None;
        let mut data = plain;
        for (name, suffix) in [("br", "br"), ("gzip", "gz")] {
            if accepts(request, name)
                && let Some(small) = (self.lookup)(&format!("{path}.{suffix}"))
            {
                encoding = Some(name);
                data = small;
                break;
            }
        }
        let body = match data {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let keep = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-store" };
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        if let Some(name) = encoding {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        Some(response)
    }
}

/// Whether whoever asks takes an encoding.
pub(crate) fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let refused = parts.filter_map(|part| part.split_once('=')).any(|(name, q)| {
                name.eq_ignore_ascii_case("q") && q.parse::<f32>().is_ok_and(|q| q <= 0.0)
            });
            named && !refused
        })
}

/// Whether a name carries its content's hash: a dash and at least eight hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('-').skip(1).any(|part| part.bytes().take_while(u8::is_ascii_hexdigit).count() >= 8)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn built() -> Assets {
        Assets::new(|path| {
            let data: &[u8] = match path {
                "index.html" => b"<script>a()</script>",
                "app-0123456789abcdef.js" => b"plain",
                "app-0123456789abcdef.js.br" => b"brotli",
                "app-0123456789abcdef.js.gz" => b"gzip",
                _ => return None,
            };
            Some(Cow::Borrowed(data))
        })
    }

    fn accepting(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        headers
    }

    #[tokio::test]
    async fn the_smallest_form_the_browser_takes() {
        for (accept, encoding, body) in [
            ("gzip, deflate, br, zstd", Some("br"), "brotli"),
            ("gzip", Some("gzip"), "gzip"),
            ("br;q=0, gzip;q=0.5", Some("gzip"), "gzip"),
            ("BR; Q=0.000, GZIP", Some("gzip"), "gzip"),
            ("identity", None, "plain"),
        ] {
            let response = built().get("app-0123456789abcdef.js", &accepting(accept));
            let found = response.headers().get(header::CONTENT_ENCODING);
            assert_eq!(found.map(|value| value.to_str().unwrap()), encoding, "{accept}");
            assert_eq!(
                response.headers()[header::CACHE_CONTROL],
                "public, max-age=31536000, immutable"
            );
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(bytes, body);
        }
        assert_eq!(built().get("app-0123456789abcdef.js.br", &HeaderMap::new()).status(), 404);
        assert_eq!(built().get("no", &HeaderMap::new()).status(), 404);
    }

    #[test]
    fn the_page_is_never_kept_and_names_its_scripts() {
        let response = built().page(&HeaderMap::new());
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert!(built().policy().to_str().unwrap().contains("sha256-"));
    }

    #[tokio::test]
    async fn without_a_panel_the_page_says_how_to_build_it() {
        let response = Assets::new(|_| None).page(&HeaderMap::new());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&bytes).contains("cargo xtask build"));
    }
}
