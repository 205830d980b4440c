//! Who may pass: our own host only, our own origin only, then a session.
//!
//! The order is fixed: a foreign origin is refused before anything is said about sessions, a missing
//! session before anything is said about paths.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{
    problem::{Face, Fault},
    session::{Session, Sessions},
};

/// The names this proxy goes by.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `host:port` as browsers on this machine write it.
    own: Vec<String>,
    /// The host in the public address, where only notifications arrive.
    public: Option<String>,
}

impl Gate {
    /// A gate for a proxy on the loopback address `ip` and `port`; `public` is the host (and port)
    /// of the public address, if there is one.
    pub fn new(ip: std::net::IpAddr, port: u16, public: Option<String>) -> Self {
        let ip = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
        let mut own = vec![format!("{ip}:{port}"), format!("localhost:{port}")];
        // Browsers leave out the port a scheme implies.
        if port == 80 {
            own.extend([ip, "localhost".to_owned()]);
        }
        Self { own, public }
    }

    /// Refuses requests that were sent to another name: a page whose name was made to point here
    /// must not reach anything.
    ///
    /// # Errors
    /// 400 without exactly one host, 421 for a foreign one.
    pub fn host(&self, headers: &HeaderMap, face: Face) -> Result<(), Fault> {
        let host = Self::one_host(headers)?;
        let public = face == Face::Webhook
            && self.public.as_deref().is_some_and(|public| public.eq_ignore_ascii_case(host));
        if public || self.own.iter().any(|own| own.eq_ignore_ascii_case(host)) {
            return Ok(());
        }
        Err(Fault::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected",
            "this proxy does not go by that host name; use the address it printed",
        ))
    }

    /// The origin of the page that asks, when it is one of `listed` and named once.
    pub fn listed<'a>(headers: &'a HeaderMap, listed: &[String]) -> Option<&'a HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        listed.iter().any(|one| one.as_bytes() == origin.as_bytes()).then_some(origin)
    }

    /// Refuses what another origin's page sent.
    ///
    /// # Errors
    /// 403.
    pub fn origin(headers: &HeaderMap) -> Result<(), Fault> {
        let foreign_origin = headers.contains_key(header::ORIGIN) && !Self::same_origin(headers);
        let foreign_site = fetch_site(headers).is_some_and(|site| {
            site.eq_ignore_ascii_case("cross-site") || site.eq_ignore_ascii_case("same-site")
        });
        if foreign_origin || foreign_site {
            return Err(Fault::new(
                StatusCode::FORBIDDEN,
                "foreignOrigin",
                "pages of another origin may not use this proxy",
            ));
        }
        Ok(())
    }

    /// Demands a session, and for anything that can change something the browser's own word that
    /// the request comes from our page.
    ///
    /// # Errors
    /// 401 without a session, 403 without that word.
    pub fn session(
        sessions: &Sessions,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Arc<Session>, Fault> {
        let session = sessions.find(headers).ok_or_else(|| {
            Fault::new(
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                "nobody is signed in; open the sign-in link that Foldback printed",
            )
        })?;
        let reads = *method == Method::GET || *method == Method::HEAD;
        let own_page = fetch_site(headers) == Some("same-origin") || Self::same_origin(headers);
        if reads || own_page {
            return Ok(session);
        }
        Err(Fault::new(
            StatusCode::FORBIDDEN,
            "sameOriginOnly",
            "a request with the sign-in cookie must carry `Sec-Fetch-Site: same-origin` or our own `Origin`",
        ))
    }

    fn one_host(headers: &HeaderMap) -> Result<&str, Fault> {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
            (Some(host), None) => Ok(host),
            _ => Err(Fault::bad_request("a request names exactly one host")),
        }
    }

    fn same_origin(headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
        let host = Self::one_host(headers).unwrap_or_default();
        origin.to_str().is_ok_and(|origin| {
            origin.strip_prefix("http://").is_some_and(|at| at.eq_ignore_ascii_case(host))
        })
    }
}

fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    headers.get("sec-fetch-site")?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::session::IDLE;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            let name = axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, value.parse().unwrap());
        }
        map
    }

    fn gate() -> Gate {
        Gate::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080, Some("foldback.example".to_owned()))
    }

    #[test]
    fn only_our_own_names() {
        for (host, face, expected) in [
            ("127.0.0.1:8080", Face::Page, Ok(())),
            ("LOCALHOST:8080", Face::Graph, Ok(())),
            ("localhost", Face::Page, Err(421)),
            ("127.0.0.1:9090", Face::Page, Err(421)),
            ("evil.example:8080", Face::Page, Err(421)),
            ("foldback.example", Face::Webhook, Ok(())),
            ("foldback.example", Face::Foldback, Err(421)),
        ] {
            let found = gate().host(&headers(&[("host", host)]), face);
            assert_eq!(found.map_err(|f| f.status.as_u16()), expected, "{host}");
        }
        let two = headers(&[("host", "127.0.0.1:8080"), ("host", "evil.example")]);
        assert_eq!(gate().host(&two, Face::Page).unwrap_err().status, 400);
        assert_eq!(gate().host(&HeaderMap::new(), Face::Page).unwrap_err().status, 400);
    }

    #[test]
    fn foreign_pages_are_refused() {
        for (origin, site, passes) in [
            (None, None, true),
            (Some("http://127.0.0.1:8080"), Some("same-origin"), true),
            (Some("http://127.0.0.1:8080"), None, true),
            (None, Some("none"), true),
            (Some("http://localhost:8080"), None, false),
            (Some("https://127.0.0.1:8080"), None, false),
            (Some("null"), None, false),
            (Some("http://evil.example"), Some("same-origin"), false),
            (None, Some("cross-site"), false),
            (None, Some("same-site"), false),
        ] {
            let mut pairs = vec![("host", "127.0.0.1:8080")];
            pairs.extend(origin.map(|origin| ("origin", origin)));
            pairs.extend(site.map(|site| ("sec-fetch-site", site)));
            assert_eq!(Gate::origin(&headers(&pairs)).is_ok(), passes, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn changing_anything_needs_the_browsers_word() {
        let sessions = Sessions::new(8080, IDLE).unwrap();
        let cookie = sessions.begin(&HeaderMap::new()).unwrap();
        let cookie = cookie.split(';').next().unwrap();
        for (method, extra, expected) in [
            (Method::GET, None, None),
            (Method::POST, None, Some(403)),
            (Method::DELETE, Some(("sec-fetch-site", "none")), Some(403)),
            (Method::POST, Some(("sec-fetch-site", "same-origin")), None),
            (Method::POST, Some(("origin", "http://127.0.0.1:8080")), None),
            (Method::POST, Some(("origin", "http://127.0.0.1:1")), Some(403)),
        ] {
            let mut pairs = vec![("host", "127.0.0.1:8080"), ("cookie", cookie)];
            pairs.extend(extra);
            let found = Gate::session(&sessions, &method, &headers(&pairs));
            let status = found.err().map(|fault| fault.status.as_u16());
            assert_eq!(status, expected, "{method} {extra:?}");
        }
        let none = headers(&[("host", "127.0.0.1:8080"), ("cookie", "foldback_8080=no")]);
        let fault = Gate::session(&sessions, &Method::POST, &none).unwrap_err();
        assert_eq!(fault.status, 401);
    }
}
